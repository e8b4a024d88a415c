"""Sections: which is read before which, and the lists that each of them has."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from ovk_archive.archive.aside import aside
from ovk_archive.archive.lists.cursors import cursors_of
from ovk_archive.archive.lists.names import partition_key
from ovk_archive.archive.lists.openings import children
from ovk_archive.archive.runs import Journal
from ovk_archive.resources.vocabulary.resource import Parent, Resource
from ovk_archive.sync.due import is_due
from ovk_archive.sync.opener import Opener
from ovk_archive.sync.plan import Opening, opening_of, own_lists, waits, with_sources

#: Lists that are read side by side for each request that may be in flight: while pages of some are
#: saved, others are asked for.
SPARE = 3


@dataclass(frozen=True, slots=True)
class Sections:
    """Reads the sections of one run.

    Attributes:
        owners: whose lists.
        resuming: the last run did not come to its end.
    """

    opener: Opener
    resources: tuple[Resource, ...]
    owners: tuple[int, ...]
    account_id: int
    resuming: bool

    async def side_by_side(self, sections: Sequence[str]) -> None:
        """All sections at once, but none before those whose rows open its lists."""
        read = {section: asyncio.Event() for section in sections}
        before = waits(self.resources)

        async def one(section: str) -> None:
            for other in before.get(section, set()) & set(read):
                await read[other].wait()
            await self.read(section)
            read[section].set()

        async with asyncio.TaskGroup() as tasks:
            for section in read:
                tasks.create_task(one(section))

    def neglected_first(self, sections: Sequence[str]) -> tuple[str, ...]:
        """The sections, those first of which nothing was saved for longest, and their sources."""
        saved = Journal(self.opener.reader.archive).last_saved()
        last = {r.section: 0 for r in self.resources}
        for resource in self.resources:
            last[resource.section] = max(last[resource.section], saved.get(resource.name, 0))
        neglected = sorted(sections, key=lambda section: last[section])
        return with_sources(tuple(neglected), self.resources)

    async def read(self, section: str) -> None:
        """First the lists that owners have, side by side; then the lists that rows of those open.

        After a run that was stopped, what those rows open comes first: else a small budget would be
        spent on looking for news every time, and never reach it.
        """
        own = [r for r in self.resources if r.section == section]
        children = [(r, r.parent) for r in own if r.parent is not None]
        for resource, parent in children if self.resuming else ():
            await self._children(resource, parent)
        async with asyncio.TaskGroup() as tasks:
            for resource in own:
                tasks.create_task(self._roots(resource))
        for resource, parent in children:
            await self._children(resource, parent)
            self._tell(resource)

    def _tell(self, resource: Resource) -> None:
        """Tell that all its lists have been read; not where there was none to be read."""
        if (one := self.opener.reader.report.lists.get(resource.name)) and one.lists:
            self.opener.reader.progress.finished(resource)

    async def _roots(self, resource: Resource) -> None:
        first, *others = [*own_lists(resource, self.owners, self.account_id), None]
        if first is not None:
            # Alone: if the instance does not know the method, the others need not ask.
            await self.opener.open(first)
        client = self.opener.reader.client
        at_once = client.side_by_side(resource.paginator.size) if client.together > 1 else 1
        slots = asyncio.Semaphore(at_once)

        async def one(opening: Opening) -> None:
            async with slots:
                await self.opener.open(opening)

        async with asyncio.TaskGroup() as tasks:
            for other in others:
                if other is not None:
                    tasks.create_task(one(other))
        if resource.parent is None:
            self._tell(resource)

    async def _children(self, resource: Resource, parent: Parent) -> None:
        """Open the lists whose parents say that something changed, several side by side."""
        named = {
            partition_key(one.partition)
            for one in own_lists(resource, self.owners, self.account_id)
        }
        async for due in self._due(resource, parent):
            openings = [one for one in due if partition_key(one.partition) not in named]
            self.opener.reader.progress.ahead(resource, len(openings))
            await self._read_children(resource, openings)

    async def _read_children(self, resource: Resource, openings: Sequence[Opening]) -> None:
        reader = self.opener.reader
        at_once = self._at_once(resource, openings)
        slots, spare = asyncio.Semaphore(at_once), SPARE * reader.client.concurrency - at_once

        async def one(opening: Opening) -> None:
            nonlocal spare
            async with slots:
                await self.opener.open(opening)
            reader.progress.listed(resource)
            # Not before the method was answered: of one that never is, few lists are tried.
            while spare > 0 and reader.report.of(resource.name).pages:
                spare -= 1
                slots.release()

        async with asyncio.TaskGroup() as tasks:
            for opening in openings:
                tasks.create_task(one(opening))

    def _at_once(self, resource: Resource, openings: Sequence[Opening]) -> int:
        """How many of these are worth reading at once: each holds a page until that is saved."""
        most = resource.paginator.size
        rows = [most if one.expected is None else min(one.expected, most) for one in openings]
        return self.opener.reader.client.side_by_side(max(1, sum(rows) // max(1, len(rows))))

    async def _due(self, resource: Resource, parent: Parent) -> AsyncIterator[list[Opening]]:
        """A chunk of lists at a time, so that memory stays flat."""
        after, archive, full = 0, self.opener.reader.archive, self.opener.options.full
        while rows := await aside(children, archive, resource, self.owners, after, everything=full):
            after = rows[-1][0]
            openings = [opening_of(resource, parent, row[1:], self.account_id) for row in rows]
            keys = [opening.partition for opening in openings]
            known = await aside(cursors_of, archive, resource.name, keys)
            due = [
                one
                for one in openings
                if is_due(archive, one, known.get(partition_key(one.partition)), full=full)
            ]
            if due:
                yield due
