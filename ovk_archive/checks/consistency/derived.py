"""Whether the tables for people follow from their versions.

They are derived once more, in a database of SQLite's own that is gone when this ends.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.location import address
from ovk_archive.archive.opening import mode_of_reading, translated
from ovk_archive.archive.tables.last_seen import put_off_rows
from ovk_archive.archive.tables.replay import replay
from ovk_archive.archive.tables.schema import sql_columns
from ovk_archive.checks.consistency.findings import Deviation, Unlike
from ovk_archive.errors import StorageError
from ovk_archive.resources import DERIVED
from ovk_archive.resources.vocabulary.rows import Table, record_key

#: Of each table so many rows are named that are not as they should be.
EXAMPLES = 3


def deviations(archive: Archive, tell: Callable[[], object]) -> Iterator[Deviation]:
    """Tables that differ from what their versions give when they are derived again."""
    with translated(archive.path), _beside(archive) as db:
        for table in DERIVED:
            found = _deviation(db, table)
            if found is not None:
                yield found
            tell()


@contextmanager
def _beside(archive: Archive) -> Iterator[sqlite3.Connection]:
    """A database on disk that nobody else sees, with the archive beside it as `held`."""
    mode = mode_of_reading(archive.path).replace("rw", "ro")
    with closing(sqlite3.connect("", uri=True, isolation_level=None)) as db:
        db.execute("pragma journal_mode = off")
        db.execute("pragma synchronous = off")
        db.execute("attach ? as held", (address(archive.path, mode),))
        # One moment of the archive, though a sync may go on meanwhile.
        db.execute("begin")
        yield db
        db.execute("rollback")


def _deviation(db: sqlite3.Connection, table: Table) -> Deviation | None:
    made = db.execute("select sql from held.sqlite_master where name = ?", (table.name,)).fetchone()
    db.execute(made[0])
    try:
        replay(db, table, "held")
    except StorageError as error:
        return Deviation(table.name, 0, unreadable=str(error))
    changed, here = _changed(db, table)
    missing, told = _missing(db, table)
    db.execute(f'drop table main."{table.name}"')
    if not here + told:
        return None
    return Deviation(table.name, here + told, tuple([*changed, *missing][:EXAMPLES]))


def _changed(db: sqlite3.Connection, table: Table) -> tuple[list[Unlike], int]:
    """Rows that are not as their versions say, or of which these do not tell; and how many."""
    columns = [name for name in sql_columns(table) if name not in table.key]
    alike = [f'h."{name}" is t."{name}"' for name in columns]
    if untold := put_off_rows(db, "held", table, "h"):
        # A sync is running or was killed: its end tells these rows when they were seen last.
        place = columns.index("last_seen_at")
        alike[place] = f"({alike[place]} or {untold})"
    flags = ", ".join(f"not ({one})" for one in alike)
    same = " and ".join(alike)
    rows = db.execute(
        f"select {_key(table, 'h')}, t.rowid is null, {flags}, count(*) over () "
        f'from held."{table.name}" h left join main."{table.name}" t on {_same_key(table)} '
        f"where t.rowid is null or not ({same}) limit {EXAMPLES}"
    ).fetchall()
    width = len(table.key)
    found = []
    for row in rows:
        names = tuple(n for n, differs in zip(columns, row[width + 1 : -1], strict=True) if differs)
        is_unknown, key = row[width], record_key(row[:width])
        found.append(Unlike(key, "unknown") if is_unknown else Unlike(key, "changed", names))
    return found, rows[0][-1] if rows else 0


def _missing(db: sqlite3.Connection, table: Table) -> tuple[list[Unlike], int]:
    """Rows of which versions tell, and that are not here; and how many."""
    rows = db.execute(
        f'select {_key(table, "t")}, count(*) over () from main."{table.name}" t '
        f'left join held."{table.name}" h on {_same_key(table)} '
        f"where h.rowid is null limit {EXAMPLES}"
    ).fetchall()
    return [Unlike(record_key(row[:-1]), "missing") for row in rows], rows[0][-1] if rows else 0


def _key(table: Table, alias: str) -> str:
    return ", ".join(f'{alias}."{name}"' for name in table.key)


def _same_key(table: Table) -> str:
    return " and ".join(f'h."{name}" is t."{name}"' for name in table.key)
