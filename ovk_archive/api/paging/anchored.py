"""The walk through a list that shifts while we read it: anchored offsets and intervals. Pure.

Rows arrive, vanish and come back between two pages, so an offset alone proves nothing. Each page
overlaps the one before; only a row that was read before (an *anchor*) proves that nothing lies
between. What is known of a newest-first list is a stack of *intervals*, each read without a gap:
a new run reads the head down to the newest interval, then continues the unfinished tail.

Deletions move rows up, past an offset: hence the overlap, and stepping back when no anchor is
seen. Rows that jump to the top meanwhile (a pinned post, a track added again) are the reason why
a walk that does not add up reads the head once more before it calls itself finished.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ovk_archive.api.paging.intervals import (
    MEMORY,
    NUMBERS,
    AnchoredPosition,
    differs,
    interval_of,
    last_known,
    loaded,
    once,
    run,
    stack,
    walk_above,
)
from ovk_archive.api.paging.paginator import Worth
from ovk_archive.api.paging.positions import Key, Page
from ovk_archive.api.paging.windows import ROWS, Addressing, Window


@dataclass(frozen=True, slots=True)
class Anchored:
    """Reads a list by overlapping windows.

    Attributes:
        size: rows per window, usually.
        most: rows per window at most, where the server answers soon.
        overlap: rows of each window that belong to the one before.
        order: "newest" (grows at the top; keeps intervals), "oldest" (grows at its end; a new run
            continues there) or "whole" (read whole each time it is opened).
        holes: dead rows keep their places, so an empty page before `Page.slots` is not the end.
        jumps: rows may move to the top meanwhile, so a walk that does not add up looks there again.
    """

    size: int = 100
    most: int = 100
    overlap: int = 10
    order: str = "newest"
    holes: bool = False
    jumps: bool = False
    addressing: Addressing = ROWS

    @property
    def incremental(self) -> bool:
        """Only lists read whole have no rows left unread."""
        return self.order != "whole"

    @property
    def stride(self) -> int:
        """Rows by which a window of the usual size is ahead of the one before."""
        return self.size - self.overlap

    def _stride(self, position: AnchoredPosition) -> int:
        return (position.size or self.size) - self.overlap

    def _window(self, position: AnchoredPosition) -> Window:
        return self.addressing.fit(Window(position.offset, position.size or self.size))

    def _ahead(self, position: AnchoredPosition) -> int:
        """Where the next window begins: the overlap's rows before the end of this one."""
        window = self._window(position)
        return window.start + window.size - self.overlap

    def loaded(self, saved: Mapping[str, Any]) -> AnchoredPosition:
        """A position as it was saved."""
        return loaded(saved)

    def begin(
        self, saved: Mapping[str, Any] | None, *, full: bool, expected: int, again: int = 0
    ) -> AnchoredPosition:
        """From the head, with what is known below; or on, where the list grows at its end."""
        del expected
        if saved is None:
            return AnchoredPosition()
        last = loaded(saved)
        if self.order == "newest":
            if full:
                return walk_above(last)
            # What may have hidden from an earlier run is still to be looked for.
            owed = last.short if last.done else last.moved
            return replace(walk_above(last), below=stack(last), moved=owed)
        if full or (last.done and self.order == "whole"):
            return AnchoredPosition()
        onward = replace(last, done=False, short=False, back=0, ending=False, resumed=True)
        if not last.done:
            # Without a count nothing tells whether what was read is there still.
            return replace(onward, moved=last.moved or last.total is None)
        # As far as one page reaches that still has the last rows known in it.
        back = min(max(self.overlap, again), max(self.overlap, self.stride))
        return replace(onward, closing=False, offset=max(0, last.read - back))

    def behind(self, position: AnchoredPosition, rows: int) -> Sequence[Window]:
        """The rows below the first page, or above the last, up to this many."""
        if self.order == "whole":
            return ()
        starts = range(self.stride, rows - self.overlap, self.stride)
        if self.order == "oldest":
            first, last = max(0, position.read - rows), max(0, position.read - self.stride)
            starts = range(first, last, self.stride)
        return tuple(self.addressing.fit(Window(start, self.size)) for start in starts)

    def again(self, saved: Mapping[str, Any] | None) -> AnchoredPosition:
        """From the head, with order numbers between those of the last walk and of the next."""
        top = loaded(saved or {}).top + NUMBERS // 2 if self.order == "newest" else 0
        return AnchoredPosition(top=top, floor=top, beside=True)

    def window(self, position: AnchoredPosition) -> Window | None:
        """The next rows, overlapping the last."""
        return None if position.done else self._window(position)

    def ahead(self, position: AnchoredPosition, most: int) -> Sequence[Window]:
        """As many as the server's count has rows for, where the walk goes straight on."""
        unsure = position.back or position.ending or position.gap or position.closing
        if position.total is None or position.below or unsure:
            return ()
        found: list[Window] = []
        window = self._window(position)
        while len(found) < most and window.end <= position.total:
            offset = window.end - self.overlap
            window = self._window(replace(position, offset=offset))
            found.append(window)
        return found

    def sized(self, position: AnchoredPosition, worth: Worth) -> AnchoredPosition:
        """The same place; not in the middle of steps back, which are measured in windows."""
        if position.back or position.ending or position.gap:
            return position
        # A smaller window must still reach beyond the overlap.
        rows = max(worth(self.size, self.most), min(self.size, self.overlap + 1))
        return replace(position, size=0 if rows == self.size else rows)

    def params(self, position: AnchoredPosition) -> Mapping[str, int]:
        """None beside the window's."""
        del position
        return {}

    def places(self, position: AnchoredPosition, page: Page) -> Sequence[int]:
        """The order numbers of a page's rows.

        Where rows arrive at the top, numbers fall from the top, each new walk beginning far above
        the last; elsewhere they are the rows' places, from 0.
        """
        rows = len(page.keys)
        if self.order != "newest":
            start = self._window(position).start
            return range(start, start + rows)
        first = position.floor + last_known(position.anchors, page.keys)
        return range(first, first - rows, -1)

    def after(self, position: AnchoredPosition, page: Page) -> AnchoredPosition:
        """On, if the page hangs together with what was read before; else back."""
        moved = position.moved or (position.read > 0 and position.total != page.total)
        position = replace(position, total=page.total, moved=moved)
        if not page.keys:
            return self._nothing(position, page)
        first = not position.anchors
        index = -1 if first else last_known(position.anchors, page.keys)
        if not first and index < 0 and not position.gap:
            return self._lost(position, page)
        if not first and position.offset and index != self.overlap - 1 and self.holes:
            # Counted by another call (audio.getCount), so only the rows' places tell of a change.
            position = replace(position, moved=True)
        return self._found(position, page, once(page.keys[index + 1 :]))

    def _found(
        self, position: AnchoredPosition, page: Page, fresh: tuple[Key, ...]
    ) -> AnchoredPosition:
        if position.ending and not fresh:
            if self._reaches_end(position, page):
                return self._finish(position)
            # Far above the empty page: what lies between is still to be seen.
            return replace(position, offset=self._ahead(position), back=0, gap=True)
        if position.offset == 0:
            position = replace(position, aside=page.aside)
        position = replace(
            position,
            read=position.read + len(fresh),
            head=(position.head + fresh)[:MEMORY],
            anchors=(position.anchors + fresh)[-MEMORY:],
            floor=position.floor - len(fresh),
            # Stepping back and finding nothing new: what hid the anchors ahead are dead rows.
            gap=bool(position.back and not fresh),
            back=0,
            ending=False,
        )
        touched = self._touch(position, page)
        if touched is None and self._is_last(position, page):
            return self._finish(position)
        return touched or replace(position, offset=self._ahead(position))

    def _is_last(self, position: AnchoredPosition, page: Page) -> bool:
        """Neither a short page nor the count is to be trusted alone, but both together are."""
        counted = position.total == position.read + position.aside
        unsure = page.holes or position.moved or self.holes
        return counted and self._is_short(position, page) and not unsure

    def _reaches_end(self, position: AnchoredPosition, page: Page) -> bool:
        """We stepped back so little that nothing lies between this page and the empty one."""
        step = self._stride(position) * 2 ** (position.back - 1)
        return (
            step <= (position.size or self.size)
            and position.back > 0
            and self._is_short(position, page)
        )

    def _is_short(self, position: AnchoredPosition, page: Page) -> bool:
        return len(page.keys) + page.aside < self._window(position).size

    def _nothing(self, position: AnchoredPosition, page: Page) -> AnchoredPosition:
        """An empty page: a stretch of dead rows, the end, or a list that shrank past us."""
        if position.offset == 0:
            position = replace(position, aside=page.aside)
        ahead = self._ahead(position)
        dead = self.holes and page.slots is not None and ahead < page.slots
        ahead_again = position.ending and not position.back
        if (page.holes or dead) and (ahead_again or not position.ending):
            return replace(position, offset=ahead, gap=True)
        counted = position.read + position.aside
        still = page.total == counted and not (position.moved or position.resumed)
        if page.holes or not position.anchors or still or ahead_again:
            return self._finish(position)
        if position.offset == 0:
            return self._finish(replace(position, read=0))
        return self._step_back(replace(position, ending=True, gap=False))

    def _lost(self, position: AnchoredPosition, page: Page) -> AnchoredPosition:
        """No anchor in the page: too far down, or everything we knew of it is gone."""
        if position.offset:
            return self._step_back(position)
        fresh = replace(
            walk_above(position),
            total=page.total,
            below=position.below,
            closing=position.closing,
            moved=position.moved,
        )
        return self._found(fresh, page, once(page.keys))

    def _step_back(self, position: AnchoredPosition) -> AnchoredPosition:
        start = max(0, position.offset - self._stride(position) * 2**position.back)
        return replace(position, offset=start, back=position.back + 1)

    def _touch(self, position: AnchoredPosition, page: Page) -> AnchoredPosition | None:
        """Merge with the interval below, if the page shows its top."""
        if not position.below:
            return None
        interval, *others = position.below
        match = run(interval.head, page.keys)
        if match is None:
            return None
        at, depth = match
        above = position.read - len(set(page.keys[at:]))
        rows = max(0, above) + interval.rows - depth
        head = (position.head[: max(0, above)] + interval.head[depth:])[:MEMORY]
        merged = replace(position, read=rows, head=head, anchors=interval.tail, below=tuple(others))
        if not interval.end:
            return replace(merged, offset=max(0, rows - self.overlap), floor=interval.floor)
        if not position.closing and differs(position.total, rows, interval):
            return replace(position, below=(), offset=self._ahead(position))
        adds_up = position.total in (None, rows + position.aside)
        short = position.moved or (position.closing and not adds_up)
        return replace(merged, done=True, closing=False, short=short, below=())

    def _finish(self, position: AnchoredPosition) -> AnchoredPosition:
        """The end of the list, unless it does not add up and rows may have jumped to the top."""
        counted = position.read + position.aside
        adds_up = position.total == counted and not position.moved
        # What came and went while nobody read may have changed places, and nothing tells.
        unsure = position.resumed and (self.order == "whole" or not adds_up)
        short = position.moved or unsure or position.total not in (None, counted)
        ended = replace(position, ending=False, back=0, gap=False, below=(), resumed=False)
        if position.closing or not position.read or (adds_up and not position.resumed):
            return replace(ended, done=True, closing=False, short=short)
        if unsure:
            return AnchoredPosition(closing=True)
        if self.jumps and not position.beside:
            whole = replace(interval_of(position), end=True)
            return replace(walk_above(position), closing=True, below=(whole,), moved=not adds_up)
        return replace(ended, done=True, short=short)
