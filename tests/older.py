"""An archive made older than it is."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

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
