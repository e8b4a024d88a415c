"""A sync may be killed at any moment: real SIGKILLs of a child process at random moments."""

import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from children import Errand, Nursery
from effort import IS_THOROUGH, SEED, some
from syncing import differences, run
from toy import DemoInstance, generate
from truth import truth_of
from worlds import small_demo

KILLS = some(25, 6)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """A warm process for syncs."""
    with Nursery() as warm:
        yield warm


@pytest.mark.parametrize("dialect", ["A", "B"])
def test_killed_at_random_moments(dialect: str, nursery: Nursery, tmp_path: Path) -> None:
    """After each kill the file is whole, and the last sync ends with the world."""
    world = generate(seed=20) if IS_THOROUGH else small_demo()
    path = tmp_path / "archive.db"
    rng = random.Random(SEED)
    killed = 0
    with DemoInstance(world, dialect=dialect) as instance:
        instance.latency = 0.02
        while killed < KILLS:
            if rng.random() < 0.2:
                for file in tmp_path.glob("archive.db*"):
                    file.unlink()
            killed += _start_and_kill(nursery, instance, path, rng)
            if path.exists() and path.stat().st_size:
                _assert_whole(path)
        instance.latency = 0
        report = run(instance, path)

    assert report.exit_code == 0
    assert differences(truth_of(world, dialect), path) == {}


def _assert_whole(path: Path) -> None:
    # Not only for reading: what was killed while it made the file leaves something to roll back.
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]


def _start_and_kill(
    nursery: Nursery, instance: DemoInstance, path: Path, rng: random.Random
) -> bool:
    """Kill a child that syncs, after a random while; whether it was still alive."""
    seen = instance.count()
    child = nursery.start(
        Errand(url=instance.url, token=instance.token, path=str(path), out=str(path.parent))
    )
    while instance.count() == seen and not child.wait(0.005):
        pass  # The file is opened: a later kill comes upon more.
    time.sleep(rng.uniform(0, 0.6))
    child.send(signal.SIGKILL)
    assert child.wait(60)
    return child.status == -signal.SIGKILL
