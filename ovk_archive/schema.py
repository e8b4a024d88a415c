"""Tables, keys and indexes of an archive, derived from the declarations; and its migrations."""

import sqlite3
from collections.abc import Container, Iterable, Iterator
from typing import Any

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from ovk_archive.errors import SchemaTooNewError
from ovk_archive.resources import TABLES, VIEWS
from ovk_archive.resources.media import MEDIA
from ovk_archive.rows import Table

#: `PRAGMA application_id` of an archive: "OVKA" in ASCII.
APPLICATION_ID = 0x4F564B41
#: `PRAGMA user_version`: raised whenever an older program could misread what a newer one wrote.
SCHEMA_VERSION = 3

#: Columns that every table for people has, beside its own.
STAMPS: dict[str, tuple[type, str]] = {
    "first_seen_at": (str, "When the archive first saw it (UTC, ISO 8601)"),
    "last_seen_at": (str, "When the archive last saw it (UTC, ISO 8601)"),
    "gone_at": (str, "When it was found missing (UTC, ISO 8601); null while present"),
}

#: Machinery: table -> (columns, key, what it is).
MACHINERY: dict[str, tuple[dict[str, type], tuple[str, ...], str]] = {
    "_archive": (
        {"name": str, "value": str},
        ("name",),
        "What this archive belongs to: instance, account, version that made it.",
    ),
    "_versions": (
        {
            "id": int,
            "resource": str,
            "record_key": str,
            "embedded": int,
            "content": bytes,
            "first_seen_at": str,
            "record": str,
            "last_seen_at": str,
            "gone_at": str,
            "state": str,
        },
        ("id",),
        (
            "Every distinct content of a record ever seen: the full JSON, when first and last "
            "seen, and when it was found missing after that. `embedded` is 1 for what came as an "
            "attachment and knows less than its own list. All tables but `media` follow from it."
        ),
    ),
    "_cursors": (
        {
            "resource": str,
            "partition": str,
            "owner_id": int,
            "position": str,
            "stamp": str,
            "done": int,
            "counted": int,
            "refused": str,
            "refused_code": int,
            "updated_at": str,
            "finished_at": str,
            "walk_began_at": str,
        },
        ("resource", "partition"),
        (
            "Where each list stands: the position of the next request, what the server counts, and "
            "why it was refused."
        ),
    ),
    "_runs": (
        {
            "id": int,
            "started_at": str,
            "finished_at": str,
            "version": str,
            "arguments": str,
            "outcome": str,
            "exit_code": int,
            "requests": int,
            "failures": int,
            "report": str,
        },
        ("id",),
        "Each run: what was asked for, how it ended, how many requests it took.",
    ),
    "_skipped": (
        {
            "resource": str,
            "partition": str,
            "place": str,
            "after_key": str,
            "reason": str,
            "tries": int,
            "first_at": str,
            "last_at": str,
            "resolved_at": str,
        },
        ("resource", "partition", "place"),
        (
            "Records that could not be had because they crash the server: where they stand, how "
            "often they were tried, and when they were had after all."
        ),
    ),
    "_absences": (
        {
            "resource": str,
            "record_key": str,
            "missed_at": str,
            "gone_at": str,
            "back_at": str,
        },
        ("resource", "record_key", "missed_at"),
        (
            "Rows that a list no longer had: when they were first missed, when a later run "
            "confirmed it, and when they came back."
        ),
    ),
    "_rounds": (
        {
            "resource": str,
            "partition": str,
            "owner_id": int,
            "position": str,
            "began_at": str,
            "finished_at": str,
        },
        ("resource", "partition"),
        (
            "Lists of which each run reads some again, for edits and deletions that nothing tells "
            "of: where the round stands that is under way, and when the last one ended."
        ),
    ),
    "_coverage": (
        {
            "resource": str,
            "partition": str,
            "owner_id": int,
            "counted": int,
            "counts_dead": int,
            "held": int,
            "gone": int,
            "missed": int,
            "skipped": int,
            "refused": str,
            "spanned": int,
            "read_at": str,
            "reread_at": str,
            "as_of": str,
        },
        ("resource", "partition"),
        (
            "The ledger, list by list: what the server counts, and what is here, gone, missed, "
            "skipped or refused."
        ),
    ),
    "_pace": (
        {"name": str, "state": str},
        ("name",),
        "How fast this instance lets itself be asked, as far as it has taught us.",
    ),
}

#: Indexes of machinery that a run could not do without.
MACHINERY_INDEXES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("_versions", ("resource", "record_key", "embedded")),
    ("_cursors", ("resource", "owner_id")),
)

MIGRATIONS = Migrations("ovk-archive")


@MIGRATIONS()
def m001_machinery(db: Database) -> None:
    """The tables of the first version; tables for people are added as they are declared."""
    for name, (columns, key, _) in MACHINERY.items():
        db.create_table(name, columns, pk=key if len(key) > 1 else key[0], if_not_exists=True)
    for table, columns_ in MACHINERY_INDEXES:
        db.table(table).create_index(columns_, if_not_exists=True)


