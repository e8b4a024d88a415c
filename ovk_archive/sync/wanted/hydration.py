"""Reads what a person named by number: what is here already is left, the rest is asked for."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ovk_archive.api.client import Client
from ovk_archive.api.wire.waits import Unheard, Waits
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import all_saved, aside
from ovk_archive.archive.wanted.here import here, in_table
from ovk_archive.archive.wanted.lacking import lately
from ovk_archive.errors import ArchiveError, worst
from ovk_archive.resources.by_number import BY_NUMBER
from ovk_archive.resources.vocabulary.by_number import ByNumber, Key
from ovk_archive.resources.vocabulary.rows import record_key
from ovk_archive.sync.wanted.asking import DELETED, Asking, in_batches
from ovk_archive.sync.wanted.lists import NUMBERED
from ovk_archive.sync.wanted.tally import Tally, WantedReport

#: Why things of some tables are not here.
NO_METHOD = "the instance shows none of these by number"
#: Things that are looked for in the archive at once.
_PORTION = 2000


class Progress(Waits, Protocol):
    """Who is told how far a run is."""

    def begin(self, things: int) -> None:
        """So many things were named."""

    def done(self, things: int) -> None:
        """So many of them have had their turn."""


class Silent(Unheard):
    """Nobody is told."""

    def begin(self, things: int) -> None:
        """Nothing."""

    def done(self, things: int) -> None:
        """Nothing."""


@dataclass(slots=True, kw_only=True)
class Hydration:
    """One run over the things that a person named.

    Attributes:
        keys: table -> keys.
        again: what is here is asked for, too.
    """

    client: Client
    archive: Archive
    keys: Mapping[str, Iterable[Key]]
    again: bool = False
    progress: Progress = field(default_factory=Silent)
    report: WantedReport = field(default_factory=WantedReport)

    async def run(self) -> WantedReport:
        """Ask for what is to be asked for; the report says how it ended.

        An error that ends the run is in the report too; what was saved before it stays.
        """
        keys = {name: tuple(some) for name, some in self.keys.items()}
        self.report.tables.update({name: Tally(named=len(some)) for name, some in keys.items()})
        self.progress.begin(sum(map(len, keys.values())))
        error: ArchiveError | None = None
        try:
            for how in BY_NUMBER:
                await self._table(how, keys.pop(how.table.name, ()))
        except* ArchiveError as group:
            error = worst(group)
        # So that it counts, though those who saved it may have been stopped.
        await all_saved(self.archive)
        for name in keys.keys() - {how.table.name for how in BY_NUMBER}:
            await aside(self._look, name, keys[name])
        self.report.requests += self.client.requests
        self.report.failures += self.client.failures
        self.report.conclude(error)
        return self.report

    async def _table(self, how: ByNumber, keys: Sequence[Key]) -> None:
        tally = self.report.tables.get(how.table.name, Tally())
        asking = Asking(self.client, self.archive, how, tally)
        for start in range(0, len(keys), _PORTION):
            portion = keys[start : start + _PORTION]
            due = await aside(self._due, how, portion, tally)
            self.progress.done(len(portion) - len(due))
            await self._side_by_side(asking, due)

    async def _side_by_side(self, asking: Asking, due: Sequence[Key]) -> None:
        slots = asyncio.Semaphore(self.client.side_by_side())

        async def one(some: Sequence[Key]) -> None:
            async with slots:
                await asking.ask(some)
            self.progress.done(len(some))

        async with asyncio.TaskGroup() as tasks:
            for some in in_batches(asking.how, due):
                tasks.create_task(one(some))

    def _due(self, how: ByNumber, keys: Sequence[Key], tally: Tally) -> list[Key]:
        """Those that are to be asked for; the others are counted."""
        texts = {record_key(key): key for key in keys}
        held = here(self.archive, how, texts)
        lacked = {} if self.again else lately(self.archive, how.table, texts)
        due = []
        for text, key in texts.items():
            one = held.get(text)
            # That what is marked as deleted can be had says nothing, where all can.
            if one and (not self.again or (one.gone and how.tells_dead)):
                self._leave(tally, text, DELETED if one.dead else None)
            elif one is None and text in lacked:
                self._leave(tally, text, lacked[text])
            else:
                due.append(key)
        return due

    def _leave(self, tally: Tally, text: str, why: str | None) -> None:
        if why is None:
            tally.here += 1
        else:
            tally.lacking[text] = why

    def _look(self, name: str, keys: Sequence[Key]) -> None:
        """Of a table of which nothing can be had by number: what is here all the same."""
        tally = self.report.tables[name]
        tally.can_be_asked = False
        texts = [record_key(key) for key in keys]
        for start in range(0, len(texts), _PORTION):
            portion = texts[start : start + _PORTION]
            held = in_table(self.archive, NUMBERED[name], portion)
            tally.here += len(held)
            tally.lacking |= {text: NO_METHOD for text in portion if text not in held}
