"""One list, from where its cursor stands to its end: pages, each saved with its cursor."""

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Any

from ovk_archive.archive import Archive, Checkpoint
from ovk_archive.aside import aside
from ovk_archive.client import Client
from ovk_archive.cursors import Cursor
from ovk_archive.errors import ServerFaultError
from ovk_archive.fetch import Fetched, Question, fetch
from ovk_archive.lookups import Lookups
from ovk_archive.paging import Position
from ovk_archive.plan import Opening, Progress
from ovk_archive.report import Report
from ovk_archive.rows import UNREADABLE, Context, Row, Trim
from ovk_archive.skips import Skip

#: Seconds until a second is surely over by the server's clock. Of several messages of one second
#: the server may call any one the last, so until then `last_message_id` hides further ones.
SETTLED = 3600
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


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads lists for one run.

    Attributes:
        full: what is known is read again.
        began: when the run began.
    """

    client: Client
    archive: Archive
    report: Report
    progress: Progress
    full: bool
    began: str

    async def read(self, opening: Opening, cursor: Cursor) -> None:
        """Read a list to its end.

        Raises:
            ApiError: the instance would not show it.
            ServerFaultError: it crashes on it.
            StoppedError: the run is to end; what was read is saved.
        """
        resource = opening.resource
        again = await aside(self.archive.open_skips, resource, opening.partition)
        full = self.full or again
        position = resource.paginator.begin(
            cursor.position, full=full, expected=opening.expected or 0
        )
        whole = full or cursor.position is None or not resource.paginator.incremental
        had = bool(cursor.position and cursor.position.get("read"))
        question = replace(await self._question(opening), had=had)
        walk = Walk(opening, question, whole=whole, fresh=not position.read)
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
        return asyncio.create_task(fetch(self.client, replace(question, params=more), window))

    async def _save(self, walk: Walk, fetched: Fetched, before: Any, position: Any) -> None:
        await aside(self._checkpoint, walk, fetched, before, position)
        resource = walk.opening.resource
        self.progress.page(resource, _advance(fetched, before, position), fetched.page.total)

    def _checkpoint(self, walk: Walk, fetched: Fetched, before: Any, position: Any) -> None:
        """Make rows of a page, save them, and report it: whoever waits may be cancelled."""
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
        stored = self.archive.checkpoint(page)
        report = self.report.of(opening.resource.name)
        report.pages += 1
        report.new += stored.new
        report.changed += stored.changed
        report.gone += stored.gone
        report.withheld += stored.withheld
        report.skipped += len(page.skips)

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
