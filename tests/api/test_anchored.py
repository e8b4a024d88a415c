"""The walk through shifting lists, against lists whose truth is known."""

import json
import random
from typing import Any

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import Asked, Harshness, LivingList, changing, walk

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.intervals import AnchoredPosition

CALM = Harshness(insert=0, delete=0)


def living(seed: int, size: int, **more: Any) -> LivingList:
    """A list of so many rows."""
    return LivingList(random.Random(seed), list(range(size, 0, -1)), **more)


def as_saved(position: dict[str, Any]) -> dict[str, Any]:
    """A position after a round through the database."""
    return dict(json.loads(json.dumps(position)))


@given(rows=st.integers(0, 400), size=st.sampled_from([20, 50, 100]), pinned=st.booleans(),
       off_by_one=st.booleans())  # fmt: skip
def test_a_still_list_is_read_whole(rows: int, size: int, pinned: bool, off_by_one: bool) -> None:
    """Every row of a list that does not change is read, pinned or not, off by one or not."""
    truth = living(0, rows, off_by_one=off_by_one)
    truth.pinned = rows // 2 if pinned and rows > 1 else None

    seen, position, _ = walk(Anchored(size=size), truth, CALM, None)

    assert truth.visible() == seen
    assert position["done"]
    assert not position["short"]


@pytest.mark.parametrize("rows", [0, 1, 89, 90, 91, 100, 180, 250, 1000])
@pytest.mark.parametrize(("counts", "ahead"), [(True, 0), (True, 3), (False, 3)])
def test_a_still_list_costs_its_pages_and_at_most_one_more(
    rows: int, *, counts: bool, ahead: int
) -> None:
    """Requests are the overlapping pages, and an empty one where no count agrees with the last.

    Those made ahead are none too many.
    """
    truth = living(0, rows)
    truth.counts = counts

    walk(Anchored(), truth, CALM, None, ahead=ahead)

    if counts and rows:
        assert truth.requests == 1 + max(0, (rows - 10) // 90)
    elif rows:
        assert truth.requests >= -(-rows // 90) + 1
    else:
        assert truth.requests == 1


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("inserts and deletions", Harshness()),
        ("rows that come back", Harshness(unhide=0.4)),
        ("bursts of deletions beyond the overlap", Harshness(delete=0.2, burst=30)),
        ("rows that jump to the top", Harshness(jump=0.3)),
    ],
)
@pytest.mark.parametrize(
    ("counts", "ahead", "sizes"),
    [(True, 0, False), (False, 0, False), (True, 3, False), (False, 0, True), (True, 3, True)],
)
def test_nothing_that_exists_throughout_is_missed(
    name: str, how: Harshness, *, counts: bool, ahead: int, sizes: bool
) -> None:
    """In 250 walks of each harsh kind, every row that was there all the time is read.

    Read ahead or not (nothing is where the server does not count), in pages of one size or many.
    """
    del name
    for seed in range(250):
        truth = living(seed, 500, counts=counts)
        paginator = Anchored(most=400, jumps=how.jump > 0)
        worth = changing(random.Random(seed)) if sizes else min
        seen, position, _ = walk(paginator, truth, how, None, ahead=ahead, worth=worth)

        assert position["done"]
        if not how.jump:
            assert truth.always <= seen, f"seed {seed} missed {truth.always - seen}"
        elif not position["short"] and counts:
            assert truth.always <= seen, f"seed {seed} missed {truth.always - seen} unawares"


def _burst(truth: LivingList, order: str) -> None:
    """Many rows leave and as many, or others, arrive: all at once, while nobody reads."""
    rng = truth.rng
    leaving = min(rng.choice([0, 1, 1, 2, 10, 30, 70]), len(truth.rows))
    for key in rng.sample(truth.rows, leaving):
        truth.remove(key)
    for _ in range(rng.choice([leaving, leaving, 0, rng.randint(0, 80)])):
        truth.newest += 1
        ends = {"newest": 0, "oldest": len(truth.rows)}
        truth.rows.insert(ends.get(order, rng.randint(0, len(truth.rows))), truth.newest)


