"""Reads a window around rows that are known to crash the server, without asking for these."""

from collections.abc import Sequence
from dataclasses import dataclass

from ovk_archive.api.paging.windows import Addressing, Window
from ovk_archive.archive.lists.holes import Hole, Known, Slot
from ovk_archive.errors import ServerFaultError
from ovk_archive.sync.page.asking import Isolating


@dataclass(frozen=True, slots=True)
class Around:
    """Reads one window.

    The rows on both sides of a known one tell whether it is still there. If they do not, or if it
    is due for another try, it is asked for alone.
    """

    asking: Isolating
    window: Window

    async def read(self, known: Sequence[Known]) -> list[Slot]:
        """The records of the window, with holes; `known` are rows in it, in their order."""
        slots = await self._stretch(Window(self.window.start, known[0].row - self.window.start))
        ends = [*(one.row for one in known[1:]), self.window.end]
        stretches = [
            await self._behind(one, Window(one.row + 1, end - one.row - 1))
            for one, end in zip(known, ends, strict=True)
        ]
        for number, one in enumerate(known):
            behind = next((each for each in stretches[number:] if each), [])
            if not one.due and self._stands(one, slots, behind):
                crash = ServerFaultError(one.reason)
                slots.append(self.asking.hole(one.row, crash, tried=False))
            else:
                slots += await self.asking.read(Window(one.row, 1), isolating=True)
            slots += stretches[number]
        return slots

    def _stands(self, one: Known, above: Sequence[Slot], behind: Sequence[Slot]) -> bool:
        last = next((slot for slot in reversed(above) if not isinstance(slot, Hole)), None)
        # At either end of a list another record may have come in its place.
        if one.after is None or one.before is None or last is None or not behind:
            return False
        return (self.asking.key(last), self.asking.key(behind[0])) == (one.after, one.before)

    async def _behind(self, one: Known, stretch: Window) -> list[Slot]:
        asking = self.asking
        first: list[Slot] | None = None
        if stretch.size > 0 and asking.meanings:
            if asking.meaning and one.before is not None:
                first = await self._first(asking.meaning, stretch)
                if first and asking.key(first[0]) == one.before:
                    return await self._stretch(stretch, first)
            # One row alone is asked for in the same way everywhere.
            if asking.ends(await asking.read(Window(stretch.start, 1), isolating=True)):
                return []
            await self._learn(stretch)
        return await self._stretch(stretch)

    async def _learn(self, stretch: Window) -> None:
        """Find out what `offset` means, by asking for a row alone and in a larger window."""
        asking = self.asking
        asking.meaning = None
        # From the third row on, no two meanings give the same window the same first row.
        rest = Window(max(stretch.start, 2), stretch.end - max(stretch.start, 2))
        alone = await asking.read(Window(rest.start, 1), isolating=True)
        key = asking.key(alone[0]) if alone else None
        for name in asking.meanings if key is not None and rest.size > 1 else ():
            first = await self._first(name, rest)
            if first and asking.key(first[0]) == key:
                asking.meaning = name
                return

    async def _first(self, meaning: str, stretch: Window) -> list[Slot]:
        """The first part of a stretch, if `offset` has this meaning."""
        addressing = self.asking.meanings[meaning]
        try:
            return await self.asking.ask(self._parts(addressing, stretch)[0], addressing)
        except ServerFaultError:
            return []

    async def _stretch(self, stretch: Window, first: list[Slot] | None = None) -> list[Slot]:
        """The rows of a part of the window, the first of which may have been read already."""
        slots: list[Slot] = []
        for part in self._parts(self.asking.addressing, stretch):
            some = first or await self.asking.read(part, isolating=False)
            first = None
            slots += some[: stretch.end - part.start]
            if self.asking.ends(some):
                break
        return slots

    def _parts(self, addressing: Addressing, stretch: Window) -> tuple[Window, ...]:
        is_last = stretch.end == self.window.end
        return addressing.cover(stretch, self.window.size, is_last)
