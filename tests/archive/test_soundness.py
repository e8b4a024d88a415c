"""A damaged archive is said to be damaged before more is written to it, and nothing private is."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import Cli
from syncing import execute, query, run
from toy import DemoInstance, generate
from worlds import A_FEW

from ovk_archive.archive import soundness
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.journaling import PAGE
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.opening.making import connect_for_writing
from ovk_archive.archive.versions import checkpoints
from ovk_archive.cli import cli as commands
from ovk_archive.errors import ArchiveError, StorageError, WrongArchiveError

#: Not UTF-8, behind something private.
BROKEN = "cast(x'736563726574fffe' as text)"
PRIVATE = "secret"


@pytest.fixture(scope="module")
def instance() -> Iterator[DemoInstance]:
    """One toy instance for all."""
    with DemoInstance(generate(1, A_FEW), "B") as toy:
        yield toy


@pytest.fixture(scope="module")
def saved(instance: DemoInstance, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of it."""
    path = tmp_path_factory.mktemp("saved") / "archive.db"
    assert run(instance, path).exit_code == 0
    key = instance.url.removeprefix("http://")
    execute(path, [f"update _archive set value = '{key}' where name = 'instance'"])
    return path


@pytest.fixture
def archive(saved: Path, archive_path: Path) -> Path:
    """A copy of it."""
    shutil.copy(saved, archive_path)
    return archive_path


def opened(path: Path) -> None:
    """Open an archive for writing, as every command does that writes, and close it."""
    with Archive.read(path) as held:
        identity = held.identity()
    Archive.open(path, identity).close()


def integrity(path: Path) -> str:
    """What SQLite itself says of a file."""
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as db:
        try:
            return str(db.execute("pragma integrity_check").fetchone()[0])
        # What it says may name what is damaged.
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            return str(error)


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_page_is_said(seed: int, archive: Path) -> None:
    """Bytes of any page change: that is said and the file left alone, or SQLite finds it whole."""
    rng = random.Random(seed)
    content = bytearray(archive.read_bytes())
    page = rng.randrange(1, len(content) // PAGE)
    size = rng.choice([1, 8, 64, PAGE])
    start = page * PAGE + rng.randrange(PAGE - size + 1)
    content[start : start + size] = rng.randbytes(size)
    archive.write_bytes(content)
    is_whole = integrity(archive) == "ok"

    if is_whole:
        opened(archive)
        return
    with pytest.raises(StorageError, match="is damaged") as refusal:
        opened(archive)
    assert "Go back to a copy of it" in str(refusal.value)
    assert archive.read_bytes() == bytes(content)


@pytest.mark.parametrize("command", ["sync", "audit", "media", "rebuild"])
def test_every_writer_looks_first(
    command: str, cli: Cli, instance: DemoInstance, archive: Path
) -> None:
    """What writes ends with 30 and one sentence that names the table; nothing is written."""
    cli.log_in(instance)
    (page,) = query(archive, "select rootpage from sqlite_master where name = 'posts'")[0]
    content = bytearray(archive.read_bytes())
    content[(page - 1) * PAGE : (page - 1) * PAGE + 2048] = bytes(2048)
    archive.write_bytes(content)
    done = cli.run(command, archive)

    assert done.returncode == 30
    assert done.stderr.count("\n") == 1
    assert f"The archive {archive} is damaged (posts page {page}" in done.stderr
    assert f"`ovk-archive verify {archive}`" in done.stderr
    assert archive.read_bytes() == bytes(content)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every archive counts as large; what is said of a look through it."""
    monkeypatch.setattr(soundness, "SMALL", 0)
    return []


def told(looks: list[str], path: Path) -> int:
    """How often somebody was told of a look while an archive was opened."""
    looks.clear()
    with soundness.watched(looks.append):
        opened(path)
    return len(looks)


def test_a_large_archive_is_looked_through_once_a_week(
    looks: list[str], archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a look none for a week, whatever the clock says in between; then one that is told."""
    first, second = told(looks, archive), told(looks, archive)
    days = {}
    for day in (6, 8, -3):
        later = datetime.now(UTC) + timedelta(days=day)
        monkeypatch.setattr(soundness, "today", lambda later=later: later)
        days[day] = told(looks, archive)

    assert (first, second) == (1, 0)
    assert days == {6: 0, 8: 1, -3: 1}
    assert f"Checking that {archive} is whole" in looks[0]


def test_a_run_that_did_not_end_calls_for_a_look(looks: list[str], archive: Path) -> None:
    """A large archive is looked through when the last run did not come to its end."""
    told(looks, archive)
    execute(archive, ["update _runs set finished_at = null"])

    assert told(looks, archive) == 1


def test_an_impossible_time_calls_for_a_look(looks: list[str], archive: Path) -> None:
    """A time of the last look that is none is no reason not to look."""
    told(looks, archive)
    execute(archive, ["update _archive set value = 'x' where name = 'checked_at'"])

    assert told(looks, archive) == 1
    assert query(archive, "select value from _archive where name = 'checked_at'") != [("x",)]
    assert checkpoints.timestamp() > "2"


def test_a_damaged_large_archive_is_refused(looks: list[str], archive: Path) -> None:
    """The quicker look at a large archive finds a damaged page too."""
    content = bytearray(archive.read_bytes())
    (page,) = query(archive, "select rootpage from sqlite_master where name = '_records'")[0]
    content[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    archive.write_bytes(content)

    with pytest.raises(StorageError, match=r"is damaged \(_records"):
        told(looks, archive)


COMMANDS: dict[str, tuple[str, ...]] = {
    "status": (),
    "verify": (),
    "history": ("posts", "1_1"),
    "rebuild": (),
    "export": ("EXPORT", "--format", "ndjson", "--with-versions"),
}


def spoken(command: str, path: Path) -> tuple[str, Any]:
    """All that a command says, and what it raises."""
    rest = [str(path.with_name("export")) if one == "EXPORT" else one for one in COMMANDS[command]]
    arguments = [command, str(path), *rest]
    done = CliRunner().invoke(commands, arguments, standalone_mode=False)
    return f"{done.output}{done.exception or ''}", done.exception


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("_records", "record"),
        ("_records", "record_key"),
        ("_cursors", "partition"),
        ("_cursors", "position"),
        ("_runs", "report"),
        ("posts", "text"),
        ("messages", "text"),
    ],
)
def test_a_text_that_is_none(command: str, table: str, column: str, archive: Path) -> None:
    """A text that is not UTF-8 is no traceback in any command, and none repeats what is in it."""
    first = f"select min(rowid) from {table} where {column} is not null"
    execute(archive, [f"update {table} set {column} = {BROKEN} where rowid = ({first})"])
    said, error = spoken(command, archive)

    assert PRIVATE not in said
    assert error is None or isinstance(error, ArchiveError), repr(error)