@given(
    seed=st.integers(0, 10**6),
    order=st.sampled_from(["newest", "oldest", "whole"]),
    counts=st.booleans(),
    jumps=st.booleans(),
    moving=st.booleans(),
    ahead=st.sampled_from([0, 0, 1, 3]),
    sizes=st.booleans(),
)
@settings(max_examples=examples(1000), deadline=None)
def test_lists_that_lose_and_gain_much_at_once(
    *, seed: int, order: str, counts: bool, jumps: bool, moving: bool, ahead: int, sizes: bool
) -> None:
    """Runs cut short, and up to 70 rows gone and as many new: what the last run could see is held.

    A list that is read whole, in which a run that was resumed cannot know, says that it is unsure.
    """
    truth = living(seed, random.Random(seed).choice([40, 100, 200]), counts=counts)
    if order == "oldest":
        truth.rows.reverse()
    paginator = Anchored(size=20, most=80, order=order, jumps=jumps and order != "oldest")
    how: dict[str, Any] = {"ahead": ahead, "worth": changing(truth.rng) if sizes else min}
    seen: set[int] = set()
    saved: dict[str, Any] | None = None
    for _ in range(truth.rng.randint(1, 3)):
        budget = truth.rng.randint(1, 8)
        some, position, _ = walk(paginator, truth, CALM, saved, budget=budget, **how)
        seen |= some
        saved = as_saved(position)
        _burst(truth, order)
    truth.begin()
    last = paginator.begin(saved, full=False, expected=0)
    requests = 0
    asked = Asked(truth, paginator, ahead)
    while (window := paginator.window(last)) is not None:
        page = asked.page(last, window)
        seen |= {int(key) for key in page.keys}
        last = paginator.sized(paginator.after(last, page), how["worth"])
        requests += 1
        assert requests < 400
        if moving and requests < 50 and truth.rng.random() < 0.3:
            _burst(truth, order)

    if not (order == "whole" and last.short):
        assert truth.always <= seen


def test_dead_rows_are_not_the_end() -> None:
    """Short and empty pages in the middle (dead rows) lose nothing, living list or not."""
    for seed in range(200):
        rng = random.Random(seed)
        truth = living(seed, 300)
        begin = rng.randrange(250)
        truth.dead = set(range(begin, begin + 120)) | set(rng.sample(range(1, 301), 40))
        truth.begin()
        how = CALM if seed % 2 else Harshness()
        paginator = Anchored(size=40, most=160, holes=True)
        worth = changing(rng) if seed % 5 == 0 else min
        ahead = 3 * (seed % 3 == 0)
        seen, position, _ = walk(paginator, truth, how, None, ahead=ahead, worth=worth)

        assert position["done"]
        assert truth.always <= seen


