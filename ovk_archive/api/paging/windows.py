"""How a window of rows is asked for: what `offset` and `count` mean differs per method.

Which method means what is listed in help/openvk-api.md, Paging.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Window:
    """The rows `[start, start + size)` of a list."""

    start: int
    size: int

    @property
    def end(self) -> int:
        """The row behind the last."""
        return self.start + self.size


def _whole(stretch: Window, most: int, farther: bool) -> tuple[Window, ...]:
    del most, farther
    return (stretch,) if stretch.size > 0 else ()


@dataclass(frozen=True, slots=True)
class Addressing:
    """One meaning of `offset` and `count`.

    Attributes:
        params: the parameters that ask for a window.
        split: smaller windows that make up a window of more than one row, in order.
        fit: a window that can be asked for, begins no later and still reads on.
        cover: windows of at most so many rows that make up a stretch; the last may reach farther,
            if that is allowed.
        meanings: what it may be, by name, where one server means one thing and another another.
    """

    params: Callable[[Window], Mapping[str, int]]
    split: Callable[[Window], tuple[Window, ...]]
    fit: Callable[[Window], Window]
    cover: Callable[[Window, int, bool], tuple[Window, ...]] = _whole
    meanings: Mapping[str, "Addressing"] = field(default_factory=dict)


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


def _pages_of(stretch: Window, most: int, farther: bool) -> Iterator[Window]:
    """The largest pages that begin where the last has ended: at a multiple of their own size."""
    start, end = stretch.start, stretch.end
    while start < end:
        room = most if farther else min(most, end - start)
        size = next(n for n in range(room, 0, -1) if start % n == 0)
        # From the top any size will do, and no more than needed is asked for.
        size = min(size, end) if start == 0 else size
        yield Window(start, size)
        start += size


def _pages_cover(stretch: Window, most: int, farther: bool) -> tuple[Window, ...]:
    return tuple(_pages_of(stretch, most, farther))


def _either_cover(stretch: Window, most: int, farther: bool) -> tuple[Window, ...]:
    return _singles(stretch) if stretch.start else _whole(stretch, most, farther)


def _zero_params(window: Window) -> dict[str, int]:
    if window.start and window.size > 1:
        raise ValueError(f"{window} reads differently on the two generations")
    return {"offset": window.start, "count": window.size}


#: `offset` counts rows.
ROWS = Addressing(
    params=lambda w: {"offset": w.start, "count": w.size}, split=_halves, fit=lambda w: w
)

#: `offset` counts pages of `count` rows (friends.get, users.getFollowers; video.get on [A]).
PAGES = Addressing(params=_page_params, split=_aligned_parts, fit=_aligned, cover=_pages_cover)

#: The first `count` rows are taken and the first `offset` of them dropped (gifts.get).
END = Addressing(
    params=lambda w: {"offset": w.start, "count": w.end}, split=_halves, fit=lambda w: w
)

#: `offset` counts pages on [A] and rows on [B] (wall.getComments): both agree on a window from
#: the top, and on a window of one row.
EITHER = Addressing(
    params=_zero_params,
    split=_prefix_and_singles,
    fit=lambda w: Window(0, w.size),
    cover=_either_cover,
    meanings={"rows": ROWS, "pages": PAGES},
)
