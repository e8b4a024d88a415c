"""Rows follow from their versions: `rebuild` makes the same tables again, offline."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from conftest import Cli
from older import with_versions_as_before
from syncing import execute, query, run
from toy import DemoInstance, generate
from worlds import A_FEW

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.rebuild import rebuild
from ovk_archive.errors import StorageError
from ovk_archive.resources import DERIVED, SECTIONS, TABLES

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])


def lived(dialect: str, path: Path) -> None:
    """An archive of all sections and three owners, after edits, deletions and returns."""
    path.write_bytes(_lived(dialect))


@cache
def _lived(dialect: str) -> bytes:
    """The same as bytes: it takes some syncs to make one."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        _live(dialect, path)
        return path.read_bytes()


def _live(dialect: str, path: Path) -> None:
    world = generate(1, A_FEW)
    everything: dict[str, Any] = {"sections": SECTIONS, "owners": (1, 2, -1)}
    with DemoInstance(world, dialect) as instance:
        run(instance, path, **everything)
        world.edit_post(1, 5, "новое")
        world.edit_note(1, 2, "<p>новое</p>")
        gone, back = world.wall(1)[4].id, world.wall(1)[5].id
        world.delete_post(1, gone)
        world.delete_post(1, back)
        world.delete_photo(1, world.photos_of(1)[3].id)
        world.unfriend(1, world.users[1].friends[0])
        world.move_audio_to_front(world.collection(1)[-1].id)
        for _ in range(2):
            run(instance, path, **everything)
        world.undelete_post(1, back)
        world.like("post", 1, back, 2)
        run(instance, path, **everything)


def dump(path: Path) -> dict[str, list[str]]:
    """All rows of all derived tables, whatever their order."""
    return {
        table.name: sorted(map(repr, query(path, f'select * from "{table.name}"')))
        for table in DERIVED
    }


@DIALECTS
def test_a_rebuilt_archive_is_equal(dialect: str, cli: Cli, archive_path: Path) -> None:
    """Every table but `media` has the very same rows again, in every column."""
    lived(dialect, archive_path)
    before = dump(archive_path)
    said = cli.run("rebuild", archive_path)

    assert {table.name for table in TABLES} - before.keys() == {"media"}
    assert query(archive_path, "select count(gone_at) from posts") == [(1,)]
    assert dump(archive_path) == before
    assert (said.returncode, said.stdout) == (0, "")
    assert said.stderr.startswith(f"Rebuilt {len(DERIVED)} tables (")
    assert said.stderr.endswith(" versions; all are as they were.\n")
    assert said.stderr.count("\n") == 1


@DIALECTS
def test_a_damaged_table_is_made_whole(dialect: str, cli: Cli, archive_path: Path) -> None:
    """Rows that were deleted, changed or invented by hand are as they were; it says where."""
    lived(dialect, archive_path)
    before = dump(archive_path)
    execute(
        archive_path,
        [
            "delete from posts where id % 2",
            "update comments set text = 'x', first_seen_at = '', gone_at = ''",
            "insert into friends (user_id, friend_id) values (1, 999)",
            "delete from attachments",
        ],
    )
    kept = len(dump(archive_path)["posts"])
    report = json.loads(cli.run("rebuild", archive_path, "--json").stdout)

    assert dump(archive_path) == before
    assert 0 < kept < len(before["posts"])
    assert report["before"]["posts"] == kept
    assert [(report["versions"],)] == query(archive_path, "select count(*) from _versions")
    assert sorted(report["changed"]) == ["attachments", "comments", "friends", "posts"]
    assert report["rows"]["posts"] == len(before["posts"])


def test_an_unreadable_version_changes_nothing(archive_path: Path) -> None:
    """A version that cannot be read ends it with one sentence, and every table is as it was."""
    lived("B", archive_path)
    execute(
        archive_path,
        ["update _records set record = '{\"attachments\": 7}' where resource = 'posts'"],
    )
    before = dump(archive_path)
    with Archive.read(archive_path) as archive:
        identity = archive.identity()
    with Archive.open(archive_path, identity) as archive, pytest.raises(StorageError) as refused:
        rebuild(archive, lambda *_: None)

    assert "nothing was changed" in str(refused.value)
    assert dump(archive_path) == before


