"""An archive without its folder of files: every command notices, and `media` fetches them again."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archives import SMALL
from conftest import Cli
from fetching import fetch, name_files, on_disk, picture, states, wrongly_named
from scripted import Reply, Request, ScriptedServer
from syncing import execute, query, run
from toy import DemoInstance, generate

from ovk_archive.archive.file.location import folder_of


@pytest.fixture(scope="module")
def instance() -> Iterator[DemoInstance]:
    """One toy instance for all."""
    with DemoInstance(generate(size=SMALL), "B") as toy:
        yield toy


@pytest.fixture(scope="module")
def saved(instance: DemoInstance, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an archive with its files."""
    path = tmp_path_factory.mktemp("saved") / "archive.db"
    assert run(instance, path).exit_code == 0
    assert fetch(instance.url, path).stored > 30
    key = instance.url.removeprefix("http://")
    execute(path, [f"update _archive set value = '{key}' where name = 'instance'"])
    return path.parent


@pytest.fixture
def user(cli: Cli, instance: DemoInstance) -> Cli:
    """The command line, logged in to that instance."""
    cli.log_in(instance)
    return cli


@pytest.fixture
def archive(saved: Path, archive_path: Path) -> Path:
    """A copy of the archive and its files."""
    shutil.copytree(saved, archive_path.parent, dirs_exist_ok=True)
    return archive_path


@pytest.fixture
def moved(archive: Path) -> Path:
    """An archive with files that was given another name; its folder has kept the old one."""
    path = archive.with_name("moved.db")
    archive.rename(path)
    return path


def words(done: Any) -> str:
    """What a command said, on one line."""
    return " ".join((done.stdout + done.stderr).split())


def test_status_says_what_is_not_there(user: Cli, moved: Path, archive_path: Path) -> None:
    """`status` counts no file that is not there, and names the folder that has the old name."""
    told = user.run("status", moved)
    files = json.loads(user.run("status", moved, "--json").stdout)["files"]
    stored = len(on_disk(archive_path))

    assert told.returncode == 0
    assert f"{stored} of {stored} stored files are not where the archive looks for them" in (
        words(told)
    )
    assert f"({folder_of(moved)})" in words(told)
    assert f"some are in {folder_of(archive_path)}: rename that folder" in words(told)
    assert (files["stored"], files["bytes"], files["missing"]) == (0, 0, stored)
    assert not folder_of(moved).exists()


def test_a_renamed_folder_is_all_it_takes(user: Cli, moved: Path, archive_path: Path) -> None:
    """With the folder under its new name nothing is missing, and nothing is fetched."""
    folder_of(archive_path).rename(folder_of(moved))
    told = user.run("status", moved)
    report = json.loads(user.run("media", moved, "--json").stdout)

    assert "not where" not in words(told)
    assert (report["stored"], report["lost"], report["requests"]) == (0, 0, 0)


def test_media_fetches_again(user: Cli, moved: Path, archive_path: Path) -> None:
    """`media` says what is not there and fetches it again, each content once; then all is well."""
    before = on_disk(archive_path)
    done = user.run("media", moved, "--json")
    report = json.loads(done.stdout)
    after = user.run("status", moved)

    assert done.returncode == 0, done.stderr
    assert "rename that folder, or stop this run, or they are fetched again." in words(done)
    assert on_disk(moved) == before
    assert report["lost"] == len(before)
    assert report["stored"] == len(before)
    assert "not where" not in words(after)
    assert user.run("verify", moved, "--media").returncode == 0


def test_sync_fetches_again(user: Cli, moved: Path, archive_path: Path) -> None:
    """The files' part of `sync` does the same."""
    done = user.run("sync", moved, "--media")

    assert done.returncode == 0, done.stderr
    assert "not where the archive looks for them" in words(done)
    assert on_disk(moved) == on_disk(archive_path)


def test_one_lost_file(user: Cli, archive: Path) -> None:
    """A single file that is not there is noticed and fetched again, and no other."""
    before = on_disk(archive)
    gone = sorted(before)[7]
    (folder_of(archive) / gone).unlink()
    told = user.run("status", archive)
    report = json.loads(user.run("media", archive, "--json").stdout)

    assert f"1 of {len(before)} stored files are not where" in words(told)
    assert "put the folder there" in words(told)
    assert (report["lost"], report["stored"]) == (1, 1)
    assert on_disk(archive) == before


