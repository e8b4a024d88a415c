"""Where an anchored walk stands: what it holds of its list, and where a page touches that. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ovk_archive.api.paging.positions import Key, Position

#: Keys kept as anchors: far more than any plausible burst of deletions between two requests.
MEMORY = 50
#: Consecutive rows of an interval's head that prove we stand at its top. One known row proves
#: nothing: a pinned post, or a track added again, is known and far from its neighbours.
RUN = 5
#: Order numbers kept free for each walk: more rows than any list has.
NUMBERS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of the list read without a gap.

    Attributes:
        head: its first keys.
        tail: its last keys.
        rows: how many rows it has, as far as we counted.
        end: it reaches the end of the list.
        total: the server's count of the whole list when this was finished.
        floor: the order number of its last row.
    """

    head: tuple[Key, ...]
    tail: tuple[Key, ...]
    rows: int
    end: bool = False
    total: int | None = None
    floor: int = 0


@dataclass(frozen=True, slots=True)
class AnchoredPosition(Position):
    """Where a walk stands.

    Attributes:
        offset: the row to ask for next.
        head: the first keys of this walk.
        anchors: the last keys read; everything from `head` to them is held.
        aside: rows out of order, seen at the top (a pinned post).
        back: how often we stepped back in a row without finding an anchor.
        ending: an empty page was seen; stepping back, and on again, confirms that it was the end.
        closing: the whole was read; this is the last look at the head.
        gap: dead rows fill the overlap, so that no anchor can be seen in the next page.
        resumed: this walk began where an earlier run had stopped.
        moved: the list changed while we read: another count, or rows not where they were.
        below: finished intervals under this walk, nearest first.
        floor: the order number of the last row read; numbers fall down the list.
        top: the number from which the newest walk began to count down.
        beside: this walk reads the list again beside the one that looks for news.
        size: rows per window, where these are not the usual ones; each run learns it anew.
    """

    unsaved = ("size",)

    offset: int = 0
    head: tuple[Key, ...] = ()
    anchors: tuple[Key, ...] = ()
    aside: int = 0
    back: int = 0
    ending: bool = False
    closing: bool = False
    gap: bool = False
    resumed: bool = False
    moved: bool = False
    below: tuple[Interval, ...] = ()
    floor: int = 0
    top: int = 0
    beside: bool = False
    size: int = 0


def loaded(saved: Mapping[str, Any]) -> AnchoredPosition:
    """A position as it was saved."""
    position = AnchoredPosition.from_json(saved)
    below = tuple(Interval(**_tuples(entry)) for entry in saved.get("below", ()))
    return replace(position, below=below)


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}


def stack(last: AnchoredPosition) -> tuple[Interval, ...]:
    """What a run left behind, as intervals: what it read itself, over what lay below."""
    if not last.head:
        return last.below
    return (interval_of(last), *last.below)


def interval_of(walk: AnchoredPosition) -> Interval:
    """What a walk has read, as an interval."""
    return Interval(walk.head, walk.anchors, walk.read, walk.done, walk.total, walk.floor)


def walk_above(last: AnchoredPosition) -> AnchoredPosition:
    """A walk from the head whose order numbers lie above all that were given out.

    One beside keeps to its own: above are those of rows that have arrived meanwhile.
    """
    top = last.top + (0 if last.beside else NUMBERS)
    return AnchoredPosition(top=top, floor=top, beside=last.beside)


def once(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """Each key where it came first: a page may show a row twice."""
    return tuple(dict.fromkeys(keys))


def last_known(anchors: tuple[Key, ...], keys: tuple[Key, ...]) -> int:
    """The place of the last row of a page that was read before; -1 if there is none."""
    known = set(anchors)
    return max((i for i, key in enumerate(keys) if key in known), default=-1)


def run(head: tuple[Key, ...], keys: tuple[Key, ...]) -> tuple[int, int] | None:
    """Where consecutive rows of the page follow an interval's head: (index in page, in head)."""
    rank = {key: i for i, key in enumerate(head)}
    needed = min(RUN, len(head))
    start, length, last = 0, 0, -1
    for index, key in enumerate(keys):
        place = rank.get(key, -1)
        if place > last:
            start, length = (index, 1) if length == 0 else (start, length + 1)
            last = place
        else:
            start, length, last = (index, 1, place) if place >= 0 else (0, 0, -1)
        if length >= needed > 0:
            return start, rank[keys[start]]
    return None


def differs(total: int | None, rows: int, interval: Interval) -> bool:
    """The server's count did not change by what was added: something changed further down."""
    if total is None or interval.total is None:
        return False
    return total - interval.total != rows - interval.rows
