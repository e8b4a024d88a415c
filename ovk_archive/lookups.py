"""Records read by id: people and groups that others refer to, and numbers a walk may have missed."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ovk_archive.archive import Archive
from ovk_archive.client import Client
from ovk_archive.errors import ServerFaultError
from ovk_archive.report import Report
from ovk_archive.resource import Lookup, Resource, answer
from ovk_archive.rows import Context, Record


class Lookups:
    """Asks by id, in batches; an id that crashes the server is set apart by halving."""

    def __init__(self, client: Client, archive: Archive, report: Report, began: str) -> None:
        self._client = client
        self._archive = archive
        self._report = report
        self._began = began

    async def run(self, lookups: Iterable[Lookup]) -> None:
        """Read everybody whom some record refers to and whom we do not know yet."""
        for lookup in lookups:
            after = 0
            while ids := await asyncio.to_thread(
                self._archive.referred, lookup, lookup.batch, after
            ):
                after = ids[-1]
                self._report.of(lookup.name).lists += 1
                await self._people(lookup, ids)

    async def sweep(
        self, resource: Resource, partition: Mapping[str, Any], numbers: Sequence[int]
    ) -> None:
        """Read these numbers of a list; what does not exist is left out by the server."""
        sweep = resource.sweep
        assert sweep is not None  # noqa: S101 - only called for lists that have one
        params = {sweep.param: ",".join(sweep.id(partition, number) for number in numbers)}
        try:
            response = await self._client.call(sweep.method, params)
        except ServerFaultError as error:
            if len(numbers) == 1:
                await self._skip(resource.name, partition, numbers[0], error)
                return
            for half in _halves(numbers):
                await self.sweep(resource, partition, half)
            return
        context = Context(partition=partition)
        await self._save(resource.name, resource, answer(response).records, context)

    async def _people(self, lookup: Lookup, ids: Sequence[int]) -> None:
        params = {**lookup.params, lookup.param: ",".join(map(str, ids))}
        try:
            response = await self._client.call(lookup.method, params)
        except ServerFaultError as error:
            if len(ids) == 1:
                await self._skip(lookup.name, {}, ids[0], error)
                return
            for half in _halves(ids):
                await self._people(lookup, half)
            return
        await self._save(lookup.name, lookup, answer(response).records, Context())

    async def _save(
        self, name: str, by: Lookup | Resource, records: Sequence[Record], context: Context
    ) -> None:
        parts = [part for record in records for part in by.rows(record, context)]
        stored = await asyncio.to_thread(self._archive.save_rows, parts)
        report = self._report.of(name)
        report.pages += 1
        report.new += stored.new
        report.changed += stored.changed

    async def _skip(
        self, name: str, partition: Mapping[str, Any], number: int, error: ServerFaultError
    ) -> None:
        self._report.of(name).skipped += 1
        await asyncio.to_thread(self._archive.skip, name, partition, number, str(error))


def _halves(numbers: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
    middle = len(numbers) // 2
    return numbers[:middle], numbers[middle:]
