"""Table `_coverage`: list by list what the server counts, what is here, and what is lacking."""

import json
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


def note_coverage(archive: Archive, since: int) -> None:
    """Add up the lists that were read since then; lists that no longer exist are left out."""
    rows = [row for resource in RESOURCES for row in _lists(archive, resource, since)]
    marks = ", ".join("?" * len(_COLUMNS))
    with archive.transaction() as db:
        db.execute(
            "delete from _coverage where (resource, partition) not in "
            "(select resource, partition from _cursors)"
        )
        db.executemany(
            f"insert or replace into _coverage ({', '.join(_COLUMNS)}) values ({marks})", rows
        )


def _lists(archive: Archive, resource: Resource, since: int) -> list[tuple[Any, ...]]:
    touched = archive.query(
        "select c.resource, c.partition, c.owner_id, c.counted, c.refused, "
        "c.done and c.refused is null, c.finished_at, r.finished_at, "
        f"(select {RECORDS} from _skipped s where s.resource = c.resource "
        "and s.partition = c.partition and s.resolved_at is null) "
        "from _cursors c left join _rounds r on r.resource = c.resource "
        "and r.partition = c.partition where c.resource = ? and json_valid(c.partition) "
        "and (c.updated_in >= ? or r.finished_in >= ? or r.position is not null "
        "or not exists (select 1 from _coverage v where v.resource = c.resource "
        "and v.partition = c.partition))",
        (resource.name, since, since),
    )
    is_counted = any(row[3] is not None for row in touched)
    counts = {one.partition: one for one in balances(archive, resource)} if is_counted else {}
    return [
        (
            *row,
            int(resource.counts_dead),
            *_held(archive, resource, row[1]),
            counts[row[1]].lacking + counts[row[1]].surplus if row[1] in counts else None,
            timestamp(),
        )
        for row in touched
    ]


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
