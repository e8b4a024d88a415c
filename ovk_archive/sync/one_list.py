"""One list, from where its cursor stands to its end: pages, each saved with its cursor."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.api.paging.keyset import Keyset, Shown
from ovk_archive.api.paging.positions import Position
from ovk_archive.api.paging.windows import Window
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import aside
from ovk_archive.archive.lists.cursors import Cursor
from ovk_archive.archive.lists.held import held_numbers, newer
from ovk_archive.archive.lists.holes import Places
from ovk_archive.archive.lists.skips import Skip, is_due
from ovk_archive.archive.saving import Asked, Checkpoint, checkpoint, save_rows
from ovk_archive.errors import ServerFaultError
from ovk_archive.resources.vocabulary.records import UNREADABLE, UnfitError
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, Trim
from ovk_archive.resources.vocabulary.shapes import number
from ovk_archive.sync.lookups import Lookups
from ovk_archive.sync.page.fetch import STRANGE, Fetched, Question, fetch
from ovk_archive.sync.page.patience import Patience
from ovk_archive.sync.plan import MOST_LOOKED_BACK, NO_LOOKBACK, Lookback, Opening, Progress
from ovk_archive.sync.refusals import Refusals
from ovk_archive.sync.report import Report

#: Seconds until a second is surely over by the server's clock. Of several messages of one second
#: the server may call any one the last, so until then `last_message_id` hides further ones.
SETTLED = 3600


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk through one list.

    Attributes:
        whole: it reads the whole list, whatever was known of it.
        fresh: the next page is its first, and it begins where the list does.
        round: it reads again what is known, beside the walk that looks for news.
    """

    opening: Opening
    question: Question
    whole: bool
    fresh: bool
    round: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads lists for one run.

    Attributes:
        full: what is known is read again.
        began: the checkpoint with which the run began.
        accept: however many rows are missing, it is believed.
        lookback: how much of what is known at the new end of a list is read again.
        places: rows that crash the server, as far as the run knows them.
        refusals: what becomes of lists that cannot be read.
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
        again = await aside(is_due, self.archive, opening.key)
        # A row that could not be met is looked for by every run, until it is.
        lost = bool(cursor.position and cursor.position.get("lost"))
        full = self.full or again or lost
        wanted = 0 if full else await aside(self._wanted, opening)
        begin = partial(
            resource.paginator.begin, full=full, expected=opening.expected or 0, again=wanted
        )
        try:
            position = begin(cursor.position)
        except UNREADABLE:
            # A damaged position: as if the list had never been opened.
            cursor = replace(cursor, position=None)
            position = begin(None)
        whole = full or cursor.position is None or not resource.paginator.incremental
        had = bool(cursor.position and cursor.position.get("read"))
        question = replace(await self.question(opening), had=had)
        walk = Walk(opening, question, whole=whole, fresh=not position.read)
        position = await self.walk(walk, position)
        if not whole:
            await self._look_back(walk, position, wanted)
        if resource.sweep and position.done and position.short:
            await self._sweep(opening)
            # Only now: a run that ends before leaves it to the next one.
            await self._settle(opening, replace(position, short=False))

    def _wanted(self, opening: Opening) -> int:
        """How many of the newest rows are to be read again."""
        if not opening.resource.paginator.incremental or self.lookback == NO_LOOKBACK:
            return 0
        since = self.client.server_time() - self.lookback.days * 86400
        recent = newer(self.archive, opening.resource, opening.partition, since)
        return max(self.lookback.rows, min(recent, MOST_LOOKED_BACK))

    async def _look_back(self, walk: Walk, position: Any, rows: int) -> None:
        """Read again what is newest of what was known, for edits."""
        resource = walk.opening.resource
        for window in resource.paginator.behind(position, rows):
            fetched = await self.ask(walk.question, position, window)
            if fetched.page.empty:
                return
            parts, _ = rows_of(walk.opening, fetched, position, placed=False)
            await aside(self._keep, walk.opening, parts)

    def _keep(self, opening: Opening, parts: list[Row | Trim]) -> None:
        """Save rows that no cursor follows."""
        asked = Asked(name=opening.resource.name, partition=opening.partition, numbers=())
        self.report.of(opening.resource.name).add(save_rows(self.archive, parts, asked))

    async def question(self, opening: Opening) -> Question:
        """The list's parameters, and its count where the list's own answers do not tell it."""
        resource, partition = opening.resource, opening.partition
        await aside(self.places.of, resource, partition)
        if resource.total:
            params = {name: partition[name] for name in resource.total.params}
            method = resource.total.method
            total = number(method, await self.client.call(method, params))
            return Question(resource, partition, total, dead=True)
        dead = bool(resource.parent and resource.parent.counts_dead)
        return Question(resource, partition, opening.expected, dead)

    async def walk(self, walk: Walk, position: Any, left: Callable[[], float] | None = None) -> Any:
        """Page after page; the next is on its way while the last is saved.

        `left` says how many more requests may be made; without it, any number.
        """
        resource = walk.opening.resource
        arriving = self._ask(walk.question, position)
        patience = Patience(resource.paginator)
        while arriving is not None:
            fetched = await arriving
            before = position
            position = resource.paginator.after(before, fetched.page)
            patience.page(fetched.page.total, before.read, position.read)
            if position == before or patience.endless:
                raise ServerFaultError(f"{resource.method} has no end: nothing new comes.")
            if not walk.round and (before.lost or fetched.page.lost > 0):
                position = replace(position, lost=True)
            may_ask = (left is None or left() > 0) and not patience.spent
            arriving = self._ask(walk.question, position) if may_ask else None
            try:
                await self.save(walk, fetched, before, position)
            except BaseException:
                if arriving is not None:
                    arriving.cancel()
                raise
            walk = replace(walk, fresh=False)
        if patience.spent and not position.done:
            self.report.of(resource.name).unfinished.append(dict(walk.opening.partition))
        return position

    def _ask(self, question: Question, position: Any) -> asyncio.Task[Fetched] | None:
        paginator = question.resource.paginator
        window = paginator.window(position)
        if window is None:
            return None
        return asyncio.create_task(self.ask(question, position, window, top=window.start == 0))

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

    async def save(self, walk: Walk, fetched: Fetched, before: Any, position: Any) -> None:
        """Save a page with the position behind it, and say so."""
        await aside(self._checkpoint, walk, fetched, before, position)
        resource, rows = walk.opening.resource, _advance(fetched, before, position)
        self.progress.page(resource, rows, fetched.page.total)
        if walk.round:
            self.report.of(resource.name).again += rows

    def _checkpoint(self, walk: Walk, fetched: Fetched, before: Any, position: Any) -> None:
        """Make rows of a page, save them, and report it: whoever waits may be cancelled."""
        opening = walk.opening
        parts, strange = rows_of(opening, fetched, before)
        page = Checkpoint(
            resource=opening.resource,
            partition=opening.partition,
            owner_id=opening.owner_id,
            parts=parts,
            position=position.to_json(),
            stamp=opening.stamp if self._is_settled(position) else None,
            counted=fetched.page.total,
            skips=(*_skips(opening.resource, fetched, before), *strange),
            began=self.began,
            whole=walk.whole,
            fresh=walk.fresh,
            round=walk.round,
            shown=_shown(opening.resource, fetched, before, position) if walk.round else None,
            lacks=_lacks(opening.resource, fetched, position),
            accept=self.accept,
        )
        stored = checkpoint(self.archive, page)
        report = self.report.of(opening.resource.name)
        report.add(stored)

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
        sweep = opening.resource.sweep
        assert sweep is not None  # noqa: S101 - the caller looked
        held = await aside(
            held_numbers, self.archive, opening.resource, opening.partition, sweep.number
        )
        top = max(held, default=0) + sweep.batch
        missing = [number for number in range(1, top + 1) if number not in held]
        lookups = self.lookups
        for start in range(0, len(missing), sweep.batch):
            await lookups.sweep(opening.resource, opening.partition, missing[start:][: sweep.batch])


