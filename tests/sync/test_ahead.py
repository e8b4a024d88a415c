"""Long lists: several pages are on their way at once, where nothing speaks against it."""

import asyncio
import gc
import math
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from syncing import differences, query, run
from toy import DemoInstance, Seen, World
from truth import truth_of

from ovk_archive.api import request_size
from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.intervals import AnchoredPosition
from ovk_archive.api.paging.positions import Page
from ovk_archive.api.paging.windows import Window
from ovk_archive.api.retries import Retries
from ovk_archive.api.waiting_calls import SMALL, expecting
from ovk_archive.archive.aside import BACKLOG, ROOM, aside
from ovk_archive.errors import ServerFaultError
from ovk_archive.sync.page.ahead import Ahead, room
from ovk_archive.sync.page.fetch import Fetched

ONCE = Retries(attempts=1)


class Flight:
    """How many pages of a wall an instance is asked for at once, each of which takes a while."""

    def __init__(self, instance: DemoInstance) -> None:
        self.most = 0
        self._now = 0
        instance.faults.slow_seconds = 0.05
        instance.faults.schedule = self._leaves
        instance.spoil = self._arrives

    def _leaves(self, seen: Seen) -> str | None:
        if seen.method != "wall.get":
            return None
        self._now += 1
        self.most = max(self.most, self._now)
        return "slow"

    def _arrives(self, method: str, body: bytes) -> bytes:
        self._now -= method == "wall.get"
        return body


def a_long_wall() -> World:
    """A wall of many small pages."""
    world = World.empty()
    for _ in range(150):
        world.add_post(1)
    return world


@pytest.mark.parametrize("dialect", ["A", "B"])
@pytest.mark.parametrize(
    ("options", "at_once"), [({}, 4), ({"concurrency": 2}, 2), ({"sparing": True}, 1)]
)
def test_pages_of_a_long_wall_come_side_by_side(
    dialect: str, options: dict[str, Any], at_once: int, tmp_path: Path
) -> None:
    """As many as may be in flight; one after the other where the number of requests is limited.

    None is asked for twice, and none beyond the end.
    """
    world, path = a_long_wall(), tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        flight = Flight(instance)
        report = run(instance, path, size=20, sections=("wall",), rounds=0, **options)
        asked = [seen.params["offset"] for seen in instance.seen if seen.method == "wall.get"]

    assert report.exit_code == 0
    assert BACKLOG.rows == 0
    assert differences(truth_of(world, dialect), path).get("posts") is None
    assert flight.most == at_once
    assert sorted(map(int, asked)) == list(range(0, 150, 10))[: len(asked)]
    assert len(asked) in (14, 15)


def _asked_ahead(*turns: tuple[AnchoredPosition, float]) -> list[int]:
    """Where the windows begin that are asked for, position after position, with so many left."""
    asked = []

    async def ask(position: AnchoredPosition, window: Window) -> Fetched:
        del position
        asked.append(window.start)
        return Fetched(Page(), ())

    async def follow() -> None:
        ahead = Ahead(ask, Anchored(size=20), min, 3)
        for position, left in turns:
            assert ahead.next(position, left)
            await ahead.arrived(position)

    asyncio.run(follow())
    return asked


def test_no_more_is_asked_for_than_a_walk_may_have() -> None:
    """The pages that a walk may still have are no more for being asked for ahead."""
    position = AnchoredPosition(total=1000)

    assert _asked_ahead((position, math.inf)) == [0, 10, 20, 30]
    assert _asked_ahead((position, 2)) == [0, 10]
    assert _asked_ahead((position, 1)) == [0]


def test_after_a_step_back_nothing_is_asked_for_ahead() -> None:
    """What was on its way was of no use then, and might be so again."""
    there, back = AnchoredPosition(total=1000, offset=500), AnchoredPosition(total=1000, back=1)

    assert _asked_ahead((there, math.inf), (back, math.inf), (there, math.inf)) == [
        *(500, 510, 520, 530),
        0,
        500,
    ]


def test_pages_that_wait_are_counted_until_they_are_taken_or_dropped() -> None:
    """What came ahead is in memory: while it waits it counts, whatever becomes of it then."""
    one = {"id": 1}

    async def ask(position: AnchoredPosition, window: Window) -> Fetched:
        del position
        if window.start == 20:
            raise ServerFaultError("It crashes.")
        if window.start == 30:
            await asyncio.sleep(60)
        return Fetched(Page(), (one,) * 5)

    async def follow() -> list[int]:
        counted = []
        ahead = Ahead(ask, Anchored(size=20), min, 3)
        assert ahead.next(AnchoredPosition(total=1000), math.inf)
        await asyncio.sleep(0.01)
        counted.append(BACKLOG.rows)
        await ahead.arrived(AnchoredPosition(total=1000))
        counted.append(BACKLOG.rows)
        ahead.drop()
        await asyncio.sleep(0.01)
        return [*counted, BACKLOG.rows]

    assert asyncio.run(follow()) == [10, 5, 0]


