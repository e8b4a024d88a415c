"""Rows of one second stand in another order for each window: a page read in parts loses none."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from effort import IS_THOROUGH, examples
from hypothesis import given, settings
from hypothesis import strategies as st
from syncing import query, run
from toy import DemoInstance, World

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.growing import Growing
from ovk_archive.api.paging.keyset import Keyset
from ovk_archive.api.paging.positions import Page
from ovk_archive.api.paging.single import Single
from ovk_archive.api.paging.windows import EITHER, END, PAGES, ROWS, Addressing, Window
from ovk_archive.archive.lists.holes import Hole, Slot
from ovk_archive.errors import ServerFaultError
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.sync.page.ties import MOST_ASKED, Search

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])


class Server:
    """A list whose rows of one second stand in an order of their own for each end of a window."""

    def __init__(
        self, seed: int, dates: list[int], poison: set[int], addressing: Addressing, *, newer: bool
    ) -> None:
        self.seed, self.dates, self.poison, self.newer = seed, dates, poison, newer
        self.addressing, self.meanings = addressing, addressing.meanings
        self.meaning: str | None = None
        self.requests = 0

    def rows(self, addressing: Addressing, window: Window) -> list[Slot]:
        """What the server answers."""
        self.requests += 1
        paging = addressing.params(window)
        offset, count = paging["offset"], paging["count"]
        pages = addressing is PAGES if not self.meanings else not self.newer
        start = offset * count if pages else offset
        end = count if addressing is END else start + count
        rng = random.Random(f"{self.seed} {end}")
        order = sorted(range(len(self.dates)), key=lambda one: (self.dates[one], rng.random()))
        if self.poison & set(order[start:end]):
            raise ServerFaultError("HTTP 500")
        return [{"id": one, "date": self.dates[one]} for one in order[start:end]]

    async def ask(self, window: Window, addressing: Addressing) -> list[Slot]:
        """The same, as those ask who look for a row."""
        return self.rows(addressing, window)

    def name(self, record: Record) -> str:
        """The number."""
        return str(record["id"])

    def parts(self, window: Window) -> list[Slot]:
        """A window, read as it is read around records that crash it."""
        try:
            return self.rows(self.addressing, window)
        except ServerFaultError as error:
            if window.size == 1:
                return [Hole(window.start, str(error))]
        return [slot for part in self.addressing.split(window) for slot in self.parts(part)]


async def looked(server: Server, window: Window) -> tuple[list[Slot], int]:
    """The window in parts, and then what was not met."""
    slots = server.parts(window)
    server.requests = 0
    return await Search(server, window, "HTTP 500").all_met(slots)


@given(
    seed=st.integers(0, 10**6),
    shape=st.tuples(st.integers(0, 20), st.integers(1, 12), st.integers(0, 20)),
    poisoned=st.integers(0, 2),
    addressing=st.sampled_from([ROWS, END, PAGES, EITHER]),
    newer=st.booleans(),
)
@settings(max_examples=examples(400), deadline=None)
def test_every_row_is_met_or_accounted_for(
    seed: int, shape: tuple[int, int, int], poisoned: int, addressing: Addressing, *, newer: bool
) -> None:
    """No row comes twice; records, holes and what is lost are as many as the list has rows."""
    before, same, behind = shape
    dates = [*range(before), *[before] * same, *range(before + 1, before + 1 + behind)]
    poison = set(range(before, before + min(poisoned, same)))
    server = Server(seed, dates, poison, addressing, newer=newer)

    slots, lost = asyncio.run(looked(server, Window(0, 64)))

    keys = [one["id"] for one in slots if not isinstance(one, Hole)]
    holes = len(slots) - len(keys)
    assert len(keys) == len(set(keys))
    assert len(keys) + holes + lost == len(dates)
    assert server.requests <= MOST_ASKED * max(1, len(addressing.meanings))
    if poison:
        assert holes >= 1
    else:
        assert (holes, lost, server.requests) == (0, 0, 0)


@pytest.mark.parametrize(
    ("addressing", "newer"), [(ROWS, True), (END, True), (PAGES, True), (EITHER, True), (EITHER, 0)]
)
def test_nearly_every_row_is_met(addressing: Addressing, newer: int) -> None:
    """Of three hundred pages with a crash among rows of one second, few lack a neighbour."""
    lacking = 0
    for seed in range(300):
        rng = random.Random(seed)
        before = rng.randint(0, 10)
        dates = [*range(before), *[before] * 7, *range(before + 1, before + rng.randint(1, 10))]
        poison = {before + rng.randrange(7)}
        server = Server(seed, dates, poison, addressing, newer=bool(newer))
        slots, _ = asyncio.run(looked(server, Window(0, 64)))
        lacking += sum(not isinstance(slot, Hole) for slot in slots) < len(dates) - 1

    assert lacking <= (5 if addressing in (ROWS, END) else 30)


@pytest.mark.parametrize(
    "paginator", [Growing(ROWS), Anchored(), Anchored(order="whole"), Single()]
)
def test_a_row_that_comes_twice_is_counted_once(paginator: Any) -> None:
    """A page may show a row twice: it is one row, in every way to read a list."""
    position = paginator.begin(None, full=False, expected=0)

    assert paginator.after(position, Page(keys=("1", "2", "2", "3"), total=3)).read == 3


def test_a_list_read_by_number_steps_over_places() -> None:
    """Where a page has holes, as many places are stepped over as it had, lost rows included."""
    paginator = Keyset(param="start_message_id", size=10)
    page = Page(keys=("1", "2"), ids=(1, 2), dates=(1, 1), holes=1, lost=2)

    assert paginator.after(paginator.begin(None, full=False, expected=0), page).skip == 5


def _talked(kind: str) -> tuple[World, tuple[str, int, int], list[int]]:
    world = World.empty()
    if kind == "photo":
        thing: Any = world.add_photo(1)
    elif kind == "note":
        thing = world.add_note(1)
    else:
        thing = world.add_post(1)
    under = (kind, 1, thing.id)
    return world, under, [world.add_comment(*under, date=1_600_000_000).id for _ in range(7)]


@DIALECTS
@pytest.mark.parametrize("kind", ["photo", "post", "note"])
def test_a_crash_among_comments_of_one_second_hides_no_other(
    kind: str, dialect: str, tmp_path: Path
) -> None:
    """Of seven comments of one second any may crash: six are held, or the list says no end.

    Whatever is not held is in no cursor that says complete; most of all is held.
    """
    world, _, numbers = _talked(kind)
    section = {"photo": "photos", "note": "notes", "post": "wall"}[kind]
    lacking = 0
    with DemoInstance(world, dialect=dialect) as instance:
        for crashing in numbers if IS_THOROUGH else numbers[::3]:
            path = tmp_path / f"{crashing}.db"
            instance.faults.poison = {("comments", crashing)}
            report = run(instance, path, sections=(section,))
            held = {row[0] for row in query(path, "select id from comments")}
            done = query(path, f"select done from _cursors where resource = '{kind}_comments'")
            skipped = query(path, "select count(*) from _skipped where resolved_at is null")

            assert report.exit_code == 3
            assert skipped == [(1,)]
            missed = set(numbers) - {crashing} - held
            assert done == [(int(not missed),)]
            lacking += len(missed)

    assert lacking <= 2
