"""Records read by id: people whom others refer to, and numbers that a walk may have missed."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import aside
from ovk_archive.archive.lists import cursors, held, skips
from ovk_archive.archive.lists.list_rows import Rows, comparable, rows_of
from ovk_archive.archive.lists.names import list_key
from ovk_archive.archive.lists.references import referred
from ovk_archive.archive.lists.skips import Skip
from ovk_archive.archive.saving import Asked, save_rows
from ovk_archive.errors import NonsenseError, ServerFaultError
from ovk_archive.resources.vocabulary.records import UNREADABLE, Record
from ovk_archive.resources.vocabulary.resource import Lookup, Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, RowFunction, Trim
from ovk_archive.resources.vocabulary.shapes import Shape, answer, taken_apart
from ovk_archive.sync.page.fetch import MOST_HOLES, STRANGE
from ovk_archive.sync.refusals import Listed, Refusals
from ovk_archive.sync.report import Report

#: Numbers of a list that are compared with what is held at a time, so that memory stays flat.
AT_A_TIME = 5000


class Lookups:
    """Asks by id, in batches; an id that crashes the server is set apart by halving."""

    def __init__(
        self,
        client: Client,
        archive: Archive,
        report: Report,
        began: int,
        *,
        accept: bool = False,
        refusals: Refusals | None = None,
    ) -> None:
        self._client = client
        self._archive = archive
        self._report = report
        self._began = began
        self._accept = accept
        self._refusals = refusals or Refusals(client, archive, report)
        self._known: dict[str, cursors.Cursor] = {}

    async def run(self, lookups: Iterable[Lookup]) -> None:
        """Read everybody whom some record refers to and who is not in the archive yet."""
        for lookup in lookups:
            # Other people than the last time: this is tried in every run, but once.
            if not self._refusals.rests(Listed(lookup.name, {}), cursors.NEW):
                await self._everybody(lookup)

    async def look(self, lookup: Lookup, numbers: Sequence[int]) -> None:
        """Read these, whoever refers to them."""
        if lookup.name not in self._known:
            self._known[lookup.name] = await aside(
                cursors.cursor_of, self._archive, lookup.name, {}
            )
        self._report.of(lookup.name).lists += 1
        async with self._refusals.reading(Listed(lookup.name, {}), self._known[lookup.name]):
            await self._read(Batch.of(lookup), numbers)

    async def sweep(
        self, resource: Resource, partition: Mapping[str, Any], numbers: Sequence[int]
    ) -> None:
        """Read these numbers of a list; what the server leaves out does not exist, and is gone."""
        sweep = resource.sweep
        assert sweep is not None  # noqa: S101 - only called for lists that have one
        context = Context(partition=partition)

        def form(some: Sequence[int]) -> dict[str, Any]:
            return {sweep.param: ",".join(sweep.id(partition, number) for number in some)}

        batch = Batch(resource.name, sweep.method, form, resource.rows, context, resource)
        await self._read(batch, numbers)

    async def unmet(
        self, resource: Resource, partition: Mapping[str, Any], top: int = 0, since: int = 0
    ) -> AsyncIterator[Sequence[int]]:
        """The numbers of a list from `top` down that are not held, a batch at a time.

        Without `top`, they begin one batch above what is held. With `since`, what was not seen in
        that checkpoint or later is as if it were not held.
        """
        sweep, named = resource.sweep, (self._archive, resource, partition)
        assert sweep is not None  # noqa: S101 - only called for lists that have one
        top = top or await aside(held.highest, *named, sweep.number) + sweep.batch
        waiting: list[int] = []
        for high in range(top, 0, -AT_A_TIME):
            numbers = range(high, max(0, high - AT_A_TIME), -1)
            waiting += await aside(held.unmet, *named, sweep.number, numbers, since=since)
            while len(waiting) >= sweep.batch:
                yield waiting[: sweep.batch]
                del waiting[: sweep.batch]
        if waiting:
            yield waiting

    async def _everybody(self, lookup: Lookup) -> None:
        after = 0
        while ids := await aside(referred, self._archive, lookup, lookup.batch, after):
            after = ids[-1]
            await self.look(lookup, ids)
            if self._refusals.given_up(lookup.name):
                break
        await aside(skips.resolve_lookup, self._archive, lookup, self._began)

    async def _read(self, batch: "Batch", numbers: Sequence[int]) -> None:
        """Ask for a batch; halve it around what crashes the server."""
        crashing: list[int] = []
        waiting = await self._apart(batch, numbers)
        while waiting:
            some = waiting.pop()
            try:
                response = await self._client.call(batch.method, batch.form(some))
                answered = taken_apart(batch.method, batch.answer, response)
            except NonsenseError:
                raise  # It is not about one record.
            except ServerFaultError as error:
                if len(some) > 1:
                    middle = len(some) // 2
                    waiting += [some[middle:], some[:middle]]
                    continue
                crashing.append(some[0])
                if len(crashing) > MOST_HOLES:
                    raise
                await self._skip(batch, some[0], str(error))
            else:
                await self._save(batch, some, answered.records)

    async def _apart(self, batch: "Batch", numbers: Sequence[int]) -> list[Sequence[int]]:
        """What to ask for: what has crashed the server is left out, or is asked for alone."""
        known = await aside(skips.crash_numbers, self._archive, batch.key)
        waiting: list[Sequence[int]] = []
        for number in numbers:
            why, due = known.get(number, ("", False))
            if due:
                waiting.append([number])
            elif why:
                await self._skip(batch, number, why, tried=False)
        others = [number for number in numbers if number not in known]
        return [*waiting, others] if others else waiting

    async def _save(
        self, batch: "Batch", numbers: Sequence[int], records: Sequence[Record]
    ) -> None:
        parts: list[Row | Trim] = []
        strange: list[Record] = []
        for record in records:
            try:
                parts += list(batch.rows(record, batch.context))
            except UNREADABLE:
                strange.append(record)
        asked = Asked(
            name=batch.name,
            partition=batch.context.partition,
            numbers=numbers,
            # Which of the numbers it was that cannot be read is unknown.
            compared=None if strange else self._compared(batch, numbers),
            whole=self._whole(batch),
            began=self._began,
            accept=self._accept,
        )
        stored = await aside(save_rows, self._archive, parts, asked)
        self._client.saved()
        report = self._report.of(batch.name)
        report.add(stored)
        if batch.compared:
            report.again += len(records)
        for record in strange:
            await self._note(batch, Skip(numbers[0], None, STRANGE, by_number=True, record=record))

    def _compared(self, batch: "Batch", numbers: Sequence[int]) -> Rows | None:
        if batch.compared is None or batch.compared.sweep is None:
            return None
        known = ", ".join(str(int(number)) for number in numbers)
        column = batch.compared.sweep.number
        return comparable(batch.compared, batch.context.partition, f'"{column}" in ({known})')

    def _whole(self, batch: "Batch") -> Rows | None:
        """All rows of the list that is asked by number."""
        if batch.compared is None:
            return None
        return rows_of(batch.compared, batch.context.partition)

    async def _skip(self, batch: "Batch", number: int, why: str, *, tried: bool = True) -> None:
        is_list = bool(batch.context.partition)
        if is_list and await aside(skips.met_since, self._archive, batch.key, self._began):
            return  # The walk met it already, and knows it by its place.
        await self._note(batch, Skip(number, None, why, by_number=True, tried=tried))

    async def _note(self, batch: "Batch", skip: Skip) -> None:
        met = await aside(skips.skip, self._archive, batch.key, skip, self._began)
        report = self._report.of(batch.name)
        report.skipped += met.first
        report.skipped_new += met.new
        report.unreadable_new += met.new and met.came


@dataclass(frozen=True, slots=True)
class Batch:
    """How records are asked for by number, and what becomes of them.

    Attributes:
        compared: the list, where what is not answered is gone.
        answer: the shapes that the method's answers have.
    """

    name: str
    method: str
    form: Callable[[Sequence[int]], Mapping[str, Any]]
    rows: RowFunction
    context: Context
    compared: Resource | None = None
    answer: Shape = answer

    @property
    def key(self) -> tuple[str, str]:
        """The list, as cursors name it."""
        return list_key(self.name, self.context.partition)

    @classmethod
    def of(cls, lookup: Lookup) -> "Batch":
        """A batch of what others refer to."""

        def form(some: Sequence[int]) -> dict[str, Any]:
            return {**lookup.params, lookup.param: ",".join(map(str, some))}

        return cls(lookup.name, lookup.method, form, lookup.rows, Context(), answer=lookup.answer)
