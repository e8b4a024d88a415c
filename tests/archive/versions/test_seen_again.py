"""What is read again and has not changed is hardly written, and is told all the same."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from clocks import clock
from syncing import faults, query, run
from toy import DemoInstance
from worlds import LISTS, made

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.tables import last_seen
from ovk_archive.archive.tables.store import store
from ovk_archive.archive.versions import checkpoints
from ovk_archive.resources.vocabulary.rows import Row
from ovk_archive.resources.wall import POSTS

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
PENDING = "select value from _archive where name = 'last_seen_through'"


def world() -> Any:
    """Some of everything."""
    return made(3, dict.fromkeys(LISTS, 6), dialogs=2)


def records(path: Path) -> list[Any]:
    """What was said, as it is stored; not what only stands together, and in which order."""
    return query(path, "select * from _records where record <> '{}' order by id")


def seen(path: Path, table: str) -> list[Any]:
    """When the rows of a table were seen last."""
    return [at for (at,) in query(path, f"select last_seen_at from {table}")]


@DIALECTS
def test_an_audit_writes_no_record(dialect: str, archive_path: Path) -> None:
    """Nothing that was said is written anew; each row says that the audit has seen it."""
    with DemoInstance(world(), dialect) as instance:
        run(instance, archive_path)
        before = records(archive_path)
        first = max(seen(archive_path, "messages") + seen(archive_path, "posts"))
        report = run(instance, archive_path, audit=True)

    assert report.audit
    assert records(archive_path) == before
    assert min(seen(archive_path, "messages") + seen(archive_path, "posts")) > first
    assert query(archive_path, PENDING) == []
    assert faults(archive_path) == []


@DIALECTS
def test_a_kill_before_rows_are_told(dialect: str, archive_path: Path,
                                     monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """Of rows that are still to be told nobody says that they are damaged; the next sync does."""
    with DemoInstance(world(), dialect) as instance:
        run(instance, archive_path)
        first = max(seen(archive_path, "messages"))
        with monkeypatch.context() as patch:
            # As if the process had been killed when it was about to close the archive.
            patch.setattr(Archive, "_tell_rows", lambda _: None)
            run(instance, archive_path, audit=True)
        assert query(archive_path, PENDING) != []
        assert min(seen(archive_path, "messages")) <= first
        assert faults(archive_path) == []
        run(instance, archive_path)

    assert query(archive_path, PENDING) == []
    assert min(seen(archive_path, "messages")) > first
    assert faults(archive_path) == []


@pytest.mark.parametrize("shift", [timedelta(hours=-1), timedelta(days=-20_000)])
def test_a_clock_that_was_set_back_is_no_damage(
    shift: timedelta, archive_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that wait to be told were seen since, though by the clock that was before."""
    with DemoInstance(world(), "B") as instance:
        run(instance, archive_path)
        with monkeypatch.context() as patch, clock(shift):
            patch.setattr(Archive, "_tell_rows", lambda _: None)
            run(instance, archive_path, audit=True)
        assert query(archive_path, PENDING) != []
        assert faults(archive_path) == []
        with clock(shift):
            run(instance, archive_path)

    assert query(archive_path, PENDING) == []
    assert faults(archive_path) == []


@pytest.mark.parametrize("when", ["1999", "9999"])
def test_a_row_that_was_not_seen_since_is_found(when: str, archive_path: Path) -> None:
    """While rows wait to be told, others that say another time are still found by `verify`."""
    with DemoInstance(world(), "B") as instance:
        run(instance, archive_path)
    with closing(sqlite3.connect(archive_path)) as db:
        (last,) = db.execute(
            "select max(s.last_seen_in) from _sightings s join _records r on r.id = s.id "
            "where r.resource = 'notes'"
        ).fetchone()
        db.execute("insert into _archive (name, value) values ('last_seen_through', ?)", (last,))
        db.execute(f"update notes set last_seen_at = '{when}-01-01T00:00:00.000000Z'")
        db.commit()

    assert "notes" in {one.table for one in faults(archive_path)}


@DIALECTS
def test_counters_that_change_and_change_back(dialect: str, archive_path: Path) -> None:
    """A row says what was seen last, also where that is what its version said at first."""
    likes = "select likes from posts where owner_id = 1 and id = {}"
    with DemoInstance(world(), dialect) as instance:
        post = instance.world.wall(1)[0].id
        run(instance, archive_path)
        first = query(archive_path, likes.format(post))
        instance.world.like("post", 1, post, 2)
        run(instance, archive_path, full=True)
        more = query(archive_path, likes.format(post))
        noted = query(archive_path, "select state from _records where resource = 'posts' "
                      f"and record_key = '1_{post}' and embedded = 0")  # fmt: skip
        instance.world.unlike("post", 1, post, 2)
        run(instance, archive_path, full=True)
        again = query(archive_path, likes.format(post))

    assert more != first == again
    assert len(noted) == 1
    assert "likes" in noted[0][0]
    assert faults(archive_path) == []


def test_rows_are_told_once(archive_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync that has put nothing off does not look through what was seen; an audit does."""
    looked: list[object] = []

    def look(seen: object, **_: object) -> tuple[()]:
        looked.append(seen)
        return ()

    with DemoInstance(world(), "B") as instance:
        run(instance, archive_path)
        monkeypatch.setattr(last_seen, "groupby", look)
        run(instance, archive_path, rounds=0)
        assert looked == []
        run(instance, archive_path, audit=True)
        assert len(looked) == 1


def post(likes: int, *, embedded: bool) -> Row:
    """A post as its own list tells it, or as a part of something else."""
    record = {"owner_id": 1, "id": 5, "text": "ночь", "date": 1, "likes": {"count": likes}}
    return POSTS.row(record, embedded=embedded)


def test_what_was_seen_last_counts_whoever_said_it(archive_path: Path) -> None:
    """A counter that an attachment has changed is what the list says again, when it says the same
    as before.
    """  # noqa: D205
    steps = [(3, False), (5, True), (3, False), (3, False), (5, True)]
    told = []
    with Archive.open(archive_path, Identity("demo", 1, "https://demo.invalid")) as archive:
        for likes, embedded in steps:
            with archive.transaction() as db:
                store(db, [post(likes, embedded=embedded)], checkpoints.now(db))
            told += archive.query("select likes from posts")
    assert told == [(likes,) for likes, _ in steps]
    assert faults(archive_path) == []


def test_empty_and_missing_are_told_apart(archive_path: Path) -> None:
    """A text that is empty, then missing, then empty again is one content, and told as it comes."""
    told = []
    with Archive.open(archive_path, Identity("demo", 1, "https://demo.invalid")) as archive:
        for said in ({"text": ""}, {}, {}, {"text": ""}, {"text": None}):
            row = POSTS.row({"owner_id": 1, "id": 5, "date": 1, **said})
            with archive.transaction() as db:
                store(db, [row], checkpoints.now(db))
            told += archive.query("select text, (select count(*) from _records) from posts")
    assert told == [("", 1), (None, 1), (None, 1), ("", 1), (None, 1)]
    assert faults(archive_path) == []
