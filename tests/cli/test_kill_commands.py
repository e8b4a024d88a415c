"""Every command that writes may be killed at any moment."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from killing import SCENES, Scene, Stage, play, theatre


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[Path, Stage]]:
    """A whole archive with its files, and a stage."""
    with theatre() as found:
        yield found


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_killed_at_random_moments(scene: Scene, house: tuple[Path, Stage]) -> None:
    """After each of 4 kills nothing is lost and `verify` is right; then the command ends well."""
    outcome = play(scene, *house, kills=4, seed=14)

    assert outcome.wrong == []
    assert outcome.killed == 4