def rows_of(
    opening: Opening, fetched: Fetched, before: Any, *, placed: bool = True
) -> tuple[list[Row | Trim], list[Skip]]:
    """The rows of a page, and the records whose shape no row function knows.

    `placed` says that the page follows `before`, so that the rows' places are known.
    """
    resource = opening.resource
    # What stands out of order has no place in it.
    places: list[int | None] = [0] * fetched.page.aside
    if placed:
        places += resource.paginator.places(before, fetched.page)
    else:
        places += [None] * len(fetched.page.keys)
    parts: list[Row | Trim] = []
    strange: list[Skip] = []
    for index, (record, place) in enumerate(zip(fetched.records, places, strict=True)):
        context = Context(partition=opening.partition, place=place)
        try:
            parts += list(resource.rows(record, context))
        except UNREADABLE as error:
            # Of other errors the words are Python's.
            why = f"{STRANGE}: {error}" if isinstance(error, UnfitError) else STRANGE
            at = index - fetched.page.aside
            strange.append(Skip(at, resource.key(record), why, record=record))
    return parts, strange


def _skips(resource: Resource, fetched: Fetched, before: Any) -> list[Skip]:
    """What a page lacks; rows have numbers only where they are counted from the top."""
    absolute = not resource.paginator.params(before)
    return [
        Skip(
            hole.place,
            hole.after,
            hole.reason,
            before_key=hole.before,
            row=hole.row if absolute else None,
            nth=hole.nth,
            record=hole.record,
            tried=hole.tried,
        )
        for hole in fetched.holes
    ]


def _shown(resource: Resource, fetched: Fetched, before: Any, position: Any) -> Shown | None:
    """Of which numbers a page has shown all, in a list that is read by number."""
    paginator = resource.paginator
    return (
        paginator.shown(before, fetched.page, position) if isinstance(paginator, Keyset) else None
    )


def _advance(fetched: Fetched, before: Any, position: Any) -> int:
    """Rows of a page that were not read before: pages overlap, and some are read twice."""
    if getattr(before, "closing", False):
        return 0
    read: int = max(0, position.read - before.read)
    return min(read, len(set(fetched.page.keys))) + fetched.page.aside


def _lacks(resource: Resource, fetched: Fetched, position: Position) -> bool:
    """The server counts more rows than a walk has been shown."""
    if fetched.counted is None or resource.counts_dead:
        return False
    return fetched.counted > position.read + getattr(position, "aside", 0)
