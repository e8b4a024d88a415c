"""Where an archive is: links, and names that are hard to take."""

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from clocks import wait_for
from conftest import Cli
from places import Browsed, bound_by_permissions
from sentences import assert_one_sentence
from toy import DemoInstance

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.copies import copy
from ovk_archive.archive.file.location import address, folder_of, real
from ovk_archive.errors import StorageError

# Links


def test_two_syncs_through_a_link(user: Cli, toy: DemoInstance, tmp_path: Path) -> None:
    """A sync through a link and one without it exclude each other, as two of one file do."""
    archive, link = tmp_path / "real" / "archive.db", tmp_path / "links" / "mine.db"
    archive.parent.mkdir()
    link.parent.mkdir()
    assert user.run("notes", archive, "--quiet").returncode == 0
    link.symlink_to(archive)
    toy.latency = 0.2
    child = user.start("sync", link, "--quiet")
    wait_for(lambda: toy.count("messages.getConversations") > 0)
    assert_one_sentence(user.run("sync", archive), 32, "another sync")
    assert_one_sentence(user.run("sync", link), 32, "another sync")
    toy.latency = 0
    child.communicate(timeout=60)
    assert child.returncode == 0
    assert [one.name for one in link.parent.iterdir()] == ["mine.db"]


def test_files_of_a_link_are_those_of_the_archive(tmp_path: Path) -> None:
    """The folder of files lies beside the archive, whatever link leads to it, or to that link."""
    archive, link, other = tmp_path / "a" / "archive.db", tmp_path / "b.db", tmp_path / "c.db"
    archive.parent.mkdir()
    archive.touch()
    link.symlink_to(Path("a") / "archive.db")
    other.symlink_to(link)
    assert folder_of(other) == folder_of(link) == tmp_path / "a" / "archive.db.media"
    assert folder_of(archive) == tmp_path / "a" / "archive.db.media"


def test_a_link_that_leads_nowhere(user: Cli, toy: DemoInstance, tmp_path: Path) -> None:
    """It is refused by every command, before anything is asked or made."""
    link, circle = tmp_path / "mine.db", tmp_path / "circle.db"
    link.symlink_to(tmp_path / "archive.db")
    circle.symlink_to(circle)
    for command in ("sync", "media", "status", "browse", "rebuild"):
        assert_one_sentence(user.run(command, link), 30, "symbolic link", "archive.db")
    assert_one_sentence(user.run("sync", circle), 30, "circle.db")
    assert_one_sentence(user.run("snapshot", circle, tmp_path / "copy.db"), 30, "circle.db")
    assert toy.raw == []
    assert not (tmp_path / "archive.db").exists()


def test_a_hard_link_is_no_copy(
    made: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever writes an archive that has two names is told that these are one file."""
    archive = tmp_path / "archive.db"
    shutil.copy(made, archive)
    with Archive.read(archive) as held:
        identity = held.identity()
    (tmp_path / "backup.db").hardlink_to(archive)
    Archive.read(archive).close()
    assert not caplog.text
    Archive.open(archive, identity).close()
    assert "hard link" in caplog.text


# Names

HARD = ["what? #1 100%.db", "50%25.db", "Архив Анны.db", "a&b=c;d.db", '\'"quoted".db', "-.db"]


@pytest.mark.parametrize("name", HARD)
def test_names_that_mean_something_in_addresses(name: str, made: Path, tmp_path: Path) -> None:
    """Each name is one file, for SQLite and for those beside it, and no other is made."""
    path = tmp_path / name
    shutil.copy(made, path)
    with closing(sqlite3.connect(address(path, "ro"), uri=True)) as db:
        assert db.execute("select count(*) from notes").fetchone() == (24,)
    copy(path, tmp_path / f"copy of {name}")
    with Archive.read(path) as held:
        identity = held.identity()
    with Archive.open(path, identity):
        pass
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(
        [name, f"copy of {name}", f".{name}.lock"]
    )


@pytest.mark.parametrize("name", HARD[:3])
def test_browse_of_a_name_that_means_something(
    cli: Cli, name: str, made: Path, tmp_path: Path
) -> None:
    """Datasette shows the rows and the pages of that archive."""
    path = tmp_path / name
    shutil.copy(made, path)
    with Browsed(cli, path) as browsed:
        found = re.search(r'<a href="(/[^"/]+)">All tables</a>', browsed.page("/"))
        assert found
        assert "24 rows" in browsed.page(f"{found[1]}/notes")
        assert "<h1>" in browsed.page(f"{found[1]}/-/notes/1")


@pytest.mark.parametrize("command", ["sync", "status", "browse", "media", "rebuild"])
def test_a_name_that_is_too_long(
    user: Cli, toy: DemoInstance, tmp_path: Path, command: str
) -> None:
    """No file can have such a name, which is said before anything is asked."""
    assert_one_sentence(user.run(command, tmp_path / ("a" * 300)), 30, "name too long", "another")
    assert toy.raw == []


def test_a_name_that_leaves_no_room_for_those_beside_it(user: Cli, tmp_path: Path) -> None:
    """Where the lock's name would be too long, that is a sentence as well."""
    assert_one_sentence(user.run("sync", tmp_path / ("a" * 253)), 30, "name too long")


def test_a_name_with_a_zero_byte() -> None:
    """What no file system takes is refused in our own words."""
    with pytest.raises(StorageError, match="null byte"):
        real(Path("a\0b"))


def test_a_folder_that_may_not_be_looked_into(cli: Cli, made: Path, tmp_path: Path) -> None:
    """What is in a folder without rights is not "no archive": the words say why."""
    folder = tmp_path / "closed"
    folder.mkdir()
    shutil.copy(made, folder / "archive.db")
    folder.chmod(0)
    try:
        said = cli.run("status", folder / "archive.db", **bound_by_permissions())
    finally:
        folder.chmod(0o700)
    assert_one_sentence(said, 30, "permission denied")
