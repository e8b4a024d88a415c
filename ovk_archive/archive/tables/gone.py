"""Marks rows as gone, with their parts and their newest versions."""

import sqlite3
from collections.abc import Sequence

from ovk_archive.archive.tables.schema import has_key, key_as_sql, keys_as_json
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.rows import Table, Trim

#: Rows per `in (…)`.
_CHUNK = 400


def mark_gone(db: sqlite3.Connection, table: Table, keys: Sequence[str], at: str) -> None:
    """Mark rows as gone since `at`, their parts, and their newest versions.

    `keys` are as `record_key` has them.
    """
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        marks = ",".join("?" * len(chunk))
        db.execute(
            f'update "{table.name}" set gone_at = ? where {has_key(table)}',
            (at, keys_as_json(table, chunk)),
        )
        db.execute(
            "update _sightings set gone_at = ? where id in (select max(id) from _records "
            f"where resource = ? and record_key in ({marks}) and embedded = 0 group by record_key)",
            (at, table.name, *chunk),
        )
        for part in TABLES:
            if part.part_of is not None and part is not table:
                mark_gone(db, part, _parts(db, part, table, chunk), at)


def _parts(db: sqlite3.Connection, part: Table, whole: Table, keys: Sequence[str]) -> list[str]:
    """The keys of what is a part of these records, and still there."""
    assert part.part_of is not None  # noqa: S101 - the caller looked
    table, key = part.part_of
    marks = ",".join("?" * len(keys))
    found = db.execute(
        f'select {key_as_sql(part)} from "{part.name}" where "{table}" = ? and "{key}" in '
        f"({marks}) and gone_at is null",
        (whole.name, *keys),
    )
    return [row[0] for row in found]


def trim(db: sqlite3.Connection, end: Trim, now: str) -> None:
    """Mark the numbered parts of a record as gone that lie beyond its end."""
    where = " and ".join(f'"{name}" = ?' for name in end.where)
    found = db.execute(
        f'select {key_as_sql(end.table)} from "{end.table.name}" '
        f"where {where} and position >= ? and gone_at is null",
        (*end.where.values(), end.count),
    )
    mark_gone(db, end.table, [row[0] for row in found], now)
