"""Writes rows and their versions into an open archive; the caller owns the transaction."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.rows import Kind, Row, Table, Trim, record_key

#: Rows per `in (…)`.
_CHUNK = 400
#: Made once: `json.dumps` makes an encoder for every call.
_packed = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


@dataclass(slots=True)
class Stored:
    """What a page changed.

    Attributes:
        new: records of lists never seen before.
        changed: records whose content differs from the newest version held.
        gone: rows that the list has lost.
        withheld: rows that it seems to have lost, too many to be believed.
    """

    new: int = 0
    changed: int = 0
    gone: int = 0
    withheld: int = 0


def store(db: sqlite3.Connection, parts: Iterable[Row | Trim], now: str) -> Stored:
    """Upsert rows, add a version for each new content, mark what a `Trim` says is gone."""
    groups: dict[tuple[str, bool], list[Row]] = defaultdict(list)
    trims: list[Trim] = []
    for part in parts:
        if isinstance(part, Trim):
            trims.append(part)
        else:
            groups[part.table.name, part.embedded].append(part)
    stored = Stored()
    # A record of its own list before the same record as an attachment: it knows more.
    for name in sorted(groups, key=lambda name: name[1]):
        _store_group(db, groups[name], now, stored)
    for trim in trims:
        _trim(db, trim, now)
    return stored


def _store_group(db: sqlite3.Connection, rows: list[Row], now: str, stored: Stored) -> None:
    table = rows[0].table
    if table.relation:
        _upsert(db, table, rows, "own", now)
        return
    held = _versions_held(db, table, rows)
    versions = []
    for row in rows:
        key = record_key(row.key)
        known = held.get((key, row.embedded))
        content = row.content
        if known == content:
            continue
        stored.new += known is None and not row.embedded
        stored.changed += known is not None
        held[key, row.embedded] = content
        versions.append((table.name, key, int(row.embedded), content, now, _packed(row.record)))
    db.executemany(
        "insert into _versions (resource, record_key, embedded, content, first_seen_at, record) "
        "values (?, ?, ?, ?, ?, ?)",
        versions,
    )
    if not rows[0].embedded:
        _upsert(db, table, rows, "own", now)
        return
    own = [row for row in rows if (record_key(row.key), False) in held]
    _upsert(db, table, own, "fill", now)
    _upsert(db, table, [r for r in rows if (record_key(r.key), False) not in held], "part", now)


def _versions_held(
    db: sqlite3.Connection, table: Table, rows: Sequence[Row]
) -> dict[tuple[str, bool], bytes]:
    """The newest content held of each record, of its own list and as an attachment."""
    keys = list({record_key(row.key) for row in rows})
    held: dict[tuple[str, bool], bytes] = {}
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        marks = ",".join("?" * len(chunk))
        # SQLite takes the bare columns from the row that has the maximum.
        for key, embedded, content, _ in db.execute(
            "select record_key, embedded, content, max(id) from _versions "
            f"where resource = ? and record_key in ({marks}) group by record_key, embedded",
            (table.name, *chunk),
        ):
            held[key, bool(embedded)] = content
    return held


def _upsert(db: sqlite3.Connection, table: Table, rows: list[Row], mode: str, now: str) -> None:
    """Write rows: as their own list says, as a part that knows less, or to fill what is null."""
    groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        groups[tuple(row.values)].append((*row.values.values(), now, now))
    for columns, values in groups.items():
        db.executemany(_statement(table, columns, mode), values)


def _statement(table: Table, columns: tuple[str, ...], mode: str) -> str:
    names = [*columns, "first_seen_at", "last_seen_at"]
    sets = [_assignment(table, name, mode) for name in columns if name not in table.key]
    sets.append("last_seen_at = excluded.last_seen_at")
    if mode == "own":
        sets.append("gone_at = null")
    quoted = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    key = ", ".join(f'"{name}"' for name in table.key)
    return (
        f'insert into "{table.name}" ({quoted}) values ({marks}) '
        f"on conflict ({key}) do update set {', '.join(sets)}"
    )


def _assignment(table: Table, name: str, mode: str) -> str:
    here, there = f'"{table.name}"."{name}"', f'excluded."{name}"'
    # A counter is kept current by whatever shows it, an attachment too.
    if mode == "fill" and table.by_name[name].kind is not Kind.VOLATILE:
        return f'"{name}" = coalesce({here}, {there})'
    if mode in ("part", "fill") or table.by_name[name].keep:
        return f'"{name}" = coalesce({there}, {here})'
    return f'"{name}" = {there}'


def _trim(db: sqlite3.Connection, trim: Trim, now: str) -> None:
    where = " and ".join(f'"{name}" = ?' for name in trim.where)
    db.execute(
        f'update "{trim.table.name}" set gone_at = ? '
        f"where {where} and position >= ? and gone_at is null",
        (now, *trim.where.values(), trim.count),
    )