@given(
    rows=st.integers(0, 120),
    dead=st.sampled_from(["none", "all", "head", "tail", "middle", "half"]),
    size=st.integers(11, 40),
    order=st.sampled_from(["newest", "oldest", "whole"]),
    counts=st.booleans(),
)
@settings(max_examples=examples(400), deadline=None)
def test_walks_over_dead_rows_end(
    rows: int, dead: str, size: int, order: str, counts: bool
) -> None:
    """Wherever dead rows lie, a walk reads every live one and comes to an end."""
    truth = living(0, rows, counts=counts)
    third = rows // 3
    truth.dead = {
        "none": set(),
        "all": set(truth.rows),
        "head": set(truth.rows[:third]),
        "tail": set(truth.rows[-third:]),
        "middle": set(truth.rows[third : 2 * third]),
        "half": set(truth.rows[::2]),
    }[dead]
    paginator = Anchored(size=size, order=order, holes=True)

    seen, position, requests = walk(paginator, truth, CALM, None)
    some, again, more = walk(paginator, truth, CALM, as_saved(position))

    assert truth.visible() == seen
    assert some <= seen
    assert (position["done"], again["done"]) == (True, True)
    assert max(requests, more) <= 4 * (rows // (size - 10) + 3)


@given(seed=st.integers(0, 10**6), rows=st.integers(0, 300), data=st.data())
@settings(max_examples=examples(150), deadline=None)
def test_interrupted_walks_leave_no_hole(seed: int, rows: int, data: st.DataObject) -> None:
    """Runs cut short anywhere, rows arriving between them: the last run ends with everything."""
    truth = living(seed, rows)
    paginator = Anchored(size=30)
    seen: set[int] = set()
    saved: dict[str, Any] | None = None
    for budget in data.draw(st.lists(st.integers(1, 6), max_size=6)):
        some, position, _ = walk(paginator, truth, Harshness(delete=0), saved, budget=budget)
        seen |= some
        saved = as_saved(position)

    some, position, _ = walk(paginator, truth, CALM, saved)

    assert position["done"]
    assert truth.visible() <= seen | some


@given(seed=st.integers(0, 10**6), rows=st.integers(0, 300), news=st.integers(0, 150))
@settings(max_examples=examples(100), deadline=None)
def test_a_second_run_reads_only_the_head(seed: int, rows: int, news: int) -> None:
    """After a finished walk only new rows are read, and one page that shows the known ones."""
    truth = living(seed, rows)
    paginator = Anchored(size=30)
    seen, position, _ = walk(paginator, truth, CALM, None)
    for _ in range(news):
        truth.newest += 1
        truth.rows.insert(0, truth.newest)
    some, position, requests = walk(paginator, truth, CALM, as_saved(position))

    assert truth.visible() == seen | some
    assert position["done"]
    if rows >= 30:
        assert requests <= news // 20 + 2


@pytest.mark.parametrize("counts", [True, False])
def test_a_known_row_at_the_top_proves_nothing(counts: bool) -> None:
    """A track added again stands at the top; the new tracks below it are still read."""
    truth = living(1, 200, counts=counts)
    paginator = Anchored(size=50, jumps=True)
    _, position, _ = walk(paginator, truth, CALM, None)
    truth.rows = [198, *range(400, 200, -1), *[k for k in truth.rows if k != 198]]
    truth.begin()

    seen, _, _ = walk(paginator, truth, CALM, as_saved(position))

    assert set(range(201, 401)) <= seen


def test_a_row_that_came_back_further_down_is_found() -> None:
    """The server's count says that something changed below: the list is read whole again."""
    truth = living(1, 300)
    truth.rows.remove(50)
    paginator = Anchored()
    _, position, _ = walk(paginator, truth, CALM, None)
    truth.rows.insert(250, 50)

    seen, _, _ = walk(paginator, truth, CALM, as_saved(position))

    assert 50 in seen


def test_order_numbers_fall_down_the_list_over_many_runs() -> None:
    """Newer rows have greater numbers, however many runs read the list and where they broke."""
    rng = random.Random(5)
    truth = living(5, 150)
    paginator = Anchored(size=30)
    numbers: dict[str, int] = {}
    saved: dict[str, Any] | None = None
    for _ in range(12):
        position = paginator.begin(saved, full=False, expected=0)
        for _ in range(rng.randint(1, 5)):
            window = paginator.window(position)
            if window is None:
                break
            page = truth.answer(window)
            numbers |= zip(page.keys, paginator.places(position, page), strict=True)
            position = paginator.after(position, page)
        saved = as_saved(position.to_json())
        for _ in range(rng.randint(0, 45)):
            truth.newest += 1
            truth.rows.insert(0, truth.newest)
    seen, position_, _ = _walk_with_numbers(paginator, truth, saved, numbers)

    assert position_["done"]
    assert truth.visible() <= {int(key) for key in numbers} | seen
    assert [str(k) for k in truth.rows] == sorted(numbers, key=lambda key: -numbers[key])


def _walk_with_numbers(
    paginator: Anchored, truth: LivingList, saved: Any, numbers: dict[str, int]
) -> tuple[set[int], dict[str, Any], int]:
    position = paginator.begin(saved, full=False, expected=0)
    while (window := paginator.window(position)) is not None:
        page = truth.answer(window)
        numbers |= zip(page.keys, paginator.places(position, page), strict=True)
        position = paginator.after(position, page)
    return set(), position.to_json(), 0


@pytest.mark.parametrize("order", ["oldest", "whole"])
def test_lists_that_grow_at_their_end(order: str) -> None:
    """Oldest-first lists are read whole, and after news again whole or from where they ended."""
    for seed in range(100):
        rng = random.Random(seed)
        truth = living(seed, 0)
        truth.rows = list(range(1, 150))
        truth.begin()
        paginator = Anchored(size=40, order=order)
        seen, position, _ = walk(paginator, truth, Harshness(insert=0), None)
        assert truth.always <= seen
        truth.rows += range(200, 200 + rng.randint(0, 90))
        some, position, _ = walk(paginator, truth, CALM, as_saved(position))

        assert truth.visible() <= seen | some


def test_positions_survive_json() -> None:
    """A position read back from JSON is the position that was saved."""
    truth = living(3, 120)
    _, position, _ = walk(Anchored(size=30), truth, CALM, None, budget=2)
    again = Anchored(size=30).begin(as_saved(position), full=False, expected=0)
    once = AnchoredPosition(floor=3, head=("1", "2"))

    assert again.below[0].rows == position["read"]
    assert once == AnchoredPosition.from_json(as_saved(once.to_json()))
