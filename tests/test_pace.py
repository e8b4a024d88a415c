"""The pace is learnt from one refusal, and kept by every later process."""

import asyncio
import time
from typing import Any

import pytest
from scripted import Reply, Request, ScriptedServer, ok, refused

from ovk_archive.client import Budget, Client, Retries
from ovk_archive.errors import InterruptedSyncError, RateLimitedError, StoppedError
from ovk_archive.pace import ForgetfulMemory, Pace

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


def test_times_are_saved_before_the_call_is_sent() -> None:
    """A kill in the middle of a call does not forget that it was sent."""
    clock = Clock()
    memory = Notes({"limited": True, "times": [0.0] * 5})
    slow = Pace(clock=clock, memory=memory)

    async def killed() -> None:
        async with slow.turn("photos.get", clock.wait):
            assert memory.state["times"][-1] == 1000.0
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(killed())

    assert memory.state == {"limited": True, "times": [0.0] * 4 + [1000.0]}


@pytest.mark.parametrize("times", [None, [], "soon", [None]])
def test_unknown_times_mean_a_full_window(times: object) -> None:
    """Limited, but nobody knows since when: a whole window is waited first."""
    clock = Clock()
    slow = Pace(clock=clock, memory=Notes({"limited": True, "times": times}))

    async def turn() -> None:
        async with slow.turn("photos.get", clock.wait):
            pass

    asyncio.run(turn())

    assert clock.now == pytest.approx(1021.0)


def test_window_with_room_costs_no_wait() -> None:
    """Where fewer calls are remembered than a window holds, the next may leave at once."""
    clock, memory = Clock(), Notes({"limited": True, "times": [990.0, 980.0]})
    slow = Pace(clock=clock, memory=memory)

    async def turn() -> None:
        async with slow.turn("photos.get", clock.wait):
            pass

    asyncio.run(turn())

    assert memory.state["times"] == [980.0, 990.0, 1000.0]


def test_clock_set_back_costs_one_window_at_most() -> None:
    """Times in the future do not make us wait for that future."""
    clock = Clock()
    slow = Pace(clock=clock, memory=Notes({"limited": True, "times": [9e9] * 5}))

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
    the_pace = Pace(clock=clock, memory=memory)

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


def test_second_refusal_in_a_row_ends_it() -> None:
    """Refused again after a whole window: the error says so, and nothing more is sent."""
    with ScriptedServer(refused(29, "You have been rate limited.")) as server:
        begin = time.monotonic()
        with pytest.raises(ExceptionGroup) as caught:
            asyncio.run(ask(server, pace(), "photos.get"))

    assert caught.group_contains(RateLimitedError)
    assert len(server.requests) == 2
    assert time.monotonic() - begin > WINDOW


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
