"""The pace is learnt from one refusal, and kept by every later process."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from scripted import Reply, Request, ScriptedServer, ok, refused

from ovk_archive.api.budget import Budget
from ovk_archive.api.client import Client
from ovk_archive.api.pace import ForgetfulMemory, Pace
from ovk_archive.api.retries import Retries
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.runs import Journal
from ovk_archive.cli.local.verify_server import Recall
from ovk_archive.errors import InterruptedSyncError, RateLimitedError, StoppedError

WINDOW = 0.5
#: Ours has the same margin over theirs as 21 seconds over 20.
PACE_WINDOW = WINDOW * 1.05
QUICK = Retries(attempts=2, wait_initial=0.01, wait_max=0.02, jitter=0.0)


class OldServer:
    """Counts reads of photos and board as older servers do: five per fixed window."""

    def __init__(self) -> None:
        self.refusals = 0
        self._begin = float("-inf")
        self._count = 0

    def __call__(self, request: Request) -> Reply:
        """The answer to one request."""
        if not request.method.lower().startswith(("photos.", "board.")):
            return ok("free")
        if request.at - self._begin > WINDOW:
            self._begin, self._count = request.at, 0
        self._count += 1
        if self._count > 5:
            self.refusals += 1
            return refused(29, "You have been rate limited.")
        return ok("counted")


class Notes:
    """A memory that tells what was saved, and when."""

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        self.state = state or {}
        self.saved: list[dict[str, Any]] = []

    def load(self) -> dict[str, Any]:
        """The state."""
        return self.state

    def save(self, state: dict[str, Any]) -> None:
        """Keeps it."""
        self.state = state
        self.saved.append(state)


class Clock:
    """A clock that goes only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now

    async def wait(self, seconds: float) -> None:
        """Lets the time pass."""
        self.now += seconds


def pace(memory: ForgetfulMemory | Notes | None = None) -> Pace:
    """A pace with the small window of these tests."""
    return Pace(window=PACE_WINDOW, memory=memory)


async def ask(server: ScriptedServer, the_pace: Pace, *methods: str, at_once: int = 4) -> None:
    """Asks all these methods, several at once."""
    client = Client(server.instance, None, pace=the_pace, concurrency=at_once, retries=QUICK)
    async with client, asyncio.TaskGroup() as tasks:
        for method in methods:
            tasks.create_task(client.call(method))


@pytest.mark.parametrize("method", ["photos.get", "PHOTOS.getAll", "Board.getTopics"])
def test_class_of_limited_methods(method: str) -> None:
    """Photos and board share one counter, however their names are written."""
    assert Pace().class_of(method) == "photos+board"


@pytest.mark.parametrize("method", ["wall.get", "photo.get", "messages.getHistory", "execute"])
def test_other_methods_have_no_class(method: str) -> None:
    """All other methods go unhindered."""
    assert Pace().class_of(method) is None


def test_one_refusal_teaches_the_pace() -> None:
    """Twelve calls at once meet exactly one refusal, and all get their answer."""
    rules = OldServer()
    with ScriptedServer(by=rules) as server:
        asyncio.run(ask(server, pace(), *["photos.get"] * 8, *["board.getTopics"] * 4))

    assert rules.refusals == 1
    assert len(server.requests) == 13


def test_later_process_keeps_the_pace_from_its_first_call() -> None:
    """A new process with the same memory is refused nothing, even at once after the old one."""
    rules, memory = OldServer(), Notes()
    with ScriptedServer(by=rules) as server:
        asyncio.run(ask(server, pace(memory), *["photos.get"] * 7))
        asyncio.run(ask(server, pace(memory), *["photos.get"] * 7))

    assert rules.refusals == 1


def test_limited_calls_keep_to_a_sliding_window() -> None:
    """Once limited, no six calls leave within one window."""
    memory = Notes({"limited": True, "times": [0.0] * 5})
    with ScriptedServer(ok(1)) as server:
        asyncio.run(ask(server, pace(memory), *["photos.get"] * 12))

    times = [request.at for request in server.requests]
    assert min(b - a for a, b in zip(times, times[5:], strict=False)) > WINDOW


