"""Makes the tables of a new archive, and brings an older one up to what is declared now.

The only module that loads sqlite-utils, which takes its time: nothing is to be made in most runs.
"""

import sqlite3
from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from ovk_archive.archive.tables.machinery import MACHINERY, MACHINERY_INDEXES, OF_INDEX, OF_VERSIONS
from ovk_archive.archive.tables.schema import (
    APPLICATION_ID,
    SCHEMA_VERSION,
    columns_of,
    foreign_keys,
    indexes,
    key_as_sql,
    sql_columns,
)
from ovk_archive.archive.versions import moving
from ovk_archive.archive.versions.layout import is_laid_out
from ovk_archive.archive.versions.redigest import redigest
from ovk_archive.resources import TABLES, VIEWS
from ovk_archive.resources.media import DUE_INDEX, MEDIA
from ovk_archive.resources.vocabulary.rows import Table

MIGRATIONS = Migrations("ovk-archive")


@MIGRATIONS()
def m001_machinery(db: Database) -> None:
    """The tables of the first version; tables for people are added as they are declared."""
    for name, (columns, key, _) in _ours():
        db.create_table(name, columns, pk=key if len(key) > 1 else key[0], if_not_exists=True)


@MIGRATIONS()
def m002_absences(db: Database) -> None:
    """When a walk began, and what walks over whole lists have missed."""
    columns, key, _ = MACHINERY["_absences"]
    db.create_table("_absences", columns, pk=key, if_not_exists=True)
    if "walk_began_at" not in columns_of(db.conn, "_cursors"):
        db.table("_cursors").add_column("walk_began_at", str)


@MIGRATIONS()
def m003_truth_over_time(db: Database) -> None:
    """What versions must tell for rows to follow from them; rounds and the ledger."""
    for name in ("_rounds", "_coverage"):
        columns, key, _ = MACHINERY[name]
        db.create_table(name, columns, pk=key, if_not_exists=True)
    columns, _, _ = MACHINERY["_versions"]
    for column in columns.keys() - columns_of(db.conn, "_versions"):
        db.table("_versions").add_column(column, columns[column])
    for statement in _as_told_by_rows(db.conn):
        db.conn.execute(statement)


@MIGRATIONS()
def m004_order_without_clocks(db: Database) -> None:
    """The numbers of checkpoints, which say what came first; and what else machinery gained."""
    for name, (columns, key, _) in _ours():
        db.create_table(name, columns, pk=key if len(key) > 1 else key[0], if_not_exists=True)
        for column in columns.keys() - columns_of(db.conn, name):
            db.table(name).add_column(column, columns[column])
    for statement in _NUMBERED_BY_TIME:
        db.conn.execute(statement)


@MIGRATIONS()
def m005_digests(db: Database) -> None:
    """What no column keeps, and the addresses of files, make no version any more."""
    if "misfit" not in columns_of(db.conn, "_fields"):
        db.table("_fields").add_column("misfit", int)
    redigest(db.conn)


@MIGRATIONS()
def m006_lists_of_playlists(db: Database) -> None:
    """Playlists say in whose list they are; until then each was its owner's."""
    if not db.table("playlists").exists():
        return
    if "listed_by" not in columns_of(db.conn, "playlists"):
        db.table("playlists").add_column("listed_by", int)
    db.conn.execute("update playlists set listed_by = owner_id where listed_by is null")
    db.conn.execute(
        "update _versions set state = json_set(ifnull(state, '{}'), '$.listed_by', "
        "json_extract(record, '$.owner_id')) where resource = 'playlists' and record <> '{}' "
        "and json_extract(ifnull(state, '{}'), '$.listed_by') is null"
    )


@MIGRATIONS()
def m007_parts_end_with_their_whole(db: Database) -> None:
    """What hangs on a record that is gone is gone, too."""
    here = {name for name in ("attachments", "posts", "comments") if db.table(name).exists()}
    parts = next(table for table in TABLES if table.name == "attachments")
    for whole in TABLES if "attachments" in here else ():
        if whole.name in here and whole is not parts:
            for statement in _ended(parts, whole):
                db.conn.execute(statement)


@MIGRATIONS()
def m008_versions_apart(db: Database) -> None:
    """What was said lies apart from when it was seen."""
    moving.begin(db.conn)


def _ours() -> Iterator[tuple[str, tuple[dict[str, type], tuple[str, ...], str]]]:
    """The machinery that is made here."""
    other = (*OF_INDEX, *OF_VERSIONS)
    yield from (one for one in MACHINERY.items() if one[0] not in other)


def _ended(parts: Table, whole: Table) -> Iterator[str]:
    """Mark what is a part of records of a table that are gone, and its newest versions."""
    part = key_as_sql(parts, parts.name)
    of = f"from {whole.name} w where {key_as_sql(whole, 'w')} = {parts.name}.record_key"
    gone = f"(select w.gone_at {of})"
    live = f"resource = '{whole.name}' and gone_at is null and {gone} is not null"
    yield (
        f"update _versions set gone_at = (select {gone} from {parts.name} where {part} = "
        f"_versions.record_key) where id in (select max(v.id) from _versions v "
        f"where v.resource = '{parts.name}' and v.embedded = 0 and v.record_key in "
        f"(select {part} from {parts.name} where {live}) group by v.record_key)"
    )
    yield f"update {parts.name} set gone_at = {gone} where {live}"


