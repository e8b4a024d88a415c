"""Derives the tables for people anew from `_versions`, without asking anybody.

`media` stays as it is: it says what became of files, which no record tells.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ovk_archive.archive import Archive
from ovk_archive.errors import StorageError
from ovk_archive.resources import TABLES
from ovk_archive.resources.media import MEDIA
from ovk_archive.rows import UNREADABLE, Row, Table
from ovk_archive.schema import key_as_sql
from ovk_archive.store import Stamps, upsert

#: Versions read at a time.
_CHUNK = 1000
#: Every table whose rows follow from versions.
DERIVED: tuple[Table, ...] = tuple(table for table in TABLES if table is not MEDIA)

Seen = tuple[Row, Stamps]


def rebuild(archive: Archive, tell: Callable[[Table, int], object]) -> None:
    """Empty every table but `media`, and fill it from its versions: all of it, or nothing.

    `tell` is called with each table and its number of rows.

    Raises:
        StorageError: a version cannot be read by this program; nothing was changed.
    """
    with archive.transaction() as db:
        for table in DERIVED:
            db.execute(f'delete from "{table.name}"')
            replay(db, table)
            count = db.execute(f'select count(*) from "{table.name}"').fetchone()[0]
            tell(table, int(count))


def replay(db: sqlite3.Connection, table: Table, versions: str = "_versions") -> None:
    """Write a table's rows in the order in which their versions were last seen.

    Args:
        db: an open transaction.
        table: what is written; it is empty.
        versions: the name of the table with the versions, where it is another database's.
    """
    for mode, rows in _stretches(_versions(db, table, versions)):
        upsert(db, table, rows, mode)
    db.execute(
        f'update "{table.name}" as t set first_seen_at = (select min(first_seen_at) '
        f"from {versions} where resource = ? and record_key = {key_as_sql(table, 't')})",
        (table.name,),
    )


def _stretches(
    versions: Iterable[tuple[str, Row, Stamps]],
) -> Iterator[tuple[str, list[Seen]]]:
    """Rows that can be written at once: of one mode, and each key once."""
    own: set[str] = set()
    mode, rows = "own", dict[str, Seen]()
    for key, row, stamps in versions:
        now = "own" if not row.embedded else "fill" if key in own else "part"
        if now != mode or key in rows or len(rows) == _CHUNK:
            yield mode, list(rows.values())
            mode, rows = now, {}
        rows[key] = row, stamps
        if not row.embedded:
            own.add(key)
    yield mode, list(rows.values())


def _versions(
    db: sqlite3.Connection, table: Table, versions: str
) -> Iterator[tuple[str, Row, Stamps]]:
    rows = db.execute(
        "select record_key, embedded, record, state, first_seen_at, last_seen_at, gone_at "
        f"from {versions} where resource = ? order by last_seen_at, embedded, id",
        (table.name,),
    )
    for key, embedded, record, state, *stamps in rows:
        try:
            row = read(table, json.loads(record), json.loads(state), embedded=bool(embedded))
        except UNREADABLE as error:
            raise StorageError(
                f"A version of {table.name} {key} cannot be read by this program "
                f"({type(error).__name__}): nothing was changed. Try a newer ovk-archive."
            ) from error
        yield key, row, Stamps(*stamps)


def read(table: Table, record: Any, state: dict[str, Any], *, embedded: bool) -> Row:
    """The row of a version: what its record tells, and what its state tells instead."""
    row = table.row(record, embedded=embedded, **state)
    for name in table.told & row.values.keys() - state.keys():
        if row.values[name] == "":
            # Empty and missing count as the same content; the state says which it was last.
            row.values[name] = None
    return row
