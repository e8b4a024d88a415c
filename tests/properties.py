"""What properties have in common whose examples are worlds, servers and syncs."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from toy import DemoInstance

from ovk_archive.demo import World

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
# Every example is a server and some syncs: shrinking would take longer than reading.
SLOWLY: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow],
    "phases": (Phase.explicit, Phase.reuse, Phase.generate),
}
# Hypothesis begins with the simplest example, each day the same: a seed of 0 is none, so that each
# example that counts is one of the dice.
SEEDS = st.integers(0, 2**32).filter(bool)


@contextmanager
def served(world: World, dialect: str) -> Iterator[tuple[DemoInstance, Path]]:
    """An instance with a world, and a path for its archive."""
    with tempfile.TemporaryDirectory() as folder, DemoInstance(world, dialect=dialect) as instance:
        instance.faults.slow_seconds = 0.05
        # As chance has it: calls travel together in one world, and not in another.
        instance.has_execute = len(world.wall(1)) % 2 == 0
        yield instance, Path(folder) / "archive.db"
