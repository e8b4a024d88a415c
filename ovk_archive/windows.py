"""How a window of rows is asked for: what `offset` and `count` mean differs per method.

openvk-api.md section 3 is the table; facts 3 and 4 are the traps.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """The rows `[start, start + size)` of a list."""

    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Addressing:
    """One meaning of `offset` and `count`.

    Attributes:
        params: the parameters that ask for a window.
        split: smaller windows that make up a window of more than one row, in order.
        fit: a window that can be asked for, begins no later and still reads on.
    """

    params: Callable[[Window], Mapping[str, int]]
    split: Callable[[Window], tuple[Window, ...]]
    fit: Callable[[Window], Window]


def _halves(window: Window) -> tuple[Window, ...]:
    left = window.size // 2
    return Window(window.start, left), Window(window.start + left, window.size - left)


def _singles(window: Window) -> tuple[Window, ...]:
    return tuple(Window(window.start + i, 1) for i in range(window.size))


def _aligned_parts(window: Window) -> tuple[Window, ...]:
    return _halves(window) if window.size % 2 == 0 else _singles(window)


def _prefix_and_singles(window: Window) -> tuple[Window, ...]:
    left = window.size // 2
    return Window(0, left), *_singles(Window(left, window.size - left))


def _page_params(window: Window) -> dict[str, int]:
    if window.start % window.size:
        raise ValueError(f"{window} does not begin at a page")
    return {"offset": window.start // window.size, "count": window.size}


def _aligned(window: Window) -> Window:
    """The smallest page that holds the window: it begins at a multiple of its own size."""
    start, size = window.start, window.size
    while start % size + window.size > size:
        size += 1
    return Window(start - start % size, size)


def _zero_params(window: Window) -> dict[str, int]:
    if window.start and window.size > 1:
        raise ValueError(f"{window} reads differently on the two generations")
    return {"offset": window.start, "count": window.size}


#: `offset` counts rows.
ROWS = Addressing(
    params=lambda w: {"offset": w.start, "count": w.size}, split=_halves, fit=lambda w: w
)

#: `offset` counts pages of `count` rows (friends.get, users.getFollowers; video.get on [A]).
PAGES = Addressing(params=_page_params, split=_aligned_parts, fit=_aligned)

#: The first `count` rows are taken and the first `offset` of them dropped (gifts.get).
END = Addressing(
    params=lambda w: {"offset": w.start, "count": w.start + w.size}, split=_halves, fit=lambda w: w
)

#: `offset` counts pages on [A] and rows on [B] (wall.getComments): both agree on a window from
#: the top, and on a window of one row.
EITHER = Addressing(params=_zero_params, split=_prefix_and_singles, fit=lambda w: Window(0, w.size))