#: Tables that a migration has filled anew from their versions, as if they had gained columns.
_TOLD_OTHERWISE = {m007_parts_end_with_their_whole.__name__: "posts"}

#: The fact of an archive that names tables which are to be filled anew.
_OTHERWISE = "to_be_filled"

#: Fills columns of a table from its versions.
Fill = Callable[[sqlite3.Connection, Table, Sequence[str]], object]
#: Hears how many versions were moved.
Tell = Callable[[int], object]


def _since(column: str) -> str:
    """The number of the first moment that is not before a time; 0 if there is no such time."""
    return (
        f"ifnull((select min(number) from _moments where at >= {column}), "
        f"case when {column} is null then 0 else (select count(*) + 1 from _moments) end)"
    )


#: An older program knew times only: their order becomes that of the numbers.
_NUMBERED_BY_TIME = (
    "create temp table _moments (at text primary key, number integer) without rowid",
    (
        "insert into _moments select last_seen_at, row_number() over (order by last_seen_at) "
        "from (select distinct last_seen_at from _versions where last_seen_at is not null)"
    ),
    (
        "update _versions set last_seen_in = ifnull((select number from _moments "
        "where at = last_seen_at), 0)"
    ),
    (
        f"update _cursors set updated_in = 0, walk_began_in = {_since('walk_began_at')} "
        "where walk_began_at is not null"
    ),
    (
        f"update _rounds set began_in = {_since('began_at')}, finished_in = "
        f"case when finished_at is not null then {_since('finished_at')} end"
    ),
    "update _skipped set last_in = 0",
    "update _absences set missed_in = 0, gone_in = case when gone_at is not null then 0 end",
    "delete from _archive where name = 'checkpoints'",
    (
        "insert into _archive (name, value) select 'checkpoints', cast(count(*) + 1 as text) "
        "from _moments"
    ),
    "drop table _moments",
)


def _as_told_by_rows(connection: sqlite3.Connection) -> Iterator[str]:
    for table in TABLES:
        here = columns_of(connection, table.name)
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


def prepare(connection: sqlite3.Connection, fill: Fill, tell: Tell) -> None:
    """Bring a new or older archive up to what is declared now; nothing is ever dropped.

    What versions tell of columns that are new is filled in. `tell` hears how many versions of an
    older program were moved at a time.
    """
    db = Database(connection)
    with db.atomic():
        _note_otherwise(db, {_TOLD_OTHERWISE.get(one.name) for one in MIGRATIONS.pending(db)})
        MIGRATIONS.apply(db)
        for name, columns in MACHINERY_INDEXES:
            db.table(name).create_index(columns, if_not_exists=True)
        connection.execute(f"pragma application_id = {APPLICATION_ID}")
        connection.execute(f"pragma user_version = {SCHEMA_VERSION}")
        if not moving.has_any(connection):
            _finish(db, fill)
            return
    # Some at a time: a kill leaves the rest to the next opening.
    moving.move(connection, tell)
    with db.atomic():
        _finish(db, fill)


def _finish(db: Database, fill: Fill) -> None:
    """What follows from versions that lie as they do now."""
    if not is_laid_out(db.conn):
        moving.end(db.conn)
    otherwise = _otherwise(db.conn)
    for table in TABLES:
        new = _ensure(db, table)
        if table.name in otherwise:
            new = [name for name in sql_columns(table) if name not in table.key]
        if new and table is not MEDIA:
            fill(db.conn, table, new)
    db.conn.execute("delete from _archive where name = ?", (_OTHERWISE,))
    db.conn.execute(DUE_INDEX)
    for view in VIEWS:
        db.create_view(view.name, view.sql, replace=True)


def _note_otherwise(db: Database, tables: Iterable[str | None]) -> None:
    """Note which tables are to be filled anew; a kill may come before they are."""
    named = ",".join(sorted(name for name in tables if name))
    if named and db.table("_archive").exists():
        sql = "insert into _archive (name, value) values (?, ?) on conflict (name) do nothing"
        db.conn.execute(sql, (_OTHERWISE, named))


def _otherwise(connection: sqlite3.Connection) -> set[str]:
    found = connection.execute("select value from _archive where name = ?", (_OTHERWISE,))
    return {name for (named,) in found for name in str(named).split(",")}


def _ensure(db: Database, table: Table) -> list[str]:
    """Make a table, or the columns that it lacks; these are returned."""
    existing = columns_of(db.conn, table.name)
    columns = sql_columns(table)
    if not existing:
        key = table.key if len(table.key) > 1 else table.key[0]
        sql = db.create_table_sql(table.name, columns, pk=key, foreign_keys=foreign_keys(table))
        if table.by_arrival:
            # Only "INTEGER" makes the key the place of the row in the file:
            # https://sqlite.org/lang_createtable.html#rowid
            sql = sql.replace("INTEGER PRIMARY KEY", "INT PRIMARY KEY")
        db.conn.execute(sql)
    new = [name for name in columns if existing and name not in existing]
    for name in new:
        db.table(table.name).add_column(name, columns[name])
    for index in indexes(table):
        # Where rows lie by their numbers, each index ends with these without saying so.
        ends = table.key if table.by_arrival and len(index) > 1 else ()
        name = "_".join(("idx", table.name, *index))
        db.table(table.name).create_index((*index, *ends), name, if_not_exists=True)
    return new