def test_such_a_text_is_called_damage(cli: Cli, instance: DemoInstance, archive: Path) -> None:
    """`sync` and `export` name the column, call it damage and end with 30."""
    cli.log_in(instance)
    execute(
        archive,
        [f"update posts set text = {BROKEN}", f"update _cursors set position = {BROKEN}"],
    )
    done = [
        cli.run("export", archive, "-", "--table", "posts", "--format", "csv"),
        cli.run("sync", archive, "--full"),
        cli.run("history", archive, "posts", "1_1"),
    ]

    for one in done[:2]:
        assert one.returncode == 30, one.stderr
        assert "is damaged (a text in column" in one.stderr
    assert not any(PRIVATE in one.stdout + one.stderr for one in done)


@pytest.mark.parametrize("column", ["partition", "position"])
def test_a_place_that_is_no_json(column: str, archive: Path) -> None:
    """A list whose place cannot be read ends no command but by a sentence."""
    execute(archive, [f"update _cursors set {column} = '{{' where rowid = 3"])

    for command in COMMANDS:
        _, error = spoken(command, archive)
        assert error is None or isinstance(error, ArchiveError), (command, repr(error))


def test_verify_lists_such_a_text(cli: Cli, archive: Path) -> None:
    """`verify` goes on behind a text that is not UTF-8, and lists it as damage (3)."""
    execute(archive, [f"update _records set record = {BROKEN} where id = 7"])
    done = cli.run("verify", archive)

    assert done.returncode == 3
    assert "The database is damaged: a text in column record is not UTF-8" in done.stderr
    assert PRIVATE not in done.stderr


@pytest.mark.parametrize("table", ["posts", "media", "_records", "sqlite_master"])
def test_verify_lists_damaged_pages(table: str, cli: Cli, archive: Path) -> None:
    """`verify` lists what SQLite complains of, whatever table it is in (3)."""
    found = query(archive, f"select rootpage from sqlite_master where name = '{table}'")
    start = (found[0][0] - 1) * PAGE if found else 100
    content = bytearray(archive.read_bytes())
    content[start : start + 2048] = bytes(2048)
    archive.write_bytes(content)
    done = cli.run("verify", archive, "--media")

    assert done.returncode == 3, done.stderr
    assert "The database is damaged" in done.stderr
    assert "go back" not in done.stderr.lower()


def test_an_archive_that_does_not_say_whose_it_is(archive: Path) -> None:
    """Facts that are lacking are damage, not a traceback."""
    execute(archive, ["delete from _archive where name = 'account_id'"])

    with pytest.raises(StorageError, match="does not say whose it is"):
        opened(archive)


def test_a_file_that_was_just_made_is_anybodys(tmp_path: Path) -> None:
    """A run that was killed before the file said whose it is hinders no later one."""
    path = tmp_path / "archive.db"
    connect_for_writing(path).close()
    assert query(path, "select count(*) from _archive where name <> 'account_id'") != [(0,)]

    Archive.open(path, Identity("demo", 1, "http://demo")).close()
    with Archive.read(path) as archive:
        assert archive.identity().account_id == 1
    with pytest.raises(WrongArchiveError):
        Archive.open(path, Identity("demo", 2, "http://demo"))
