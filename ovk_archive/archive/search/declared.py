"""The tables and triggers of the index, as they follow from what tables say people search.

Each searched table has an index beside it that holds words, and no text of its own. Triggers note
what changed, whoever changed it: they call nothing that another program would lack.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache

from ovk_archive.archive.search import words
from ovk_archive.archive.tables.machinery import MACHINERY, OF_INDEX
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.rows import Table
from ovk_archive.resources.vocabulary.searching import Search

#: The tables that are searched.
SEARCHED: tuple[Table, ...] = tuple(table for table in TABLES if table.search)
#: An overwritten text stands in the index under this minus the number of its version. No row has
#: such a number, but where a server lies; that one is not searched.
BELOW = -(1 << 62)


def search_of(table: Table) -> Search:
    """What people search of a table that is searched."""
    assert table.search is not None  # noqa: S101 - it is one of SEARCHED
    return table.search


def index_of(table: Table) -> str:
    """The name of a table's index; Datasette looks for one of that name."""
    return f"{table.name}_fts"


def index_sql(table: Table) -> str:
    """Makes a table's index. All that is not ASCII is a part of words there: we split them."""
    names = ", ".join(f'"{name}"' for name in search_of(table).columns)
    return (
        f'CREATE VIRTUAL TABLE "{index_of(table)}" USING fts5({names}, content="{table.name}", '
        "tokenize=\"ascii tokenchars '#@_~'\")"
    )


def weights(table: Table) -> str:
    """What words weigh, as the index keeps it."""
    return f"bm25({', '.join(map(str, search_of(table).columns.values()))})"


def triggers(table: Table) -> Mapping[str, str]:
    """Name -> what notes that a row's texts changed, with those that the index knows."""
    return _triggers(table.name, (*search_of(table).columns,), table.key)


@cache
def _triggers(name: str, columns: tuple[str, ...], key: tuple[str, ...]) -> Mapping[str, str]:
    was = ", ".join(f'cast(old."{column}" AS text)' for column in columns)
    was = f"cast(json_array({was}) AS blob)"
    new = " OR ".join(f'new."{column}" IS NOT NULL' for column in columns)
    watched = [*columns, *key]
    differs = " OR ".join(f'old."{column}" IS NOT new."{column}"' for column in watched)
    of = ", ".join(f'"{column}"' for column in watched)
    note = (_noted(name, "old", was), _noted(name, "new", "NULL"))
    return dict(
        _trigger(name, event, f"AFTER {when} BEGIN {' '.join(steps)} END")
        for event, when, steps in (
            ("insert", f'INSERT ON "{name}" WHEN {new}', note[1:]),
            ("update", f'UPDATE OF {of} ON "{name}" WHEN {differs}', note),
            ("delete", f'DELETE ON "{name}"', note[:1]),
        )
    )


def shared_triggers() -> Mapping[str, str]:
    """Name -> what notes that a record has several versions, and one more or less."""
    return _shared_triggers(tuple(table.name for table in SEARCHED))


@cache
def _shared_triggers(tables: tuple[str, ...]) -> Mapping[str, str]:
    names = ", ".join(f"'{name}'" for name in tables)
    return dict(
        _trigger(
            "_records",
            event,
            # What is seldom true comes first: SQLite makes a list of names anew each time.
            f'AFTER {event.upper()} ON "_records" WHEN EXISTS (SELECT 1 FROM _records '
            f"WHERE resource = {row}.resource AND record_key = {row}.record_key "
            f"AND id IS NOT {row}.id) AND {row}.resource IN ({names}) "
            "BEGIN INSERT INTO _unindexed_records (resource, record_key) "
            f"VALUES ({row}.resource, {row}.record_key) ON CONFLICT DO NOTHING; END",
        )
        for event, row in (("insert", "new"), ("delete", "old"))
    )


def signature(table: Table) -> str:
    """What an index was made by: how words are made, and what is declared."""
    return _digest(words.VERSION, index_sql(table), weights(table), (*triggers(table).items(),))


@cache
def _digest(version: int, index: str, weighed: str, noting: tuple[tuple[str, str], ...]) -> str:
    made = [version, index, weighed, dict(noting)]
    return hashlib.blake2b(json.dumps(made).encode(), digest_size=8).hexdigest()


def machinery() -> Iterator[str]:
    """Makes what the index needs beside itself, where it is not there."""
    for name in OF_INDEX:
        columns, key, _ = MACHINERY[name]
        types = {int: "INTEGER", str: "TEXT", bytes: "BLOB"}
        own = ", ".join(f"{column} {types[type_]}" for column, type_ in columns.items())
        # Without rowids a note is one entry in one tree: each row that is saved is noted once.
        kind = "" if name == "_former_texts" else " WITHOUT ROWID"
        yield f"CREATE TABLE IF NOT EXISTS {name} ({own}, PRIMARY KEY ({', '.join(key)})){kind}"
    yield "CREATE INDEX IF NOT EXISTS idx__former_texts_item ON _former_texts (resource, item)"


def _trigger(table: str, event: str, what: str) -> tuple[str, str]:
    name = f"{table}_unindexed_{event}"
    return name, f'CREATE TRIGGER "{name}" {what}'


def _noted(table: str, row: str, was: str) -> str:
    """Notes a row, unless it is noted: the index knows the texts that it had first."""
    return (
        f"INSERT INTO _unindexed (resource, item, was) VALUES ('{table}', {row}.rowid, {was}) "
        "ON CONFLICT DO NOTHING;"
    )