def test_export_lists_what_is_missing(user: Cli, moved: Path, tmp_path: Path) -> None:
    """`export --with-media` without the files ends with 40, and lists them; else it is whole."""
    paths = {path for (path,) in query(moved, "select path from media where path is not null")}
    without = user.run("export", moved, tmp_path / "tables", "--format", "csv")
    done = user.run("export", moved, tmp_path / "all", "--format", "csv", "--with-media")
    manifest = json.loads((tmp_path / "all" / "MANIFEST.json").read_text("utf-8"))

    assert without.returncode == 0, without.stderr
    assert done.returncode == 40, done.stderr
    assert "not where the archive looks for them" in words(done)
    assert f"{len(paths)} stored files are missing and not exported: {min(paths)}" in words(done)
    assert set(manifest["missing_files"]) == paths


def test_verify_says_it_once(user: Cli, moved: Path) -> None:
    """`verify` says in one line that the folder is missing; with `--media` it is damage (3)."""
    plain = user.run("verify", moved, "--quiet")
    hashed = user.run("verify", moved, "--media")

    assert plain.returncode == 0
    assert plain.stderr.count("\n") == 1
    assert "not where the archive looks for them" in plain.stderr
    assert hashed.returncode == 3
    assert "is missing; it came from" not in hashed.stderr


def test_the_folder_of_another_archive_is_to_be_copied(
    user: Cli, archive: Path, tmp_path: Path
) -> None:
    """Of a copied archive the folder is not to be taken away from the first."""
    copy = tmp_path / "copy.db"
    shutil.copyfile(archive, copy)

    assert f"{folder_of(archive)}: copy that folder" in words(user.run("status", copy))


def test_what_the_server_has_no_more_comes_back_with_the_folder(archive_path: Path) -> None:
    """A lost file that the server has no more is stored again when its folder is back."""
    with ScriptedServer(Reply(body=picture()), Reply(404)) as server:
        url = server.instance.url
        name_files(archive_path, url, "/x.png")
        fetch(url, archive_path)
        away = archive_path.with_name("away")
        folder_of(archive_path).rename(away)
        lost = fetch(url, archive_path)
        state_without = states(archive_path)["/x.png"][0]
        shutil.rmtree(folder_of(archive_path))
        away.rename(folder_of(archive_path))
        back = fetch(url, archive_path)

    assert (lost.lost, lost.exit_code, state_without) == (1, 3, "gone")
    assert (back.lost, back.exit_code, back.requests) == (0, 0, 0)
    assert states(archive_path)["/x.png"] == ("stored", None)
    assert wrongly_named(archive_path) == []


def test_one_address_of_several_brings_a_file_back(archive_path: Path) -> None:
    """A lost file with two addresses, one of them dead, is whole again for both."""
    alive = True

    def answer(request: Request) -> Reply:
        return Reply(404) if request.path == "/old.png" and not alive else Reply(body=picture())

    with ScriptedServer(by=answer) as server:
        url = server.instance.url
        name_files(archive_path, url, "/old.png", "/new.png")
        fetch(url, archive_path)
        shutil.rmtree(folder_of(archive_path))
        alive = False
        report = fetch(url, archive_path, concurrency=1)

    assert (report.lost, report.exit_code) == (1, 0)
    assert {state for state, _ in states(archive_path).values()} == {"stored"}


def test_a_folder_that_cannot_be_read_is_not_lost(user: Cli, archive: Path) -> None:
    """A file in the place of a folder inside does not end `status`; nothing is called stored."""
    shutil.rmtree(folder_of(archive))
    folder_of(archive).write_bytes(b"")
    told = user.run("status", archive)

    assert told.returncode == 0, told.stderr
    assert "not where the archive looks for them" in words(told)


def test_an_archive_without_files(user: Cli, tmp_path: Path) -> None:
    """Who keeps no files is told of none that are missing."""
    path = tmp_path / "tables.db"
    user.run("sync", path, "--quiet", "--no-media")
    told = [user.run("status", path), user.run("verify", path)]

    assert "are still" not in words(told[0])
    assert not any("not where" in words(one) for one in told)
