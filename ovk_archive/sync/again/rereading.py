"""Reads lists again, to find edits and deletions: some in each run, all in an audit.

Nothing tells of edits and deletions (help/openvk-api.md, Dates and time), so only reading again
finds them.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, TypeGuard

from ovk_archive.api.paging.keyset import Keyset, Shown
from ovk_archive.api.paging.windows import Window
from ovk_archive.archive.aside import aside
from ovk_archive.archive.lists.absences import missed
from ovk_archive.archive.lists.cursors import Cursor, cursor_of
from ovk_archive.archive.lists.list_rows import between, rows_of
from ovk_archive.archive.lists.names import list_key
from ovk_archive.archive.lists.openings import parent_row
from ovk_archive.archive.lists.rounds import SWEEPING, end_round, round_of
from ovk_archive.archive.saving import Asked, save_round, save_rows
from ovk_archive.errors import ApiError, AuthError, RateLimitedError
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.sync.again.turns import Turn, turns, turns_at
from ovk_archive.sync.one_list import Left, Reader, Reading
from ovk_archive.sync.page.content import rows_of_page
from ovk_archive.sync.page.fetch import Question, fetch
from ovk_archive.sync.plan import Opening, opening_of
from ovk_archive.sync.refusals import Listed

#: Lists of which it is looked up at a time how they are read again.
AT_A_TIME = 500


def _is_sweeping(position: Mapping[str, Any] | None) -> TypeGuard[Mapping[str, Any]]:
    """A round whose walk has ended, and that asks by number for what it has not met."""
    return position is not None and SWEEPING.keys() <= position.keys()


def _without_end() -> float:
    return float("inf")


def _fitting(waiting: Iterable[Turn], left: float) -> list[Turn]:
    """The first, until they take as many calls as are left; the last may end in its middle."""
    some: list[Turn] = []
    for turn in waiting:
        if left <= 0:
            break
        some.append(turn)
        left -= turn.requests
    return some


@dataclass(frozen=True, slots=True)
class Rounds:
    """Reads lists again for one run.

    Attributes:
        reader: how lists are read.
        resources: lists of which kinds.
        owners: whose lists.
    """

    reader: Reader
    resources: tuple[Resource, ...]
    owners: Sequence[int]

    async def some(self, allowance: int) -> None:
        """Spend this many calls on reading lists again: missed rows first, then in turn."""
        client, start = self.reader.client, self.reader.client.calls

        def left() -> float:
            return allowance - (client.calls - start)

        await self._confirm(left)
        waiting = deque(await self._turns(self.reader.began))
        while waiting and left() > 0:
            # Where calls do not travel together, one after another is soon enough.
            next_ones = [waiting.popleft() for _ in range(min(client.together, len(waiting)))]
            found = await aside(turns_at, self.reader.archive, self.resources, next_ones)
            some = _fitting(found, left())
            waiting.extendleft(turn.place for turn in reversed(found[len(some) :]))
            async with asyncio.TaskGroup() as tasks:
                for turn in some:
                    tasks.create_task(self._turn(turn, left))

    async def everything(self, since: int) -> None:
        """Read again all lists that were not read whole since then, several side by side."""
        await self._confirm(_without_end)
        # Each holds a page in memory until that is saved, of which few have more rows.
        slots = asyncio.Semaphore(self.reader.client.side_by_side(100))

        async def one(turn: Turn) -> None:
            try:
                await self._turn(turn, _without_end)
            finally:
                slots.release()

        async with asyncio.TaskGroup() as tasks:
            async for turn in self._each(await self._turns(since)):
                # A round that began before starts again.
                is_old = turn.round.began_in < since
                fresh = replace(turn, round=replace(turn.round, position=None))
                await slots.acquire()
                tasks.create_task(one(fresh if is_old else turn))

    async def _each(self, places: Sequence[int]) -> AsyncIterator[Turn]:
        """The lists at these places, some at a time, so that memory stays flat."""
        for start in range(0, len(places), AT_A_TIME):
            some = places[start : start + AT_A_TIME]
            for turn in await aside(turns_at, self.reader.archive, self.resources, some):
                yield turn

    async def _turns(self, since: int) -> list[int]:
        return await aside(
            turns, self.reader.archive, self.resources, self.owners, since, self.reader.began
        )

    async def _turn(self, turn: Turn, left: Left) -> None:
        """Read a list again, or the next part of it."""
        one = Listed(turn.resource.name, turn.partition, turn.owner_id, beside=True)
        if self.reader.refusals.rests(one, turn.round, asked=left is _without_end):
            self.reader.refusals.repeat(one, turn.round)
            return
        async with self.reader.refusals.reading(one, turn.round):
            if not _is_sweeping(turn.round.position):
                await self._walk(turn, left)
            if turn.resource.sweep:
                await self.sweep(turn.resource, turn.partition, turn.owner_id, left)

    async def _walk(self, turn: Turn, left: Left) -> None:
        opening = await aside(self._opening, turn)
        if opening is None:
            one = Listed(turn.resource.name, turn.partition)
            await aside(end_round, self.reader.archive, one.key, turn.owner_id)
            return
        paginator, under_way = turn.resource.paginator, turn.round.position
        position = paginator.loaded(under_way) if under_way else paginator.again(turn.position)
        question = replace(await self.reader.question(opening), had=bool(turn.position.get("read")))
        reading = Reading(opening, question, whole=True, fresh=under_way is None, round=True)
        await self.reader.follow(reading, position, left)

    def _opening(self, turn: Turn) -> Opening | None:
        """The list, and what its parent says of it, if that is still there."""
        self.reader.places.of(turn.resource, turn.partition)
        parent = turn.resource.parent
        if parent is None:
            return Opening(resource=turn.resource, partition=turn.partition, owner_id=turn.owner_id)
        row = parent_row(self.reader.archive, parent, turn.partition)
        if row is None and parent.outlived:
            # A conversation that is no longer listed can still be read, and lose messages.
            return Opening(resource=turn.resource, partition=turn.partition, owner_id=turn.owner_id)
        if row is None:
            return None
        return replace(opening_of(turn.resource, parent, row, 0), owner_id=turn.owner_id)

    async def sweep(
        self,
        resource: Resource,
        partition: Mapping[str, Any],
        owner_id: int | None,
        left: Left = _without_end,
    ) -> None:
        """Once the walk has ended, ask for every number that it did not meet, from the top down."""
        archive, lookups, named = self.reader.archive, self.reader.lookups, (resource, partition)
        stands = await aside(round_of, archive, list_key(resource.name, partition))
        if not _is_sweeping(stands.position):
            return
        # A wall's newest post may be hidden: a batch beyond what is held is asked for, too.
        async for numbers in lookups.unmet(*named, stands.position["next"] or 0, stands.began_in):
            if left() <= 0:
                return
            await lookups.sweep(*named, numbers)
            if below := numbers[-1] - 1:
                position = {"next": below, "done": False}
                await aside(save_round, archive, *named, owner_id, position)
        await aside(save_round, archive, *named, owner_id, {"next": 0, "done": True})

    async def _confirm(self, left: Left) -> None:
        """Ask for what an earlier run has missed, where rows can be asked for by their numbers."""
        for resource in self.resources:
            if resource.sweep:
                await self._confirm_by(resource, resource.sweep.number, left, self._ask_for)
            elif isinstance(resource.paginator, Keyset):
                await self._confirm_by(resource, "id", left, self._look_at)

    async def _confirm_by(
        self, resource: Resource, column: str, left: Left, ask: Callable[..., Any]
    ) -> None:
        if not resource.compared:
            return
        params = tuple(resource.held.values())
        columns = (*resource.held, column)
        owing = sorted(await aside(missed, self.reader.archive, resource, columns))
        for values, rows in groupby(owing, key=lambda row: row[:-1]):
            partition = dict(zip(params, values, strict=True))
            stands = await aside(cursor_of, self.reader.archive, resource.name, partition)
            if left() <= 0:
                return
            one = Listed(resource.name, partition, beside=True)
            known = await aside(round_of, self.reader.archive, one.key)
            if self.reader.refusals.rests(one, known, asked=left is _without_end):
                continue
            async with self.reader.refusals.reading(one, known):
                if not resource.sweep or await self._is_open(resource, partition, stands):
                    await ask(resource, partition, [row[-1] for row in rows], left)

    async def _is_open(self, resource: Resource, partition: dict[str, Any], stands: Cursor) -> bool:
        """The server shows a list; of a closed one it shows no number either."""
        if stands.updated_in >= self.reader.began:
            return stands.refused is None
        try:
            await fetch(self.reader.client, Question(resource, partition), Window(0, 1))
        except (AuthError, RateLimitedError):
            raise
        except ApiError:
            return False
        return True

    async def _ask_for(
        self, resource: Resource, partition: dict[str, Any], numbers: list[int], left: Left
    ) -> None:
        batch = resource.sweep.batch if resource.sweep else 1
        for start in range(0, len(numbers), batch):
            if left() > 0:
                await self.reader.lookups.sweep(resource, partition, numbers[start:][:batch])

    async def _look_at(
        self, resource: Resource, partition: dict[str, Any], numbers: list[int], left: Left
    ) -> None:
        """Read the stretches of a list in which the missed numbers would be."""
        paginator: Any = resource.paginator
        opening = Opening(resource=resource, partition=partition)
        question = await self.reader.question(opening)
        seen = 0
        for number in numbers:
            if number <= seen or left() <= 0:
                continue
            before = paginator.beyond(number - 1)
            fetched = await self.reader.ask(question, before, paginator.window(before))
            shown = paginator.shown(before, fetched.page, paginator.after(before, fetched.page))
            if shown is None or fetched.holes:
                continue
            seen = shown.to or numbers[-1]
            parts, strange = rows_of_page(resource, opening.partition, fetched, before)
            if not strange:
                await self._save(opening, parts, shown)

    async def _save(self, opening: Opening, parts: Any, shown: Shown) -> None:
        asked = Asked(
            name=opening.resource.name,
            partition=opening.partition,
            numbers=(),
            compared=between(opening.resource, opening.partition, shown),
            whole=rows_of(opening.resource, opening.partition),
            began=self.reader.began,
            accept=self.reader.accept,
        )
        stored = await aside(save_rows, self.reader.archive, parts, asked)
        self.reader.client.saved()
        self.reader.report.of(opening.resource.name).add(stored)
