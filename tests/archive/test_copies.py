"""One file is the archive: at the end of each run, and as a snapshot at any moment."""

import multiprocessing
import os
import random
import re
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from clocks import wait_for
from conftest import Cli
from effort import some
from places import Browsed
from sentences import assert_one_sentence
from syncing import query, run
from toy import DemoInstance

from ovk_archive.api.budget import Budget
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.copies import copy, state_of
from ovk_archive.archive.file.journaling import PAGE
from ovk_archive.archive.lists.rounds import end_round
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.tables import schema
from ovk_archive.errors import BadInputError, StorageError

ME = Identity("toy", 1, "http://toy")


@pytest.fixture
def archive(made: Path, archive_path: Path) -> Path:
    """A copy of it, for one test."""
    shutil.copy(made, archive_path)
    return archive_path


def save_something(path: Path) -> None:
    """One more checkpoint in an archive."""
    with Archive.read(path) as held:
        identity = held.identity()
    with Archive.open(path, identity) as held:
        end_round(held, ("nothing", "{}"), None)


def alone(path: Path, folder: Path) -> Path:
    """The file alone, as a person copies it."""
    folder.mkdir()
    return Path(shutil.copy(path, folder))


# The file alone


def test_a_new_file_is_an_archive_at_once(archive_path: Path, tmp_path: Path) -> None:
    """Whoever copies the file while the first sync runs has all tables, and whose it is."""
    with Archive.open(archive_path, ME):
        copied = alone(archive_path, tmp_path / "copied")

    with closing(sqlite3.connect(copied)) as db:
        assert schema.is_current(db)
    with Archive.read(copied) as held:
        assert held.identity() == ME


def test_the_file_is_all_of_it_while_browse_runs(
    cli: Cli, toy: DemoInstance, archive: Path, tmp_path: Path
) -> None:
    """After a sync the file alone has what it saved, though Datasette holds it open."""
    with Browsed(cli, archive) as browsed:
        browsed.page("/archive/posts")
        assert run(toy, archive, sections=("wall",)).exit_code == 0
        copied = alone(archive, tmp_path / "copied")
        browsed.page("/archive/posts")

    assert query(copied, "select count(*) from posts") == [(119,)]
    assert sorted(one.name for one in archive.parent.glob("archive.db*")) == ["archive.db"]


def test_the_file_is_all_of_it_after_a_stop(
    toy: DemoInstance, archive: Path, tmp_path: Path
) -> None:
    """A run that a budget ends leaves nothing beside the file either."""
    with closing(sqlite3.connect(archive)) as reader:
        reader.execute("select count(*) from posts").fetchone()
        report = run(toy, archive, sections=("wall",), budget=Budget(6, None))
        copied = alone(archive, tmp_path / "copied")
    assert report.exit_code == 75
    rows = query(archive, "select count(*) from _versions")
    assert query(copied, "select count(*) from _versions") == rows
    assert rows > [(40,)]


