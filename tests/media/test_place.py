"""Which folder an archive's files are in: its own, or the one that an earlier version gave it."""

import json
import shutil
from pathlib import Path

import pytest
from conftest import Cli
from fetching import fetch, name_files, on_disk, picture, states, wrongly_named
from scripted import Reply, Request, ScriptedServer
from visits import Visitor

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.location import folder_of, folders_of
from ovk_archive.media.place import vault_of


def answer(request: Request) -> Reply:
    """A picture of each address."""
    return Reply(body=picture(sum(request.path.encode())))


def with_files(path: Path, *addresses: str) -> None:
    """An archive with pictures of these addresses."""
    with ScriptedServer(by=answer) as server:
        name_files(path, server.instance.url, *addresses)
        assert fetch(server.instance, path).stored == len(addresses)


def used(path: Path) -> Path:
    """The folder that commands use for an archive."""
    with Archive.read(path) as archive:
        return vault_of(archive).folder


def as_before(path: Path) -> Path:
    """Give an archive's files the place that earlier versions gave them: the folder."""
    folder = path.with_suffix(".media")
    own = path.with_name(f"{path.name}.media")
    shutil.copytree(own, folder, dirs_exist_ok=True)
    shutil.rmtree(own)
    return folder


def names(folder: Path) -> list[str]:
    """What is in a folder, without the locks of archives."""
    return sorted(one.name for one in folder.iterdir() if not one.name.startswith("."))


def test_each_name_has_a_folder_of_its_own(tmp_path: Path) -> None:
    """The whole name of the archive's file is in that of its folder, whatever its ending."""
    archives = ["anna.db", "anna.sqlite", "anna", "anna.media", "anna.2026-11-26.db", "anna.db.bak"]
    found = [folder_of(tmp_path / name) for name in archives]

    assert [one.name for one in found] == [f"{name}.media" for name in archives]
    assert len(set(found)) == len(archives)


def test_two_archives_of_one_stem(tmp_path: Path) -> None:
    """The files of `anna.db` and of `anna.sqlite` do not meet."""
    db, sqlite = tmp_path / "anna.db", tmp_path / "anna.sqlite"
    with_files(db, "/one.png")
    with_files(sqlite, "/two.png")

    assert (used(db), used(sqlite)) == (folder_of(db), folder_of(sqlite))
    assert names(tmp_path) == ["anna.db", "anna.db.media", "anna.sqlite", "anna.sqlite.media"]
    assert len(on_disk(db)) == len(on_disk(sqlite)) == 1
    assert on_disk(db).keys().isdisjoint(on_disk(sqlite))


def test_an_earlier_folder_is_kept(cli: Cli, tmp_path: Path) -> None:
    """Every command finds the files where an earlier version has put them; new ones go there."""
    path = tmp_path / "anna.db"
    with ScriptedServer(by=answer) as server:
        name_files(path, server.instance.url, "/one.png")
        fetch(server.instance, path)
        folder = as_before(path)
        name_files(path, server.instance.url, "/one.png", "/two.png")
        again = fetch(server.instance, path)
    told = json.loads(cli.run("status", path, "--json").stdout)["files"]
    verified = cli.run("verify", path, "--media", "--orphans")
    out = tmp_path / "out"
    exported = cli.run("export", path, out, "--format", "csv", "--with-media")
    copied = cli.run("snapshot", path, tmp_path / "copy.db")

    assert (again.stored, again.lost) == (1, 0)
    assert (told["stored"], told["missing"]) == (2, 0)
    assert (verified.returncode, verified.stdout) == (0, ""), verified.stderr
    assert exported.returncode == 0, exported.stderr
    assert len([one for one in (out / "files").rglob("*") if one.is_file()]) == 2
    assert f"copy {folder} too" in " ".join(copied.stderr.split())
    assert names(tmp_path) == ["anna.db", "anna.media", "copy.db", "out"]
    assert used(path) == folder
    assert wrongly_named(path) == []