def test_each_changed_table_is_told(cli: Cli, archive_path: Path) -> None:
    """Of each table that was not as it should be it says how many rows there were and are now."""
    with DemoInstance(generate(1, A_FEW), "B") as instance:
        run(instance, archive_path)
    damage = ["delete from posts where id % 2", "update comments set text = 'x'"]
    execute(archive_path, damage)
    posts, comments = (len(dump(archive_path)[name]) for name in ("posts", "comments"))
    told = cli.run("rebuild", archive_path).stderr.splitlines()
    execute(archive_path, damage)
    quiet = cli.run("rebuild", archive_path, "--quiet")
    now = len(dump(archive_path)["posts"])

    assert told[:2] == [
        f"posts: {posts:,} rows before, {now:,} now",
        f"comments: {comments:,} rows as before, some of them different",
    ]
    assert told[2].endswith(" versions; posts, comments had other rows.")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


#: Ends the process in the middle of the work, as a power cut does.
_KILLED = """
import os, signal, sys
from ovk_archive.archive.tables import replay
upsert = replay.upsert
def write(db, table, rows, mode):
    upsert(db, table, rows, mode)
    if table.name == "comments":
        os.kill(os.getpid(), signal.SIGKILL)
replay.upsert = write
sys.argv = ["ovk-archive", "rebuild", sys.argv[1]]
from ovk_archive.cli import main
main()
"""


def test_a_killed_rebuild_changes_nothing(cli: Cli, archive_path: Path) -> None:
    """Killed with half of the tables written, the archive is as it was, and can be rebuilt."""
    with DemoInstance(generate(1, A_FEW), "B") as instance:
        run(instance, archive_path)
    whole = dump(archive_path)
    execute(archive_path, ["delete from posts where id % 2"])
    before = dump(archive_path)
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, archive_path],
        env=cli.environment,
        capture_output=True,
        check=False,
    )

    assert killed.returncode == -9, killed.stderr
    assert dump(archive_path) == before != whole
    assert cli.run("rebuild", archive_path).returncode == 0
    assert dump(archive_path) == whole


def test_what_cannot_be_rebuilt_is_said(cli: Cli, archive_path: Path) -> None:
    """No archive, another file, a running sync: one sentence and the exit code of each."""
    missing = cli.run("rebuild", archive_path)
    other = archive_path.with_name("text.txt")
    other.write_text("no archive", encoding="utf-8")
    strange = cli.run("rebuild", other)
    lived("B", archive_path)
    with Archive.read(archive_path) as archive:
        identity = archive.identity()
    with Archive.open(archive_path, identity):
        busy = cli.run("rebuild", archive_path)

    assert (missing.returncode, strange.returncode, busy.returncode) == (30, 30, 32)
    assert all(said.stderr.count("\n") == 1 for said in (missing, strange, busy))


#: What an archive of schema 2 did not have.
_OLDER = (
    *(f"alter table _versions drop column {one}" for one in ("last_seen_at", "gone_at", "state")),
    "drop table _rounds",
    "drop table _coverage",
    "delete from _sqlite_migrations where name = 'm003_truth_over_time'",
    "pragma user_version = 2",
)


@DIALECTS
def test_an_older_archive_gets_its_states(dialect: str, cli: Cli, archive_path: Path) -> None:
    """An archive of the version before is brought up to date by reading it, and can be rebuilt."""
    lived(dialect, archive_path)
    relations = ", ".join(f"'{table.name}'" for table in DERIVED if table.relation)
    with_versions_as_before(archive_path)
    execute(archive_path, [f"delete from _versions where resource in ({relations})", *_OLDER])
    before = dump(archive_path)
    status = cli.run("status", archive_path)
    rebuilt = cli.run("rebuild", archive_path)

    assert (status.returncode, rebuilt.returncode) == (0, 0)
    assert "Complete as of" in status.stdout
    assert dump(archive_path) == before
