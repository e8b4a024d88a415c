"""A lake of many small archives, of other sizes, tables and columns, and what is true of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archives import SMALL, everything
from older import made_older
from syncing import execute, query, run
from toy import DemoInstance, generate

from ovk_archive.cli.words.topics import topic
from ovk_archive.export.selection import Selection
from ovk_archive.export.writing import Wish, export
from ovk_archive.resources import TABLES

MANY = 50
#: Tables that most of them are exported with, by years and not.
SOME = ("users", "posts", "messages")
BY_NAME = {table.name: table for table in TABLES}


@dataclass(frozen=True)
class Lake:
    """A lake and the archives in it, by their names; `lacking` names some without texts."""

    folder: Path
    archives: dict[str, Path]
    lacking: frozenset[str]

    def rows(self, table: str) -> dict[str, tuple[int, int]]:
        """Of each archive that has rows of a table: how many, and the sum of some numbers."""
        number = BY_NAME[table].key[-1]
        found = {}
        for name, path in self.archives.items():
            sql = f"select count(*), coalesce(sum({number}), 0) from {table} where gone_at is null"
            [(rows, total)] = query(path, sql) if table in self.exported(name) else [(0, 0)]
            if rows:
                found[name] = (rows, total)
        return found

    def texts(self) -> int:
        """How many texts of posts are in it."""
        return sum(
            int(query(path, "select count(text) from posts where gone_at is null")[0][0])
            for name, path in self.archives.items()
            if name not in self.lacking and "posts" in self.exported(name)
        )

    def exported(self, name: str) -> tuple[str, ...]:
        """The tables with which an archive is exported."""
        return tables_of(int(name.removeprefix("a")))


def tables_of(number: int) -> tuple[str, ...]:
    """The tables with which an archive is exported: of some all, of some not even posts."""
    if number < 2:
        return tuple(BY_NAME)
    return ("users",) if number % 10 == 7 else SOME


def make_lake(folder: Path) -> Lake:
    """Fifty archives in one lake."""
    archives, lacking = {}, set()
    for number, path in enumerate(_archives(folder)):
        name, bare = f"a{number}", number % 10 == 4
        selection = Selection(tables=() if number < 2 else tables_of(number), without_text=bare)
        export(path, folder / "lake", Wish(selection=selection, format="parquet", archive=name))
        archives[name] = path
        if bare:
            lacking.add(name)
    return Lake(folder / "lake", archives, frozenset(lacking))


def _archives(folder: Path) -> Iterator[Path]:
    whole, wall = folder / "whole.db", folder / "wall.db"
    whole.write_bytes(everything(SMALL))
    with DemoInstance(generate(2, SMALL), "A") as instance:
        run(instance, wall, sections=("wall",))
    bodies = [whole.read_bytes(), wall.read_bytes()]
    for number in range(MANY):
        path = folder / f"a{number}.db"
        path.write_bytes(bodies[number % 2])
        _changed(path, number)
        yield path


def _changed(path: Path, number: int) -> None:
    """Another life: fewer rows, no messages at all, posts without a time, an older program's."""
    execute(path, [f"delete from posts where id % 5 = {number % 5}"])
    if number % 10 == 5:
        execute(path, ["delete from messages", "delete from comments"])
    if number % 10 == 6:
        execute(path, ["update posts set date = null where id % 2"])
    if number % 10 == 8:
        execute(path, ["update posts set date = null"])
    if number % 10 == 9:
        made_older(path, BY_NAME["posts"], ["is_archived"])


def recipe(engine: str) -> str:
    """The lines of the topic with which an engine reads a table, without those that print it."""
    blocks = re.findall(r"(?ms)^```python\n(.*?)^```$", topic("research"))
    (found,) = (block for block in blocks if engine in block.partition("\n\nposts")[0])
    return "".join(
        line
        for line in found.splitlines(keepends=True)
        if not line.startswith("print(") and ".show(" not in line
    )


def read_by(engine: str, table: str) -> Any:
    """A table of the lake `lake` that is here, as the topic says how an engine reads it."""
    code = recipe(engine).replace("lake/posts", f"lake/{table}")
    if not any(Path(f"lake/{table}").rglob("year=*")):
        code = code.replace("/*/*.parquet", "/*.parquet")
    known: dict[str, Any] = {}
    exec(code, known)
    return known["posts"]