def test_the_folder_of_another_is_not_taken(tmp_path: Path) -> None:
    """A new archive beside an older one of the same stem has its files apart, from the first on."""
    older, newer = tmp_path / "anna.db", tmp_path / "anna.sqlite"
    with_files(older, "/one.png")
    folder = as_before(older)
    with ScriptedServer(by=answer) as server:
        name_files(newer, server.instance.url, "/two.png")
        before = used(newer)
        fetch(server.instance, newer)
    kept = sorted(one.name for one in folder.glob("??/*"))

    assert before == used(newer) == tmp_path / "anna.sqlite.media"
    assert used(older) == folder
    assert len(kept) == len(on_disk(newer)) == 1


def test_a_folder_that_has_nothing_of_the_archive_is_not_taken(tmp_path: Path) -> None:
    """Whose own folder was lost fetches into a new one of its own, not into that of another."""
    older, other = tmp_path / "anna.db", tmp_path / "anna.sqlite"
    with_files(older, "/one.png")
    folder = as_before(older)
    with ScriptedServer(by=answer) as server:
        name_files(other, server.instance.url, "/two.png")
        fetch(server.instance, other)
        shutil.rmtree(folder_of(other))
        report = fetch(server.instance, other)

    assert (report.lost, report.stored) == (1, 1)
    assert used(other) == tmp_path / "anna.sqlite.media"
    assert len(list(folder.glob("??/*"))) == 1


def test_who_shares_a_folder_loses_nothing(tmp_path: Path) -> None:
    """Two archives that share a folder of an earlier version keep it; what comes is kept apart.

    While one of them is in the middle of a file, a run of the other neither removes nor continues
    that file, though it comes from the same address.
    """
    one, other = tmp_path / "anna.db", tmp_path / "anna.sqlite"
    with ScriptedServer(by=answer) as server:
        for path in (one, other):
            name_files(path, server.instance.url, "/both.png", f"/{path.suffix}.png")
            fetch(server.instance, path)
        folder = as_before(one)
        assert as_before(other) == folder
        with Archive.read(one) as archive:
            vault = vault_of(archive)
            vault.begin()
            coming = vault.receive("/new.png")
            coming.begin(None)
            coming.write(picture(7))
            name_files(other, server.instance.url, "/both.png", "/.sqlite.png", "/new.png")
            report = fetch(server.instance, other)
            coming.finish()
            (kept,) = vault.keep([coming])

    assert (used(one), used(other)) == (folder, folder)
    assert (report.stored, report.lost) == (1, 0)
    assert (folder / kept).read_bytes() == picture(7)
    assert {state for state, _ in states(other).values()} == {"stored"}
    assert len(list(folder.glob("??/*"))) == 5
    assert wrongly_named(one) == []


def test_what_is_beside_is_no_archive(tmp_path: Path) -> None:
    """Files of the same stem that are none, links and SQLite's own files share no folder."""
    path = tmp_path / "anna.db"
    with_files(path, "/one.png")
    folder = as_before(path)
    (tmp_path / "anna.txt").write_text("notes of mine")
    (tmp_path / "anna.link").symlink_to(path)
    (tmp_path / "anna.folder").mkdir()
    (tmp_path / "anna.db-journal").write_bytes(b"")
    with Archive.read(path) as archive:
        vault = vault_of(archive)
        vault.begin()

    assert [one.name for one in folder.iterdir() if one.name.startswith(".")] == [".unfinished"]
    shutil.copy(path, tmp_path / "anna.backup")
    with Archive.read(path) as archive:
        vault_of(archive).begin()
    assert len([one for one in folder.iterdir() if one.name.startswith(".")]) == 2


def test_browse_shows_files_of_an_earlier_folder(tmp_path: Path) -> None:
    """The pages find the files as well."""
    path = tmp_path / "anna.db"
    with_files(path, "/one.png")
    as_before(path)
    (name,) = {one.name for one in path.with_suffix(".media").glob("??/*")}
    shown = Visitor(path).get(f"/anna/-/media/{name.partition('.')[0]}")

    assert shown.status_code == 200
    assert Path(shown.path).read_bytes() == picture(sum(b"/one.png"))


@pytest.mark.parametrize("length", [245, 255])
def test_names_that_leave_no_room(length: int, tmp_path: Path) -> None:
    """Of a name for which no folder can be made it is said where that would be, all the same."""
    path = tmp_path / ("a" * length)

    assert folder_of(path) == folders_of(path)[0] == path.with_name(f"{path.name}.media")
