"""What the server counts of the account's lists by now, and whether that was to be expected."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.api.paging.windows import Window
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.balance import Balance, balances, reasons
from ovk_archive.archive.lists.list_rows import rows_of
from ovk_archive.archive.lists.skips import RECORDS
from ovk_archive.errors import ApiError, AuthError, RateLimitedError, ServerFaultError
from ovk_archive.resources import RESOURCES
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.resources.vocabulary.shapes import number
from ovk_archive.sync.page.fetch import Question, fetch


@dataclass(frozen=True, slots=True)
class Count:
    """What the server counts of a list.

    Attributes:
        counted: rows by the server's count now, if it told.
        before: the same when the list was last read.
        held: rows here that are present as far as we know.
        counts_dead: the server counts deleted rows too.
        agrees: that is what was to be expected.
        why: why it did not tell.
        explained: why it counts more or fewer than are here, and what nothing explains.
    """

    name: str
    title: str
    partition: Mapping[str, Any]
    counted: int | None
    before: int
    held: int
    counts_dead: bool
    agrees: bool
    why: str | None = None
    explained: tuple[str, ...] = ()


async def count_lists(archive: Archive, client: Client, account_id: int) -> list[Count]:
    """Of the account's own lists that were read to their end and whose rows the server counts."""
    cursors = archive.query(
        "select resource, partition, counted from _cursors where owner_id = ? and done "
        "and refused is null and counted is not null and json_valid(partition) "
        "order by resource, partition",
        (account_id,),
    )
    known = {resource.name: resource for resource in RESOURCES if resource.parent is None}
    counts = []
    for name, partition, before in cursors:
        if name in known:
            lists = {one.partition: one for one in balances(archive, known[name])}
            balance = lists.get(partition) or _plain(archive, known[name], partition, before)
            counts.append(await _count(client, known[name], balance))
    return counts


def _plain(archive: Archive, resource: Resource, partition: str, before: int) -> Balance:
    """What is here of a list whose rows are never missed."""
    rows = rows_of(resource, json.loads(partition))
    sql = f'select count(*) from "{rows.table.name}" where {rows.present}'
    held = int(archive.query(sql, rows.values)[0][0])
    skipped = archive.query(
        f"select {RECORDS} from _skipped where resource = ? and partition = ? "
        "and resolved_at is null",
        (resource.name, partition),
    )
    return Balance(
        partition=partition,
        counted=before,
        held=held,
        skipped=int(skipped[0][0]),
        counts_dead=resource.counts_dead,
    )


async def _count(client: Client, resource: Resource, balance: Balance) -> Count:
    counted, why, partition = None, None, json.loads(balance.partition)
    try:
        counted = await _counted(client, resource, partition)
    except (AuthError, RateLimitedError):
        raise
    except (ApiError, ServerFaultError) as refusal:
        why = str(refusal)
    now = balance if counted is None else balance.if_counted(counted)
    return Count(
        name=resource.name,
        title=resource.title,
        partition=partition,
        counted=counted,
        before=balance.counted,
        held=balance.held,
        counts_dead=resource.counts_dead,
        agrees=counted is None or not (now.lacking or now.surplus),
        why=why,
        explained=() if counted is None else reasons([now]),
    )


async def _counted(client: Client, resource: Resource, partition: Mapping[str, Any]) -> int | None:
    if resource.counts.total:
        params = {name: partition[name] for name in resource.counts.total.params}
        method = resource.counts.total.method
        return number(method, await client.call(method, params))
    return (await fetch(client, Question(resource, partition), Window(0, 1))).page.total
