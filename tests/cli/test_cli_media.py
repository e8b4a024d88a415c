"""`media` and `verify` as a person uses them."""

import json
import resource
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli
from fetching import name_files, on_disk, picture, state, states, wrongly_named
from scripted import Reply, ScriptedServer
from syncing import query
from toy import DemoInstance
from worlds import small_demo

from ovk_archive.archive.file.location import folder_of
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.backup.sync_run import Job, run_sync


@pytest.fixture
def toy() -> Iterator[DemoInstance]:
    """A toy instance with less than the demo's."""
    with DemoInstance(small_demo(), "B") as instance:
        yield instance


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoInstance, Path]]:
    """A toy instance, and an archive with its files, which no test writes to: it is copied."""
    path = tmp_path_factory.mktemp("kept") / "archive.db"
    with DemoInstance(small_demo(), "B") as toy:
        mine = Credentials(toy.url, toy.account_id, toy.token)
        assert run_sync(Job(path=path), mine).exit_code == 0
        yield toy, path


@pytest.fixture
def owner(cli: Cli, kept: tuple[DemoInstance, Path], archive_path: Path) -> Cli:
    """The command line of somebody who has such an archive."""
    cli.log_in(kept[0])
    shutil.copy(kept[1], archive_path)
    shutil.copytree(folder_of(kept[1]), folder_of(archive_path))
    return cli


def spoil(path: Path) -> tuple[str, str]:
    """Remove one stored file and change another: their paths."""
    missing, changed = sorted(on_disk(path))[:2]
    (folder_of(path) / missing).unlink()
    with (folder_of(path) / changed).open("ab") as file:
        file.write(b"!")
    return missing, changed


def test_sync_saves_files(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """`sync` brings records and files; no token goes with a file, none is printed."""
    done = user.run("sync", archive_path, "--json")
    report = json.loads(done.stdout)

    assert done.returncode == 0, done.stderr
    assert report["media"]["stored"] == report["media"]["states"]["stored"] > 30
    assert "Files: " in done.stderr
    assert wrongly_named(archive_path) == []
    assert not any(toy.token in address for _, address, _ in toy.raw)
    assert folder_of(archive_path).stat().st_mode & 0o777 == 0o700
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder_of(archive_path).rglob("*"))


def test_media_after_sync(user: Cli, archive_path: Path) -> None:
    """The run and `status` say what is lacking, `media` fetches it without a token, all is here."""
    left = user.run("sync", archive_path, "--no-media")
    before = user.run("status", archive_path)
    user.environment.pop("OVK_TOKEN", None)
    user.run("logout")
    done = user.run("media", archive_path)
    after = json.loads(user.run("status", archive_path, "--json").stdout)

    (count,) = query(archive_path, "select count(*) from media where state = 'stored'")[0]
    assert f"{count} files are not saved: `ovk-archive media {archive_path}` " in left.stderr
    assert "files are not here: `ovk-archive media" in " ".join(before.stdout.split())
    assert done.returncode == 0, done.stderr
    assert after["files"]["others"] == {"unavailable": 3}
    assert after["files"]["stored"] == len(on_disk(archive_path))
    assert after["files"]["bytes"] == sum(map(len, on_disk(archive_path).values()))


def test_verify_and_repair(owner: Cli, archive_path: Path) -> None:
    """A missing and a changed file are found (3), fetched again, and all is well (0)."""
    whole = owner.run("verify", archive_path, "--media")
    content = on_disk(archive_path)
    missing, changed = spoil(archive_path)
    found = owner.run("verify", archive_path, "--media", "--json")
    repaired = owner.run("verify", archive_path, "--media", "--repair")
    again = owner.run("verify", archive_path, "--media", "--quiet")

    assert (whole.returncode, found.returncode) == (0, 3)
    damaged = {one["path"]: one["why"] for one in json.loads(found.stdout)["damaged"]}
    assert damaged == {missing: "missing", changed: "changed"}
    assert repaired.returncode == 0, repaired.stderr
    assert (again.returncode, again.stderr) == (0, "")
    assert on_disk(archive_path) == content


def test_what_cannot_be_repaired(cli: Cli, archive_path: Path) -> None:
    """A lost file that the server has no more stays listed, and keeps its hash."""
    with ScriptedServer(Reply(body=picture()), Reply(404)) as server:
        name_files(archive_path, server.instance.url, "/x.png")
        assert cli.run("media", archive_path).returncode == 0
        (path,) = on_disk(archive_path)
        (folder_of(archive_path) / path).unlink()
        repaired = cli.run("verify", archive_path, "--media", "--repair")
    later = cli.run("verify", archive_path, "--media")

    assert (repaired.returncode, later.returncode) == (3, 3)
    assert state(archive_path)[0] == "gone"
    assert query(archive_path, "select sha256 is null from media") == [(0,)]