@MIGRATIONS()
def m002_absences(db: Database) -> None:
    """When a walk began, and what walks over whole lists have missed."""
    columns, key, _ = MACHINERY["_absences"]
    db.create_table("_absences", columns, pk=key, if_not_exists=True)
    if "walk_began_at" not in _columns(db.conn, "_cursors"):
        db.table("_cursors").add_column("walk_began_at", str)


@MIGRATIONS()
def m003_truth_over_time(db: Database) -> None:
    """What versions must tell for rows to follow from them; rounds and the ledger."""
    for name in ("_rounds", "_coverage"):
        columns, key, _ = MACHINERY[name]
        db.create_table(name, columns, pk=key, if_not_exists=True)
    columns, _, _ = MACHINERY["_versions"]
    for column in columns.keys() - _columns(db.conn, "_versions"):
        db.table("_versions").add_column(column, columns[column])
    for statement in _as_told_by_rows(db.conn):
        db.conn.execute(statement)


def _as_told_by_rows(connection: sqlite3.Connection) -> Iterator[str]:
    for table in TABLES:
        here = _columns(connection, table.name)
        if here and table.relation and table is not MEDIA:
            yield _as_versions(table)
        elif here and not table.relation:
            yield from _as_states(table, here)


def _as_versions(table: Table) -> str:
    """Give each row of a relation the version that an older program did not write."""
    return (
        "insert into _versions (resource, record_key, embedded, content, first_seen_at, record, "
        f"last_seen_at, gone_at, state) select '{table.name}', {key_as_sql(table, 't')}, 0, x'', "
        f"first_seen_at, '{{}}', last_seen_at, gone_at, {_state(table, table.by_name)} "
        f'from "{table.name}" t where {key_as_sql(table, "t")} not in '
        f"(select record_key from _versions where resource = '{table.name}')"
    )


def _as_states(table: Table, here: set[str]) -> Iterable[str]:
    """Let the versions of an older program tell what their rows say beside the record."""
    untold = {c.name for c in table.columns if c.name not in table.told or c.at is None}
    old = f"resource = '{table.name}' and state is null"
    # The row is what its own list says; where that was never seen, what an attachment says.
    own = "coalesce(max(id) filter (where embedded = 0), max(id))"
    newest = f"id in (select {own} from _versions where {old} group by record_key)"
    for which, columns in ((newest, here), ("1", untold & here)):
        yield (
            f"update _versions set state = ifnull((select {_state(table, columns)} "
            f"from \"{table.name}\" t where {key_as_sql(table, 't')} = record_key), '{{}}'), "
            f'last_seen_at = ifnull((select t.last_seen_at from "{table.name}" t '
            f"where {key_as_sql(table, 't')} = record_key), first_seen_at), "
            f'gone_at = (select t.gone_at from "{table.name}" t '
            f"where {key_as_sql(table, 't')} = record_key) where {old} and {which}"
        )


def _state(table: Table, columns: Container[str]) -> str:
    pairs = [f"'{c.name}', t.\"{c.name}\"" for c in table.columns if c.name in columns]
    return f"json_object({', '.join(pairs)})"


def prepare(connection: sqlite3.Connection) -> Database:
    """Bring a new or older archive up to what is declared now; nothing is ever dropped."""
    db = Database(connection)
    if is_current(connection):
        return db
    with db.atomic():
        MIGRATIONS.apply(db)
        for table in TABLES:
            _ensure(db, table)
        for view in VIEWS:
            db.create_view(view.name, view.sql, replace=True)
        connection.execute(f"pragma application_id = {APPLICATION_ID}")
        connection.execute(f"pragma user_version = {SCHEMA_VERSION}")
    return db


def is_current(connection: sqlite3.Connection) -> bool:
    """Every declared table has every declared column already, and the views are those declared."""
    made = dict(connection.execute("select name, sql from sqlite_master where type = 'view'"))
    return (
        pragma(connection, "user_version") == SCHEMA_VERSION
        and all(_columns(connection, table.name) >= set(sql_columns(table)) for table in TABLES)
        and all(made.get(view.name, "").endswith(view.sql) for view in VIEWS)
    )


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


def foreign_keys(table: Table) -> list[tuple[Any, ...]]:
    """What the columns refer to, single and compound."""
    keys = {other.name: other.key[0] for other in TABLES}
    single = [(c.name, c.references, keys[c.references]) for c in table.columns if c.references]
    return [*single, *table.foreign_keys]


def _ensure(db: Database, table: Table) -> None:
    existing = _columns(db.conn, table.name)
    columns = sql_columns(table)
    if not existing:
        key = table.key if len(table.key) > 1 else table.key[0]
        db.create_table(table.name, columns, pk=key, foreign_keys=foreign_keys(table))
    for name in columns:
        if existing and name not in existing:
            db.table(table.name).add_column(name, columns[name])
    for index in _indexes(table):
        db.table(table.name).create_index(index, if_not_exists=True)


def _indexes(table: Table) -> Iterable[tuple[str, ...]]:
    """Declared ones, and one for each foreign key, which a reader follows backwards."""
    covered = {index[0] for index in table.indexes} | {table.key[0]}
    linked = [(c.name,) for c in table.columns if c.references and c.name not in covered]
    return [*table.indexes, *linked]


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f'pragma table_info("{table}")')}
