"""Lays out the versions that an older program wrote as they lie now: some at a time, and for good.

A kill leaves each version in one of the two places, and the next opening goes on.
"""

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from ovk_archive.archive.versions import states
from ovk_archive.archive.versions.folding import folded
from ovk_archive.archive.versions.layout import RECORDS, SIGHTINGS, VIEW, as_number
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.records import MISSING, UNREADABLE, Record
from ovk_archive.resources.vocabulary.rows import Table

#: Versions that are moved at once, so that memory stays flat.
_CHUNK = 500
_TABLES = {table.name: table for table in TABLES}
#: A version as an older program wrote it, by place.
_OLD = (
    "id, resource, record_key, embedded, content, first_seen_at, record, state, rest, "
    "last_seen_at, last_seen_in, gone_at"
)
Old = tuple[Any, ...]


def is_due(db: sqlite3.Connection) -> bool:
    """An older program's versions are here, or a rest of them."""
    found = db.execute("select type from sqlite_master where name = '_versions'").fetchone()
    return found is not None and found[0] == "table"


def has_any(db: sqlite3.Connection) -> bool:
    """Some of them wait to be moved."""
    return is_due(db) and db.execute("select 1 from _versions limit 1").fetchone() is not None


def count(db: sqlite3.Connection) -> int:
    """How many of them wait to be moved."""
    return int(db.execute("select count(*) from _versions").fetchone()[0])


def begin(db: sqlite3.Connection) -> None:
    """Make the places; the caller owns the transaction."""
    db.execute(RECORDS)
    db.execute(SIGHTINGS)


def move(db: sqlite3.Connection, tell: Callable[[int], object]) -> None:
    """Move all versions, some in each transaction; `tell` hears how many came at a time."""
    while number := _move_some(db):
        tell(number)


def end(db: sqlite3.Connection) -> None:
    """Put the view in the place of what is empty now; the caller owns the transaction."""
    db.execute("drop table _versions" if is_due(db) else "drop view if exists _versions")
    db.execute(f"create view _versions as {VIEW}")


def _move_some(db: sqlite3.Connection) -> int:
    db.execute("begin immediate")
    try:
        sql = f"select {_OLD} from _versions order by id limit ?"
        some = db.execute(sql, (_CHUNK,)).fetchall()
        for old in some:
            _move(db, old)
        if some:
            db.execute("delete from _versions where id <= ?", (some[-1][0],))
    except BaseException:
        db.rollback()
        raise
    db.execute("commit")
    return len(some)


def _move(db: sqlite3.Connection, old: Old) -> None:
    number, resource, key, embedded, content, first, record, state, rest, last, seen_in, gone = old
    stored = _stored(_TABLES.get(resource), record, state, embedded=bool(embedded))
    db.execute(
        "insert into _records (id, resource, record_key, embedded, content, first_seen, record, "
        "repeats, state, rest) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, resource, key, embedded, content, as_number(first), *stored, rest),
    )
    db.execute(
        "insert into _sightings (id, last_seen, last_seen_in, gone_at) values (?, ?, ?, ?)",
        (number, as_number(last), seen_in, gone),
    )


def _stored(table: Table | None, record: Any, state: Any, *, embedded: bool) -> states.Stored:
    """A version as it is stored now; one that cannot be read stays as it is."""
    as_it_is = record, None, None if state in (None, "{}") else state
    if table is None or table.relation:
        return as_it_is
    try:
        sent, noted = json.loads(record), json.loads(state or "{}")
        other = _otherwise(table, sent, noted, embedded=embedded)
        return *folded(sent), states.written(other)
    except (*UNREADABLE, RecursionError):
        return as_it_is


def _otherwise(
    table: Table, sent: Record, noted: dict[str, Any], *, embedded: bool
) -> dict[str, Any]:
    """Of what a row said by an older program's state, that which its record does not say."""
    said = table.told_by(sent, embedded=embedded)
    values = table.row(sent, embedded=embedded, **noted).values
    for name in table.told & values.keys() - noted.keys():
        if values[name] == "":
            # Such a state named all that was empty; what it did not name was null.
            values[name] = None
    # Columns that an older program had are kept, too.
    wanted = noted | values
    return {
        name: value
        for name, value in wanted.items()
        if states.differ(said.get(name, MISSING), value)
    }