def test_parts_make_the_whole(owner: Cli, archive_path: Path) -> None:
    """Each file belongs to just one part of `--subset`."""
    missing, changed = spoil(archive_path)
    found: list[str] = []
    counts = []
    for part in ("1/3", "2/3", "3/3"):
        done = owner.run("verify", archive_path, "--media", "--subset", part, "--json")
        report = json.loads(done.stdout)
        found += [one["path"] for one in report["damaged"]]
        counts.append(report["files"])

    assert sorted(found) == sorted([missing, changed])
    assert sum(counts) == len(on_disk(archive_path)) + 1


def test_orphans(owner: Cli, archive_path: Path) -> None:
    """Files that no record names are listed on stdout, and left alone."""
    stray = folder_of(archive_path) / "00" / f"{'0' * 64}.png"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"stray")
    done = owner.run("verify", archive_path, "--orphans")

    assert done.stdout.splitlines() == [f"00/{'0' * 64}.png"]
    assert done.returncode == 0
    assert stray.exists()


def test_a_full_disk(cli: Cli, archive_path: Path) -> None:
    """A file that finds no room ends the run with 30 and one sentence; the others stay."""
    small, big = picture(), picture(2) + bytes(3_000_000)
    bodies = {"/big.png": big, "/small.png": small}
    with ScriptedServer(by=lambda request: Reply(body=bodies[request.path])) as server:
        name_files(archive_path, server.instance.url, "/big.png", "/small.png")
        limit = 2_000_000
        done = cli.run(
            "media",
            archive_path,
            "--concurrency",
            "1",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        )

    assert done.returncode == 30, done.stderr
    assert "make room" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(on_disk(archive_path).values()) == [small]
    assert dict(states(archive_path))["/big.png"][0] == "pending"


def test_ctrl_c(cli: Cli, archive_path: Path) -> None:
    """Ctrl-C ends a run at once, with 130; what has come is stored."""
    with ScriptedServer(Reply(body=picture()), Reply(body=picture(), delay=30)) as server:
        name_files(archive_path, server.instance.url, "/slow.png", "/quick.png")
        with cli.start("media", archive_path, "--concurrency", "1") as child:
            while len(server.requests) < 2:
                time.sleep(0.01)
            child.send_signal(signal.SIGINT)
            _, said = child.communicate(timeout=20)

        assert child.returncode == 130, said
        assert states(archive_path)["/quick.png"][0] == "stored"
        assert states(archive_path)["/slow.png"][0] == "pending"
        server.http.shutdown()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("media",), "Missing argument"),
        (("media", "{}", "--kinds", "pictures"), "'pictures' is none of avatars"),
        (("media", "{}", "--max-bytes", "much"), "is not a size such as"),
        (("media", "{}", "--max-file-bytes", "0"), "is not a size such as"),
        (("verify", "{}", "--media", "--subset", "4/3"), "is not a part such as"),
        (("verify", "{}", "--repair"), "add --media"),
    ],
)
def test_bad_input(arguments: tuple[str, ...], said: str, cli: Cli, archive_path: Path) -> None:
    """What cannot be meant is a usage error of one sentence."""
    done = cli.run(*(one.format(archive_path) for one in arguments))

    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize("command", ["media", "verify"])
def test_no_archive(command: str, cli: Cli, archive_path: Path) -> None:
    """Where there is no archive, that is said, and nothing is made."""
    done = cli.run(command, archive_path)

    assert done.returncode == 30
    assert "There is no archive" in done.stderr
    assert list(archive_path.parent.glob("archive*")) == []


def test_sizes_have_units(cli: Cli, archive_path: Path) -> None:
    """A limit of 1k refuses a larger picture, and the report says so."""
    with ScriptedServer(Reply(body=picture() + bytes(3000))) as server:
        name_files(archive_path, server.instance.url, "/x.png")
        done = cli.run("media", archive_path, "--max-file-bytes", "1k", "--json")
    report: dict[str, Any] = json.loads(done.stdout)

    assert done.returncode == 3
    assert "--max-file-bytes (1024)" in report["troubles"][0]["why"]
