"""Windows and the simple paginators, against lists whose truth is known."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from effort import examples, some
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import changing

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.growing import Growing
from ovk_archive.api.paging.keyset import Keyset, KeysetPosition
from ovk_archive.api.paging.positions import Page
from ovk_archive.api.paging.single import Single
from ovk_archive.api.paging.windows import EITHER, END, PAGES, ROWS, Addressing, Window

LIST = list(range(1000))


def by_rows(offset: int, count: int) -> list[int]:
    """A server for which `offset` counts rows."""
    return LIST[offset : offset + count]


def by_pages(offset: int, count: int) -> list[int]:
    """A server for which `offset` counts pages."""
    return LIST[offset * count : (offset + 1) * count]


def by_end(offset: int, count: int) -> list[int]:
    """A server that takes the first `count` rows and drops `offset` of them."""
    return LIST[:count][offset:]


@pytest.mark.parametrize(
    ("addressing", "server"),
    [(ROWS, by_rows), (PAGES, by_pages), (END, by_end), (EITHER, by_rows), (EITHER, by_pages)],
)
@given(start=st.integers(0, 900), size=st.integers(1, 100))
def test_a_window_is_the_rows_it_says(
    addressing: Addressing, server: Any, start: int, size: int
) -> None:
    """Whatever `offset` means to a method, the fitted window asks for exactly its rows."""
    window = addressing.fit(Window(start, size))

    rows = server(**addressing.params(window))

    assert LIST[window.start : window.start + window.size] == rows
    assert window.start <= start
    assert window.start + window.size >= start + size or addressing is EITHER
    assert window.size <= 3 * size


@pytest.mark.parametrize(
    ("addressing", "server"),
    [(ROWS, by_rows), (PAGES, by_pages), (END, by_end), (EITHER, by_rows), (EITHER, by_pages)],
)
@given(start=st.integers(0, 900), size=st.integers(2, 64))
def test_the_parts_of_a_window_are_the_window(
    addressing: Addressing, server: Any, start: int, size: int
) -> None:
    """Halving down to single rows asks for every row of a window once, in order."""

    def rows(window: Window) -> list[int]:
        if window.size == 1:
            return list(server(**addressing.params(window)))
        return [row for part in addressing.split(window) for row in rows(part)]

    window = addressing.fit(Window(start, size))

    assert LIST[window.start : window.start + window.size] == rows(window)


@pytest.mark.parametrize("addressing", [PAGES, END])
@pytest.mark.parametrize("size", [11, 19, 60])
@pytest.mark.parametrize("total", [0, 1, 59, 60, 61, 250, 1000])
def test_anchored_walks_read_lists_of_any_addressing(
    addressing: Addressing, total: int, size: int
) -> None:
    """Lists whose `offset` counts pages, or whose `count` is an end, are read whole."""
    server = by_pages if addressing is PAGES else by_end
    paginator = Anchored(size=size, order="whole", addressing=addressing)
    position = paginator.begin(None, full=False, expected=0)
    seen: set[int] = set()
    while (window := paginator.window(position)) is not None:
        params = addressing.params(addressing.fit(window))
        rows = [row for row in server(**params) if row < total]
        seen |= set(rows)
        position = paginator.after(position, Page(keys=tuple(map(str, rows)), total=total))

    assert set(range(total)) == seen


def messages(seed: int, count: int, same_second: float) -> list[tuple[int, int]]:
    """Messages as (number, unix time), many of them in one second."""
    rng = random.Random(seed)
    date, number, rows = 1000, 0, []
    for _ in range(count):
        number += rng.randint(1, 3)
        date += 0 if rng.random() < same_second else rng.randint(1, 100)
        rows.append((number, date))
    return rows


def history(
    paginator: Keyset,
    rows: Sequence[tuple[int, int]],
    position: KeysetPosition,
    rng: random.Random,
    *,
    newest: int | None = None,
    cap: int = 10**6,
) -> Page:
    """messages.getHistory with rev=1: by time, rows of one second in any order."""
    window = paginator.window(position)
    assert window is not None
    after = paginator.params(position)["start_message_id"]
    found = sorted((r for r in rows if r[0] > after), key=lambda row: (row[1], rng.random()))
    page = found[window.start : window.start + min(window.size, cap)]
    return Page(
        keys=tuple(str(number) for number, _ in page),
        ids=tuple(number for number, _ in page),
        dates=tuple(date for _, date in page),
        newest=newest,
    )


def told_newest(rows: list[tuple[int, int]], rng: random.Random) -> int | None:
    """The row that the list of conversations has called the newest: it may be wrong."""
    last = max(rows, key=lambda row: (row[1], rng.random()), default=(0, 0))
    return rng.choice([None, last[0], last[0], rng.choice(rows or [last])[0]])


def read_history(
    paginator: Keyset,
    rows: list[tuple[int, int]],
    saved: Any,
    rng: random.Random,
    meanwhile: Callable[[], object] = lambda: None,
) -> tuple[set[int], Any]:
    """All numbers a run sees, and the position it leaves; `meanwhile` is called after each page.

    Half of the runs meet a server that is fast at one moment and slow at another, and most know
    which row was the newest when they began.
    """
    paginator = replace(paginator, most=4 * paginator.size)
    worth = changing(rng) if rng.random() < 0.5 else min
    position = paginator.begin(saved, full=False, expected=0)
    seen: set[int] = set()
    newest = told_newest(rows, rng)
    while not position.done:
        page = history(paginator, rows, position, rng, newest=newest)
        seen |= set(page.ids)
        after = paginator.after(position, page)
        assert after != position
        assert after.read >= 0
        position = paginator.sized(after, worth)
        meanwhile()
    return seen, position.to_json()


@settings(max_examples=examples(150), deadline=None)
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(0, some(200, 60)),
    size=st.sampled_from([1, 2, 5, 20]),
    same_second=st.sampled_from([0.0, 0.5, 0.95]),
    later=st.integers(0, 30),
)
def test_keyset_reads_every_message_whatever_the_seconds(
    seed: int, count: int, size: int, same_second: float, later: int
) -> None:
    """Messages of one second stand in no order, and none of them is missed, then or later."""
    rng = random.Random(seed)
    rows = messages(seed, count + later, same_second)
    paginator = Keyset(param="start_message_id", size=size)

    seen, position = read_history(paginator, rows[:count], None, rng)
    more, last = read_history(paginator, rows, position, rng)

    assert {number for number, _ in rows[:count]} == seen
    assert {number for number, _ in rows} == seen | more
    assert len(rows) == last["read"]


def test_keyset_survives_numbers_against_time() -> None:
    """A message with a high number and an early time does not hide the lower numbers after it."""
    rows = [(1, 10), (90, 20), *[(n, 100 + n) for n in range(2, 60)]]
    seen, _ = read_history(Keyset(param="start_message_id", size=10), rows, None, random.Random(1))

    assert {number for number, _ in rows} == seen


@st.composite
def clocks(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Messages of a server whose clock was wrong for some of them, by seconds or by decades."""
    rows = messages(draw(st.integers(0, 10**6)), draw(st.integers(1, 150)), 0.3)
    for _ in range(draw(st.integers(1, 3))):
        start, length = draw(st.integers(0, len(rows) - 1)), draw(st.integers(1, 40))
        wrong = draw(st.sampled_from([-(10**9), -3000, -60, 60, 3000, 10**9]))
        stretch = slice(start, start + length)
        rows[stretch] = [(number, date + wrong) for number, date in rows[stretch]]
    return rows