@pytest.mark.parametrize("at_once", [1, 16])
@pytest.mark.parametrize(("before", "after"), [(0.2, 0.0), (0.1, 0.1)])
def test_slow_servers_refuse_once(at_once: int, before: float, after: float) -> None:
    """However long calls take to be counted, and then to be answered: one refusal, and no more.

    Each fifth is slow, so that the first of a window is counted late, and the sixth is not.
    Beside photos, walls are read, whose slow answers take up the slots.
    """
    methods = [*["photos.get"] * 14, *["wall.get"] * 10]
    for _ in range(5):
        rules, photos = OldServer(), count()

        def slow(
            request: Request, rules: OldServer = rules, photos: Iterator[int] = photos
        ) -> Reply:
            if "photos" not in request.method:
                return Reply(body=ok(1).body, delay=0.1)
            if next(photos) % 5 != 1:
                return rules(request)
            counted = rules(replace(request, at=request.at + before))
            return replace(counted, delay=before + after)

        with ScriptedServer(by=slow) as server:
            asyncio.run(ask(server, pace(), *methods, at_once=at_once))
        # A machine that was too busy to ask as fast as the server forbids has shown nothing.
        if rules.refusals:
            break

    assert rules.refusals == 1


def test_a_call_counts_when_it_ends() -> None:
    """The next may leave a window after the answer: nobody knows when before it was counted."""
    clock = Clock()
    slow = Pace(calls=1, clock=clock, wall=clock, memory=Notes({"limited": True, "times": [0.0]}))
    left: list[float] = []

    async def run() -> None:
        for _ in range(2):
            async with slow.turn("photos.get", clock.wait):
                left.append(clock.now)
                clock.now += 50.0

    asyncio.run(run())

    assert left == [1000.0, 1071.0]


def test_a_call_that_was_killed_counts() -> None:
    """A kill in the middle of a call: the next process takes it for one that has just ended."""
    clock = Clock()
    memory = Notes({"limited": True, "times": [0.0] * 5})
    killed: list[dict[str, Any]] = []

    async def one(a_pace: Pace) -> None:
        async with a_pace.turn("photos.get", clock.wait):
            killed.append(memory.state)

    asyncio.run(one(Pace(calls=1, clock=clock, wall=clock, memory=memory)))
    clock.now += 300.0
    asyncio.run(one(Pace(calls=1, clock=clock, wall=clock, memory=Notes(killed[0]))))

    assert clock.now == pytest.approx(1321.0)


def test_a_call_that_failed_counts() -> None:
    """Whatever a call ends with, it may have been counted."""
    clock = Clock()
    memory = Notes({"limited": True, "times": [0.0] * 5})
    slow = Pace(clock=clock, wall=clock, memory=memory)

    async def cut_off() -> None:
        async with slow.turn("photos.get", clock.wait):
            clock.now += 60.0
            raise TimeoutError

    with pytest.raises(TimeoutError):
        asyncio.run(cut_off())

    assert memory.state == {"limited": True, "times": [0.0] * 4 + [1060.0]}


@pytest.mark.parametrize("jump", [-864_000.0, 7200.0, 7e8])
def test_a_clock_that_jumps_changes_nothing(jump: float) -> None:
    """The wall clock may jump while calls are made: they are as far apart as ever."""
    clock, memory, jumped = Clock(), Notes({"limited": True, "times": [0.0] * 5}), [0.0]
    slow = Pace(clock=clock, wall=lambda: clock() + jumped[0], memory=memory)
    left: list[float] = []

    async def run(a_pace: Pace, calls: int) -> None:
        for _ in range(calls):
            async with a_pace.turn("photos.get", clock.wait):
                left.append(clock.now)
            clock.now += 1.0
            jumped[0] = jump

    asyncio.run(run(slow, 6))
    # What the next process is left is true by the clock as it is now.
    asyncio.run(run(Pace(clock=clock, wall=lambda: clock() + jump, memory=memory), 2))

    assert left == [1000.0, 1001.0, 1002.0, 1003.0, 1004.0, 1021.0, 1022.0, 1023.0]


