"""Sections: which is read before which, and the lists that each of them has."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from ovk_archive.archive.aside import aside
from ovk_archive.archive.lists.cursors import NEW, Cursor, cursors_of
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
#: New rows for whose lists it is worth beginning, though more of them are coming: as many as there
#: are in the largest page.
MANY = 500
#: Seconds until it is looked again whether there are so many.
LOOK = 0.25


@dataclass(frozen=True, slots=True)
class Due:
    """A list that may have something new.

    Attributes:
        parent: the rowid of the row that opens it.
        cursor: where it stands.
    """

    parent: int
    opening: Opening
    cursor: Cursor


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

        Where these are many, the first of them do not wait for the last. After a run that was
        stopped, what those rows open comes first: else a small budget would be spent on looking for
        news every time, and never reach it.
        """
        own = [r for r in self.resources if r.section == section]
        children = [(r, r.parent) for r in own if r.parent is not None]
        for resource, parent in children if self.resuming else ():
            await self._children(resource, parent)
        async with asyncio.TaskGroup() as tasks:
            roots = [tasks.create_task(self._roots(resource)) for resource in own]
            for resource, parent in () if self.opener.options.full else children:
                tasks.create_task(self._meanwhile(resource, parent, roots))
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

    async def _meanwhile(
        self, resource: Resource, parent: Parent, roots: Sequence[asyncio.Task[None]]
    ) -> None:
        """While lists are read that have many new parents, open the lists of those that came."""
        report = self.opener.reader.report
        sources = [one.name for one in self.resources if one.table is parent.table]
        reached, known = 0, 0
        while not all(one.done() for one in roots):
            await asyncio.wait(roots, timeout=LOOK)
            new = sum(report.of(name).new for name in sources)
            if new >= known + MANY:
                known = new
                reached = await self._children(resource, parent, reached, new=True)

    async def _children(
        self, resource: Resource, parent: Parent, after: int = 0, *, new: bool = False
    ) -> int:
        """Open the lists whose parents say that something changed, several side by side.

        With `new`, only those that were never opened. Parents are looked at in the order of their
        rowids, from behind `after` on; the last one that had something is returned.
        """
        named = {
            partition_key(one.partition)
            for one in own_lists(resource, self.owners, self.account_id)
        }
        async for due in self._due(resource, parent, after):
            after = due[-1].parent
            others = [
                one
                for one in due
                if partition_key(one.opening.partition) not in named
                and (one.cursor is NEW or not new)
            ]
            self.opener.reader.progress.ahead(resource, len(others))
            await self._read_children(resource, others)
        return after

    async def _read_children(self, resource: Resource, due: Sequence[Due]) -> None:
        reader = self.opener.reader
        at_once = self._at_once(resource, [one.opening for one in due])
        slots, spare = asyncio.Semaphore(at_once), SPARE * reader.client.concurrency - at_once

        async def read(one: Due) -> None:
            nonlocal spare
            async with slots:
                await self.opener.open(one.opening, one.cursor)
            reader.progress.listed(resource)
            # Not before the method was answered: of one that never is, few lists are tried.
            while spare > 0 and reader.report.of(resource.name).pages:
                spare -= 1
                slots.release()

        async with asyncio.TaskGroup() as tasks:
            for one in due:
                tasks.create_task(read(one))

    def _at_once(self, resource: Resource, openings: Sequence[Opening]) -> int:
        """How many of these are worth reading at once: each holds a page until that is saved."""
        most = resource.paginator.size
        rows = [most if one.expected is None else min(one.expected, most) for one in openings]
        return self.opener.reader.client.side_by_side(max(1, sum(rows) // max(1, len(rows))))

    async def _due(
        self, resource: Resource, parent: Parent, after: int
    ) -> AsyncIterator[list[Due]]:
        """A chunk of lists at a time, so that memory stays flat."""
        archive, full = self.opener.reader.archive, self.opener.options.full
        while rows := await aside(children, archive, resource, self.owners, after, everything=full):
            after = rows[-1][0]
            openings = {
                row[0]: opening_of(resource, parent, row[1:], self.account_id) for row in rows
            }
            keys = [opening.partition for opening in openings.values()]
            known = await aside(cursors_of, archive, resource.name, keys)
            lists = [
                Due(rowid, one, known.get(partition_key(one.partition), NEW))
                for rowid, one in openings.items()
            ]
            if due := [one for one in lists if is_due(archive, one.opening, one.cursor, full=full)]:
                yield due
