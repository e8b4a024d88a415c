"""A sync may be killed at any moment: real SIGKILLs of a child process at random moments."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from syncing import differences, query, run
from toy import DemoInstance, generate
from truth import truth_of

CHILD = """
import sys
from pathlib import Path
from syncing import run_against
run_against(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
"""


@pytest.mark.parametrize("dialect", ["A", "B"])
def test_killed_at_random_moments(dialect: str, tmp_path: Path) -> None:
    """After each of 25 kills per dialect the file is whole; the last sync ends with the world."""
    world = generate(seed=20)
    path = tmp_path / "archive.db"
    rng = random.Random(20)
    killed = 0
    with DemoInstance(world, dialect=dialect) as instance:
        instance.latency = 0.02
        while killed < 25:
            if rng.random() < 0.2:
                for file in tmp_path.glob("archive.db*"):
                    file.unlink()
            killed += _start_and_kill(instance, path, rng)
            if path.exists() and path.stat().st_size:
                assert query(path, "pragma integrity_check") == [("ok",)]
        instance.latency = 0
        report = run(instance, path)

    assert report.exit_code == 0
    assert differences(truth_of(world, dialect), path) == {}


def _start_and_kill(instance: DemoInstance, path: Path, rng: random.Random) -> bool:
    """Kill a child that syncs, after a random while; whether it was still alive."""
    arguments = [sys.executable, "-c", CHILD, instance.url, instance.token, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    seen = instance.count()
    with subprocess.Popen(arguments, env=environment) as child:
        while instance.count() == seen and child.poll() is None:
            time.sleep(0.005)  # The interpreter starts: nothing to kill yet.
        time.sleep(rng.uniform(0, 0.6))
        alive = child.poll() is None
        child.send_signal(signal.SIGKILL)
    return alive
