"""A short soak, and the catastrophes and lies that it is made of."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from catastrophes import Catastrophes
from children import Child, Errand, Nursery
from lives import present
from plans import Dice, Plan
from soak import soak
from soaking import Soaked
from syncing import query
from toy import DemoInstance, World
from toy.faults import LIES
from truth import truth_of
from visiting import NO_TLS
from worlds import LISTS, OWNERS, made

from ovk_archive.resources import DEFAULT_SECTIONS

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])


class Noting(Nursery):
    """Notes which sections each child reads."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[set[str]] = []

    def start(self, errand: Errand) -> Child:
        """Start a sync."""
        self.read.append(set(errand.sections))
        return super().start(errand)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Noting]:
    """A warm process for syncs."""
    with Noting() as warm:
        yield warm


def a_world(seed: int = 1) -> World:
    """A world with some things of every kind."""
    return made(seed, dict.fromkeys(LISTS, 8), dialogs=2)


@DIALECTS
def test_a_life_ends_as_the_world(dialect: str, nursery: Nursery) -> None:
    """After stops of any kind `verify` finds nothing, and at the end the archive is the world."""
    tally = soak("ci/50", dialect, 4, nursery)

    assert tally.failures == {}
    assert tally.verified >= 4


class OfSections(Dice):
    """Each sync reads some sections by their names."""

    def plan(self, number: int) -> Plan:
        """Some sections."""
        del number
        return Plan("sections", "by itself")


def test_what_was_read_once_is_read_at_the_end(nursery: Noting, tmp_path: Path) -> None:
    """The last syncs read sections, too, that only their names asked for."""
    nursery.read.clear()
    soaked = Soaked("sections/62", "B", tmp_path, nursery)
    soaked._dice = OfSections(random.Random(0), media=False)
    wrong = list(soaked.live(2))

    asked = set().union(*nursery.read[:2])
    assert wrong == []
    assert asked - set(DEFAULT_SECTIONS)
    assert all(asked <= read for read in nursery.read[2:])


@DIALECTS
def test_every_catastrophe_happens(dialect: str) -> None:
    """Many lives have all of them, and the world can be read afterwards."""
    happened: Counter[str] = Counter()
    for seed in range(6):
        world = a_world(seed)
        fate = Catastrophes(world, random.Random(seed), dialect)
        for _ in range(30):
            fate.strike()
            present(world, dialect, OWNERS)
        fate.restore()
        assert truth_of(world, dialect, OWNERS)["friends"]
        happened.update(what.partition(":")[0] for what in fate.told)

    assert set(happened) == fate.kinds


def test_more_than_twenty_rows_vanish_at_once() -> None:
    """Lists lose more rows at once than are believed without ado, both less and more than half."""
    shares = []
    for seed in range(10):
        fate = Catastrophes(a_world(seed), random.Random(seed), "B")
        for _ in range(40):
            what = fate.strike() or ""
            words = what.split()
            if what.startswith("delete many") and int(words[2]) > 20:
                shares.append(int(words[2]) / int(words[4]))

    assert min(shares) < 0.5 < max(shares)


def test_restored_is_for_a_moment() -> None:
    """What is looked at as if nobody were banned is as before afterwards."""
    world = a_world()
    fate = Catastrophes(world, random.Random(1), "A")
    world.users[2].deleted = True
    world.groups[1].banned = True
    hidden = present(world, "A", OWNERS)
    with fate.restored():
        shown = present(world, "A", OWNERS)

    assert hidden["posts"] < shown["posts"]
    assert present(world, "A", OWNERS) == hidden


@pytest.mark.parametrize("kind", sorted(LIES))
def test_lies_are_told(kind: str) -> None:
    """Each lie comes with HTTP 200, in the form of JSON, and without a single row."""
    world = World.empty()
    world.add_note(1)
    with DemoInstance(world, "B") as instance:
        instance.faults.order(kind, method="notes.get")
        asked = {"access_token": instance.token, "user_id": "1"}
        answer = httpx.get(f"{instance.url}/method/notes.get", params=asked, verify=NO_TLS)

    said = answer.json()["response"]
    assert answer.status_code == 200
    assert not (said["items"] if isinstance(said, dict) else said)
    assert kind != "counted-empty" or said["count"] == 1


@pytest.mark.parametrize(("ahead", "year"), [(-86_400 * 365 * 20, -20), (86_400 * 366 * 23, 23)])
def test_a_child_has_a_wrong_clock(ahead: int, year: int, nursery: Nursery, tmp_path: Path) -> None:
    """What an archive writes of a run is by the clock that the child was given."""
    path = tmp_path / "archive.db"
    with DemoInstance(World.empty(), "B") as instance:
        errand = Errand(
            url=instance.url, token=instance.token, path=str(path), out=str(tmp_path), ahead=ahead
        )
        child = nursery.start(errand)
        assert child.wait(60)

    [(now,)] = query(path, "select strftime('%Y', 'now')")
    [(started, seen)] = query(
        path, "select substr(started_at, 1, 4), (select max(last_seen_at) from users) from _runs"
    )
    assert child.status == 0, child.said
    assert abs(int(started) - int(now) - year) <= 1
    assert seen.startswith((started, str(int(started) + 1)))


def test_a_child_can_be_killed(nursery: Nursery, tmp_path: Path) -> None:
    """A killed child is known to be, and the next is born all the same."""
    with DemoInstance(a_world(), "B") as instance:
        instance.latency = 0.05
        errand = Errand(
            url=instance.url,
            token=instance.token,
            path=str(tmp_path / "archive.db"),
            out=str(tmp_path),
        )
        child = nursery.start(errand)
        while not instance.count():
            assert not child.wait(0.002)
        child.send(9)
        assert child.wait(60)
        report = child.report
        instance.latency = 0
        another = nursery.start(errand)
        assert another.wait(60)

    assert child.status == -9
    assert report is None
    assert another.status == 0
    assert os.getpid() not in {child.pid, another.pid}
