"""Table `_coverage`: list by list what the server counts, what is here, and what is lacking."""

import json
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.balance import balances
from ovk_archive.archive.lists.list_rows import not_missed, rows_of
from ovk_archive.archive.lists.skips import RECORDS
from ovk_archive.archive.versions.checkpoints import timestamp
from ovk_archive.resources import RESOURCES
from ovk_archive.resources.vocabulary.resource import Resource

_COLUMNS = (
    "resource", "partition", "owner_id", "counted", "refused", "spanned", "read_at", "reread_at",
    "skipped", "counts_dead", "held", "gone", "missed", "unexplained", "as_of",
)  # fmt: skip


#: Lists that are added up at a time, so that memory stays flat.
_AT_A_TIME = 500


def note_coverage(archive: Archive, since: int) -> None:
    """Add up the lists that were read since then; lists that no longer exist are left out."""
    marks = ", ".join("?" * len(_COLUMNS))
    sql = f"insert or replace into _coverage ({', '.join(_COLUMNS)}) values ({marks})"
    with archive.transaction() as db:
        db.execute(
            "delete from _coverage where (resource, partition) not in "
            "(select resource, partition from _cursors)"
        )
        for resource in RESOURCES:
            for rows in _lists(archive, resource, since):
                db.executemany(sql, rows)


def _lists(archive: Archive, resource: Resource, since: int) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of the table for the lists that were read since then, some at a time."""
    # Only where the server counts one of them: the rows of the list would be looked at in vain.
    unexplained = cache(partial(_unexplained, archive, resource))
    after = ""
    while touched := _touched(archive, resource, since, after):
        after = touched[-1][1]
        yield [
            (
                *row,
                int(resource.counts_dead),
                *_held(archive, resource, row[1]),
                unexplained().get(row[1], 0) if _is_comparable(resource, row) else None,
                timestamp(),
            )
            for row in touched
        ]


def _is_comparable(resource: Resource, row: tuple[Any, ...]) -> bool:
    """A list that was read to its end, and that the server counts."""
    counted, is_whole = row[3], row[5]
    return bool(resource.compared and is_whole and counted is not None)


def _unexplained(archive: Archive, resource: Resource) -> dict[str, int]:
    """How many rows lists lack or have too many, by partition; those that add up are left out."""
    return {
        one.partition: one.lacking + one.surplus
        for one in balances(archive, resource)
        if one.lacking or one.surplus
    }


def _touched(archive: Archive, resource: Resource, since: int, after: str) -> list[tuple[Any, ...]]:
    """The next lists that were read since then, behind a partition."""
    return archive.query(
        "select c.resource, c.partition, c.owner_id, c.counted, c.refused, "
        "c.done and c.refused is null, c.finished_at, r.finished_at, "
        f"(select {RECORDS} from _skipped s where s.resource = c.resource "
        "and s.partition = c.partition and s.resolved_at is null) "
        "from _cursors c left join _rounds r on r.resource = c.resource "
        "and r.partition = c.partition where c.resource = ? and json_valid(c.partition) "
        "and c.partition > ? "
        "and (c.updated_in >= ? or r.finished_in >= ? or r.position is not null "
        "or not exists (select 1 from _coverage v where v.resource = c.resource "
        "and v.partition = c.partition)) order by c.partition limit ?",
        (resource.name, after, since, since, _AT_A_TIME),
    )


def _held(archive: Archive, resource: Resource, partition: str) -> tuple[Any, ...]:
    """Of one list: rows present, gone, and missed."""
    rows = rows_of(resource, json.loads(partition))
    name = resource.table.name
    missed = f"not ({not_missed(resource.table, name)})"
    found = archive.query(
        f"select ifnull(sum({rows.present}), 0), ifnull(sum(gone_at is not null), 0), "
        f'ifnull(sum(gone_at is null and {missed}), 0) from "{name}" where {rows.where}',
        (*rows.values, *rows.values),
    )
    return found[0]