@settings(max_examples=examples(150), deadline=None)
@given(
    rows=clocks(), size=st.sampled_from([2, 5, 20]), share=st.floats(0, 1), seed=st.integers(0, 99)
)
def test_keyset_reads_every_message_whatever_the_servers_clock(
    rows: list[tuple[int, int]], size: int, share: float, seed: int
) -> None:
    """Messages that are dated much later or earlier than their neighbours are read, each once."""
    rng = random.Random(seed)
    paginator = Keyset(param="start_message_id", size=size)
    first = rows[: int(share * len(rows))]

    seen, position = read_history(paginator, first, None, rng)
    more, last = read_history(paginator, rows, position, rng)

    assert {number for number, _ in first} == seen
    assert {number for number, _ in rows} == seen | more
    assert len(rows) == last["read"]


@settings(max_examples=examples(150), deadline=None)
@given(
    wrong=st.booleans(),
    size=st.sampled_from([5, 20]),
    often=st.floats(0, 0.7),
    seed=st.integers(0, 10**6),
    data=st.data(),
)
def test_keyset_reads_what_stays_while_messages_come_and_go(
    wrong: bool, size: int, often: float, seed: int, data: st.DataObject
) -> None:
    """A message that is there all the time is read, though others are deleted and written.

    If the server's clock was wrong as well, as many may have been deleted as were overlooked, and
    the sum be right by chance: then the next reading finds them.
    """
    rng = random.Random(seed)
    world = data.draw(clocks()) if wrong else messages(seed, rng.randint(1, 200), 0.3)
    stays, newest = set(world), max(date for _, date in world)

    def meanwhile() -> None:
        if world and rng.random() < often:
            gone = world.pop(rng.randrange(len(world)))
            stays.discard(gone)
        if rng.random() < often / 2:
            date = rng.randint(500, 9000) if wrong else newest + len(arrived)
            arrived.append((10**6 + len(arrived), date))
            world.append(arrived[-1])

    arrived: list[tuple[int, int]] = []
    paginator = Keyset(param="start_message_id", size=size)
    seen, _ = read_history(paginator, world, None, rng, meanwhile)
    if wrong:
        seen |= read_history(paginator, world, None, rng)[0]

    assert {number for number, _ in stays} <= seen


