"""Tables, keys and indexes of an archive, derived from the declarations."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from ovk_archive.archive.tables.machinery import MACHINERY_INDEXES
from ovk_archive.archive.versions.layout import is_laid_out
from ovk_archive.errors import SchemaTooNewError
from ovk_archive.resources import TABLES, VIEWS
from ovk_archive.resources.vocabulary.rows import Table

#: `PRAGMA application_id` of an archive: "OVKA" in ASCII.
APPLICATION_ID = 0x4F564B41
#: `PRAGMA user_version`: raised whenever an older program could misread what a newer one wrote.
SCHEMA_VERSION = 5

#: Columns that every table for people has, beside its own.
STAMPS: dict[str, tuple[type, str]] = {
    "first_seen_at": (str, "When the archive first saw it (UTC, ISO 8601)"),
    "last_seen_at": (str, "When the archive last saw it (UTC, ISO 8601)"),
    "gone_at": (str, "When it was found missing (UTC, ISO 8601); null while present"),
}


def is_current(connection: sqlite3.Connection) -> bool:
    """Every declared table has every declared column already, and the views are those declared."""
    made = dict(connection.execute("select name, sql from sqlite_master where type = 'view'"))
    return (
        pragma(connection, "user_version") == SCHEMA_VERSION
        and all(columns_of(connection, table.name) >= set(sql_columns(table)) for table in TABLES)
        and is_laid_out(connection)
        and all(made.get(view.name, "").endswith(view.sql) for view in VIEWS)
    )


def is_indexed(connection: sqlite3.Connection) -> bool:
    """Every declared index is there: without one all is read as well, only slower."""
    made = {row[0] for row in connection.execute("select name from sqlite_master")}
    declared = [(table.name, index) for table in TABLES for index in indexes(table)]
    names = {"_".join(("idx", name, *index)) for name, index in (*declared, *MACHINERY_INDEXES)}
    return names <= made


def check_version(connection: sqlite3.Connection) -> None:
    """Refuse an archive that a newer program made.

    Raises:
        SchemaTooNewError: what it says could be misread here.
    """
    version = pragma(connection, "user_version")
    if version > SCHEMA_VERSION:
        raise SchemaTooNewError(
            f"This archive has schema {version}, this program knows {SCHEMA_VERSION}: "
            "install a newer ovk-archive (pip install --upgrade ovk-archive)."
        )


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """The value of a numeric pragma."""
    return int(connection.execute(f"pragma {name}").fetchone()[0])


def sql_columns(table: Table) -> dict[str, type]:
    """Column -> type, stamps included."""
    own = {column.name: column.type for column in table.columns}
    return own | {name: type_ for name, (type_, _) in STAMPS.items()}


def key_as_sql(table: Table, alias: str = "") -> str:
    """A row's key as `record_key` writes it, as SQL."""
    prefix = f"{alias}." if alias else ""
    parts = " || '_' || ".join(f'{prefix}"{name}"' for name in table.key)
    return f"cast({parts} as text)"


def among(columns: Iterable[str], bound: str = "?") -> str:
    """The condition that these columns have one of several values: JSON, an array for each.

    An index on the columns finds the rows, where their keys as text would be compared one by one.
    """
    names = list(columns)
    parts = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(names)))
    return f"({', '.join(names)}) in (select {parts} from json_each({bound}))"


def has_key(table: Table) -> str:
    """The condition that a row has one of several keys, bound as `keys_as_json` gives them."""
    return among(f'"{name}"' for name in table.key)


def keys_of(table: Table, keys: Iterable[str]) -> Iterator[list[Any]]:
    """The values of keys as `record_key` writes them; of what is no such key, none."""
    columns = [table.by_name[name] for name in table.key]
    shape = "_".join(r"(-?\d+)" if column.type is int else "(.*?)" for column in columns)
    for match in (re.fullmatch(shape, key, re.DOTALL) for key in keys):
        if match:
            yield [column.type(part) for column, part in zip(columns, match.groups(), strict=True)]


def keys_as_json(table: Table, keys: Iterable[str]) -> str:
    """Keys as `record_key` writes them, for `has_key`."""
    return json.dumps(list(keys_of(table, keys)))


def foreign_keys(table: Table) -> list[tuple[Any, ...]]:
    """What the columns refer to, single and compound."""
    keys = {other.name: other.key[0] for other in TABLES}
    single = [(c.name, c.references, keys[c.references]) for c in table.columns if c.references]
    return [*single, *table.foreign_keys]


def indexes(table: Table) -> Iterable[tuple[str, ...]]:
    """Declared ones, and one for each foreign key, which a reader follows backwards."""
    covered = {index[0] for index in table.indexes} | {table.key[0]}
    linked = [(c.name,) for c in table.columns if c.references and c.name not in covered]
    return [*table.indexes, *linked]


def columns_of(connection: sqlite3.Connection, table: str) -> set[str]:
    """The columns that a table of an archive has; none if there is no such table."""
    return {row[1] for row in connection.execute(f'pragma table_info("{table}")')}
