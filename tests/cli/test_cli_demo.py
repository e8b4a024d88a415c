"""`ovk-archive demo`: the whole way in one command, as often as one likes."""

import json
import os
import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import Cli
from truth import truth_of
from warm import WarmProcess

from ovk_archive.archive.archive import Archive
from ovk_archive.demo import generate


def versions(archive: Path) -> int:
    """How many contents the archive has ever seen."""
    with closing(sqlite3.connect(archive)) as db:
        return int(db.execute("select count(*) from _versions").fetchone()[0])


class Shown(NamedTuple):
    """A demo that was shown once: who ran it, where, and what it said."""

    cli: Cli
    folder: Path
    said: Any


@pytest.fixture(scope="module")
def demos(warm: WarmProcess, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """The demo of each dialect, which no test changes: it is copied."""
    found = {}
    for dialect in ("a", "b"):
        folder = tmp_path_factory.mktemp("demo")
        own = {"OVK_CONFIG_DIR": str(folder / "config"), "PYTHONWARNINGS": "error"}
        cli = Cli(folder / "config", {**os.environ, **own}, warm=warm)
        said = cli.run("demo", folder / "d", "--dialect", dialect)
        found[dialect] = Shown(cli, folder / "d", said)
    return found


@pytest.fixture
def demo(demos: dict[str, Shown], tmp_path: Path) -> Path:
    """A folder in which the newer dialect was shown."""
    return Path(shutil.copytree(demos["b"].folder, tmp_path / "d"))


@pytest.mark.parametrize("dialect", ["a", "b"])
def test_demo_then_status(demos: dict[str, Shown], dialect: str) -> None:
    """The demo's archive is complete and holds what exists, by its own ledger's word."""
    cli, folder, said = demos[dialect]
    assert (said.returncode, said.stdout) == (0, "")
    archive = folder / "archive.db"
    assert f"ovk-archive browse {archive}" in said.stderr

    book = json.loads(cli.run("status", archive, "--json").stdout)
    truth = truth_of(generate(), dialect.upper())
    held = {line["name"]: line["held"] for line in book["lists"]}
    assert book["complete"] is True
    assert all(line["complete"] for line in book["lists"])
    for name in ("posts", "conversations", "messages", "photos", "albums", "notes", "playlists"):
        assert held[name] == len(truth[name]), name
    assert held["album_photos"] == len(truth["album_photos"])
    assert held["audio"] == sum(map(len, truth["audio_collection"].values()))
    assert held["playlist_audio"] == sum(map(len, truth["playlist_audio"].values()))
    for name in (
        "friends",
        "followers",
        "memberships",
        "videos",
        "gifts",
        "topics",
        "notifications",
    ):
        assert held[name] == len(truth[name]), name
    comments = ("post_comments", "photo_comments", "note_comments", "topic_comments")
    assert sum(held[name] for name in comments) == len(truth["comments"])


@pytest.mark.parametrize("dialect", ["a", "b"])
def test_demo_again_finds_nothing_new(
    demos: dict[str, Shown], cli: Cli, tmp_path: Path, dialect: str
) -> None:
    """The toy comes back at its old port, so that not even an address has changed."""
    folder = shutil.copytree(demos[dialect].folder, tmp_path / "d")
    archive = folder / "archive.db"
    before = versions(archive)
    said = cli.run("demo", folder, "--dialect", dialect)
    assert said.returncode == 0
    assert "Done: 0 new and 0 changed records" in said.stderr
    assert versions(archive) == before


def test_demo_finds_another_port(cli: Cli, demo: Path) -> None:
    """Where the old port is taken the demo still runs, into the same archive."""
    with Archive.read(demo / "archive.db") as held:
        port = int(held.identity().url.rpartition(":")[2])
    with closing(socket.create_server(("127.0.0.1", port))):
        said = cli.run("demo", demo)
    assert said.returncode == 0
    assert "Done: 0 new" in said.stderr


@pytest.mark.parametrize("dialect", ["a", "b"])
def test_demo_leaves_the_login_alone(demos: dict[str, Shown], dialect: str) -> None:
    """The demo's token is not saved."""
    assert demos[dialect].said.returncode == 0
    assert not demos[dialect].cli.config.exists()


def test_demo_of_another_world_is_refused(cli: Cli, demo: Path) -> None:
    """Another seed is another world, and does not go into the same archive."""
    before = (demo / "archive.db").read_bytes()
    said = cli.run("demo", demo, "--seed", "2")
    assert said.returncode == 33
    assert (demo / "archive.db").read_bytes() == before


def test_demo_below_a_file(cli: Cli, tmp_path: Path) -> None:
    """A directory that cannot be made is one sentence."""
    (tmp_path / "file").write_text("")
    said = cli.run("demo", tmp_path / "file" / "d")
    assert said.returncode == 30
    assert said.stderr.startswith("Error: The directory")
