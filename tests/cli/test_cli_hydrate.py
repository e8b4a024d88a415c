"""`hydrate`: the way back from `export --format ids`, and what it says on it."""

import csv
import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from beginnings import begun
from clocks import wait_for
from conftest import Cli
from hydrating import said
from sentences import assert_one_sentence
from syncing import query
from terminal import at_terminal
from toy import DemoInstance, Seen, generate
from worlds import A_FEW

from ovk_archive.api.address import parse_instance
from ovk_archive.archive import names
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity


@pytest.fixture
def toy() -> Iterator[DemoInstance]:
    """A toy instance with a few of each kind of thing, and some more notes."""
    world = generate(1, A_FEW)
    for _ in range(6):
        world.add_note(1)
    with DemoInstance(world, "A") as instance:
        yield instance


@pytest.fixture
def lists(toy: DemoInstance, tmp_path: Path) -> Path:
    """A folder with lists, as an export writes them."""
    folder = tmp_path / "ids"
    folder.mkdir()
    notes = [f"1_{one.id}" for one in toy.world.notes_of(1)]
    bodies = {"notes": [*notes, "1_999"], "users": ["2", "3"], "comments": ["1", "2"]}
    for name, lines in bodies.items():
        (folder / f"{name}.txt").write_text("\n".join(lines))
    _say(folder, parse_instance(toy.url).key)
    return folder


def _say(folder: Path, instance: str) -> None:
    files = [{"path": path.name} for path in folder.glob("*.txt")]
    manifest = {"files": files, "options": {}, "instance": instance}
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))


def test_the_way_back(user: Cli, tmp_path: Path, archive_path: Path) -> None:
    """What an export has written is read into another archive, and `verify` finds nothing."""
    other = tmp_path / "other.db"
    user.run("sync", archive_path, "notes", "messages", "--no-media", "--quiet")
    user.run("export", archive_path, tmp_path / "ids", "--format", "ids")
    done = user.run("hydrate", tmp_path / "ids", other)
    verified = user.run("verify", other)

    assert (done.returncode, done.stdout) == (3, "")
    for table in ("notes", "messages", "users"):
        assert said(other, table) == said(archive_path, table), table
    assert "The instance shows no comments or conversations by number" in done.stderr
    assert "It shows users," in " ".join(done.stderr.split())
    assert verified.returncode == 0


def test_what_is_not_to_be_had_is_told_and_written(
    user: Cli, lists: Path, tmp_path: Path, archive_path: Path
) -> None:
    """The summary names it, the file has all of it, the report is JSON; exit code 3."""
    file = tmp_path / "lacking.csv"
    done = user.run("hydrate", lists, archive_path, "--lacking", file, "--json")
    report = json.loads(done.stdout)
    with file.open(newline="") as open_file:
        rows = list(csv.reader(open_file))

    assert done.returncode == 3
    assert "  notes 1_999: " in done.stderr
    assert [row[:2] for row in rows] == [
        ["table", "number"], ["comments", "1"], ["comments", "2"], ["notes", "1_999"],
    ]  # fmt: skip
    assert list(report["tables"]["notes"]["lacking"]) == ["1_999"]
    assert report["exit_code"] == 3
    notes = len(query(archive_path, "select 1 from notes"))
    things = notes + 1 + 2 + 2
    read = notes + 2
    assert f"Done: of {things} things {read} read, 3 not to be had, in " in done.stderr


def test_all_is_here(user: Cli, lists: Path, archive_path: Path) -> None:
    """If all that was named is in the archive, the exit code is 0; standard input will do."""
    first = user.run("hydrate", "-", archive_path, "--table", "users", "-q", stdin="\ufeff2\n3\n")
    second = user.run("hydrate", lists / "users.txt", archive_path)

    assert (first.returncode, first.stdout, first.stderr) == (0, "", "")
    assert second.returncode == 0
    assert "Done: of 2 things 0 read, 2 here before, in 1 requests." in second.stderr