def test_what_a_reader_needs_is_said_to_be_in_the_wal(
    archive: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where somebody reads at the end of a run, its last words name the -wal, to be copied too."""
    with closing(sqlite3.connect(archive, isolation_level=None)) as reader:
        reader.execute("begin")
        reader.execute("select count(*) from notes").fetchone()
        save_something(archive)
    assert "archive.db-wal" in caplog.text
    assert "snapshot" in caplog.text


def test_a_file_whose_wal_was_left_behind(cli: Cli, archive_path: Path, tmp_path: Path) -> None:
    """A file without tables is no archive for who reads; the words name the -wal."""
    with closing(sqlite3.connect(archive_path, isolation_level=None)) as db:
        db.execute("pragma journal_mode = wal")
        db.execute("create table _archive (name, value)")
        copied = alone(archive_path, tmp_path / "copied")
        for command in ("status", "verify", "browse"):
            assert_one_sentence(cli.run(command, copied), 30, "archive.db-wal", "left behind")
        copied.write_bytes(b"")
        assert_one_sentence(cli.run("status", copied), 30, "archive.db-wal", "left behind")


def test_an_archive_that_nobody_has_signed(cli: Cli, archive: Path) -> None:
    """A sync that was killed before it wrote whose the archive is leaves something to be filled."""
    with closing(sqlite3.connect(archive)) as db:
        db.execute("delete from _archive")
        db.commit()
    assert_one_sentence(cli.run("status", archive), 30, "ovk-archive sync")


# Snapshots


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_browse_leaves_nothing_beside_the_file(
    cli: Cli, toy: DemoInstance, archive: Path, end: signal.Signals
) -> None:
    """However it is told to end, SQLite's own files go with it."""
    with Browsed(cli, archive) as browsed:
        browsed.end = end
        browsed.page("/archive/posts")
        assert run(toy, archive, sections=("wall",)).exit_code == 0

    assert [one.name for one in archive.parent.glob(f"{archive.name}-*")] == []


def test_a_snapshot_during_a_sync_and_browse(
    user: Cli, toy: DemoInstance, archive: Path, tmp_path: Path
) -> None:
    """Snapshots of an archive that is written and shown are whole archives of one file."""
    archive.unlink()
    toy.latency = 0.4
    child = user.start("sync", archive, "--quiet")
    wait_for(lambda: archive.exists() and toy.count("wall.get") > 0)
    made: list[Path] = []
    with Browsed(user, archive) as browsed:
        browsed.page("/archive/posts")
        toy.latency = 0.03
        while child.poll() is None:
            made.append(copy(archive, tmp_path / f"{len(made)}.db")[0])
            time.sleep(0.1)
    said = child.communicate(timeout=60)[1]
    assert child.returncode == 0, said
    assert len(made) > 3
    first, last = made[0], made[-1]
    for one in (first, last):
        assert user.run("verify", one).returncode == 0
        assert one.stat().st_mode & 0o777 == 0o600
        # No -wal belongs to it.
        assert one.read_bytes()[18:20] == b"\x01\x01"
    assert query(first, "select count(*) from _versions") < query(
        last, "select count(*) from _versions"
    )
    assert not list(tmp_path.glob(".*.unfinished-*"))


def test_a_snapshot_is_replaced_by_a_later_one(cli: Cli, archive: Path, tmp_path: Path) -> None:
    """The same command each night keeps one snapshot, which is the newest."""
    file = tmp_path / "copies" / "mine.db"
    file.parent.mkdir()
    assert cli.run("snapshot", archive, file).returncode == 0
    before = state_of(file)
    save_something(archive)
    said = cli.run("snapshot", archive, file)
    assert (said.returncode, said.stdout) == (0, "")
    after = state_of(file)
    assert before
    assert after
    assert after.checkpoints > before.checkpoints
    assert cli.run("status", file).returncode == 0


def _synced(archive: Path, file: Path) -> None:
    copy(archive, file)
    save_something(file)


def _synced_long_ago(archive: Path, file: Path) -> None:
    _synced(archive, file)
    for _ in range(3):
        save_something(archive)


def _newer(archive: Path, file: Path) -> None:
    older = archive.read_bytes()
    save_something(archive)
    copy(archive, file)
    archive.write_bytes(older)


def _of_another(_: Path, file: Path) -> None:
    with Archive.open(file.with_name("other.db"), ME):
        pass
    copy(file.with_name("other.db"), file)


def _a_copy(archive: Path, file: Path) -> None:
    shutil.copy(archive, file)


def _a_text(_: Path, file: Path) -> None:
    file.write_text("my diary")


def _a_folder(_: Path, file: Path) -> None:
    file.mkdir()


def _a_link_to_the_archive(archive: Path, file: Path) -> None:
    file.symlink_to(archive)


def _a_wal(_: Path, file: Path) -> None:
    file.with_name(f"{file.name}-wal").write_bytes(b"of an earlier database")


@pytest.mark.parametrize(
    "make",
    [
        _synced,
        _synced_long_ago,
        _newer,
        _of_another,
        _a_copy,
        _a_text,
        _a_folder,
        _a_link_to_the_archive,
        _a_wal,
    ],
)
@pytest.mark.parametrize("keep", [None, 1])
def test_nothing_but_an_earlier_snapshot_is_replaced(
    archive: Path, tmp_path: Path, make: Callable[[Path, Path], None], keep: int | None
) -> None:
    """What is more than an earlier state of this archive stays as it is, byte for byte."""
    folder = tmp_path / "copies"
    folder.mkdir()
    # With --keep such a thing has the name of a snapshot.
    file = folder / ("mine.2020-01-02T030405Z.db" if keep else "mine.db")
    make(archive, file)
    before = {one: one.read_bytes() for one in folder.iterdir() if one.is_file()}

    if keep:
        copy(archive, folder / "mine.db", keep)
    else:
        with pytest.raises(BadInputError, match=r"name (another|a) file"):
            copy(archive, file)

    after = {one: one.read_bytes() for one in before}
    assert after == before


def test_the_newest_are_kept(cli: Cli, archive: Path, tmp_path: Path) -> None:
    """--keep N puts the time into the name, and removes all but the newest N snapshots."""
    folder = tmp_path / "copies"
    folder.mkdir()
    for day in range(1, 5):
        copy(archive, folder / f"mine.2020-01-0{day}T000000Z.db")
        save_something(archive)
    said = cli.run("snapshot", archive, folder / "mine.db", "--keep", 3)
    assert said.returncode == 0
    *older, newest = sorted(one.name for one in folder.iterdir())
    assert older == ["mine.2020-01-03T000000Z.db", "mine.2020-01-04T000000Z.db"]
    assert re.fullmatch(r"mine\.20\d\d-\d\d-\d\dT\d{6}Z\.db", newest)
    assert "mine.2020-01-02T000000Z.db" in said.stderr


def test_no_snapshot_of_a_damaged_archive(cli: Cli, archive: Path, tmp_path: Path) -> None:
    """A damaged archive takes no good snapshot's place."""
    file = tmp_path / "copy.db"
    copy(archive, file)
    before = file.read_bytes()
    content = bytearray(archive.read_bytes())
    root = query(archive, "select rootpage from sqlite_master where name = 'notes'")[0][0]
    content[PAGE * (root - 1) : PAGE * root] = b"\xff" * PAGE
    archive.write_bytes(content)
    assert_one_sentence(cli.run("snapshot", archive, file), 30, "damaged", "no snapshot")
    assert file.read_bytes() == before
    assert not list(tmp_path.glob(".*.unfinished-*"))


def test_killed_while_it_is_made(archive: Path, tmp_path: Path) -> None:
    """Kills leave the earlier snapshot or a whole new one, and the next one tidies up."""
    with closing(sqlite3.connect(archive)) as db:
        db.execute("create table _ballast as select randomblob(10000000) as b")
        db.commit()
    file = tmp_path / "copies" / "mine.db"
    file.parent.mkdir()
    copy(archive, file)
    rng = random.Random(14)
    fork = multiprocessing.get_context("fork")
    begun, kills = 0, some(50, 15)
    for _ in range(kills):
        child = fork.Process(target=copy, args=(archive, file))
        child.start()
        while child.exitcode is None and not list(file.parent.glob(".*")):
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.06))
        if child.pid and child.exitcode is None:
            os.kill(child.pid, signal.SIGKILL)
        child.join()
        begun += child.exitcode == -signal.SIGKILL
        assert query(file, "pragma quick_check") == [("ok",)]
        assert state_of(file)
    assert begun > kills // 5
    copy(archive, file)
    assert [one.name for one in file.parent.iterdir()] == ["mine.db"]


def test_there_is_nothing_to_copy(cli: Cli, archive_path: Path, tmp_path: Path) -> None:
    """Of what is no archive there is no snapshot."""
    assert_one_sentence(cli.run("snapshot", archive_path, tmp_path / "copy.db"), 30, "no archive")
    archive_path.write_bytes(b"")
    with pytest.raises(StorageError, match="-wal"):
        copy(archive_path, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
