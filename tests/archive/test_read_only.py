"""Archives where nothing can be written: disks, folders, files."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import Cli
from places import Browsed, bound_by_permissions, on_read_only_disk
from sentences import assert_one_sentence
from toy import DemoInstance
from warm import WarmProcess

from ovk_archive.archive.archive import Archive

_WORDS = "cannot be written here"


class Place(NamedTuple):
    """Where an archive is, and how a command is started for which that is so."""

    archive: Path
    before: tuple[str, ...] = ()
    more: dict[str, Any] = {}  # noqa: RUF012 - nobody changes it


def _disk(folder: Path) -> Place:
    return Place(folder / "archive.db", on_read_only_disk(folder))


def _folder(folder: Path) -> Place:
    folder.chmod(0o555)
    return Place(folder / "archive.db", more=bound_by_permissions())


def _file(folder: Path) -> Place:
    (folder / "archive.db").chmod(0o444)
    return Place(folder / "archive.db", more=bound_by_permissions())


#: Makes a command line be at a place.
At = Callable[[Place], Path]
PLACES = pytest.mark.parametrize("place", [_disk, _folder, _file])


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is the same for all tests: it is mounted once."""
    return tmp_path_factory.mktemp("there")


@pytest.fixture
def folder(made: Path, there: Path) -> Iterator[Path]:
    """This folder with an archive in it."""
    shutil.copy(made, there / "archive.db")
    yield there
    there.chmod(0o700)
    for one in there.iterdir():
        one.unlink()


@pytest.fixture(scope="module")
def bound() -> Iterator[dict[Any, WarmProcess]]:
    """What commands are forked from that are started in one way; they are all allowed the same."""
    processes: dict[Any, WarmProcess] = {}
    yield processes
    for one in processes.values():
        one.close()


@pytest.fixture
def at(bound: dict[Any, WarmProcess], cli: Cli) -> At:
    """Lets the command line run where a place is what it is; gives the archive back."""

    def start(place: Place) -> Path:
        way = place.before, bool(place.more)
        if way not in bound:
            bound[way] = WarmProcess(before=place.before, **place.more)
        cli.warm = bound[way]
        return place.archive

    return start


@PLACES
def test_commands_that_only_read(
    cli: Cli, at: At, place: Callable[[Path], Place], folder: Path, tmp_path: Path
) -> None:
    """They say that it is read as it stands, read all of it, and leave nothing beside it."""
    archive = at(place(folder))
    out = tmp_path / "out"
    for number, command in enumerate(
        (
            ("status", archive),
            ("verify", archive),
            ("history", archive, "note", "1_1"),
            ("export", archive, out / "csv", "--format", "csv"),
            ("export", archive, out / "json", "--format", "json", "--with-media"),
            ("snapshot", archive, out / "copy.db"),
        )
    ):
        out.mkdir(exist_ok=True)
        said = cli.run(*command)
        assert said.returncode == 0, (number, said.stderr)
        assert said.stderr.count(_WORDS) == 1
    assert len((out / "csv" / "notes.csv").read_text().splitlines()) > 24
    with closing(sqlite3.connect(out / "copy.db")) as db:
        assert db.execute("select count(*) from notes").fetchone() == (24,)
    assert [one.name for one in folder.iterdir()] == ["archive.db"]


@PLACES
def test_browse(cli: Cli, at: At, place: Callable[[Path], Place], folder: Path) -> None:
    """Datasette shows it, and leaves nothing beside it."""
    with Browsed(cli, at(place(folder))) as browsed:
        assert "24 rows" in browsed.page("/archive/notes")
    assert _WORDS in browsed.said
    assert [one.name for one in folder.iterdir()] == ["archive.db"]


@PLACES
def test_commands_that_write(
    user: Cli, toy: DemoInstance, at: At, place: Callable[[Path], Place], folder: Path
) -> None:
    """They are refused before the server is asked for anything but who one is."""
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        key = toy.url.removeprefix("http://")
        db.execute("update _archive set value = ? where name = 'instance'", (key,))
        db.commit()
    archive = at(place(folder))
    for command in ("sync", "media", "rebuild"):
        said = user.run(command, archive, "--quiet")
        assert_one_sentence(said, 30, "archive.db", "read-only")
    assert not toy.count("wall.get")


def test_a_sync_after_the_file_may_be_written_again(
    user: Cli, toy: DemoInstance, at: At, archive_path: Path
) -> None:
    """Whoever has read a read-only file leaves nothing that blocks the next sync."""
    assert user.run("notes", archive_path, "--quiet").returncode == 0
    archive_path.chmod(0o444)
    at(Place(archive_path, more=bound_by_permissions()))
    assert user.run("status", archive_path).returncode == 0
    assert user.run("verify", archive_path, "--server").returncode in (0, 3)
    archive_path.chmod(0o600)
    assert user.run("notes", archive_path, "--quiet").returncode == 0
    assert toy.count("notes.get")


def test_quiet_is_quiet(cli: Cli, at: At, folder: Path) -> None:
    """--quiet is for errors only, of which this is none."""
    archive = at(_file(folder))
    said = cli.run("verify", archive, "--quiet")
    assert (said.returncode, said.stderr) == (0, "")


@PLACES
@pytest.mark.parametrize("with_shm", [True, False])
def test_a_part_is_in_the_wal(
    cli: Cli,
    at: At,
    place: Callable[[Path], Place],
    folder: Path,
    tmp_path: Path,
    *,
    with_shm: bool,
) -> None:
    """What a -wal has is read, or it is said that it cannot be: never a part for the whole."""
    source = tmp_path / "source.db"
    shutil.copy(folder / "archive.db", source)
    with closing(sqlite3.connect(source, isolation_level=None)) as db:
        db.execute("pragma journal_mode = wal")
        db.execute("delete from notes where id > 5")
        for ending in ("", "-wal", "-shm") if with_shm else ("", "-wal"):
            shutil.copy(f"{source}{ending}", f"{folder / 'archive.db'}{ending}")
    archive = at(place(folder))
    said = cli.run("export", archive, "-", "--format", "ndjson", "--table", "notes")
    if said.returncode:
        assert_one_sentence(said, 30, "archive.db-wal", "copy both")
    else:
        assert len(said.stdout.splitlines()) == 5
    assert with_shm or place is _file or said.returncode == 30


def test_an_older_archive(cli: Cli, at: At, folder: Path) -> None:
    """What lacks a table of today cannot be read where that cannot be made, which is said."""
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        db.execute("pragma user_version = 3")
    archive = at(_folder(folder))
    assert_one_sentence(cli.run("status", archive), 30, "older version", "read-only")


def test_an_empty_wal_beside_it(cli: Cli, at: At, folder: Path) -> None:
    """An empty -wal, as Datasette leaves one, keeps nobody from reading."""
    (folder / "archive.db-wal").touch()
    archive = at(_folder(folder))
    assert cli.run("status", archive).returncode == 0
    with Archive.read(folder / "archive.db") as held:
        assert held.query("select count(*) from notes") == [(24,)]
