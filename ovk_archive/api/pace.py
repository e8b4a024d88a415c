"""How fast each method may be asked on this instance.

Older servers allow reads of photos and board five calls per twenty seconds and address,
all of them together, refuse more with error 29, and suspend who goes on. So until an
instance has shown what it does, such calls go one at a time; the first refusal teaches
the pace, which is then kept with a margin, in this run and in later ones.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Protocol

from ovk_archive.api.wire.waits import Wait
from ovk_archive.errors import RateLimitedError

#: The methods that share one counter (help/openvk-api.md, Rate limits).
PHOTOS_AND_BOARD = "photos+board"

#: Sections whose methods share it, and what a request of each is called.
PACED = {"photos": "photo", "board": "board"}

#: The server's window is 20 s where ours is 21 s: this much of ours lies inside theirs.
_SURE = 0.95


class PaceMemory(Protocol):
    """Where the learnt pace outlives the process; the archive keeps it as a row."""

    def load(self) -> dict[str, Any]:
        """The state saved last, or an empty dictionary."""
        ...

    def save(self, state: dict[str, Any]) -> None:
        """Keeps the state, at once: a kill may follow."""
        ...


class ForgetfulMemory:
    """A memory that lasts as long as the process."""

    def __init__(self) -> None:
        self._state: dict[str, Any] = {}

    def load(self) -> dict[str, Any]:
        """The state saved last, or an empty dictionary."""
        return self._state

    def save(self, state: dict[str, Any]) -> None:
        """Keeps the state."""
        self._state = state


class Pace:
    """When the next call of each class of methods may leave.

    A call has surely been counted once it is answered, and nobody knows when before that. So it
    is the ends of calls that are remembered, and the next may leave a window after them.

    Args:
        calls: how many calls may be counted within any `window`.
        window: seconds; the server's window, and one because it counts whole seconds.
        clock: seconds that only go forward; what this process does is measured by them.
        wall: seconds since the epoch, which say how long ago an earlier process ended.
        memory: where times are kept.
    """

    def __init__(
        self,
        calls: int = 5,
        window: float = 21.0,
        clock: Callable[[], float] = time.monotonic,
        memory: PaceMemory | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.calls = calls
        self.window = window
        self._clock = clock
        self._wall = wall
        self._memory = memory or ForgetfulMemory()
        self._one_at_a_time = asyncio.Lock()
        # A fixed window lets at most twice its calls through within its length.
        self._passed: deque[tuple[float, float]] = deque(maxlen=2 * calls + 1)
        self._unlimited = False
        self._ends: deque[float] = deque(maxlen=calls)
        self.is_limited = False
        self._recall()

    def class_of(self, method: str) -> str | None:
        """The class whose counter `method` shares, or None if it may be asked freely."""
        section = method.partition(".")[0].lower()
        return PHOTOS_AND_BOARD if section in PACED else None

    def told(self, method: str, host: str, seconds: float) -> Wait:
        """What to say of a wait until `method` may be asked."""
        kind = PACED.get(method.partition(".")[0].lower())
        if kind is None:
            return Wait(f"{host} got too many requests", seconds)
        # Ours is longer by the second that the server may round away.
        allowed = f"{self.calls} {kind} requests in {max(1, round(self.window - 1))} s"
        return Wait(f"this server allows {allowed}", seconds, self.window, self.calls)

    @asynccontextmanager
    async def turn(
        self, method: str, wait: Callable[[float], Awaitable[None]]
    ) -> AsyncIterator[None]:
        """Holds the block back until `method` may be asked, and learns from how it ends.

        The block may wait for other things too before it asks: its call counts when it ends.

        Args:
            method: the method that the block asks, once.
            wait: sleeps for that many seconds, and raises if the caller has been stopped.
        """
        if self.class_of(method) is None:
            yield
        elif self._unlimited:
            with self._learning():
                yield
        else:
            async with self._one_at_a_time:
                while self.is_limited and (seconds := self._until_room()) > 0:
                    await wait(seconds)
                with self._learning():
                    yield

    @contextmanager
    def _learning(self) -> Iterator[None]:
        left = self._clock(), self._wall()
        if self.is_limited:
            self._save(under_way=True)
        try:
            yield
        except RateLimitedError as refusal:
            # Before the next call gets its turn, or it would be refused too.
            if refusal.code is not None:
                # HTTP 429 is of what stands before the instance, and says nothing of its pace.
                self._learn_limit()
            raise
        finally:
            # Answered, cut off or given up: the server may have counted it.
            if self.is_limited:
                self._ends.append(self._clock())
                self._save()
        self._learn_success(left)

    def _learn_limit(self) -> None:
        self._unlimited = False
        self._passed.clear()
        self.is_limited = True
        self._fill_window()

    def _learn_success(self, left: tuple[float, float]) -> None:
        self._passed.append(left)
        first, by_wall = self._passed[0]
        # A clock that only goes forward stands still while the computer sleeps.
        span = max(self._clock() - first, abs(self._wall() - by_wall))
        if len(self._passed) == self._passed.maxlen and span < self.window * _SURE:
            self._unlimited = not self.is_limited

    def _until_room(self) -> float:
        if len(self._ends) < self.calls:
            return 0.0
        return self._ends[0] + self.window - self._clock()

    def _fill_window(self) -> None:
        self._ends.extend([self._clock()] * self.calls)

    def _recall(self) -> None:
        state = self._memory.load()
        self.is_limited = state.get("limited") is True
        if not self.is_limited:
            return
        times = state.get("times")
        if isinstance(times, list) and times and all(isinstance(t, int | float) for t in times):
            now, then = self._clock(), self._wall()
            # What seems to lie in the future, because a clock was set back, may have just been.
            self._ends.extend(now - max(0.0, then - end) for end in sorted(times))
        else:
            self._fill_window()
        if state.get("under_way"):
            # Its process died, and the server may have counted it a moment ago.
            self._ends.append(self._clock())

    def _save(self, *, under_way: bool = False) -> None:
        ahead = self._wall() - self._clock()
        times = [end + ahead for end in self._ends]
        state: dict[str, Any] = {"limited": self.is_limited, "times": times}
        if under_way:
            state["under_way"] = True
        self._memory.save(state)
