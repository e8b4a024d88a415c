"""Numbers that a walk has not met are asked for, few of them in memory at a time."""

from pathlib import Path

import pytest
from syncing import ACCOUNT, missing, query, run
from toy import DemoInstance, Seen, World
from truth import truth_of

from ovk_archive.api.budget import Budget
from ovk_archive.sync import lookups

POSTS = 251


def a_wall() -> World:
    """A wall of which every seventh post is gone, and every tenth is put away."""
    world = World.empty()
    for number in range(POSTS):
        world.add_post(ACCOUNT, text=str(number))
    for number in range(1, POSTS + 1):
        if number % 7 == 0:
            world.delete_post(ACCOUNT, number)
        elif number % 10 == 0:
            world.archive_post(ACCOUNT, number)
    return world


def numbers_asked_for(world: World, path: Path) -> list[int]:
    """Sync the wall; the numbers of posts that were asked for, in their order."""
    asked: list[int] = []

    def between(seen: Seen) -> None:
        if seen.method.lower() == "wall.getbyid":
            asked.extend(int(one.split("_")[1]) for one in seen.params["posts"].split(","))

    with DemoInstance(world, dialect="A") as instance:
        instance.between = between
        report = run(instance, path, sections=("wall",), full=True)
    assert report.exit_code == 0
    assert missing({"posts": truth_of(world, "A")["posts"]}, path) == {}
    return asked


@pytest.mark.parametrize("at_a_time", [1, 7, 100, 1000])
def test_each_number_is_asked_for_once_however_few_are_compared_at_a_time(
    at_a_time: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every number that the walk did not meet is asked for once, from 100 above down."""
    monkeypatch.setattr(lookups, "AT_A_TIME", at_a_time)
    unmet = [n for n in range(POSTS + 100, 0, -1) if n > POSTS or n % 7 == 0 or n % 10 == 0]

    asked = numbers_asked_for(a_wall(), tmp_path / "archive.db")

    assert asked == unmet


def test_a_sweep_in_parts_goes_on_where_it_stood(tmp_path: Path) -> None:
    """With two requests for each sync, each number is asked for once, from the top down."""
    world, path = a_wall(), tmp_path / "archive.db"
    for number in range(1, POSTS + 1, 2):
        if number % 7 and number % 10:
            world.delete_post(ACCOUNT, number)
    asked: list[list[int]] = []

    def between(seen: Seen) -> None:
        if seen.method.lower() == "wall.getbyid":
            asked.append([int(one.split("_")[1]) for one in seen.params["posts"].split(",")])

    with DemoInstance(world, dialect="A") as instance:
        instance.between = between
        for _ in range(12):
            budget = Budget(max_requests=2)
            run(instance, path, sections=("wall",), rounds=0, budget=budget, sparing=True)

    met = "select id from posts where is_archived is not 1"
    numbers = [number for some in asked for number in some]
    assert len(asked) > 2
    assert numbers == sorted(set(numbers), reverse=True)
    assert set(range(1, numbers[0] + 1)) - set(numbers) == {n for (n,) in query(path, met)}
