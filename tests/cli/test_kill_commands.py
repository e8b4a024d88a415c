"""Every command that writes may be killed at any moment."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from effort import IS_THOROUGH, SEED, some
from killing import SCENES, Scene, Stage, play, theatre

KILLS = some(50, 2)


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[Path, Stage]]:
    """A whole archive with its files, and a stage."""
    with theatre(small=not IS_THOROUGH) as found:
        yield found


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_killed_at_random_moments(scene: Scene, house: tuple[Path, Stage]) -> None:
    """After each kill nothing is lost and `verify` is right; then the command ends well."""
    outcome = play(scene, *house, kills=KILLS, seed=SEED)

    assert outcome.wrong == []
    assert outcome.killed == KILLS
