"""The ledger says what an archive holds and lacks, and nothing else."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from archives import already_synced, small
from clocks import clock
from conftest import Cli
from looking import book_of, lines_of
from syncing import query, run
from toy import DemoInstance, World, generate
from truth import truth_of
from worlds import A_FEW

from ovk_archive.api.budget import Budget
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.runs import Journal
from ovk_archive.resources import RESOURCES


def change(path: Path, sql: str) -> None:
    """Change an archive behind its back."""
    with closing(sqlite3.connect(path)) as db:
        db.execute(sql)
        db.commit()


@pytest.fixture
def toy() -> Iterator[DemoInstance]:
    """A toy instance with a little of everything."""
    with DemoInstance(generate(size=A_FEW), "B") as instance:
        yield instance


@pytest.fixture
def read_toy(archive_path: Path) -> Iterator[DemoInstance]:
    """One of which there is an archive."""
    with already_synced("B", archive_path, small) as instance:
        yield instance


@pytest.fixture
def full(read_toy: DemoInstance, archive_path: Path) -> Path:
    """An archive of all that the toy has."""
    assert read_toy.world.posts
    return archive_path


@pytest.mark.parametrize("dialect", ["A", "B"])
def test_complete_archive(dialect: str, archive_path: Path) -> None:
    """After a full sync every list is complete, and held is what exists."""
    with already_synced(dialect, archive_path, small) as instance:
        book, truth = book_of(archive_path), truth_of(instance.world, dialect)
    assert book.complete
    assert book.sentence.startswith("Complete as of 20")
    assert [line.name for line in book.lists] == [
        one.name for one in RESOURCES if not one.schedule.opt_in
    ]
    held = {line.name: line.held for line in book.lists}
    for name in ("posts", "messages", "photos", "albums", "notes"):
        assert held[name] == len(truth[name]), name
    assert (book.instance, book.account_id) == ("demo", 1)
    assert book.last_run is not None
    assert book.last_run["outcome"] == "complete"


def test_counted_is_the_servers(full: Path, read_toy: DemoInstance) -> None:
    """What the server counts stands beside what is held, dead rows marked as such."""
    lines = lines_of(full)
    assert lines["posts"].counted == lines["posts"].held == _posts(read_toy)
    assert lines["messages"].counted is None
    audio = lines["audio"]
    assert audio.counts_dead
    assert audio.counted is not None
    assert audio.counted > audio.held
    assert audio.complete


def _posts(instance: DemoInstance) -> int:
    return len(truth_of(instance.world, "B")["posts"])


def test_empty_archive_lacks_everything(archive_path: Path) -> None:
    """Where nothing was read nothing is complete."""
    Archive.open(archive_path, Identity("demo", 1, "http://demo")).close()
    book = book_of(archive_path)
    assert not book.complete
    assert not any(line.complete for line in book.lists)
    assert book.last_run is None
    usual = [one for one in RESOURCES if not one.schedule.opt_in]
    unread = book.sentence.partition("Never read: ")[2].partition(". `")[0]
    assert unread.split(", ") == [one.title for one in usual]
    assert book.unasked == tuple(one.title for one in RESOURCES if one.schedule.opt_in)
    assert f"`ovk-archive sync {archive_path}`" in book.sentence


def test_unread_section_is_missing(toy: DemoInstance, archive_path: Path) -> None:
    """A section that was not asked for is lacking; those that were are complete."""
    run(toy, archive_path, sections=("wall",))
    lines = lines_of(archive_path)
    assert lines["posts"].complete
    assert lines["post_comments"].complete
    assert not lines["notes"].complete
    assert not book_of(archive_path).complete


@pytest.mark.parametrize(
    ("requests", "together"),
    [(5, False), (10, False), (20, False), (40, False), (1, True), (2, True), (3, True), (4, True)],
)
def test_stopped_sync_is_not_complete(
    toy: DemoInstance, archive_path: Path, requests: int, together: bool
) -> None:
    """Wherever a sync stops, the ledger calls neither it complete nor a list it has not reached.

    Whether its calls travel together or not.
    """
    toy.has_execute = together
    assert run(toy, archive_path, budget=Budget(max_requests=requests)).exit_code == 75
    reached = {name for (name,) in query(archive_path, "select resource from _cursors")}
    roots = {resource.name for resource in RESOURCES if resource.parent is None}
    others = [line for line in lines_of(archive_path).values() if line.name in roots - reached]
    assert others
    assert [line.name for line in others if line.complete] == []
    assert not book_of(archive_path).complete
    assert run(toy, archive_path).exit_code == 0
    assert book_of(archive_path).complete


def test_complete_exactly_when_nothing_is_due(toy: DemoInstance, archive_path: Path) -> None:
    """Over a whole sync in small steps, `complete` is said only once it is true."""
    for requests in range(14, 400, 6):
        code = run(toy, archive_path, budget=Budget(max_requests=requests)).exit_code
        assert book_of(archive_path).complete is (code == 0)
        if code == 0:
            return
    pytest.fail("the sync never ended")


def test_due_list_is_unfinished(full: Path) -> None:
    """A parent that has changed since makes its list due, and so not complete."""
    change(full, "update posts set comments = comments + 1 where id = (select min(id) from posts)")
    line = lines_of(full)["post_comments"]
    assert (line.unfinished, line.complete) == (1, False)
    assert "comments of posts (1 list not read to its end)" in book_of(full).sentence


def test_unopened_list_is_unfinished(full: Path) -> None:
    """A list that a parent promises and nobody opened is due; one said to be empty is not."""
    change(full, "delete from _cursors where resource = 'lyrics'")
    assert lines_of(full)["lyrics"].unfinished == lines_of(full)["lyrics"].held
    change(full, "delete from _cursors where resource = 'post_comments'")
    with closing(sqlite3.connect(full)) as db:
        promised = db.execute("select count(*) from posts where comments > 0").fetchone()[0]
    assert lines_of(full)["post_comments"].unfinished == promised


def test_refused_list(toy: DemoInstance, archive_path: Path) -> None:
    """A list that the instance will not show is counted as refused."""
    closed = next(u.id for u in toy.world.users.values() if u.closed)
    assert run(toy, archive_path, owners=(1, closed), sections=("wall",)).exit_code == 3
    line = lines_of(archive_path)["posts"]
    assert (line.refused, line.lists, line.complete) == (1, 2, False)
    assert "posts" in book_of(archive_path).sentence


def test_skipped_record(toy: DemoInstance, archive_path: Path) -> None:
    """A record that crashes the server is counted as skipped until it is had."""
    toy.faults.poison.add(("posts", (1, 7)))
    assert run(toy, archive_path, sections=("wall",)).exit_code == 3
    line = lines_of(archive_path)["posts"]
    assert line.skipped >= 1
    assert not line.complete
    toy.faults.poison.clear()
    assert run(toy, archive_path, full=True, sections=("wall",)).exit_code == 0
    assert lines_of(archive_path)["posts"].complete


def test_gone_rows_are_not_held(full: Path) -> None:
    """What is marked as gone counts as gone, and no longer as held."""
    before = lines_of(full)["notes"]
    change(full, "update notes set gone_at = '2026-01-01T00:00:00Z' where id = 1")
    after = lines_of(full)["notes"]
    assert (after.held, after.gone) == (before.held - 1, before.gone + 1)


def test_attached_photos_are_in_no_list(full: Path) -> None:
    """A photo that only an attachment shows is in no list, and not counted."""
    before = lines_of(full)["photos"].held
    row = "insert into photos (owner_id, id) values ({}, {})"
    change(full, row.format(2, 1))  # somebody else's
    change(full, row.format(1, 9999))  # the account's, but not seen in its list
    assert lines_of(full)["photos"].held == before


def test_person_not_asked_for_is_missing(full: Path) -> None:
    """Somebody who is referred to and unknown keeps the archive from being complete."""
    change(full, "delete from users where id = 2")
    book = book_of(full)
    assert [one.missing for one in book.lookups if one.name == "users"] == [1]
    assert not book.complete
    assert "people (1 not read yet)" in book.sentence


def test_queries_do_not_grow_with_lists(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger asks a fixed number of questions, however many lists there are."""
    asked = []
    plain = Archive.query

    def counting(self: Archive, sql: str, parameters: Any = ()) -> Any:
        asked.append(sql)
        return plain(self, sql, parameters)

    monkeypatch.setattr(Archive, "query", counting)
    book_of(full)
    assert len(asked) <= 3 * len(RESOURCES)


