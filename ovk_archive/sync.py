"""The engine: resources x partitions x pages. It knows of no kind of data by name."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ovk_archive.archive import Archive, Checkpoint
from ovk_archive.aside import aside
from ovk_archive.client import Client
from ovk_archive.cursors import Cursor, partition_key
from ovk_archive.errors import (
    ApiError,
    ArchiveError,
    AuthError,
    NoSuchMethodError,
    RateLimitedError,
    ServerFaultError,
    StoppedError,
    StorageError,
    is_absent,
)
from ovk_archive.fetch import Fetched, Question, fetch
from ovk_archive.journal import Journal
from ovk_archive.lookups import Lookups
from ovk_archive.opening import timestamp
from ovk_archive.paging import Position
from ovk_archive.plan import (
    Opening,
    Options,
    Progress,
    Silent,
    opening_of,
    own_lists,
    waits,
    with_sources,
)
from ovk_archive.report import Report
from ovk_archive.resource import Parent, Resource
from ovk_archive.resources import LOOKUPS, RESOURCES
from ovk_archive.rows import UNREADABLE, Context, Row, Trim
from ovk_archive.skips import Skip
from ovk_archive.store import Stored

#: Seconds until a second is surely over by the server's clock. Of several messages of one second
#: the server may call any one the last, so until then `last_message_id` hides further ones.
SETTLED = 3600
#: Seconds until what hardly ever changes is asked for again, and what an instance did not have:
#: less than a day, so that a daily sync asks every time.
DAY = 20 * 3600
#: Pages in a row that bring nothing new until a list is given up: more dead rows than any has.
ENDLESS = 1000


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk through one list.

    Attributes:
        whole: it reads the whole list, whatever was known of it.
        fresh: the next page is its first, and it begins where the list does.
    """

    opening: Opening
    question: Question
    whole: bool
    fresh: bool


