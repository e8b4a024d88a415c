"""Rows of one second that a page read in parts has mixed up: read on until all have been met.

Servers sort by time alone. Rows of one second stand in another order for each end of a window, so
where a page is read in parts, around a record that crashes it, one of them may come twice and its
neighbour never. In one order, though, all rows behind that record can be had; and other ends have
other orders.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.api.paging.windows import Addressing, Window
from ovk_archive.archive.lists.holes import Hole, Slot
from ovk_archive.errors import NonsenseError, ServerFaultError
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.sync.page.asking import Asking

#: Requests that look for a row that was not met, for each meaning that `offset` may have.
MOST_ASKED = 32
#: So many places around where rows changed theirs, others of their second may stand.
NEAR = 3


@dataclass(frozen=True, slots=True)
class Search:
    """A window that was read in parts.

    Attributes:
        why: what the server said where it crashed; empty if it did not.
        counted: how many rows the list has by the server's count, if each of them can be shown.
    """

    asking: Asking
    window: Window
    why: str = ""
    counted: int | None = None

    async def all_met(self, slots: Sequence[Slot]) -> tuple[list[Slot], int]:
        """Each record once, with those that were not met before; and how many are lost still.

        There are as many rows as slots, of which one at least crashes the server. That two slots
        crash proves two such records only if their seconds differ: one may have been met twice.
        """
        met = {
            self.asking.name(slot): slot for slot in reversed(slots) if not isinstance(slot, Hole)
        }
        holes = [slot for slot in slots if isinstance(slot, Hole)]
        if not holes and not self.why and self._are_all(met):
            # Parts of a wall of [A] overlap (help/openvk-api.md, Paging): a row came twice, and
            # no other is missing for it.
            return list(_once(slots, self.asking.name, ())), 0
        if len(met) + max(1, len(holes)) < len(slots) or _may_be_one(slots):
            await self._look(met, slots)
        left = len(slots) - len(met)
        if left > 0 and not holes:
            # What crashes the page was never met alone.
            holes = [Hole(self.window.start + len(met), self.why)]
        holes = holes[: max(1, left)]
        named = dict.fromkeys(
            self.asking.name(slot) for slot in slots if not isinstance(slot, Hole)
        )
        found = [record for name, record in met.items() if name not in named]
        return [*_once(slots, self.asking.name, holes), *found], left - len(holes)

    def _are_all(self, met: Mapping[str, Record]) -> bool:
        """The server counts no more rows than were met, and than stand above the window."""
        return self.counted is not None and self.counted <= self.window.start + len(met)

    async def _look(self, met: dict[str, Record], slots: Sequence[Slot]) -> None:
        """Ask for windows with other ends until every row is met that can be."""
        known = self.asking.meaning is not None or not self.asking.meanings
        for addressing in (self.asking.addressing,) if known else self.asking.meanings.values():
            left = MOST_ASKED
            for end in self._ends(slots):
                if left <= 0 or len(met) >= len(slots) - 1:
                    break
                windows = self._windows(addressing, end, slots)
                left -= await self._behind(met, addressing, windows, left)

    async def _behind(
        self, met: dict[str, Record], addressing: Addressing, windows: Sequence[Window], most: int
    ) -> int:
        """In one order, meet all that stands behind the last record that crashes; its requests."""
        asked, low, high = 0, -1, len(windows)
        while high - low > 1 and asked < most:
            middle, asked = (low + high) // 2, asked + 1
            try:
                rows = await self.asking.ask(windows[middle], addressing)
            except NonsenseError:
                raise
            except ServerFaultError:
                low = middle
            else:
                high = middle
                for row in rows:
                    if not isinstance(row, Hole):
                        met.setdefault(self.asking.name(row), row)
        return asked

    def _ends(self, slots: Sequence[Slot]) -> Iterator[int]:
        """Ends of windows: just behind where rows were mixed up, then on both sides of it."""
        rows = self.window.start + len(slots)
        end = min(rows, self._mixed(slots)[1] + NEAR)
        yield end
        for step in range(1, len(slots)):
            yield from (end - step, end + step)

    def _windows(self, addressing: Addressing, end: int, slots: Sequence[Slot]) -> list[Window]:
        """The windows with this end that begin near the places where rows were mixed up."""
        first, last = self._mixed(slots)
        starts = {self.window.start, *range(max(self.window.start, first - NEAR), last + NEAR)}
        windows = [Window(start, end - start) for start in sorted(starts) if start < end]
        return [w for w in windows if w.size <= self.window.size and _can(addressing, w)]

    def _mixed(self, slots: Sequence[Slot]) -> tuple[int, int]:
        """The first and the last place where a record crashed, or came a second time."""
        seen: set[str] = set()
        places: list[int] = []
        for place, slot in enumerate(slots, self.window.start):
            name = "" if isinstance(slot, Hole) else self.asking.name(slot)
            if not name or name in seen:
                places.append(place)
            seen.add(name)
        return min(places), max(places)


def _once(
    slots: Sequence[Slot], name: Callable[[Record], str], holes: Sequence[Hole]
) -> Iterator[Slot]:
    """Each record where it came first, and the holes that are left."""
    seen: set[str] = set()
    kept = list(holes)
    for slot in slots:
        if isinstance(slot, Hole):
            if slot in kept:
                kept.remove(slot)
                yield slot
        elif (key := name(slot)) not in seen:
            seen.add(key)
            yield slot
    yield from kept


def _may_be_one(slots: Sequence[Slot]) -> bool:
    """Two slots that crash, and no two records between them whose seconds differ.

    Those that were known before, and not asked for now, have been looked into.
    """
    since: set[Any] = set()
    last: Hole | None = None
    for slot in slots:
        if not isinstance(slot, Hole):
            since.add(slot.get("date") if isinstance(slot, Mapping) else None)
            continue
        if last is not None and len(since) <= 1 and (last.tried or slot.tried):
            return True
        last, since = slot, set()
    return False


def _can(addressing: Addressing, window: Window) -> bool:
    try:
        addressing.params(window)
    except ValueError:
        return False
    return True
