"""What a large archive is asked is answered by an index: nothing large is scanned, or sorted."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from syncing import execute, run, run_in
from toy import DemoInstance, generate
from worlds import A_FEW

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.openings import openings
from ovk_archive.archive.lists.references import unknown
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.tables.gone import mark_gone
from ovk_archive.archive.tables.replay import replay
from ovk_archive.archive.tables.schema import has_key, key_as_sql, keys_as_json
from ovk_archive.media.catalogue import Choice, due_sql
from ovk_archive.resources import DERIVED, LOOKUPS, RESOURCES, VIEWS
from ovk_archive.resources.media import View
from ovk_archive.resources.vocabulary.resource import Lookup, Resource
from ovk_archive.resources.vocabulary.rows import Table

#: Tables with a row for each thing that somebody once wrote, saw or liked.
LARGE = (
    "posts", "comments", "messages", "photos", "attachments", "likes", "media",
    "_versions", "_cursors", "_rounds", "_absences", "_skipped",
)  # fmt: skip
OPENED = [resource for resource in RESOURCES if resource.parent]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with nothing in it: how SQLite goes about a question does not depend on rows."""
    path = tmp_path_factory.mktemp("plans") / "archive.db"
    Archive.open(path, Identity("demo", 1, "http://demo.example")).close()
    return path


@pytest.fixture
def toy() -> Iterator[DemoInstance]:
    """A toy instance with a little of everything."""
    with DemoInstance(generate(1, A_FEW), "B") as instance:
        yield instance


@pytest.fixture
def db(made: Path) -> Iterator[sqlite3.Connection]:
    """A connection to it."""
    with closing(sqlite3.connect(made)) as connection:
        yield connection


class Bound(dict[str, int]):
    """Something for whatever is bound."""

    def __missing__(self, name: str) -> int:
        return 0


def plan(db: sqlite3.Connection, sql: str) -> list[str]:
    """How SQLite goes about it, line by line."""
    bound = Bound() if ":" in sql else (0,) * sql.count("?")
    lines = (row[3] for row in db.execute(f"explain query plan {sql}", bound))
    # Before 3.36 SQLite said a little more.
    return [re.sub(r"^(SCAN|SEARCH) (?:TABLE|SUBQUERY) (?:\w+ AS )?", r"\1 ", one) for one in lines]


def scanned(lines: list[str]) -> list[str]:
    """The tables, by name or alias, that are walked from end to end.

    To walk all versions of a kind is no better.
    """
    walked = r"SCAN (?!json_each)(\w+)|SEARCH \w+ USING .*(_versions)_\w+ \(resource=\?\)"
    found = (re.match(walked, line) for line in lines)
    return [match[1] or match[2] for match in found if match]


def makeshift(lines: list[str]) -> list[str]:
    """What SQLite has to build because there is no index."""
    return [line for line in lines if re.search("AUTOMATIC|ORDER BY|BLOOM", line)]


@pytest.mark.parametrize("everything", [False, True], ids=["news", "full"])
@pytest.mark.parametrize("resource", OPENED, ids=lambda resource: resource.name)
def test_due_lists(db: sqlite3.Connection, resource: Resource, *, everything: bool) -> None:
    """Lists that may be due are found in one walk by rowid; all else about them by its key."""
    lines = plan(db, openings(resource, (1, -2), everything=everything))
    assert "SEARCH p USING INTEGER PRIMARY KEY (rowid>?)" in lines
    assert not scanned(lines) + makeshift(lines)


@pytest.mark.parametrize("lookup", LOOKUPS, ids=lambda lookup: lookup.name)
def test_people(db: sqlite3.Connection, lookup: Lookup) -> None:
    """Whom records refer to is leapt to in an index, whatever table they stand in."""
    lines = plan(db, unknown(lookup))
    assert set(scanned(lines)) == {"leap", "r"}
    assert not [line for line in lines if "AUTOMATIC" in line]


@pytest.mark.parametrize("choice", [Choice(max_file_bytes=1), Choice(kinds=("photos",),
                         max_file_bytes=1, retry_gone=True)])  # fmt: skip
