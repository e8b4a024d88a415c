"""The engine: resources x partitions x pages. It knows of no kind of data by name."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import aside
from ovk_archive.archive.coverage import note_coverage
from ovk_archive.archive.lists.absences import misses
from ovk_archive.archive.lists.cursors import Cursor, cursor_of, cursors_of, owners, partition_key
from ovk_archive.archive.lists.holes import Places
from ovk_archive.archive.lists.openings import children
from ovk_archive.archive.lists.skips import is_due
from ovk_archive.archive.runs import Journal
from ovk_archive.archive.tables import checkpoints
from ovk_archive.errors import (
    ArchiveError,
    NoSuchMethodError,
    StoppedError,
    StorageError,
    is_absent,
    worst,
)
from ovk_archive.resources import LOOKUPS, RESOURCES
from ovk_archive.resources.vocabulary.resource import Parent, Resource
from ovk_archive.sync.again.audits import Audit
from ovk_archive.sync.again.rereading import Rounds
from ovk_archive.sync.named import Named
from ovk_archive.sync.one_list import Reader
from ovk_archive.sync.plan import (
    Opening,
    Options,
    Progress,
    Silent,
    opening_of,
    own_lists,
    waits,
    with_sources,
)
from ovk_archive.sync.refusals import Listed, Refusals
from ovk_archive.sync.report import FileReport, Report

#: Seconds until what hardly ever changes is asked for again, and what an instance did not have:
#: less than a day, so that a daily sync asks every time.
DAY = 20 * 3600


async def _no_files() -> FileReport | None:
    return None


@dataclass(slots=True)
class Sync:
    """One run over one archive.

    Lists that need nothing of each other are read side by side; within a list the next page is
    asked for while the last is saved. Whatever ends a run early ends it between two pages.

    Attributes:
        files: fetches the files that records name, and tells of all that it has done in this run.
    """

    client: Client
    archive: Archive
    account_id: int
    options: Options
    progress: Progress = field(default_factory=Silent)
    resources: tuple[Resource, ...] = RESOURCES
    resuming: bool = False
    chain: int | None = None
    held: tuple[int, ...] = ()
    absent: dict[str, NoSuchMethodError] = field(default_factory=dict)
    report: Report = field(default_factory=Report)
    began: int = 0
    files: Callable[[], Awaitable[FileReport | None]] = _no_files
    places: Places = field(init=False)
    refusals: Refusals = field(init=False)

    def __post_init__(self) -> None:
        self.places = Places(self.archive)
        self.refusals = Refusals(self.client, self.archive, self.report)

    async def run(self, arguments: Mapping[str, Any] | None = None) -> Report:
        """Read everything that was asked for; the report says how it ended.

        An error that ends the run is in the report too; what was saved before it stays.
        """
        self.resuming = Journal(self.archive).was_stopped()
        numbered = self.options.sparing or self.options.timed
        if self.resuming and numbered and not self.options.full:
            self.chain = Journal(self.archive).chain_began()
        number, self.began = Journal(self.archive).begin_run(arguments or {})
        error: ArchiveError | None = None
        try:
            await self._everything()
        except* ArchiveError as group:
            error = worst(group)
        # Behind whatever is still being saved, so that it counts.
        await aside(lambda: None)
        self.report.requests += self.client.requests
        self.report.failures += self.client.failures
        self.report.conclude(error)
        if self.report.media is not None:
            self.report.take(self.report.media)
        await aside(self._note_end, number)
        return self.report

    def _note_end(self, number: int) -> None:
        try:
            note_coverage(self.archive, self.began)
            Journal(self.archive).end_run(number, self.report.to_note())
        except StorageError as error:
            # A full disk has no room for the note either; the run's own error says more.
            if not self.report.message:
                self.report.conclude(error)

    @property
    def _reader(self) -> Reader:
        return self._reading(self.progress)

    def _reading(self, progress: Progress) -> Reader:
        return Reader(
            self.client,
            self.archive,
            self.report,
            progress,
            self.options.full,
            self.began,
            self.places,
            self.refusals,
            accept=self.options.accept_losses,
            lookback=self.options.lookback,
        )

    @property
    def _audit(self) -> Audit:
        return Audit(self.archive, self.options.audit_every)

    @property
    def owners(self) -> tuple[int, ...]:
        """Whose lists are read: an audit of the archive reads those of all owners that it holds."""
        return tuple(dict.fromkeys((*self._chosen, *self.held)))

    @property
    def _chosen(self) -> tuple[int, ...]:
        """Whose lists were asked for: nobody's, if only people were named who are lost."""
        return self.options.owners or (() if self.options.named else (self.account_id,))

    @property
    def _is_whole(self) -> bool:
        """An audit is the archive's; that of other owners only is not."""
        return self.account_id in self._chosen

    @property
    def sections(self) -> tuple[str, ...]:
        """What is read: what was asked for, and the sections whose rows open its lists."""
        return with_sources(self.options.sections, self.resources)

    async def _everything(self) -> None:
        lookups = self._reader.lookups
        await Named(self.archive, lookups, self.refusals).note(self.options.named)
        if not self.owners:
            # Nobody is left of whom to read: not the account's own lists instead.
            await self._files()
            return
        self.progress.begin([one for one in self.resources if one.section in self.sections])
        if self._is_whole and await aside(self._audit.due, asked=self.options.audit):
            self.held = await aside(owners, self.archive)
        if self.resuming and self.options.sparing:
            await lookups.run(LOOKUPS)
            for section in self._neglected_first():
                await self._section(section)
        else:
            await self._side_by_side()
        await lookups.run(LOOKUPS)
        # What is not here at all comes before what is known: an audit takes long.
        await self._files()
        known = self.report.found
        await self._again()
        if self.report.found != known:
            await lookups.run(LOOKUPS)
            await self._files()

    async def _files(self) -> None:
        """Fetch the files that are due.

        If the lists have left no request for it, the next run goes on with the files. If they have,
        it begins with the news again: else many files would keep these back.
        """
        media = self.report.media = await self.files()
        self.report.caught_up = media is None or media.has_tried or media.requests > 0

    async def _again(self) -> None:
        """Read again some of what is known; or all of it, where that is due."""
        audit = self._audit
        due = await aside(audit.due, asked=self.options.audit)
        reader = self._reading(self.progress if due else Silent())
        if due:
            self.report.auditing = True
            # That of some owners only is not the archive's.
            is_whole = self._is_whole
            since = await aside(audit.begin, self.began) if is_whole else self.began
            rounds = Rounds(reader, self.resources, self.owners)
            await rounds.everything(since, self.options.concurrency)
            # What was left to the next run has not been read again.
            self.report.audit = not any(one.unfinished for one in self.report.lists.values())
            if is_whole and self.report.audit:
                await aside(audit.end)
            return
        asked = tuple(r for r in self.resources if r.section in self.sections)
        try:
            await Rounds(reader, asked, self.owners).some(self.options.rounds)
        except StoppedError as stop:
            # A budget that is used up only now has brought all there was.
            if stop.exit_code != StoppedError.exit_code:
                raise

    async def _side_by_side(self) -> None:
        """All sections at once, but none before those whose rows open its lists."""
        read = {section: asyncio.Event() for section in self.sections}
        before = waits(self.resources)

        async def one(section: str) -> None:
            for other in before.get(section, set()) & set(read):
                await read[other].wait()
            await self._section(section)
            read[section].set()

        async with asyncio.TaskGroup() as tasks:
            for section in read:
                tasks.create_task(one(section))

    def _neglected_first(self) -> tuple[str, ...]:
        """The sections, those first of which nothing was saved for longest, and their sources."""
        saved = Journal(self.archive).last_saved()
        last = {r.section: 0 for r in self.resources}
        for resource in self.resources:
            last[resource.section] = max(last[resource.section], saved.get(resource.name, 0))
        neglected = sorted(self.sections, key=lambda section: last[section])
        return with_sources(tuple(neglected), self.resources)

    async def _section(self, section: str) -> None:
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
        if (one := self.report.lists.get(resource.name)) and one.lists:
            self.progress.finished(resource)

    async def _roots(self, resource: Resource) -> None:
        for opening in own_lists(resource, self.owners, self.account_id):
            await self._open(opening)
        if resource.parent is None:
            self._tell(resource)

    async def _children(self, resource: Resource, parent: Parent) -> None:
        """Open the lists whose parents say that something changed, several side by side."""
        slots = asyncio.Semaphore(self.options.concurrency)

        async def one(opening: Opening) -> None:
            async with slots:
                await self._open(opening)
            self.progress.listed(resource)

        named = {
            partition_key(one.partition)
            for one in own_lists(resource, self.owners, self.account_id)
        }
        async for due in self._due(resource, parent):
            openings = [one for one in due if partition_key(one.partition) not in named]
            self.progress.ahead(resource, len(openings))
            async with asyncio.TaskGroup() as tasks:
                for opening in openings:
                    tasks.create_task(one(opening))

    async def _due(self, resource: Resource, parent: Parent) -> AsyncIterator[list[Opening]]:
        after = 0
        everything = self.options.full
        while rows := await aside(
            children, self.archive, resource, self.owners, after, everything=everything
        ):
            after = rows[-1][0]
            openings = [opening_of(resource, parent, row[1:], self.account_id) for row in rows]
            keys = [opening.partition for opening in openings]
            cursors = await aside(cursors_of, self.archive, resource.name, keys)
            due = [o for o in openings if self._is_due(o, cursors.get(partition_key(o.partition)))]
            if due:
                yield due

    def _is_due(self, opening: Opening, cursor: Cursor | None) -> bool:
        if cursor is None:
            return opening.expected != 0
        if opening.resource.parent and opening.resource.parent.always:
            return True
        if self.options.full or not cursor.done or cursor.refused or cursor.stamp != opening.stamp:
            return True
        owed = is_due(self.archive, opening.key)
        return owed or misses(self.archive, opening.resource, opening.partition)

    async def _open(self, opening: Opening) -> None:
        """Read one list; that it is refused is a fact to record, not a failure of the run."""
        report = self.report.of(opening.resource.name)
        report.lists += 1
        cursor = await aside(cursor_of, self.archive, opening.resource.name, opening.partition)
        one = Listed(opening.resource.name, opening.partition, opening.owner_id)
        rests = self.refusals.rests(one, cursor, asked=self.options.full)
        if rests or self._is_spared(opening.resource, cursor):
            self.refusals.repeat(one, cursor)
            self.progress.spared(opening.resource)
        else:
            async with self.refusals.reading(one, cursor):
                await self._read(opening, cursor)
        if report.absent or report.refused:
            self.progress.lacking(opening.resource, absent=bool(report.absent))

    def _is_spared(self, resource: Resource, cursor: Cursor) -> bool:
        """It was asked for not long ago, so that a request can be saved.

        Runs with a budget make one sync together: what one of them has read, the next leaves.
        """
        if self.options.full or cursor.updated_at is None:
            return False
        ended = cursor.refused or (cursor.done and cursor.finished_at)
        if self.chain and ended and cursor.updated_in >= self.chain:
            # Where only time is short, each day looks for news.
            return self.options.sparing or _age(cursor.updated_at) < DAY
        return _is_fresh(resource, cursor)

    async def _find(self, resource: Resource, cursor: Cursor) -> None:
        """Nothing is asked twice that this instance does not know.

        Raises:
            NoSuchMethodError: it does not know the list's method, or the one that comes with it.
        """
        needed = resource.needs
        if needed and needed not in self.absent and not cursor.finished_at:
            try:
                await self.client.call(needed, {})
            except NoSuchMethodError as absence:
                self.absent[needed] = absence
        for method in (needed, resource.method):
            if method in self.absent:
                raise self.absent[method]

    async def _read(self, opening: Opening, cursor: Cursor) -> None:
        await self._find(opening.resource, cursor)
        try:
            await self._reader.read(opening, cursor)
        except NoSuchMethodError as absence:
            self.absent[opening.resource.method] = absence
            raise
        if opening.resource.sweep and opening.mine:
            # What its owner has put away is in no list, and only the owner can ask for it.
            rounds = Rounds(self._reader, self.resources, self.owners)
            await rounds.sweep(opening.resource, opening.partition, opening.owner_id)


def _is_fresh(resource: Resource, cursor: Cursor) -> bool:
    """Today it was read, and hardly ever changes; or the instance said that it has none."""
    read = resource.daily and cursor.done and not cursor.refused
    if cursor.updated_at is None or not (read or is_absent(cursor.refused_code)):
        return False
    return 0 <= _age(cursor.updated_at) < DAY


def _age(updated_at: str) -> float:
    """Seconds; less than none of what was written by a clock that was wrong."""
    return (checkpoints.today() - datetime.fromisoformat(updated_at)).total_seconds()
