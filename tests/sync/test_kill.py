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
#: Within so many requests a child is killed; a sync of the small world has some more.
MOST_ASKED = 45


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
    killed = most = 0
    with DemoInstance(world, dialect=dialect) as instance:
        instance.latency = 0.02
        while killed < KILLS:
            if rng.random() < 0.2:
                for file in tmp_path.glob("archive.db*"):
                    file.unlink()
            killed += _start_and_kill(nursery, instance, path, rng)
            if path.exists() and path.stat().st_size:
                most = max(most, _saved(path))
        instance.latency = 0
        report = run(instance, path)

    assert most > 5, "kills came upon syncs that had saved much"
    assert report.exit_code == 0
    assert differences(truth_of(world, dialect), path) == {}


def _saved(path: Path) -> int:
    """Lists that a whole file has something of."""
    # Not only for reading: what was killed while it made the file leaves something to roll back.
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        made = db.execute("select 1 from sqlite_master where name = '_cursors'").fetchone()
        return int(db.execute("select count(*) from _cursors").fetchone()[0]) if made else 0


def _start_and_kill(
    nursery: Nursery, instance: DemoInstance, path: Path, rng: random.Random
) -> bool:
    """Kill a child that syncs, somewhere in the middle; whether it was still alive."""
    seen = instance.count()
    child = nursery.start(
        Errand(url=instance.url, token=instance.token, path=str(path), out=str(path.parent))
    )
    # By what was asked and not by a clock, so that a slow machine is killed as deep in its work.
    wanted = seen + rng.randint(1, MOST_ASKED)
    while instance.count() < wanted and not child.wait(0.005):
        pass
    time.sleep(rng.uniform(0, 0.02))
    child.send(signal.SIGKILL)
    assert child.wait(60)
    return child.status == -signal.SIGKILL
