"""One list, from where its cursor stands to its end: pages, each saved with its cursor."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.api.paging.positions import Position
from ovk_archive.api.paging.windows import Window
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import aside, saved
from ovk_archive.archive.lists.cursors import NEW, Cursor
from ovk_archive.archive.lists.held import newer
from ovk_archive.archive.lists.holes import Places
from ovk_archive.archive.lists.skips import is_due
from ovk_archive.archive.saving import Asked, Checkpoint, checkpoint, save_rows
from ovk_archive.archive.tables.store import Stored
from ovk_archive.errors import ServerFaultError
from ovk_archive.resources.vocabulary.records import UNREADABLE
from ovk_archive.resources.vocabulary.rows import Row, Trim
from ovk_archive.resources.vocabulary.shapes import number
from ovk_archive.sync.lookups import Lookups
from ovk_archive.sync.page.ahead import Ahead, Ask
from ovk_archive.sync.page.content import advance, lacks, rows_of_page, shown_of, skips_of
from ovk_archive.sync.page.fetch import Fetched, Question, fetch
from ovk_archive.sync.page.patience import Patience
from ovk_archive.sync.plan import MOST_LOOKED_BACK, NO_LOOKBACK, Lookback, Opening, Progress
from ovk_archive.sync.refusals import Refusals
from ovk_archive.sync.report import Report

#: Seconds until a second is surely over by the server's clock. Of several messages of one second
#: the server may call any one the last, so until then `last_message_id` hides further ones.
SETTLED = 3600
#: Says how many requests may still be made.
Left = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Reading:
    """How one list is read.

    Attributes:
        whole: it reads the whole list, whatever was known of it.
        fresh: the next page is its first, and it begins where the list does.
        round: it reads archived rows again, beside the walk that looks for news.
        known: rows that earlier runs have read, and an unfinished walk reads again at first.
    """

    opening: Opening
    question: Question
    whole: bool
    fresh: bool
    round: bool = False
    known: int = 0


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads lists for one run.

    Attributes:
        full: archived rows are read again, too.
        began: the checkpoint with which the run began.
        accept: missing rows are believed to be deleted, however many they are.
        lookback: how many archived rows at the new end of a list are read again.
        places: rows that crash the server, as far as the run knows them.
        refusals: what becomes of lists that cannot be read.
        ahead: how many pages of a long list are asked for beside the next one.
    """

    client: Client
    archive: Archive
    report: Report
    progress: Progress
    full: bool
    began: int
    places: Places
    refusals: Refusals
    accept: bool = False
    lookback: Lookback = NO_LOOKBACK
    ahead: int = 0

    @property
    def lookups(self) -> Lookups:
        """What asks by number."""
        return Lookups(
            self.client,
            self.archive,
            self.report,
            self.began,
            accept=self.accept,
            refusals=self.refusals,
        )

    async def read(self, opening: Opening, cursor: Cursor) -> None:
        """Read a list to its end.

        Raises:
            ApiError: the instance would not show it.
            TransportError: it crashes on it, or does not answer.
            StoppedError: the run is to end; what was read is saved.
        """
        resource = opening.resource
        if cursor is NEW:
            self.places.begin(resource, opening.partition)
            full, wanted = self.full, 0
        else:
            full, wanted = await aside(self._held_before, opening, cursor)
        begin = partial(
            resource.paginator.begin, full=full, expected=opening.expected or 0, again=wanted
        )
        position, cursor = self._begun(begin, cursor)
        whole = full or cursor.position is None or not resource.paginator.incremental
        question = replace(await self.question(opening), had=cursor.had > 0)
        reading = Reading(opening, question, whole=whole, fresh=not position.read, known=cursor.had)
        position = await self.follow(reading, position)
        if not whole:
            await self._look_back(reading, position, wanted)
        if resource.sweep and position.done and position.short:
            await self._sweep(opening)
            # Only now: a run that ends before leaves it to the next one.
            await self._settle(opening, replace(position, short=False))

    def _begun(self, begin: Callable[[Any], Any], cursor: Cursor) -> tuple[Any, Cursor]:
        """Where to begin; a damaged position is as if the list had never been opened."""
        try:
            return begin(cursor.position), cursor
        except UNREADABLE:
            return begin(None), replace(cursor, position=None)

    def _held_before(self, opening: Opening, cursor: Cursor) -> tuple[bool, int]:
        """Whether all of it is read, and else how many rows again; one turn of the archive."""
        self.places.of(opening.resource, opening.partition)
        # A row that could not be met is looked for by every run, until it is.
        lost = bool(cursor.position and cursor.position.get("lost"))
        full = self.full or lost or is_due(self.archive, opening.key)
        return full, 0 if full else self._wanted(opening)

    def _wanted(self, opening: Opening) -> int:
        """How many of the newest rows are to be read again."""
        if not opening.resource.paginator.incremental or self.lookback == NO_LOOKBACK:
            return 0
        since = self.client.server_time() - self.lookback.days * 86400
        recent = newer(self.archive, opening.resource, opening.partition, since)
        return max(self.lookback.rows, min(recent, MOST_LOOKED_BACK))

    async def _look_back(self, reading: Reading, position: Any, rows: int) -> None:
        """Read again what is newest of what was known, for edits."""
        resource = reading.opening.resource
        for window in resource.paginator.behind(position, rows):
            fetched = await self.ask(reading.question, position, window)
            if fetched.page.empty:
                return
            parts, _ = rows_of_page(
                resource, reading.opening.partition, fetched, position, placed=False
            )
            await aside(self._keep, reading.opening, parts)

    def _keep(self, opening: Opening, parts: list[Row | Trim]) -> None:
        """Save rows that no cursor follows."""
        asked = Asked(name=opening.resource.name, partition=opening.partition, numbers=())
        self.report.of(opening.resource.name).add(save_rows(self.archive, parts, asked))

    async def question(self, opening: Opening) -> Question:
        """The list's parameters, and its count where the list's own answers do not tell it."""
        resource, partition = opening.resource, opening.partition
        if not self.places.knows(resource, partition):
            await aside(self.places.of, resource, partition)
        if resource.counts.total:
            params = {name: partition[name] for name in resource.counts.total.params}
            method = resource.counts.total.method
            total = number(method, await self.client.call(method, params))
            return Question(resource, partition, total, dead=True)
        dead = bool(resource.parent and resource.parent.counts_dead)
        return Question(resource, partition, opening.expected, dead, newest=opening.newest)

    async def follow(self, reading: Reading, position: Any, left: Left | None = None) -> Any:
        """Page after page; the next are on their way while the last is saved.

        `left` says how many more requests may be made; without it, any number.
        """
        resource = reading.opening.resource
        worth = partial(self.client.page_sizes.rows, resource.method)
        ask, most = self._asker(reading.question), 0 if left else self.ahead
        ahead = Ahead(ask, resource.paginator, worth, most)
        try:
            with self.client.page_sizes.walking(resource.method):
                return await self._follow(reading, position, ahead, left)
        finally:
            ahead.drop()

    async def _follow(
        self, reading: Reading, position: Any, ahead: Ahead, left: Left | None
    ) -> Any:
        resource = reading.opening.resource
        patience = Patience(resource.paginator)
        # How many pages there are the first one tells; little is new in a list that is known.
        position = ahead.sized(position) if reading.whole and not reading.round else position
        coming = ahead.next(position, 1)
        while coming:
            before, fetched = await ahead.arrived(position)
            position = resource.paginator.after(before, fetched.page)
            patience.page(fetched.page.total, before.read, position.read, patience.share(before))
            if position == before or patience.endless:
                raise ServerFaultError(
                    f"{resource.method} has no end: its pages repeat the same rows."
                )
            if not reading.round and (before.lost or fetched.page.lost > 0):
                position = replace(position, lost=True)
            position = ahead.sized(position)
            pages = patience.left - ahead.wasted
            coming = pages > 0 and (left is None or left() > 0) and ahead.next(position, pages)
            await self.save(reading, fetched, before, position)
            # Not held while the next one is on its way.
            del fetched
            reading = replace(reading, fresh=False)
        if patience.left <= ahead.wasted and not position.done:
            self.report.of(resource.name).unfinished.append(dict(reading.opening.partition))
        return position

    def _asker(self, question: Question) -> Ask:
        return lambda position, window: self.ask(question, position, window, top=window.start == 0)

    async def ask(
        self, question: Question, position: Any, window: Window, *, top: bool = False
    ) -> Fetched:
        """Read a window, without asking for rows that are known to crash the server."""
        resource, partition = question.resource, question.params
        more = resource.paginator.params(position)
        if more:
            # These say from where rows are counted. What is asked for by a number need not be
            # there, whatever is counted.
            return await fetch(self.client, replace(question, params={**partition, **more}), window)
        known, meaning = self.places.of(resource, partition), self.places.meaning(resource)
        asked = replace(question, known=known, meaning=meaning, top=top)
        fetched = await fetch(self.client, asked, window)
        self.places.met(resource, partition, window, fetched.holes)
        if fetched.meaning != meaning:
            await aside(self.places.learn, resource, fetched.meaning)
        return fetched

    async def save(self, reading: Reading, fetched: Fetched, before: Any, position: Any) -> None:
        """Save a page with the position behind it, and say so."""
        work = partial(self._checkpoint, reading, fetched, before, position)
        # Reported as soon as it is saved: whoever waits may be cancelled.
        resource, rows = reading.opening.resource, advance(fetched, before, position)
        await saved(self.archive, work, self.report.of(resource.name).add, len(fetched.records))
        if position.done or position.read > reading.known:
            self.client.saved()
        self.progress.page(resource, rows, fetched.page.total)
        if reading.round:
            self.report.of(resource.name).again += rows

    def _checkpoint(self, reading: Reading, fetched: Fetched, before: Any, position: Any) -> Stored:
        """Make rows of a page, and save them."""
        opening = reading.opening
        parts, strange = rows_of_page(opening.resource, opening.partition, fetched, before)
        page = Checkpoint(
            resource=opening.resource,
            partition=opening.partition,
            owner_id=opening.owner_id,
            parts=parts,
            position=position.to_json(),
            stamp=opening.stamp if self._is_settled(position) else None,
            counted=fetched.page.total,
            skips=(*skips_of(opening.resource, fetched, before), *strange),
            began=self.began,
            whole=reading.whole,
            fresh=reading.fresh,
            round=reading.round,
            shown=shown_of(opening.resource, fetched, before, position) if reading.round else None,
            lacks=lacks(opening.resource, fetched, position),
            accept=self.accept,
            later=reading.round or self.full,
        )
        return checkpoint(self.archive, page)

    def _is_settled(self, position: Position) -> bool:
        """The parent's stamp may be trusted to change when a row arrives."""
        return position.newest < self.client.server_time() - SETTLED

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
        await aside(checkpoint, self.archive, page)

    async def _sweep(self, opening: Opening) -> None:
        """Ask by number for what a walk that does not add up may have missed."""
        lookups = self.lookups
        async for numbers in lookups.unmet(opening.resource, opening.partition):
            await lookups.sweep(opening.resource, opening.partition, numbers)