@pytest.mark.parametrize("times", [None, [], "soon", [None]])
def test_unknown_times_mean_a_full_window(times: object) -> None:
    """Limited, but nobody knows since when: a whole window is waited first."""
    clock = Clock()
    slow = Pace(clock=clock, wall=clock, memory=Notes({"limited": True, "times": times}))

    async def turn() -> None:
        async with slow.turn("photos.get", clock.wait):
            pass

    asyncio.run(turn())

    assert clock.now == pytest.approx(1021.0)


def test_window_with_room_costs_no_wait() -> None:
    """Where fewer calls are remembered than a window holds, the next may leave at once."""
    clock, memory = Clock(), Notes({"limited": True, "times": [990.0, 980.0]})
    slow = Pace(clock=clock, wall=clock, memory=memory)

    async def turn() -> None:
        async with slow.turn("photos.get", clock.wait):
            pass

    asyncio.run(turn())

    assert memory.state["times"] == [980.0, 990.0, 1000.0]


def test_clock_set_back_costs_one_window_at_most() -> None:
    """Times in the future do not make us wait for that future."""
    clock = Clock()
    slow = Pace(clock=clock, wall=clock, memory=Notes({"limited": True, "times": [9e9] * 5}))

    async def turn() -> None:
        async with slow.turn("photos.get", clock.wait):
            pass

    asyncio.run(turn())

    assert clock.now == pytest.approx(1021.0)


def test_nothing_is_saved_while_there_is_no_limit() -> None:
    """An instance without limits costs no writes."""
    memory = Notes()
    with ScriptedServer(ok(1)) as server:
        asyncio.run(ask(server, pace(memory), *["photos.get"] * 15))

    assert memory.saved == []


def test_unknown_instance_is_asked_one_at_a_time() -> None:
    """Until it is known better, calls of the class do not overlap: all could be refused."""
    with ScriptedServer(Reply(body=ok(1).body, delay=0.02)) as server:
        asyncio.run(ask(server, pace(), *["photos.get"] * 6))

    assert server.most_at_once == 1


def test_eleven_quick_successes_prove_that_there_is_no_limit() -> None:
    """After eleven calls within a window the class may go in parallel."""
    with ScriptedServer(Reply(body=ok(1).body, delay=0.01)) as server:

        async def run() -> None:
            the_pace = Pace()
            await ask(server, the_pace, *["photos.get"] * 10)
            await ask(server, the_pace, *["photos.get"] * 2)
            assert server.most_at_once == 1
            await ask(server, the_pace, *["photos.get"] * 8)

        asyncio.run(run())

    assert server.most_at_once == 4


def test_slow_successes_prove_nothing() -> None:
    """Eleven calls that took longer than a window may well have been allowed by a limit."""
    with ScriptedServer(Reply(body=ok(1).body, delay=WINDOW / 10)) as server:

        async def run() -> None:
            the_pace = pace()
            await ask(server, the_pace, *["photos.get"] * 11)
            await ask(server, the_pace, *["photos.get"] * 4)

        asyncio.run(run())

    assert server.most_at_once == 1


def test_limit_that_appears_late_is_learnt_as_well() -> None:
    """An instance thought to be free that refuses is paced from then on."""
    clock, memory = Clock(), Notes()
    the_pace = Pace(clock=clock, wall=clock, memory=memory)

    async def run() -> None:
        for _ in range(11):
            async with the_pace.turn("photos.get", clock.wait):
                pass
        with pytest.raises(RateLimitedError):
            async with the_pace.turn("photos.get", clock.wait):
                raise RateLimitedError("too fast", 29)
        async with the_pace.turn("photos.get", clock.wait):
            pass

    asyncio.run(run())

    assert clock.now == pytest.approx(1021.0)
    assert memory.state["limited"] is True