@dataclass(slots=True)
class Sync:
    """One run over one archive.

    Lists that need nothing of each other are read side by side; within a list the next page is
    asked for while the last is saved. Whatever ends a run early ends it between two pages.
    """

    client: Client
    archive: Archive
    account_id: int
    options: Options
    progress: Progress = field(default_factory=Silent)
    resources: tuple[Resource, ...] = RESOURCES
    resuming: bool = False
    chain: str | None = None
    absent: dict[str, NoSuchMethodError] = field(default_factory=dict)
    report: Report = field(default_factory=Report)
    began: str = field(default_factory=timestamp)

    async def run(self, arguments: Mapping[str, Any] | None = None) -> Report:
        """Read everything that was asked for; the report says how it ended.

        An error that ends the run is in the report too; what was saved before it stays.
        """
        self.resuming = Journal(self.archive).was_stopped()
        if self.resuming and self.options.sparing and not self.options.full:
            self.chain = Journal(self.archive).chain_began()
        number = Journal(self.archive).begin_run(arguments or {})
        error: ArchiveError | None = None
        try:
            await self._everything()
        except* ArchiveError as group:
            error = _worst(group)
        self.report.requests += self.client.requests
        self.report.failures += self.client.failures
        self.report.conclude(error)
        self._note_end(number)
        return self.report

    def _note_end(self, number: int) -> None:
        try:
            Journal(self.archive).end_run(number, self.report.to_json())
        except StorageError as error:
            # A full disk has no room for the note either; the run's own error says more.
            if not self.report.message:
                self.report.conclude(error)

    @property
    def owners(self) -> tuple[int, ...]:
        """Whose lists are read."""
        return self.options.owners or (self.account_id,)

    @property
    def sections(self) -> tuple[str, ...]:
        """What is read: what was asked for, and the sections whose rows open its lists."""
        return with_sources(self.options.sections, self.resources)

    async def _everything(self) -> None:
        lookups = Lookups(self.client, self.archive, self.report, self.began)
        if self.resuming and self.options.sparing:
            await lookups.run(LOOKUPS)
            for section in self._neglected_first():
                await self._section(section)
        else:
            await self._side_by_side()
        await lookups.run(LOOKUPS)

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

    def _neglected_first(self) -> list[str]:
        """The sections, those first of which nothing was saved for longest."""
        saved = Journal(self.archive).last_saved()
        last = {r.section: "" for r in self.resources}
        for resource in self.resources:
            last[resource.section] = max(last[resource.section], saved.get(resource.name, ""))
        return sorted(self.sections, key=lambda section: last[section])

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
            self.progress.finished(resource)

    async def _roots(self, resource: Resource) -> None:
        for opening in own_lists(resource, self.owners, self.account_id):
            await self._open(opening)
        if resource.parent is None:
            self.progress.finished(resource)

    async def _children(self, resource: Resource, parent: Parent) -> None:
        """Open the lists whose parents say that something changed, several side by side."""
        slots = asyncio.Semaphore(self.options.concurrency)

        async def one(opening: Opening) -> None:
            async with slots:
                await self._open(opening)

        async for openings in self._due(resource, parent):
            async with asyncio.TaskGroup() as tasks:
                for opening in openings:
                    tasks.create_task(one(opening))

    async def _due(self, resource: Resource, parent: Parent) -> AsyncIterator[list[Opening]]:
        after = 0
        while rows := await aside(self.archive.children, parent, self.owners, after):
            after = rows[-1][0]
            openings = [opening_of(resource, parent, row[1:], self.account_id) for row in rows]
            keys = [opening.partition for opening in openings]
            cursors = await aside(self.archive.cursors_of, resource, keys)
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
        owed = self.archive.open_skips(opening.resource, opening.partition)
        return owed or self.archive.misses(opening.resource, opening.partition)

    async def _open(self, opening: Opening) -> None:
        """Read one list; that it is refused is a fact to record, not a failure of the run."""
        report = self.report.of(opening.resource.name)
        report.lists += 1
        cursor = await aside(self.archive.cursor, opening.resource, opening.partition)
        if self._is_spared(opening.resource, cursor):
            self._repeat(opening, cursor)
            return
        try:
            await self._find(opening.resource, cursor)
            await self._read(opening, cursor)
        except (AuthError, RateLimitedError):
            raise
        except (ApiError, ServerFaultError) as refusal:
            await self._refused(opening, refusal)

    def _is_spared(self, resource: Resource, cursor: Cursor) -> bool:
        """It was asked for not long ago, so that a request can be saved.

        Runs with a budget make one sync together: what one of them has read, the next leaves.
        """
        if self.options.full or cursor.updated_at is None:
            return False
        ended = cursor.refused or (cursor.done and cursor.finished_at)
        if self.chain and ended and cursor.updated_at >= self.chain:
            return True
        return _is_fresh(resource, cursor)

    def _repeat(self, opening: Opening, cursor: Cursor) -> None:
        """Tell again what a list that is spared had said."""
        if cursor.refused is None:
            return
        if is_absent(cursor.refused_code):
            self.report.of(opening.resource.name).absent = cursor.refused
        else:
            self._tell(opening, cursor.refused, cursor.refused_code)

    def _tell(self, opening: Opening, why: str, code: int | None) -> None:
        told = {"partition": dict(opening.partition), "why": why, "code": code}
        self.report.of(opening.resource.name).refused.append(told)

    async def _refused(self, opening: Opening, refusal: ApiError | ServerFaultError) -> None:
        resource = opening.resource
        code = refusal.code if isinstance(refusal, ApiError) else None
        await aside(
            self.archive.refuse,
            resource, opening.partition, opening.owner_id, str(refusal), code,
        )  # fmt: skip
        if isinstance(refusal, NoSuchMethodError) and resource.needs not in self.absent:
            self.absent[resource.method] = refusal
        if is_absent(code):
            self.report.of(resource.name).absent = str(refusal)
        else:
            self._tell(opening, str(refusal), code)

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
        resource = opening.resource
        again = await aside(self.archive.open_skips, resource, opening.partition)
        full = self.options.full or again
        position = resource.paginator.begin(
            cursor.position, full=full, expected=opening.expected or 0
        )
        whole = full or cursor.position is None or not resource.paginator.incremental
        walk = Walk(opening, await self._question(opening), whole=whole, fresh=not position.read)
        position = await self._walk(walk, position)
        if resource.sweep and position.short:
            await self._sweep(opening)
            # Only now: a run that ends before leaves it to the next one.
            await self._settle(opening, replace(position, short=False))

    async def _question(self, opening: Opening) -> Question:
        """The list's parameters, and its count where the list's own answers do not tell it."""
        resource, partition = opening.resource, opening.partition
        if resource.total:
            params = {name: partition[name] for name in resource.total.params}
            total = int(await self.client.call(resource.total.method, params))
            return Question(resource, partition, total, dead=True)
        dead = bool(resource.parent and resource.parent.counts_dead)
        return Question(resource, partition, opening.expected, dead)

    async def _walk(self, walk: Walk, position: Any) -> Any:
        """Page after page; the next is on its way while the last is saved."""
        resource = walk.opening.resource
        arriving = self._ask(walk.question, position)
        most, idle = 0, 0
        while arriving is not None:
            fetched = await arriving
            before = position
            position = resource.paginator.after(before, fetched.page)
            most, idle = max(most, position.read), 0 if position.read > most else idle + 1
            if position == before or idle > ENDLESS:
                raise ServerFaultError(f"{resource.method} has no end: nothing new comes.")
            arriving = self._ask(walk.question, position)
            try:
                await self._save(walk, fetched, before, position)
            except BaseException:
                if arriving is not None:
                    arriving.cancel()
                raise
            walk = replace(walk, fresh=False)
        return position

    def _ask(self, question: Question, position: Any) -> asyncio.Task[Fetched] | None:
        paginator = question.resource.paginator
        window = paginator.window(position)
        if window is None:
            return None
        more = {**question.params, **paginator.params(position)}
        asked = Question(question.resource, more, question.total, question.dead)
        return asyncio.create_task(fetch(self.client, asked, window))

    async def _save(self, walk: Walk, fetched: Fetched, before: Any, position: Any) -> None:
        stored, skipped = await aside(self._checkpoint, walk, fetched, before, position)
        resource = walk.opening.resource
        report = self.report.of(resource.name)
        report.pages += 1
        report.new += stored.new
        report.changed += stored.changed
        report.gone += stored.gone
        report.withheld += stored.withheld
        report.skipped += skipped
        self.progress.page(resource, _advance(fetched, before, position), fetched.page.total)

    def _checkpoint(
        self, walk: Walk, fetched: Fetched, before: Any, position: Any
    ) -> tuple[Stored, int]:
        """Make rows of a page and save them: what changed, and how many records were skipped."""
        opening = walk.opening
        skips = [Skip(hole.place, key, hole.reason) for hole, key in fetched.holes]
        parts, strange = _rows(opening, fetched, before)
        page = Checkpoint(
            resource=opening.resource,
            partition=opening.partition,
            owner_id=opening.owner_id,
            parts=parts,
            position=position.to_json(),
            stamp=opening.stamp if _settled(position) else None,
            counted=fetched.page.total,
            skips=(*skips, *strange),
            began=self.began,
            whole=walk.whole,
            fresh=walk.fresh,
        )
        return self.archive.checkpoint(page), len(page.skips)

    async def _settle(self, opening: Opening, position: Position) -> None:
        """Save a position that no page leads to."""
        page = Checkpoint(
            resource=opening.resource,
            partition=opening.partition,
            owner_id=opening.owner_id,
            parts=(),
            position=position.to_json(),
            stamp=opening.stamp,
        )
        await aside(self.archive.checkpoint, page)

    async def _sweep(self, opening: Opening) -> None:
        """Ask by number for what a walk that does not add up may have missed."""
        sweep = opening.resource.sweep
        assert sweep is not None  # noqa: S101 - the caller looked
        held = await aside(
            self.archive.held_numbers, opening.resource, opening.partition, sweep.number
        )
        top = max(held, default=0) + sweep.batch
        missing = [number for number in range(1, top + 1) if number not in held]
        lookups = Lookups(self.client, self.archive, self.report, self.began)
        for start in range(0, len(missing), sweep.batch):
            await lookups.sweep(opening.resource, opening.partition, missing[start:][: sweep.batch])