def test_a_wall_that_moves_is_read_page_after_page(tmp_path: Path) -> None:
    """Once a walk had to step back, what it had asked for ahead is of no use, and no more is."""
    world, path = a_long_wall(), tmp_path / "archive.db"
    with DemoInstance(world, dialect="B") as instance:
        pages = 0

        def pours(seen: Seen) -> None:
            nonlocal pages
            pages += seen.method == "wall.get"
            if seen.method == "wall.get" and pages == 3:
                for _ in range(25):
                    world.add_post(1)

        instance.between = pours
        report = run(instance, path, size=20, sections=("wall",), rounds=0)
        first = pages
        instance.between = None
        run(instance, path, size=20, sections=("wall",), rounds=0)

    assert BACKLOG.rows == 0
    # 17 pages of what was there at the end, a few that were of no use, and the steps back.
    assert report.exit_code == 0
    assert first <= 17 + 4 + 3
    assert query(path, "select count(*) from posts") == [(175,)]


def test_a_page_that_cannot_be_read_ends_the_walk_where_it_stands(tmp_path: Path) -> None:
    """What comes after it was asked for already, but is not saved: the next run goes on there."""
    world, path = a_long_wall(), tmp_path / "archive.db"
    with DemoInstance(world, dialect="B") as instance:
        instance.faults.schedule = lambda seen: (
            "502" if seen.method == "wall.get" and seen.params.get("offset") == "30" else None
        )
        broken = run(instance, path, size=20, sections=("wall",), rounds=0)
        held = query(path, "select count(*) from posts")
        instance.faults.schedule = None
        whole = run(instance, path, size=20, sections=("wall",), rounds=0)

    assert broken.exit_code != 0
    assert held == [(40,)]
    assert whole.exit_code == 0
    assert differences(truth_of(world, "B"), path).get("posts") is None


def test_pages_grow_on_a_fast_server(tmp_path: Path) -> None:
    """After a first page that came soon the next ones are four times as large, and all is held."""
    world, path = a_long_wall(), tmp_path / "archive.db"
    with DemoInstance(world, dialect="B") as instance:
        report = run(instance, path, size=20, grows=True, sections=("wall",), rounds=0)
        asked = [int(seen.params["count"]) for seen in instance.seen if seen.method == "wall.get"]

    assert report.exit_code == 0
    assert asked == [20, 80, 80]
    assert differences(truth_of(world, "B"), path).get("posts") is None


def test_what_takes_too_long_is_asked_for_in_smaller_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that gives up on pages of 60 rows, after a while, still gives all of them."""
    monkeypatch.setattr(request_size, "SLOW", 0.2)
    world, path = a_long_wall(), tmp_path / "archive.db"
    with DemoInstance(world, dialect="B") as instance:

        def gives_up(seen: Seen) -> str | None:
            if seen.method == "wall.get" and int(seen.params["count"]) > 40:
                time.sleep(0.3)
                return "502"
            return None

        instance.faults.schedule = gives_up
        report = run(instance, path, size=60, retries=ONCE, sections=("wall",), rounds=0)
        asked = [int(seen.params["count"]) for seen in instance.seen if seen.method == "wall.get"]

    assert report.exit_code == 0
    assert asked[:2] == [60, 30]
    assert set(asked[2:]) == {30}
    assert differences(truth_of(world, "B"), path).get("posts") is None


def test_a_small_answer_needs_no_room() -> None:
    """While much waits to be saved, only answers that are known to be small are asked for."""

    async def crowded() -> list[bool]:
        gate = threading.Event()
        busy = asyncio.create_task(aside(gate.wait))
        await asyncio.sleep(0)
        BACKLOG.add(2 * ROOM)
        found = [room() is None]
        for rows in (SMALL, SMALL + 1, None):
            with expecting(rows):
                found.append(room() is None)
        BACKLOG.remove(2 * ROOM)
        gate.set()
        await busy
        return found

    assert asyncio.run(crowded()) == [False, True, False, False]


def _pages_in_memory() -> int:
    return sum(type(one) is Fetched for one in gc.get_objects())


def test_a_page_that_is_saved_is_not_held(tmp_path: Path) -> None:
    """While the next one is on its way: of many lists, all these would be in memory."""
    gc.collect()
    before, held = _pages_in_memory(), list[int]()

    def look(seen: Seen) -> None:
        if seen.method == "wall.get" and int(seen.params.get("offset", 0)) > 0:
            until = time.monotonic() + 5
            while _pages_in_memory() > before and time.monotonic() < until:
                time.sleep(0.01)
            held.append(_pages_in_memory() - before)

    with DemoInstance(a_long_wall()) as instance:
        instance.faults.schedule = look
        report = run(instance, tmp_path / "archive.db", size=20, sections=("wall",), sparing=True)

    assert report.exit_code == 0
    assert set(held) == {0}