def test_other_methods_go_on_while_one_class_waits() -> None:
    """Waiting calls hold no slot: with one slot, walls are read while photos wait."""
    memory = Notes({"limited": True})
    with ScriptedServer(by=OldServer()) as server:
        asyncio.run(ask(server, pace(memory), "photos.get", *["wall.get"] * 5, at_once=1))

    assert [request.method for request in server.requests] == ["wall.get"] * 5 + ["photos.get"]


def test_refused_twice_is_asked_once_more() -> None:
    """Somebody else behind the same address used the window up: one window more is waited."""
    no = refused(29, "You have been rate limited.")
    with ScriptedServer(no, no, ok(1)) as server:
        begin = time.monotonic()
        asyncio.run(ask(server, pace(), "photos.get"))

    assert len(server.requests) == 3
    assert time.monotonic() - begin > 2 * WINDOW


def test_third_refusal_in_a_row_ends_it() -> None:
    """Refused again after two whole windows: the error says so, and nothing more is sent."""
    with ScriptedServer(refused(29, "You have been rate limited.")) as server:
        begin = time.monotonic()
        with pytest.raises(ExceptionGroup) as caught:
            asyncio.run(ask(server, pace(), "photos.get"))

    assert caught.group_contains(RateLimitedError)
    assert len(server.requests) == 3
    assert time.monotonic() - begin > 2 * WINDOW


def test_refusal_of_an_unlisted_method_waits_too() -> None:
    """Error 29 of any other method is answered by one wait and one more try."""
    with ScriptedServer(refused(29, "You have been rate limited."), ok(1)) as server:
        begin = time.monotonic()
        asyncio.run(ask(server, pace(), "docs.get"))

    assert len(server.requests) == 2
    assert time.monotonic() - begin > WINDOW


def test_stop_ends_a_wait_at_once() -> None:
    """A stopped client does not sleep its window through."""
    memory = Notes({"limited": True})
    with ScriptedServer(ok(1)) as server:

        async def run() -> None:
            client = Client(server.instance, None, pace=Pace(memory=memory))
            async with client, asyncio.TaskGroup() as tasks:
                tasks.create_task(client.call("photos.get"))
                tasks.create_task(client.call("board.getTopics"))
                await asyncio.sleep(0.05)
                client.stop(InterruptedSyncError("Ctrl-C"))

        begin = time.monotonic()
        with pytest.raises(ExceptionGroup) as caught:
            asyncio.run(run())

    assert caught.group_contains(InterruptedSyncError)
    assert server.requests == []
    assert time.monotonic() - begin < 5


def test_max_duration_ends_a_wait() -> None:
    """A run that may last a moment does not wait for 21 seconds."""
    memory = Notes({"limited": True})
    with ScriptedServer(ok(1)) as server:

        async def run() -> None:
            budget = Budget(max_duration=0.1)
            async with Client(
                server.instance, None, pace=Pace(memory=memory), budget=budget
            ) as client:
                await client.call("photos.get")

        begin = time.monotonic()
        with pytest.raises(StoppedError, match=r"--max-duration \(0.1 s\)"):
            asyncio.run(run())

    assert server.requests == []
    assert time.monotonic() - begin < 5


def test_verify_leaves_its_calls_to_the_next_sync(tmp_path: Path) -> None:
    """`verify --server` reads photos too: a sync at once after it knows, unless one is running."""
    path, identity = tmp_path / "archive.db", Identity("demo", 1, "http://127.0.0.1")
    known, later = {"limited": True, "times": [1.0]}, {"limited": True, "times": [2.0]}
    Archive.open(path, identity).close()
    with Archive.read(path) as held:
        Recall(held).save(known)
        with Archive.open(path, identity) as archive:
            Recall(held).save(later)
            assert Journal(archive).load() == known
        assert Recall(held).load() == known