def _rows(opening: Opening, fetched: Fetched, before: Any) -> tuple[list[Row | Trim], list[Skip]]:
    """The rows of a page, and the records whose shape no row function knows."""
    resource = opening.resource
    # What stands out of order has no place in it.
    places = (*[0] * fetched.page.aside, *resource.paginator.places(before, fetched.page))
    parts: list[Row | Trim] = []
    strange: list[Skip] = []
    for index, (record, place) in enumerate(zip(fetched.records, places, strict=True)):
        context = Context(partition=opening.partition, place=place)
        try:
            parts += list(resource.rows(record, context))
        except UNREADABLE as error:
            why = f"a record of a shape that this version cannot read: {type(error).__name__}"
            strange.append(Skip(index - fetched.page.aside, resource.key(record), why))
    return parts, strange


def _advance(fetched: Fetched, before: Any, position: Any) -> int:
    """Rows of a page that were not read before: pages overlap, and some are read twice."""
    if getattr(before, "closing", False):
        return 0
    read: int = max(0, position.read - before.read)
    return min(read, len(fetched.page.keys)) + fetched.page.aside


def _settled(position: Any) -> bool:
    """The parent's stamp may be trusted to change when a row arrives."""
    return bool(position.newest < time.time() - SETTLED)


def _is_fresh(resource: Resource, cursor: Cursor) -> bool:
    """Today it was read, and hardly ever changes; or the instance said that it has none."""
    read = resource.daily and cursor.done and not cursor.refused
    if cursor.updated_at is None or not (read or is_absent(cursor.refused_code)):
        return False
    age = datetime.now(UTC) - datetime.fromisoformat(cursor.updated_at)
    return age.total_seconds() < DAY


def _worst(group: BaseExceptionGroup[ArchiveError]) -> ArchiveError:
    """The error to speak of: a real one rather than that the run was stopped."""
    errors: list[ArchiveError] = []
    for error in group.exceptions:
        errors += [_worst(error)] if isinstance(error, BaseExceptionGroup) else [error]
    return min(errors, key=lambda error: isinstance(error, StoppedError))
