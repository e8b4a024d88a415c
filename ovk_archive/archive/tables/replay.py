"""Writes the rows of a table as its versions tell them, without asking anybody."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice, zip_longest
from typing import Any

from ovk_archive.archive.tables.upserts import Stamps, upsert
from ovk_archive.archive.versions import states
from ovk_archive.archive.versions.folding import unfolded
from ovk_archive.archive.versions.layout import as_text
from ovk_archive.errors import StorageError
from ovk_archive.resources.vocabulary.records import UNREADABLE
from ovk_archive.resources.vocabulary.rows import Row, Table

#: Records whose versions are written at once.
_CHUNK = 1000

#: How a version is written, its row, and its times.
Step = tuple[str, Row, Stamps]


def replay(db: sqlite3.Connection, table: Table, schema: str = "main") -> None:
    """Write a table's rows, each from its versions in the order in which they were last seen.

    The index leads from one record to the next, so that nothing is sorted on disk.

    Args:
        db: an open transaction.
        table: what is written; it is empty.
        schema: the database with the versions, where that is another.

    Raises:
        StorageError: a version cannot be read by this program.
    """
    rows = db.execute(
        "select r.record_key, r.embedded, r.record, r.repeats, r.state, r.first_seen, s.last_seen, "
        f"s.gone_at, s.last_seen_in, r.id from {schema}._records r "
        f"left join {schema}._sightings s on s.id = r.id where r.resource = ? "
        "order by r.record_key",
        (table.name,),
    )
    records = (_steps(table, list(group)) for _, group in groupby(rows, key=lambda row: row[0]))
    while chunk := list(islice(records, _CHUNK)):
        # The first step of each record, then the second …: records do not depend on each other.
        for steps in zip_longest(*chunk):
            _write(db, table, (step for step in steps if step is not None))


def fill(db: sqlite3.Connection, table: Table, columns: Sequence[str]) -> None:
    """Set columns of the rows that are there to what their versions tell.

    A table whose versions this program cannot read stays as it is: `verify` says so.
    """
    made = f"select sql from sqlite_master where type = 'table' and name = '{table.name}'"
    sql = str(db.execute(made).fetchone()[0])
    same = " and ".join(f't."{name}" is "{table.name}"."{name}"' for name in table.key)
    values = ", ".join(f't."{name}"' for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    # By its name alone, a temporary table is meant wherever there is one.
    db.execute(sql.replace("CREATE TABLE", "create temp table", 1))
    try:
        replay(db, table)
    except StorageError:
        pass
    else:
        db.execute(
            f'update main."{table.name}" set ({names}) = (select {values} '
            f'from temp."{table.name}" t where {same}) '
            f'where exists (select 1 from temp."{table.name}" t where {same})'
        )
    db.execute(f'drop table temp."{table.name}"')


def _write(db: sqlite3.Connection, table: Table, steps: Iterable[Step]) -> None:
    by_mode: dict[str, list[tuple[Row, Stamps]]] = defaultdict(list)
    for mode, row, stamps in steps:
        by_mode[mode].append((row, stamps))
    for mode, rows in by_mode.items():
        upsert(db, table, rows, mode)


def _steps(table: Table, versions: list[tuple[Any, ...]]) -> list[Step]:
    """What is written of one record, in order."""
    first = min(versions, key=lambda version: version[-1])[5]
    # Of one checkpoint, what the record's own list said comes before what an attachment said.
    versions.sort(key=lambda version: (version[-2] or 0, version[1], version[-1]))
    return list(_in_modes(table, versions, first))


def _in_modes(table: Table, versions: Iterable[tuple[Any, ...]], first: Any) -> Iterator[Step]:
    has_own = False
    for key, embedded, record, repeats, state, _, last, gone, *_ in versions:
        try:
            sent, other = unfolded(record, repeats), states.read(state)
            row = read(table, sent, other, embedded=bool(embedded))
        except UNREADABLE as error:
            raise StorageError(
                f"A version of {table.name} {key} cannot be read by this program: "
                "nothing was changed. Try a newer ovk-archive."
            ) from error
        mode = "own" if not embedded else "fill" if has_own else "part"
        has_own = has_own or not embedded
        yield mode, row, Stamps(as_text(first), as_text(last), gone)


def read(table: Table, record: Any, state: dict[str, Any], *, embedded: bool) -> Row:
    """The row of a version: what its record tells, and what its state tells instead."""
    return table.row(record, embedded=embedded, **state)
