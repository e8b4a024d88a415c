"""The engine: resources x partitions x pages. It knows of no kind of data by name."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import all_saved, aside
from ovk_archive.archive.coverage import note_coverage
from ovk_archive.archive.lists.cursors import owners
from ovk_archive.archive.lists.holes import Places
from ovk_archive.archive.runs import Journal
from ovk_archive.errors import ArchiveError, StoppedError, StorageError, worst
from ovk_archive.resources import LOOKUPS, RESOURCES
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.sync.again.audits import Audit
from ovk_archive.sync.again.rereading import Rounds
from ovk_archive.sync.lookups import Lookups
from ovk_archive.sync.named import Named
from ovk_archive.sync.one_list import Reader
from ovk_archive.sync.opener import Opener
from ovk_archive.sync.page.ahead import room
from ovk_archive.sync.plan import Options, Progress, Silent, with_sources
from ovk_archive.sync.refusals import Refusals
from ovk_archive.sync.report import FileReport, Report
from ovk_archive.sync.sections import Sections


async def _no_files() -> FileReport | None:
    return None


@dataclass
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
    report: Report = field(default_factory=Report)
    began: int = 0
    files: Callable[[], Awaitable[FileReport | None]] = _no_files
    places: Places = field(init=False)
    refusals: Refusals = field(init=False)

    def __post_init__(self) -> None:
        self.client.room = room
        self.places = Places(self.archive)
        self.refusals = Refusals(self.client, self.archive, self.report)

    async def run(self, arguments: Mapping[str, Any] | None = None) -> Report:
        """Read everything that was asked for; the report says how it ended.

        An error that ends the run is in the report too; what was saved before it stays.
        """
        journal = Journal(self.archive)
        self.resuming = journal.was_stopped()
        numbered = self.options.sparing or self.options.timed
        if self.resuming and numbered and not self.options.full:
            self.chain = journal.chain_began()
        number, self.began = journal.begin_run(arguments or {})
        error: ArchiveError | None = None
        try:
            await self._everything()
        except* ArchiveError as group:
            error = worst(group)
        # So that it counts, though those who saved it may have been stopped.
        await all_saved(self.archive)
        self._conclude(error)
        await aside(self._note_end, number)
        return self.report

    def _conclude(self, error: ArchiveError | None) -> None:
        self.report.requests += self.client.requests
        self.report.failures += self.client.failures
        self.report.conclude(error)
        if self.report.media is not None:
            self.report.take(self.report.media)

    def _note_end(self, number: int) -> None:
        try:
            note_coverage(self.archive, self.began)
            Journal(self.archive).end_run(number, self.report.to_note())
        except StorageError as error:
            # A full disk has no room for the note either; the run's own error says more.
            if not self.report.message:
                self.report.conclude(error)

    def _reader(self, progress: Progress) -> Reader:
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
            # Where requests are numbered, none is made that may turn out not to be needed.
            ahead=0 if self.options.sparing else self.client.concurrency - 1,
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

    @cached_property
    def sections(self) -> tuple[str, ...]:
        """What is read: what was asked for, and the sections whose rows open its lists."""
        return with_sources(self.options.sections, self.resources)

    async def _everything(self) -> None:
        reader = self._reader(self.progress)
        lookups = reader.lookups
        await Named(self.archive, lookups, self.refusals).note(self.options.named)
        if not self.owners:
            # Nobody is left of whom to read: not the account's own lists instead.
            await self._files()
            return
        self.progress.begin([one for one in self.resources if one.section in self.sections])
        if self._is_whole and await aside(self._audit.due, asked=self.options.audit):
            self.held = await aside(owners, self.archive)
        await self._news(reader, lookups)
        await lookups.run(LOOKUPS)
        # What the archive lacks comes before what it has: an audit takes long.
        await self._files()
        known = self.report.found
        await self._again()
        if self.report.found != known:
            await lookups.run(LOOKUPS)
            await self._files()

    async def _news(self, reader: Reader, lookups: Lookups) -> None:
        """Look for what is new in all sections."""
        rounds = Rounds(reader, self.resources, self.owners)
        opener = Opener(reader, rounds, self.options, self.chain)
        sections = Sections(opener, self.resources, self.owners, self.account_id, self.resuming)
        if not (self.resuming and self.options.sparing):
            await sections.side_by_side(self.sections)
            return
        await lookups.run(LOOKUPS)
        for section in sections.neglected_first(self.sections):
            await sections.read(section)

    async def _files(self) -> None:
        """Fetch the files that are due.

        If the lists have left no request for it, the next run goes on with the files. If they have,
        it begins with the news again: else many files would keep these back.
        """
        media = self.report.media = await self.files()
        self.report.caught_up = media is None or media.has_tried or media.requests > 0

    async def _again(self) -> None:
        """Read some of the archived lists again; or all of them, if that is due."""
        audit = self._audit
        due = await aside(audit.due, asked=self.options.audit)
        reader = self._reader(self.progress if due else Silent())
        if due:
            self.report.auditing = True
            # That of some owners only is not the archive's.
            is_whole = self._is_whole
            since = await aside(audit.begin, self.began) if is_whole else self.began
            rounds = Rounds(reader, self.resources, self.owners)
            await rounds.everything(since)
            # What was left to the next run has not been read again.
            self.report.audit = not any(one.unfinished for one in self.report.lists.values())
            if is_whole and self.report.audit:
                await aside(audit.end)
            return
        asked = tuple(r for r in self.resources if r.section in self.sections)
        try:
            await Rounds(reader, asked, self.owners).some(self.options.rounds)
        except* StoppedError as stops:
            # A budget that is used up only now has brought all there was.
            if worst(stops).exit_code != StoppedError.exit_code:
                raise