def test_status_shows_the_ledger(cli: Cli, full: Path, read_toy: DemoInstance) -> None:
    """`status` prints the ledger as a table, and as JSON."""
    said = cli.run("status", full)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines()[2] == book_of(full).sentence
    posts = next(line for line in said.stdout.splitlines() if line.startswith("posts "))
    assert posts.split()[1:3] == [str(_posts(read_toy))] * 2
    book = json.loads(cli.run("status", full, "--json").stdout)
    assert book == json.loads(json.dumps(book_of(full).to_json()))


def test_status_while_a_sync_runs(cli: Cli, read_toy: DemoInstance, full: Path) -> None:
    """Looking does not wait for a sync, nor disturb it."""
    with Archive.open(full, Identity("demo", 1, read_toy.url)) as archive:
        Journal(archive).begin_run({})
        assert cli.run("status", full).returncode == 0


def test_a_crash_of_what_is_absent_is_no_lack(tmp_path: Path) -> None:
    """One fault of a method that [A] does not have leaves the archive complete."""
    path = tmp_path / "archive.db"
    with DemoInstance(World.empty(), "A") as instance:
        instance.faults.schedule = lambda s: "500" if s.method == "account.getOvkSettings" else None
        run(instance, path)
        instance.faults.schedule = lambda _: None
        with clock(timedelta(days=40)):
            run(instance, path)
    skipped = query(path, "select resolved_at from _skipped where resource = 'settings'")
    book = book_of(path)

    assert skipped == [(None,)]
    assert book.complete, book.sentence