def test_due_files(db: sqlite3.Connection, choice: Choice) -> None:
    """Each chunk of files that are due begins where the last ended, in the order of an index."""
    first = plan(db, due_sql(choice, is_first=True))
    behind = plan(db, due_sql(choice, is_first=False))
    assert first == ["SCAN media USING INDEX idx_media_due"]
    assert behind == ["SEARCH media USING INDEX idx_media_due (<expr><?)"]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_views(db: sqlite3.Connection, view: View) -> None:
    """A view walks the rows of its own table, and looks up what belongs to each."""
    lines = plan(db, f"select * from {view.name} limit 101 offset 200")
    assert set(scanned(lines)) == {"r"}
    assert any("SEARCH m USING INDEX sqlite_autoindex_media_1 (url=?)" in line for line in lines)
    assert not makeshift(lines)


@pytest.mark.parametrize("key", [("owner_id", "id"), ("id",)], ids=["posts", "messages"])
def test_view_of_one_row(db: sqlite3.Connection, key: tuple[str, ...]) -> None:
    """The files of one record are found without a walk."""
    name = "posts_media" if len(key) > 1 else "messages_media"
    where = " and ".join(f"{column} = 5" for column in key)
    assert not scanned(plan(db, f"select * from {name} where {where}"))


@pytest.mark.parametrize("table", DERIVED, ids=lambda table: table.name)
def test_keys(db: sqlite3.Connection, table: Table) -> None:
    """Rows whose keys are known as text are found by the index of the key."""
    lines = plan(db, f'select 1 from "{table.name}" where {has_key(table)}')
    assert not scanned(lines)


@pytest.mark.parametrize("table", DERIVED, ids=lambda table: table.name)
def test_replayed(db: sqlite3.Connection, table: Table) -> None:
    """Versions are replayed in the order of an index: nothing is sorted."""
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    replay(db, table)
    db.set_trace_callback(None)
    assert asked
    for sql in asked:
        lines = plan(db, sql)
        assert not scanned(lines), sql
        assert not makeshift(lines), sql


def test_marking(db: sqlite3.Connection) -> None:
    """A message that is gone is marked without a look at all others."""
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    mark_gone(db, next(t for t in DERIVED if t.name == "messages"), ["7"], "2026-01-01T00:00:00Z")
    db.set_trace_callback(None)
    updates = [sql for sql in asked if sql.startswith("update")]
    assert len(updates) == 2
    for sql in updates:
        assert not scanned(plan(db, sql)), sql


def test_routine_sync(toy: DemoInstance, archive_path: Path) -> None:
    """No statement of a sync that finds nothing new scans or sorts what grows with the years."""
    run(toy, archive_path)
    asked: dict[str, str] = {}
    with Archive.open(archive_path, Identity("demo", 1, toy.url)) as archive:
        with archive.reading() as db:
            db.set_trace_callback(lambda sql: asked.setdefault(sql[:200], sql))
        assert run_in(archive, toy).exit_code == 0
        with archive.reading() as db:
            db.set_trace_callback(None)
    with closing(sqlite3.connect(archive_path)) as db:
        plans = {
            sql: plan(db, sql) for sql in asked.values() if re.match("select|update|delete", sql)
        }
    assert len(plans) > 50
    for sql, lines in plans.items():
        assert not set(scanned(lines)) & set(LARGE), sql
        # Of those whom records refer to there are few.
        assert not makeshift(lines) or "leap" in scanned(lines), sql


def test_keys_of_all_rows(toy: DemoInstance, archive_path: Path) -> None:
    """A key as text leads to the row that it was made of, in every table."""
    run(toy, archive_path, sections=tuple(dict.fromkeys(one.section for one in RESOURCES)))
    with closing(sqlite3.connect(archive_path)) as db:
        for table in DERIVED:
            keys = [row[0] for row in db.execute(f'select {key_as_sql(table)} from "{table.name}"')]
            found = db.execute(
                f'select {key_as_sql(table)} from "{table.name}" where {has_key(table)}',
                (keys_as_json(table, keys[1:]),),
            )
            assert sorted(row[0] for row in found) == sorted(keys[1:]), table.name


def test_damaged_stamp(toy: DemoInstance, archive_path: Path) -> None:
    """A stamp that cannot be read is unlike any other, and no reason to stop."""
    run(toy, archive_path)
    execute(archive_path, ["update _cursors set stamp = '[1' where resource = 'post_comments'"])
    assert run(toy, archive_path).exit_code == 0
    with closing(sqlite3.connect(archive_path)) as db:
        left = db.execute("select count(*) from _cursors where stamp = '[1'").fetchone()[0]
    assert left == 0
