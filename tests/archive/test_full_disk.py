"""A disk that is really full: one sentence, nothing half, and with more room it goes on."""

import asyncio
import errno
import gc
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli
from fetching import fetch, name_files, on_disk, picture, states, unfinished, wrongly_named
from scripted import Reply, ScriptedServer
from toy import DemoInstance

from ovk_archive.errors import StorageError
from ovk_archive.media.vault import Partial, Vault

Disk = Callable[..., Path]
#: Pictures with some ballast.
BODIES = {f"/{number}.png": picture(number) + os.urandom(60_000) for number in range(40)}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Mounts a file system in memory, of a size; who may not is not tested here."""
    where = tmp_path / "disk"
    where.mkdir()

    def mount(size: str, *more: str) -> Path:
        options = ",".join((f"size={size}", *more))
        command = ["mount", "-t", "tmpfs", "-o", options, "none", str(where)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except OSError:
            pytest.skip("there is no mount")
        if done.returncode:
            pytest.skip("this user may mount nothing")
        return where

    yield mount
    subprocess.run(["umount", str(where)], capture_output=True, check=False)


def is_told_well(done: Any) -> bool:
    """A command ended with 30 and one sentence of its own."""
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error:")]
    alien = [word for word in ("Traceback", "Task exception", "Exception") if word in done.stderr]
    return (done.returncode, len(errors), alien) == (30, 1, []) and "make room" in errors[0]


@pytest.mark.parametrize("size", ["3200k", "2700k"])
def test_media(size: str, disk: Disk, cli: Cli) -> None:
    """`media` without room ends well, keeps whole files only, and with room fetches the others."""
    where = disk(size)
    path = where / "archive.db"
    with ScriptedServer(by=lambda request: Reply(body=BODIES[request.path])) as server:
        name_files(path, server.instance.url, *BODIES)
        done = cli.run("media", path, "--concurrency", "8")
        stored = sum(state == "stored" for state, _ in states(path).values())
        kept = on_disk(path)
        disk("20m", "remount")
        again = cli.run("media", path)

    assert is_told_well(done), done.stderr
    assert "none is lacking" not in done.stderr
    assert unfinished(path) == []
    assert stored <= len(kept) < len(BODIES)
    assert set(kept.values()) <= set(BODIES.values())
    assert again.returncode == 0, again.stderr
    assert set(on_disk(path).values()) == set(BODIES.values())
    assert wrongly_named(path) == []


@pytest.mark.parametrize("size", ["300k", "3200k"])
def test_sync_rebuild_and_export(size: str, disk: Disk, user: Cli, toy: DemoInstance) -> None:
    """The other writers end well too, and a sync with room goes on."""
    where = disk(size)
    path = where / "archive.db"
    done = [user.run("sync", path)]
    if path.exists():
        done.append(user.run("rebuild", path))
        done.append(user.run("export", path, where / "export", "--format", "json"))
        left = [one.name for one in where.iterdir() if "archive.db" not in one.name]
    else:
        left = []
    disk("30m", "remount")
    again = user.run("sync", path, "--quiet")
    verified = user.run("verify", path)

    assert all(is_told_well(one) for one in done), [one.stderr[-500:] for one in done]
    assert left == []
    assert again.returncode == 0, again.stderr
    assert verified.returncode == 0, verified.stderr
    assert toy.bugs == []


def test_no_error_is_left_for_python_to_tell(
    archive_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When storing fails while files are on their way that fail as well, one error is told."""
    forgotten: list[str] = []

    def keep(vault: Vault, partials: Any) -> list[str]:
        raise StorageError(f"{vault.folder} is full: {len(partials)}.")

    def close(partial: Partial) -> None:
        raise StorageError(f"{partial.path} is full.") from OSError(errno.ENOSPC, "full")

    def handler(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        del loop
        forgotten.append(str(context["message"]))

    def answer(number: int) -> Reply:
        return Reply(body=picture(number), delay=0.0 if number == 0 else 1.0)

    monkeypatch.setattr(Vault, "keep", keep)
    first = iter(range(100))
    with ScriptedServer(by=lambda _: answer(next(first))) as server:
        names = [f"/{number}.png" for number in range(8)]
        name_files(archive_path, server.instance.url, *names)
        plain = asyncio.Runner.run

        def listening(runner: asyncio.Runner, work: Any, **more: Any) -> Any:
            runner.get_loop().set_exception_handler(handler)
            return plain(runner, work, **more)

        monkeypatch.setattr(asyncio.Runner, "run", listening)
        original = Partial.close
        monkeypatch.setattr(
            Partial, "close", lambda one: original(one) if one.is_whole else close(one)
        )
        report = fetch(server.instance.url, archive_path)
    # Python tells of what nobody has asked for when it is thrown away.
    gc.collect()

    assert report.exit_code == 30
    assert "is full" in report.message
    assert forgotten == []
