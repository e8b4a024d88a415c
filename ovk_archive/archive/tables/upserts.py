"""Writes rows into the tables for people, whoever brings them: a list, an attachment, a rebuild."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ovk_archive.resources.vocabulary.columns import Kind
from ovk_archive.resources.vocabulary.rows import Row, Table


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
    groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for row, stamps in rows:
        values = (*row.values.values(), stamps.first, stamps.last, stamps.gone)
        groups[tuple(row.values)].append(values)
    for columns, values_ in groups.items():
        db.executemany(_statement(table, columns, mode), values_)


def stamp(db: sqlite3.Connection, table: Table, rows: Iterable[Row], at: str) -> int:
    """Say of rows that are held as they come that they were seen; how many of them there are."""
    key = " and ".join(f'"{name}" = ?' for name in table.key)
    sql = f'update "{table.name}" set last_seen_at = ? where {key}'
    values = [(at, *row.key) for row in rows]
    return db.executemany(sql, values).rowcount if values else 0


def _statement(table: Table, columns: tuple[str, ...], mode: str) -> str:
    names = [*columns, "first_seen_at", "last_seen_at", "gone_at"]
    sets = [_assignment(table, name, mode) for name in columns if name not in table.key]
    if mode != "fill":
        # What only an attachment shows may be gone from its own list.
        sets.append("last_seen_at = excluded.last_seen_at")
    if mode == "own":
        sets.append("gone_at = excluded.gone_at")
    quoted = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    key = ", ".join(f'"{name}"' for name in table.key)
    then = f"update set {', '.join(sets)}" if sets else "nothing"
    return f'insert into "{table.name}" ({quoted}) values ({marks}) on conflict ({key}) do {then}'


def _assignment(table: Table, name: str, mode: str) -> str:
    here, there = f'"{table.name}"."{name}"', f'excluded."{name}"'
    # A counter is kept current by whatever shows it, an attachment too.
    if mode == "fill" and table.by_name[name].kind not in (Kind.VOLATILE, Kind.ADDRESS):
        return f'"{name}" = {here if table.whole else f"coalesce({here}, {there})"}'
    if mode in ("part", "fill") or table.by_name[name].keep:
        return f'"{name}" = coalesce({there}, {here})'
    return f'"{name}" = {there}'