@settings(max_examples=examples(300), deadline=None)
@given(rows=clocks(), size=st.sampled_from([2, 5, 20]), seed=st.integers(0, 10**6))
def test_keyset_counts_no_fewer_rows_than_none(
    rows: list[tuple[int, int]], size: int, seed: int
) -> None:
    """However many messages vanish at once, in a reading or after it, what was read is a number."""
    rng = random.Random(seed)
    paginator = Keyset(param="start_message_id", size=size)

    def vanish() -> None:
        if rows and rng.random() < 0.3:
            del rows[: rng.randint(1, len(rows))]
        if rng.random() < 0.3:
            rows.append((10**6 + rng.randint(1, 10**6), rng.randint(500, 9000)))

    saved = None
    for _ in range(4):
        _, saved = read_history(paginator, rows, saved, rng, vanish)
        assert paginator.begin(saved, full=False, expected=0).read >= 0


def test_keyset_ends_with_the_request_that_finds_the_last_row() -> None:
    """A history of 30 messages costs two requests, with right clocks as ever."""
    paginator, rng = Keyset(param="start_message_id"), random.Random(1)
    position, asked = paginator.begin(None, full=False, expected=0), 0
    while not position.done:
        page = history(paginator, messages(1, 30, 0.1), position, rng)
        position, asked = paginator.after(position, page), asked + 1

    assert (asked, position.read) == (2, 30)


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(("newest", "requests"), [(30, 1), (29, 1), (31, 2), (None, 2)])
def test_keyset_asks_no_more_where_the_newest_was_shown(
    newest: int | None, requests: int, again: bool
) -> None:
    """One request is enough where it shows the row that the listing calls the newest."""
    paginator, rng = Keyset(param="start_message_id"), random.Random(1)
    rows = [(number, number) for number in range(1, 31)]
    saved = read_history(paginator, rows[:25], None, rng)[1] if again else None
    position, asked = paginator.begin(saved, full=False, expected=0), 0
    while not position.done:
        page = history(paginator, rows, position, rng, newest=newest)
        position, asked = paginator.after(position, page), asked + 1

    assert (asked, position.read) == (requests, 30)


@pytest.mark.parametrize("cap", [2, 9, 10, 29, 30, 31])
@pytest.mark.parametrize("newest", [None, 30])
def test_keyset_reads_all_of_a_server_that_gives_less_than_was_asked_for(
    newest: int | None, cap: int
) -> None:
    """A page that is short, but has not the newest row, does not end the list."""
    paginator, rng = Keyset(param="start_message_id", size=100), random.Random(1)
    rows = [(number, number) for number in range(1, 31)]
    position, seen = paginator.begin(None, full=False, expected=0), set[int]()
    while not position.done:
        page = history(paginator, rows, position, rng, newest=newest, cap=cap)
        seen |= set(page.ids)
        position = paginator.after(position, page)

    assert seen == set(range(1, 31))


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("rows", [0, 1, 19, 20, 21, 40, 333])
def test_growing_windows_hold_everything(rows: int, counted: bool) -> None:
    """A list read in one growing window is held whole, also where the server does not count."""
    paginator = Growing(ROWS)
    position = paginator.begin(None, full=False, expected=0)
    requests = 0
    while (window := paginator.window(position)) is not None:
        keys = tuple(str(row) for row in range(rows)[window.start : window.start + window.size])
        position = paginator.after(position, Page(keys=keys, total=rows if counted else None))
        requests += 1

    assert rows == position.read
    assert rows > 19 or requests <= (1 if counted or not rows else 2)


def test_growing_ends_where_the_server_counts_too_many() -> None:
    """A counter that counts what cannot be seen does not make the window grow forever."""
    paginator = Growing(ROWS)
    position = paginator.begin(None, full=False, expected=3)
    for _ in range(5):
        if paginator.window(position) is None:
            break
        position = paginator.after(position, Page(keys=("1", "2"), total=3))

    assert position.done
    assert position.read == 2


def test_single_answers_are_read_once() -> None:
    """A method that answers with everything at once is asked once."""
    paginator = Single()
    position = paginator.begin(None, full=False, expected=0)

    assert paginator.window(position) == Window(0, 1)
    assert paginator.window(paginator.after(position, Page(keys=("1",)))) is None