def test_a_terminal_shows_a_bar(user: Cli, lists: Path, archive_path: Path) -> None:
    """How many of the things have had their turn is shown while they are read."""
    code, shown = at_terminal(user, "hydrate", lists, archive_path, size=(40, 120))
    things = sum(len(path.read_text().split()) for path in lists.glob("*.txt"))

    assert code == 3
    assert re.search(rf"things: .*/{things} ", shown)
    assert shown.splitlines()[-1].startswith(f"Done: of {things} things ")


def test_numbers_of_another_instance_are_refused(
    user: Cli, toy: DemoInstance, lists: Path, archive_path: Path
) -> None:
    """They name other things: nobody is asked, no archive is made, unless a person says so."""
    _say(lists, "other.example")
    refused = user.run("hydrate", lists, archive_path)
    asked, made = len(toy.raw), archive_path.exists()
    taken = user.run("hydrate", lists, archive_path, "--any-instance")

    assert_one_sentence(refused, 2, "numbers of other.example", "--any-instance")
    assert (asked, made) == (0, False)
    assert taken.returncode == 3


def test_a_former_name_is_the_same_instance(
    user: Cli, toy: DemoInstance, lists: Path, archive_path: Path
) -> None:
    """An archive knows the names that its instance has had."""
    now = parse_instance(toy.url)
    then = Identity("other.example", 1, "https://other.example")
    begun(archive_path, then)
    with Archive.open(archive_path, then) as one:
        names.move(one, Identity(now.key, 1, now.url))
    _say(lists, "other.example")

    assert user.run("hydrate", lists, archive_path).returncode == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("IDS/bad.txt", "ARCHIVE", "--table", "posts"), "line 1: 'abc' is no number"),
        (("OTHER", "ARCHIVE"), "is a database: name the list first"),
        (("IDS", "ARCHIVE", "--lacking", "OTHER"), "is something else"),
    ],
)
def test_a_mistake_costs_nothing(
    user: Cli, toy: DemoInstance, lists: Path, *, arguments: Any, words: str
) -> None:
    """What cannot be meant is one sentence, before anybody is asked, and no file is changed."""
    tmp_path = lists.parent
    (lists / "bad.txt").write_text("abc\n")
    other = tmp_path / "other.db"
    other.write_bytes(b"SQLite format 3\x00 and so on")
    places = {"IDS": str(lists), "ARCHIVE": str(tmp_path / "archive.db"), "OTHER": str(other)}
    given = []
    for argument in arguments:
        first, _, rest = argument.partition("/")
        given.append("/".join(filter(None, (places.get(first, first), rest))))
    refused = user.run("hydrate", *given)

    assert_one_sentence(refused, 2, words)
    assert other.read_bytes() == b"SQLite format 3\x00 and so on"
    assert (len(toy.raw), (tmp_path / "archive.db").exists()) == (0, False)
    assert [path.name for path in tmp_path.glob("*.new")] == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_stopped_goes_on(
    user: Cli, toy: DemoInstance, lists: Path, archive_path: Path, number: signal.Signals
) -> None:
    """After a kill or Ctrl-C the same command reads the rest, and little of it twice."""
    began: list[int] = []
    asked: list[str] = []

    def stop(seen: Seen) -> None:
        if seen.method.lower() == "notes.getbyid":
            asked.append(seen.params["note_id"])
            if len(asked) == 3:
                # What was answered is saved by now, or will be soon.
                wait_for(lambda: said(archive_path, "notes"))
                os.kill(began[0], number)

    child = user.start("hydrate", lists, archive_path, "--concurrency", "1")
    began.append(child.pid)
    toy.between = stop
    _, words = child.communicate(timeout=60)
    held = len(said(archive_path, "notes"))
    before = len(asked)
    last = user.run("hydrate", lists, archive_path)

    assert child.returncode == (130 if number == signal.SIGINT else -number)
    assert ("Run the same command again to continue." in words) == (number == signal.SIGINT)
    assert 0 < held < len(toy.world.notes_of(1))
    assert last.returncode == 3
    assert len(said(archive_path, "notes")) == len(toy.world.notes_of(1))
    assert len(asked) - before <= len(toy.world.notes_of(1)) + 1 - held
