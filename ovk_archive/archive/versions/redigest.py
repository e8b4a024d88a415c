"""Gives the versions of an older program the digests of this one, so that none seems to change.

Until schema 4 the digest of a record's content had its unknown fields and the addresses of its
files in it.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.records import UNREADABLE, Record, UnfitError
from ovk_archive.resources.vocabulary.rows import Table

#: Versions that are looked at together, so that memory stays flat.
_CHUNK = 1000
_VERSIONED = {table.name: table for table in TABLES if not table.relation}


@dataclass(frozen=True, slots=True)
class _Old:
    """A version as the older program wrote it."""

    id: int
    table: Table
    embedded: bool
    seen_at: str
    record: Record
    state: dict[str, Any]


def redigest(db: sqlite3.Connection) -> None:
    """Write the digests and states that differ; set aside what is no row."""
    for some in _chunks(db):
        changed: list[tuple[Any, ...]] = []
        fields: set[tuple[str, str, str]] = set()
        for old in some:
            try:
                row = old.table.row(old.record, embedded=old.embedded, **old.state)
            except UnfitError:
                _set_aside(db, old)
                continue
            except UNREADABLE:
                continue  # `rebuild` tells of it.
            addresses = {n: row.values[n] for n in old.table.addresses if n in row.values}
            state = json.dumps({**old.state, **addresses}, ensure_ascii=False)
            changed.append((row.content, row.rest, state, old.id))
            fields |= {(old.table.name, name, old.seen_at) for name in row.unknown}
        db.executemany(
            "update _versions set content = ?, rest = ?, state = ? where id = ?", changed
        )
        db.executemany(
            "insert or ignore into _fields (resource, name, misfit, first_seen_at) "
            "values (?, ?, 0, ?)",
            sorted(fields),
        )


def _chunks(db: sqlite3.Connection) -> Iterator[list[_Old]]:
    """The versions whose digest may have changed."""
    after = 0
    while rows := db.execute(
        "select id, resource, embedded, first_seen_at, record, state from _versions "
        "where id > ? order by id limit ?",
        (after, _CHUNK),
    ).fetchall():
        after = rows[-1][0]
        yield [old for row in rows if (old := _read(row)) is not None]


def _read(version: tuple[Any, ...]) -> _Old | None:
    number, resource, embedded, seen_at, record, state = version
    table = _VERSIONED.get(resource)
    if table is None:
        return None
    sent: Record = json.loads(record)
    if not table.addresses and sent.keys() <= table.fields and None not in _key(table, sent):
        return None
    return _Old(number, table, bool(embedded), seen_at, sent, json.loads(state or "{}"))


def _key(table: Table, record: Record) -> list[Any]:
    """What a record says of its key; where the list gives it, nothing is lacking."""
    columns = (table.by_name[name] for name in table.key)
    return [record.get(column.single, 0) for column in columns if column.single]


def _set_aside(db: sqlite3.Connection, old: _Old) -> None:
    """A record without a key was written as a row; it is kept as what it is: one that is none."""
    text = json.dumps(old.record, ensure_ascii=False)
    place = f"record {blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}"
    db.execute(
        "insert or ignore into _skipped (resource, partition, place, reason, tries, first_at, "
        "last_at, resolved_at, last_in, record) values (?, '{}', ?, ?, 1, ?, ?, ?, 0, ?)",
        (old.table.name, place, "a record without a key", *[old.seen_at] * 3, text),
    )
    db.execute("delete from _versions where id = ?", (old.id,))
    lacking = " or ".join(f'"{name}" is null' for name in old.table.key)
    db.execute(f'delete from "{old.table.name}" where {lacking}')
