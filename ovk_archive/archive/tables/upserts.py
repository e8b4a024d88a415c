"""Writes rows into the tables for people, whoever brings them: a list, an attachment, a rebuild."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ovk_archive.resources.vocabulary.columns import Kind
from ovk_archive.resources.vocabulary.rows import Row, Table

#: By which columns rows fill: their values, and when they were seen.
_Groups = dict[tuple[str, ...], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Stamps:
    """When a row was seen first and last, and since when it is missing."""

    first: str
    last: str
    gone: str | None = None


def upsert(
    db: sqlite3.Connection, table: Table, rows: Iterable[tuple[Row, Stamps]], mode: str
) -> None:
    """Write rows: as their own list says, as a part that knows less, or to fill what is null."""
    groups: _Groups = defaultdict(list)
    columns_of: dict[tuple[Any, ...], tuple[str, ...]] = {}
    for row, stamps in rows:
        columns = tuple(row.values)
        if columns_of.setdefault(row.key, columns) != columns:
            # Of a row that comes again in another form, what comes last counts.
            _write(db, table, groups, mode)
            groups.clear()
            columns_of = {row.key: columns}
        values = (*row.values.values(), stamps.first, stamps.last, stamps.gone)
        groups[columns].append(values)
    _write(db, table, groups, mode)


def _write(db: sqlite3.Connection, table: Table, groups: _Groups, mode: str) -> None:
    for columns, values in groups.items():
        insert = _insert(table, columns)
        # Most rows are new, and no statement is cheaper: while one that updates has triggers to
        # run, SQLite copies each page before it is written, to be able to take the statement back
        # (https://sqlite.org/tempfiles.html, "statement journal files"). "Or fail" says that it
        # need not: whoever writes takes all of it back.
        if db.executemany(f"{insert} nothing", values).rowcount < len(values):
            db.executemany(f"{insert} {_update(table, columns, mode)}", values)


def stamp(db: sqlite3.Connection, table: Table, rows: Iterable[Row], at: str) -> int:
    """Say of rows that are held as they come that they were seen; how many of them there are."""
    key = " and ".join(f'"{name}" = ?' for name in table.key)
    sql = f'update "{table.name}" set last_seen_at = ? where {key}'
    values = [(at, *row.key) for row in rows]
    return db.executemany(sql, values).rowcount if values else 0


def _insert(table: Table, columns: tuple[str, ...]) -> str:
    names = [*columns, "first_seen_at", "last_seen_at", "gone_at"]
    quoted = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    key = ", ".join(f'"{name}"' for name in table.key)
    return f'insert or fail into "{table.name}" ({quoted}) values ({marks}) on conflict ({key}) do'


def _update(table: Table, columns: tuple[str, ...], mode: str) -> str:
    sets = [_assignment(table, name, mode) for name in columns if name not in table.key]
    if mode != "fill":
        # What only an attachment shows may be gone from its own list.
        sets.append("last_seen_at = excluded.last_seen_at")
    if mode == "own":
        sets.append("gone_at = excluded.gone_at")
    return f"update set {', '.join(sets)}" if sets else "nothing"


def _assignment(table: Table, name: str, mode: str) -> str:
    here, there = f'"{table.name}"."{name}"', f'excluded."{name}"'
    # A counter is kept current by whatever shows it, an attachment too.
    if mode == "fill" and table.by_name[name].kind not in (Kind.VOLATILE, Kind.ADDRESS):
        return f'"{name}" = {here if table.whole else f"coalesce({here}, {there})"}'
    if mode in ("part", "fill") or table.by_name[name].keep:
        return f'"{name}" = coalesce({there}, {here})'
    return f'"{name}" = {there}'
