"""An archive made older than it is."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from ovk_archive.archive.tables.replay import read
from ovk_archive.resources import DERIVED
from ovk_archive.resources.vocabulary.rows import Table


def made_older(path: Path, table: Table, columns: Iterable[str]) -> None:
    """Let an archive be of a program that did not know these columns."""
    with closing(sqlite3.connect(path)) as db:
        views = db.execute("select name from sqlite_master where type = 'view'").fetchall()
        for (name,) in views:
            db.execute(f'drop view "{name}"')
        indexes = (
            f"select name from sqlite_master where type = 'index' and tbl_name = '{table.name}' "
        )
        for (name,) in db.execute(f"{indexes} and sql is not null").fetchall():
            db.execute(f'drop index "{name}"')
        triggers = "select name from sqlite_master where type = 'trigger'"
        for (name,) in db.execute(triggers).fetchall():
            db.execute(f'drop trigger "{name}"')
        for column in columns:
            db.execute(f'alter table "{table.name}" drop column "{column}"')
        db.commit()


def with_rows_by_number(path: Path) -> None:
    """Let all rows lie by their numbers, as they did before some tables kept them as they come."""
    tables = [table.name for table in DERIVED if table.by_arrival]
    with closing(sqlite3.connect(path)) as db:
        views = db.execute("select name, sql from sqlite_master where type = 'view'").fetchall()
        for name, _ in views:
            db.execute(f'drop view "{name}"')
        for name in tables:
            own = f"select sql from sqlite_master where tbl_name = '{name}' and sql is not null"
            table, *others = [sql for (sql,) in db.execute(f"{own} order by rowid")]
            assert "INT PRIMARY KEY" in table
            db.execute(f'alter table "{name}" rename to by_arrival')
            db.execute(table.replace("INT PRIMARY KEY", "INTEGER PRIMARY KEY"))
            db.execute(f'insert into "{name}" select * from by_arrival')
            db.execute("drop table by_arrival")
            for statement in others:
                db.execute(statement)
        for _, sql in views:
            db.execute(sql)
        db.commit()


def with_versions_as_before(path: Path) -> None:
    """Let the versions of an archive lie as a program of schema 4 wrote them: in one table."""
    tables = {table.name: table for table in DERIVED}
    with closing(sqlite3.connect(path)) as db:
        held = db.execute(f"select {', '.join(_COLUMNS)} from _versions order by id").fetchall()
        notes = "select name from sqlite_master where name like '_records_unindexed%'"
        for (name,) in db.execute(notes).fetchall():
            db.execute(f'drop trigger "{name}"')
        for statement in (
            "drop view _versions",
            "drop table _records",
            "drop table _sightings",
            f"create table _versions ({', '.join(_COLUMNS.values())})",
            f"create index {_INDEX} on _versions (resource, record_key, embedded)",
            "delete from _sqlite_migrations where name = 'm008_versions_apart'",
            "pragma user_version = 4",
        ):
            db.execute(statement)
        marks = ", ".join("?" * len(_COLUMNS))
        states = (_as_before(tables.get(row[1]), *row) for row in held)
        db.executemany(f"insert into _versions values ({marks})", states)
        for event, row in (("insert", "new"), ("delete", "old")):
            db.execute(_NOTED.format(event=event, row=row))
        db.commit()


_INDEX = "idx__versions_resource_record_key_embedded"
#: How the index followed the versions there.
_NOTED = (
    'create trigger "_versions_unindexed_{event}" after {event} on "_versions" when exists '
    "(select 1 from _versions where resource = {row}.resource and record_key = {row}.record_key "
    "and id is not {row}.id) begin insert into _unindexed_records (resource, record_key) "
    "values ({row}.resource, {row}.record_key) on conflict do nothing; end"
)
_COLUMNS = {
    "id": "id integer primary key",
    "resource": "resource text",
    "record_key": "record_key text",
    "embedded": "embedded integer",
    "content": "content blob",
    "first_seen_at": "first_seen_at text",
    "record": "record text",
    "last_seen_at": "last_seen_at text",
    "gone_at": "gone_at text",
    "state": "state text",
    "last_seen_in": "last_seen_in integer",
    "rest": "rest blob",
}


def _as_before(table: Table | None, *row: Any) -> tuple[Any, ...]:
    """A version with all of its state, what its record says too among it."""
    values = dict(zip(_COLUMNS, row, strict=True))
    for name in ("content", "rest"):
        values[name] = None if values[name] is None else bytes.fromhex(values[name])
    if table is not None and not table.relation:
        state = json.loads(values["state"])
        told = read(table, json.loads(values["record"]), state, embedded=bool(values["embedded"]))
        given = {n: v for n, v in told.state.items() if v is not None or n not in table.told}
        values["state"] = json.dumps(given, ensure_ascii=False, separators=(",", ":"))
    return tuple(values.values())
