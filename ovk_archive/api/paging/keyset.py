"""A list that is asked for by number and ordered by time (messages.getHistory).

Most messages stand in the same order by number and by time, so a walk goes on from number to
number. A server whose clock was wrong for a while breaks that order: then a message is dated later
than many that were written after it, and a walk that has passed its number is never shown it. So
each walk ends with a request for the row that should be the last. Where the server has another
one there, the list is read once more, by place.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from ovk_archive.api.paging.paginator import Worth
from ovk_archive.api.paging.positions import Page, Position
from ovk_archive.api.paging.windows import ROWS, Addressing, Window

#: A window that has grown so many times, without a number to go on from, is read by place.
_GROWN = 3


@dataclass(frozen=True, slots=True)
class KeysetPosition(Position):
    """Where a list read by number stands.

    Attributes:
        after: rows with a greater number are asked for.
        skip: this many rows of that answer were read before.
        size: rows to ask for, where a window had to grow; else as many as usual.
        tail: the highest numbers read.
        begin: the number after which this walk began.
        met: rows that this walk has met.
        edge: the numbers of the last rows that it has met, in the list's order.
        at_once: one answer has shown all that this walk has met.
        closing: the next request is for the last of them.
        by_place: rows are asked for by their place, for their numbers are not in the order of time.
        usual: rows per window, where these are not the list's own; each run learns it anew.
    """

    unsaved = ("usual",)

    after: int = 0
    skip: int = 0
    size: int = 0
    tail: tuple[int, ...] = ()
    begin: int = 0
    met: int = 0
    edge: tuple[int, ...] = ()
    at_once: bool = False
    closing: bool = False
    by_place: bool = False
    usual: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """Of which rows a page shows all that there are.

    Attributes:
        above: those with greater numbers,
        to: and with no greater number than this, if there is one,
        before: and of an earlier unix time than this, if there is one.
        walked: it is the whole walk that has shown them, not the page alone.
    """

    above: int
    to: int | None = None
    before: int | None = None
    walked: bool = False

    def has(self, number: int, date: int | None) -> bool:
        """A row with this number and of this unix time would be shown, if it is there."""
        late = self.before is not None and (date is None or date >= self.before)
        return number > self.above and (self.to is None or number <= self.to) and not late


@dataclass(frozen=True, slots=True)
class Keyset:
    """Oldest first, by number: `{param}=X` gives rows with a greater number (messages.getHistory).

    The server orders by time, and rows of one second stand in no order; so the next request
    begins after the highest number that every later row of the page exceeds, and before the last
    second (help/openvk-api.md, Messages).

    Attributes:
        size: rows per window, usually.
        most: rows per window at most, where the server answers soon.
        overlap: rows read again by the next sync, for one that was still being written.
        memory: how many numbers are remembered; no more rows than that can be read again.
    """

    param: str
    size: int = 100
    most: int = 100
    overlap: int = 10
    memory: int = 100
    fixed: Mapping[str, int] = field(default_factory=dict)
    addressing: Addressing = ROWS
    incremental: bool = True

    def begin(
        self, saved: Mapping[str, Any] | None, *, full: bool, expected: int, again: int = 0
    ) -> KeysetPosition:
        """After the last rows that are known, minus the overlap."""
        del expected
        if saved is None or full:
            return KeysetPosition()
        last = self.loaded(saved)
        if not last.done:
            return last
        known = last.tail[-max(self.overlap, again) :]
        back = known[0] - 1 if known else 0
        # Of a reading while messages vanished, more may be remembered than was left to count.
        read = max(0, last.read - len(known))
        return KeysetPosition(after=back, begin=back, read=read)

    def behind(self, position: KeysetPosition, rows: int) -> Sequence[Window]:
        """None: `begin` has seen to it."""
        del position, rows
        return ()

    def again(self, saved: Mapping[str, Any] | None) -> KeysetPosition:
        """From the oldest."""
        del saved
        return KeysetPosition()

    def loaded(self, saved: Mapping[str, Any]) -> KeysetPosition:
        """A position as it was saved; what an older program saved is counted from there on."""
        position = KeysetPosition.from_json(saved)
        grown = position.size if position.size != self.size else 0
        begin = position.begin if "begin" in saved else position.after
        return dataclasses.replace(position, begin=begin, size=grown)

    def beyond(self, number: int) -> KeysetPosition:
        """After a number, whatever is known."""
        return KeysetPosition(after=number, begin=number)

    def sized(self, position: KeysetPosition, worth: Worth) -> KeysetPosition:
        """The same place; a window that had to grow stays as large."""
        # A smaller window must still reach beyond the overlap.
        rows = max(worth(self.size, self.most), min(self.size, self.overlap + 1))
        return dataclasses.replace(position, usual=0 if rows == self.size else rows)

    def _usual(self, position: KeysetPosition) -> int:
        return position.usual or self.size

    def _rows(self, position: KeysetPosition) -> int:
        return position.size or self._usual(position)

    def window(self, position: KeysetPosition) -> Window | None:
        """The rows that follow."""
        if position.done:
            return None
        start = position.met - 1 if position.closing else position.skip
        return Window(start, self._rows(position))

    def ahead(self, position: KeysetPosition, most: int) -> Sequence[Window]:
        """None: where the next begins, this one tells."""
        del position, most
        return ()

    def params(self, position: KeysetPosition) -> Mapping[str, int]:
        """The number to begin after, and the direction."""
        by_place = position.closing or position.by_place
        return {self.param: position.begin if by_place else position.after, **self.fixed}

    def places(self, position: KeysetPosition, page: Page) -> Sequence[int]:
        """Rows read before come first."""
        return range(position.read, position.read + len(page.keys))

    def after(self, position: KeysetPosition, page: Page) -> KeysetPosition:
        """The position behind a page."""
        if position.by_place:
            return self._by_place(position, page)
        if position.closing:
            return self._closed(position, page)
        return self._by_number(position, page)

    def shown(self, before: KeysetPosition, page: Page, position: KeysetPosition) -> Shown | None:
        """Of which rows the page shows all that there are; None if of none."""
        if position.done:
            return Shown(before.begin, walked=True)
        if before.closing or before.by_place or before.skip or page.holes:
            return None
        if page.rows < self._rows(before):
            return Shown(before.after)
        if position.after == before.after:
            return None
        # A row that is dated later than the page may be there, whatever its number.
        return Shown(before.after, position.after, page.dates[-1])

    def _by_number(self, position: KeysetPosition, page: Page) -> KeysetPosition:
        """On to the highest number that is surely followed only by higher ones."""
        if page.empty:
            # One answer is one moment of the list: nothing was passed over.
            done = position.at_once or not position.met
            return dataclasses.replace(position, done=done, closing=not done)
        if page.holes:
            # The holes' numbers are unknown: step over by counting, not by number.
            fresh = self._counted(position, page, page.ids)
            return dataclasses.replace(fresh, skip=position.skip + page.rows)
        whole = page.rows < self._rows(position)
        cut = _safe_cut(page, whole=whole)
        if cut is None and self._rows(position) >= 2**_GROWN * self._usual(position):
            return self._anew(position)
        if cut is None:
            return dataclasses.replace(position, size=self._rows(position) * 2)
        fresh = self._counted(position, page, tuple(i for i in page.ids if i <= cut))
        at_once = whole and not position.met
        closing = whole and not at_once
        return dataclasses.replace(
            fresh,
            after=cut,
            skip=0,
            size=0,
            at_once=at_once,
            closing=closing,
            # A server that gives fewer rows than it has would have left the newest out.
            done=at_once and page.newest in page.ids,
        )

    def _closed(self, position: KeysetPosition, page: Page) -> KeysetPosition:
        """The end, if the last row is where it should be; new rows may follow it."""
        first, arrived = page.ids[:1], page.ids[1:]
        in_place = bool(first and first[0] in position.edge) or (not first and page.holes)
        if not in_place or any(number <= position.after for number in arrived):
            return self._anew(position)
        if page.rows == 1:
            return dataclasses.replace(position, done=True)
        fresh = self._counted(position, page, arrived)
        return dataclasses.replace(fresh, after=max(position.after, *arrived, 0))

    def _anew(self, position: KeysetPosition) -> KeysetPosition:
        """Once more from where the walk began, by place."""
        return dataclasses.replace(
            position,
            after=position.begin,
            read=max(0, position.read - position.met),
            met=0,
            skip=0,
            size=0,
            tail=(),
            edge=(),
            closing=False,
            by_place=True,
        )

    def _by_place(self, position: KeysetPosition, page: Page) -> KeysetPosition:
        """On to rows that overlap with these: a row that is deleted meanwhile moves all others."""
        lost_touch = bool(position.edge) and not set(position.edge) & set(page.ids)
        if lost_touch and position.skip:
            back = max(0, position.skip - self._rows(position))
            return dataclasses.replace(position, skip=back, edge=() if not back else position.edge)
        base, met = position.read - position.met, position.skip + page.rows
        fresh = dataclasses.replace(
            self._counted(position, page, page.ids), met=met, read=base + met, size=0
        )
        if page.rows < self._rows(position):
            return dataclasses.replace(fresh, done=True)
        if page.holes:
            return dataclasses.replace(fresh, skip=met, edge=())
        # Rows of the last second stand in no order.
        settled = sum(date < page.dates[-1] for date in page.dates)
        kept = settled - self.overlap
        if kept <= 0:
            size = self._rows(position) * 2
            return dataclasses.replace(fresh, skip=position.skip, size=size)
        return dataclasses.replace(fresh, skip=position.skip + kept, edge=page.ids[kept:settled])

    def _counted(
        self, position: KeysetPosition, page: Page, ids: tuple[int, ...]
    ) -> KeysetPosition:
        known = set(position.tail)
        fresh = tuple(i for i in ids if i not in known)
        tail = tuple(sorted((*position.tail, *fresh)))[-max(self.overlap, self.memory) :]
        return dataclasses.replace(
            position,
            read=position.read + len(fresh),
            met=position.met + len(fresh) + page.holes,
            tail=tail,
            newest=max(position.newest, *page.dates, 0),
            edge=ids[-self.overlap :] or position.edge,
        )


def _safe_cut(page: Page, *, whole: bool) -> int | None:
    """The highest number below all later rows of the page, and older than its last second.

    With `whole` (the page was not full) rows of the last second count too: there are no others.
    """
    highest = list(accumulate(page.ids, max))
    lowest_later: float = float("inf")
    for index in range(len(page.ids) - 1, -1, -1):
        earlier = whole or page.dates[index] < page.dates[-1]
        if earlier and highest[index] < lowest_later:
            return highest[index]
        lowest_later = min(lowest_later, page.ids[index])
    return None
