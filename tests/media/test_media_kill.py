"""A run over files may be killed at any moment: what has its final name is whole."""

import random
import shutil
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

from archives import SMALL
from conftest import Cli
from effort import SEED, some
from fetching import fetch, on_disk, wrongly_named
from killing import forked, kill
from syncing import query, run
from toy import DemoInstance, generate
from truth import files_of

from ovk_archive.archive.file.location import folder_of

KILLS = some(50, 8)


def test_killed_at_random_moments(cli: Cli, archive_path: Path) -> None:
    """After each kill every file under its final name has the right hash."""
    rng = random.Random(SEED)
    world = generate(50, replace(SMALL, photos=60, tracks=30))
    killed = 0
    with DemoInstance(world, "B", storage="nginx") as instance:
        run(instance, archive_path)
        instance.latency = 0.01
        while killed < KILLS:
            if rng.random() < 0.2:
                shutil.rmtree(folder_of(archive_path), ignore_errors=True)
                _forget(archive_path)
            killed += _start_and_kill(cli, instance, archive_path, rng)
            assert wrongly_named(archive_path) == []
            assert query(archive_path, "pragma integrity_check") == [("ok",)]
            noted = query(archive_path, "select path from media where state = 'stored'")
            assert {path for (path,) in noted} <= set(on_disk(archive_path))
        instance.latency = 0
        report = fetch(instance.url, archive_path)

    people = {row[0] for row in query(archive_path, "select id from users")}
    everything = set().union(*files_of(world, "B", people).values())
    assert report.exit_code == 0
    assert {row[0] for row in query(archive_path, "select sha256 from media")} - {
        None
    } == everything


def _forget(path: Path) -> None:
    db = sqlite3.connect(path)
    with db:
        db.execute("delete from media")
    db.close()


def _start_and_kill(cli: Cli, instance: DemoInstance, path: Path, rng: random.Random) -> bool:
    """Kill a run after a random while; whether it was still alive."""
    asked = len(instance.raw)
    child = forked(["media", str(path), "--quiet"], cli.environment, path.parent / "said")
    while len(instance.raw) == asked and child.is_alive():
        time.sleep(0.005)
    time.sleep(rng.uniform(0, 0.5))
    alive = child.is_alive()
    kill(child)
    if not alive:
        shutil.rmtree(folder_of(path), ignore_errors=True)
        _forget(path)
    return alive
