"""What the search index of an archive holds, and what one made anew from its tables holds."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.search import index
from ovk_archive.archive.search.declared import SEARCHED, index_of
from ovk_archive.archive.search.finding import Found, find
from ovk_archive.archive.search.query import parse
from ovk_archive.archive.search.wishes import Wish


def contents(path: Path) -> dict[str, list[Any]]:
    """Each word of each entry with its place, the sizes of entries, and the overwritten texts."""
    found = {}
    with closing(sqlite3.connect(path)) as db:
        for table in SEARCHED:
            name = index_of(table)
            db.execute(f"create virtual table temp.v using fts5vocab(main, {name}, instance)")
            found[name] = db.execute("select * from temp.v order by 1, 2, 3, 4").fetchall()
            found[f"{name} sizes"] = db.execute(
                f"select * from {name}_docsize order by id"
            ).fetchall()
            db.execute("drop table temp.v")
        former = db.execute("select * from _former_texts order by id").fetchall()
        found["former"] = [(*facts, json.loads(texts)) for *facts, texts in former]
        found["noted"] = db.execute("select * from _unindexed, _unindexed_records").fetchall()
    return found


def made_anew(path: Path) -> dict[str, list[Any]]:
    """The contents of an index that is made anew from a copy of this archive."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "anew.db"
        with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(copy)) as anew:
            db.backup(anew)
            index.remake(anew, SEARCHED)
            anew.commit()
        return contents(copy)


def without_index(path: Path) -> None:
    """Let an archive be of a program that made no index."""
    with closing(sqlite3.connect(path)) as db:
        for table in SEARCHED:
            db.execute(f"drop table {table.name}_fts")
        for (name,) in db.execute(
            "select name from sqlite_master where type = 'trigger'"
        ).fetchall():
            db.execute(f'drop trigger "{name}"')
        for name in ("_unindexed", "_unindexed_records", "_former_texts"):
            db.execute(f"drop table {name}")
        db.execute("delete from _archive where name = 'search'")
        db.commit()


def search(path: Path, query: str, **narrowed: Any) -> list[Found]:
    """What is found in an archive."""
    with Archive.read(path) as archive, archive.reading() as db:
        return find(db, Wish(query=parse(query), **narrowed))[0]


def keys(found: list[Found]) -> list[str]:
    """Table and key of each that was found."""
    return [f"{one.table.name} {'_'.join(map(str, one.key))}" for one in found]


def texts(found: list[Found]) -> list[Mapping[str, str | None]]:
    """The texts of each that was found, by column."""
    return [
        dict(zip(one.table.search.columns, one.texts, strict=True))
        for one in found
        if one.table.search
    ]
