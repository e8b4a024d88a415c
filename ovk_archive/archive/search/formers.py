"""Texts that were overwritten: they stay findable, each once, under its first version.

Which these are follows from a record's row and its versions alone.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from ovk_archive.archive.search.declared import BELOW, search_of
from ovk_archive.archive.search.entries import Entry, as_blobs, entry, put_in, read, take_out
from ovk_archive.archive.tables import replay
from ovk_archive.archive.tables.schema import has_key, key_as_sql, keys_as_json
from ovk_archive.archive.versions import states
from ovk_archive.archive.versions.folding import unfolded
from ovk_archive.resources.vocabulary.records import UNREADABLE
from ovk_archive.resources.vocabulary.rows import Table

#: Keys that are looked up at once.
_CHUNK = 400

#: Number of a version -> its texts as JSON, and their words.
_Formers = dict[int, tuple[str, Entry]]


def renew(db: sqlite3.Connection, table: Table, rows: Iterable[int]) -> None:
    """Let the index have the overwritten texts of these rows, and no others of theirs."""
    out: list[tuple[int, Entry]] = []
    added: list[tuple[int, Entry]] = []
    for row in sorted(set(rows)):
        held, wanted = _held(db, table, row), _wanted(db, table, row)
        gone = {number for number, former in held.items() if wanted.get(number) != former}
        fresh = {number for number, former in wanted.items() if held.get(number) != former}
        out += [(BELOW - number, held[number][1]) for number in gone]
        added += [(BELOW - number, wanted[number][1]) for number in fresh]
        db.executemany("delete from _former_texts where id = ?", [(one,) for one in gone])
        db.executemany(
            "insert into _former_texts (id, resource, item, texts) values (?, ?, ?, ?)",
            [(number, table.name, row, wanted[number][0]) for number in fresh],
        )
    take_out(db, table, sorted(out))
    put_in(db, table, sorted(added))


def several(db: sqlite3.Connection, table: Table) -> Iterator[int]:
    """The rows of all records that have several versions."""
    keys = db.execute(
        "select record_key from _records where resource = ? "
        "group by record_key having count(*) > 1",
        (table.name,),
    )
    yield from rows_of(db, table, [key for (key,) in keys])


def rows_of(db: sqlite3.Connection, table: Table, keys: list[str]) -> Iterator[int]:
    """The rows of records, by their keys."""
    for start in range(0, len(keys), _CHUNK):
        found = db.execute(
            f'select rowid from "{table.name}" where {has_key(table)} and rowid > ?',
            (keys_as_json(table, keys[start : start + _CHUNK]), BELOW),
        )
        yield from [row for (row,) in found]


def _held(db: sqlite3.Connection, table: Table, row: int) -> _Formers:
    """The overwritten texts that the index has of a row."""
    found = db.execute(
        "select id, texts from _former_texts where resource = ? and item = ?", (table.name, row)
    )
    return {
        number: (texts, words)
        for number, texts in found
        if (words := entry(table, json.loads(texts))) is not None
    }


def _wanted(db: sqlite3.Connection, table: Table, row: int) -> _Formers:
    """Those that it is to have: each text that says something which the row says no more."""
    here = db.execute(
        f'select {key_as_sql(table, "t")}, {as_blobs(table, "t")} from "{table.name}" t '
        "where t.rowid = ?",
        (row,),
    ).fetchone()
    wanted: _Formers = {}
    if here is None:
        return wanted
    now = entry(table, read(here[1:])) or ("",) * len(search_of(table).columns)
    known: set[Entry] = {now}
    for number, texts in _versions(db, table, here[0]):
        words = entry(table, texts)
        if words is None or words in known:
            continue
        known.add(words)
        # What came as an attachment lacks columns: lacking one is no other text.
        if any(one and one != other for one, other in zip(words, now, strict=True)):
            wanted[number] = json.dumps(texts), words
    return wanted


def _versions(
    db: sqlite3.Connection, table: Table, key: str
) -> Iterator[tuple[int, list[str | None]]]:
    """The texts of a record's versions, first ones first; those that cannot be read have none."""
    found = db.execute(
        "select id, embedded, record, repeats, state from _records "
        "where resource = ? and record_key = ? order by id",
        (table.name, key),
    ).fetchall()
    for number, embedded, record, repeats, state in found if len(found) > 1 else ():
        try:
            sent, told = unfolded(record, repeats), states.read(state)
            values = replay.read(table, sent, told, embedded=bool(embedded)).values
        except UNREADABLE:
            continue
        yield number, [_as_stored(values.get(name)) for name in search_of(table).columns]


def _as_stored(value: Any) -> str | None:
    """A text as its column has it: a hostile server may send a number for one."""
    if value is None or isinstance(value, str):
        return value
    # True is 1 for SQLite, and for the sign before it.
    return str(+value)
