"""Writes rows and their versions into an open archive; the caller owns the transaction.

Every row of a table for people follows from its versions alone (`rebuild.py`): what is written
there is written here beside it.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isfinite, isnan
from typing import Any

from ovk_archive.archive.tables.checkpoints import Moment
from ovk_archive.archive.tables.schema import has_key, key_as_sql, keys_as_json
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.rows import Kind, Row, Table, Trim, record_key

#: Rows per `in (…)`.
CHUNK = 400
#: Made once: `json.dumps` makes an encoder for every call.
_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), allow_nan=False
).encode
#: More than any number that a database keeps: JSON knows no infinity, but a server may send 1e999.
_ENDLESS = 10**309


@dataclass(slots=True)
class Stored:
    """What a page changed.

    Attributes:
        new: records of lists never seen before.
        kinds: the new ones, by their tables.
        changed: records whose content differs from the newest version held, or that are back.
        gone: rows that the list has lost.
        skipped: records that could not be read, each once in a run.
        skipped_new: those of them that no earlier run has met.
        unreadable_new: those of these that came, and cannot be read.
        withheld: list -> rows that it seems to have lost, too many to be believed.
        misfits: values of new or changed records that their columns cannot keep.
    """

    new: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    gone: int = 0
    withheld: dict[str, int] = field(default_factory=dict)
    misfits: int = 0
    skipped: int = 0
    skipped_new: int = 0
    unreadable_new: int = 0


@dataclass(frozen=True, slots=True)
class Stamps:
    """When a row was seen first and last, and since when it is missing."""

    first: str
    last: str
    gone: str | None = None


@dataclass(slots=True)
class Version:
    """The newest version held of a record, of its own list or as an attachment."""

    id: int
    content: bytes
    gone_at: str | None
    state: str
    rest: bytes | None


@dataclass(slots=True)
class _Changes:
    """What is to be written into `_versions`, and which rows are back, in one go each.

    Attributes:
        renewed: versions whose record comes with other fields that no column keeps.
        fields: names of such fields, and of columns that could not keep a value (1).
    """

    fresh: list[tuple[Any, ...]] = field(default_factory=list)
    seen: dict[int, str] = field(default_factory=dict)
    back: list[tuple[str, str, str]] = field(default_factory=list)
    renewed: dict[int, tuple[str, bytes | None]] = field(default_factory=dict)
    fields: set[tuple[str, int]] = field(default_factory=set)


def packed(value: Any) -> str:
    """As the archive writes JSON; a number that is none is written as a huge one, or as null."""
    try:
        return _encode(value)
    except ValueError:
        return _encode(_finite(value))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    if isinstance(value, float) and not isfinite(value):
        return None if isnan(value) else _ENDLESS if value > 0 else -_ENDLESS
    return value


def store(db: sqlite3.Connection, parts: Iterable[Row | Trim], now: Moment) -> Stored:
    """Upsert rows, add a version for each new content, mark what a `Trim` says is gone."""
    groups: dict[tuple[str, bool], list[Row]] = defaultdict(list)
    trims: list[Trim] = []
    for part in _told(db, list(parts)):
        if isinstance(part, Trim):
            trims.append(part)
        else:
            groups[part.table.name, part.embedded].append(part)
    stored = Stored()
    # A record of its own list before the same record as an attachment: it knows more.
    for name in sorted(groups, key=lambda name: name[1]):
        _store_group(db, groups[name], now, stored)
    for trim in trims:
        _trim(db, trim, now.at)
    return stored


def _told(db: sqlite3.Connection, parts: list[Row | Trim]) -> Iterator[Row | Trim]:
    """All but what embedded records bring whose own lists have told of them: these know better."""
    embedded: dict[str, list[Row]] = defaultdict(list)
    for part in parts:
        if part.within is not None:
            embedded[part.within.table.name].append(part.within)
    known = {
        (name, key)
        for name, rows in embedded.items()
        for key, as_part in _versions_held(db, rows[0].table, rows)
        if not as_part
    }
    for part in parts:
        within = part.within
        if within is None or (within.table.name, record_key(within.key)) not in known:
            yield part


def mark_gone(db: sqlite3.Connection, table: Table, keys: Sequence[str], at: str) -> None:
    """Mark rows as gone since `at`, their parts, and their newest versions.

    `keys` are as `record_key` has them.
    """
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        marks = ",".join("?" * len(chunk))
        db.execute(
            f'update "{table.name}" set gone_at = ? where {has_key(table)}',
            (at, keys_as_json(table, chunk)),
        )
        db.execute(
            "update _versions set gone_at = ? where id in (select max(id) from _versions "
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


def _store_group(db: sqlite3.Connection, rows: list[Row], now: Moment, stored: Stored) -> None:
    table = rows[0].table
    held = _versions_held(db, table, rows)
    number = int(db.execute("select ifnull(max(id), 0) from _versions").fetchone()[0])
    changes = _Changes()
    for row in rows:
        key = record_key(row.key)
        known, content, rest = held.get((key, row.embedded)), row.content, row.rest
        if row.misfits or rest is not None:
            _note_fields(changes, row)
        if known is not None and _is_same(db, known, row, content):
            known.state = changes.seen[known.id] = _merged(known.state, row)
            if known.rest != rest:
                known.rest = rest
                changes.renewed[known.id] = packed(row.record), rest
            continue
        if known is not None and known.gone_at is not None:
            changes.back.append((now.at, table.name, key))
        if row.record is not None:
            is_new = known is None and not row.embedded and table.counted
            stored.new += is_new
            stored.kinds[table.name] += is_new
            stored.changed += known is not None and table.counted
            stored.misfits += len(row.misfits)
        number += 1
        held[key, row.embedded] = Version(number, content, None, packed(row.state), rest)
        changes.seen[number] = held[key, row.embedded].state
        record = "{}" if row.record is None else packed(row.record)
        changes.fresh.append(
            (number, table.name, key, int(row.embedded), content, now.at, record, rest)
        )  # fmt: skip
    _write(db, table, changes, now)
    stamps = Stamps(now.at, now.at)
    if not rows[0].embedded:
        upsert(db, table, [(row, stamps) for row in rows], "own")
        return
    own = [(row, stamps) for row in rows if (record_key(row.key), False) in held]
    other = [(row, stamps) for row in rows if (record_key(row.key), False) not in held]
    upsert(db, table, own, "fill")
    upsert(db, table, other, "part")


def _is_same(db: sqlite3.Connection, known: Version, row: Row, content: bytes) -> bool:
    """A record comes as it is held: with the same content, and naming the same files."""
    if known.content != content or known.gone_at is not None:
        return False
    if not row.table.addresses or packed(row.state) == known.state:
        return True
    if row.names_other_files(json.loads(known.state)):
        return False
    return not row.names_other_files(_first_addresses(db, known.id, row.table))


def _first_addresses(db: sqlite3.Connection, version: int, table: Table) -> dict[str, Any]:
    """The addresses that a version came with.

    The last one may be a thumbnail's, which tells nothing of the file that was there before it.
    """
    found = db.execute("select record from _versions where id = ?", (version,)).fetchone()
    return table.addresses_in(json.loads(found[0])) if found else {}


def _note_fields(changes: _Changes, row: Row) -> None:
    changes.fields |= {(name, 0) for name in row.unknown}
    changes.fields |= {(name, 1) for name in row.misfits}


def _merged(held: str, row: Row) -> str:
    """The state of a version that is seen again, as an upsert would change the row."""
    state = packed(row.state)
    if state == held:
        return held
    columns = row.table.by_name
    old: dict[str, Any] = json.loads(held)
    kept = {
        name: value
        for name, value in row.state.items()
        if value is not None or not (row.embedded or columns[name].keep) or name not in old
    }
    # An empty text that is none any more is not told by the new state.
    empties = {n for n, v in old.items() if v == "" and n not in kept and n in row.values}
    return packed({n: v for n, v in old.items() if n not in empties} | kept)


def _write(db: sqlite3.Connection, table: Table, changes: _Changes, now: Moment) -> None:
    db.executemany(
        "insert into _versions (id, resource, record_key, embedded, content, first_seen_at, record,"
        " rest) values (?, ?, ?, ?, ?, ?, ?, ?)",
        changes.fresh,
    )
    db.executemany(
        "update _versions set record = ?, rest = ? where id = ?",
        [(*newest, number) for number, newest in changes.renewed.items()],
    )
    db.executemany(
        "insert or ignore into _fields (resource, name, misfit, first_seen_at) values (?, ?, ?, ?)",
        [(table.name, name, misfit, now.at) for name, misfit in sorted(changes.fields)],
    )
    db.executemany(
        "update _versions set state = ?, last_seen_at = ?, last_seen_in = ? where id = ?",
        [(state, now.at, now.number, number) for number, state in changes.seen.items()],
    )
    db.executemany(
        "update _absences set back_at = ? where resource = ? and record_key = ? "
        "and back_at is null",
        changes.back,
    )


def _versions_held(
    db: sqlite3.Connection, table: Table, rows: Sequence[Row]
) -> dict[tuple[str, bool], Version]:
    """The newest version held of each record, of its own list and as an attachment."""
    keys = list({record_key(row.key) for row in rows})
    held: dict[tuple[str, bool], Version] = {}
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        marks = ",".join("?" * len(chunk))
        # SQLite takes the bare columns from the row that has the maximum.
        for key, embedded, *version in db.execute(
            "select record_key, embedded, max(id), content, gone_at, ifnull(state, '{}'), rest "
            f"from _versions where resource = ? and record_key in ({marks}) "
            "group by record_key, embedded",
            (table.name, *chunk),
        ):
            held[key, bool(embedded)] = Version(*version)
    return held


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


def _trim(db: sqlite3.Connection, trim: Trim, now: str) -> None:
    where = " and ".join(f'"{name}" = ?' for name in trim.where)
    found = db.execute(
        f'select {key_as_sql(trim.table)} from "{trim.table.name}" '
        f"where {where} and position >= ? and gone_at is null",
        (*trim.where.values(), trim.count),
    )
    mark_gone(db, trim.table, [row[0] for row in found], now)
