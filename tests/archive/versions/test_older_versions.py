"""Versions of an older program are moved to where they lie now, and nothing is lost on the way."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from older import with_versions_as_before
from syncing import faults, query, run
from toy import DemoInstance, generate
from worlds import A_FEW

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import connecting
from ovk_archive.archive.search import index
from ovk_archive.archive.search.telling import Silent, listener
from ovk_archive.archive.tables.schema import is_current
from ovk_archive.archive.versions import moving
from ovk_archive.resources import DERIVED, SECTIONS


@pytest.fixture(scope="module", params=["A", "B"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of all sections with edits, losses and returns, as schema 4 had it."""
    path = tmp_path_factory.mktemp("before") / "archive.db"
    with DemoInstance(generate(1, A_FEW), request.param) as instance:
        world = instance.world
        assert run(instance, path, sections=SECTIONS).exit_code == 0
        first, second, *_ = world.wall(1)
        world.edit_post(1, first.id, "edited")
        world.like("post", 1, second.id, 2)
        run(instance, path, sections=SECTIONS, full=True)
        world.delete_post(1, second.id)
        for _ in range(2):
            run(instance, path, sections=SECTIONS, full=True)
    with_versions_as_before(path)
    return path


@pytest.fixture
def older(made: Path, archive_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(made, archive_path))


def said(path: Path) -> list[tuple[Any, ...]]:
    """Every version: all but how its state and its digests are written."""
    rows = query(
        path,
        "select record, id, resource, record_key, embedded, first_seen_at, last_seen_at, gone_at, "
        "last_seen_in from _versions order by id",
    )
    return [(json.loads(record), *rest) for record, *rest in rows]


def rows(path: Path) -> dict[str, list[Any]]:
    """All rows that follow from versions."""
    return {
        table.name: query(path, f'select * from "{table.name}" order by 1, 2, 3')
        for table in DERIVED
    }


def test_nothing_is_lost(older: Path) -> None:
    """Versions, rows and what the index finds are as before; the archive agrees with itself."""
    before, shown = said(older), rows(older)
    words = query(older, "select rowid from posts_fts where posts_fts match 'edited'")
    digests = query(
        older, "select lower(hex(content)), lower(hex(rest)) from _versions order by id"
    )

    Archive.read(older).close()

    assert said(older) == before
    after = query(older, "select content, ifnull(rest, '') from _versions order by id")
    assert after == [(one, other or "") for one, other in digests]
    assert rows(older) == shown
    assert faults(older) == []
    assert words == query(older, "select rowid from posts_fts where posts_fts match 'edited'") != []


def test_the_index_is_not_made_anew(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index of words goes on where versions lie now: a large one would take minutes to make."""
    anew: list[Any] = []
    monkeypatch.setattr(index, "remake", lambda _, tables, __: anew.extend(tables))
    Archive.read(older).close()
    assert anew == []
    with closing(sqlite3.connect(older)) as db:
        assert index.is_current(db)


def test_states_are_smaller(older: Path) -> None:
    """What a record says itself is not said beside it again."""
    sizes = "select sum(length(state)), sum(length(record)) from {} where resource = 'messages'"
    before = query(older, sizes.format("_versions"))[0]
    Archive.read(older).close()
    after = query(older, sizes.format("_records"))[0]

    assert after[0] < before[0] / 2
    assert after[1] <= before[1]


class Stopped(BaseException):
    """What ends the moving in its middle."""


def test_it_goes_on_where_it_was_stopped(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped after each few versions, every one is in one of the two places, and none in both."""
    monkeypatch.setattr(moving, "_CHUNK", 50)
    before, shown = said(older), rows(older)
    left = [len(before)]
    while True:
        with closing(connecting.connect(older, "rw")) as db:
            if not moving.is_due(db):
                break
            here = {one for (one,) in db.execute("select id from _versions")}
            left.append(len(here))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(moving, "_move_some", once(moving._move_some))
            try:
                Archive.read(older).close()
            except Stopped:
                moved = {one for (one,) in query(older, "select id from _records")}
                rest = {one for (one,) in query(older, "select id from _versions")}
                assert not moved & rest
                assert len(moved | rest) == len(before)

    assert len(left) > 4
    assert left == sorted(left, reverse=True)
    assert said(older) == before
    assert rows(older) == shown
    assert faults(older) == []


def once(work: Callable[[sqlite3.Connection], int]) -> Callable[[sqlite3.Connection], int]:
    """Moves some, and is stopped before the next; ends where there is nothing left."""
    calls = iter((True, False))

    def some(db: sqlite3.Connection) -> int:
        if not next(calls) and moving.has_any(db):
            raise Stopped
        return work(db) if moving.has_any(db) else 0

    return some


def test_a_bar_shows_how_far_it_is(older: Path) -> None:
    """Whoever waits sees how many versions there are, and how many have been moved."""
    heard: list[int] = []
    expected = len(said(older))

    class Bar(Silent):
        def begin(self, count: Callable[[], int]) -> None:
            heard.append(count())

        def rows(self, number: int) -> None:
            heard.append(number)

    token = listener.set(Bar)
    try:
        Archive.read(older).close()
    finally:
        listener.reset(token)

    assert heard[0] == expected
    assert sum(heard[1:]) == expected


def test_an_older_program_keeps_off(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first moved version on, a program of schema 4 would refuse the archive."""
    monkeypatch.setattr(moving, "_CHUNK", 50)
    monkeypatch.setattr(moving, "_move_some", once(moving._move_some))
    with pytest.raises(Stopped):
        Archive.read(older)
    (version,) = query(older, "pragma user_version")[0]

    assert version > 4
    with closing(sqlite3.connect(older)) as db:
        assert not is_current(db)
