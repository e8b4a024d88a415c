"""How fast each method may be asked on this instance.

Older servers allow reads of photos and board five calls per twenty seconds and address,
all of them together, refuse more with error 29, and suspend who goes on. So until an
instance has shown what it does, such calls go one at a time; the first refusal teaches
the pace, which is then kept with a margin, in this run and in later ones.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

from ovk_archive.errors import RateLimitedError

#: The methods that share one counter (openvk-api.md section 1, "Rate limiting").
PHOTOS_AND_BOARD = "photos+board"

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

    Args:
        calls: how many calls may leave within any `window`.
        window: seconds; the server's window and a margin.
        clock: seconds since the epoch, because times outlive the process.
        memory: where times are kept.
    """

    def __init__(
        self,
        calls: int = 5,
        window: float = 21.0,
        clock: Callable[[], float] = time.time,
        memory: PaceMemory | None = None,
    ) -> None:
        self.calls = calls
        self.window = window
        self._clock = clock
        self._memory = memory or ForgetfulMemory()
        self._one_at_a_time = asyncio.Lock()
        # A fixed window lets at most twice its calls through within its length.
        self._passed: deque[float] = deque(maxlen=2 * calls + 1)
        self._unlimited = False
        self._times: deque[float] = deque(maxlen=calls)
        self.is_limited = False
        self._recall()

    def class_of(self, method: str) -> str | None:
        """The class whose counter `method` shares, or None if it may be asked freely."""
        section = method.partition(".")[0].lower()
        return PHOTOS_AND_BOARD if section in ("photos", "board") else None

    @asynccontextmanager
    async def turn(
        self, method: str, wait: Callable[[float], Awaitable[None]]
    ) -> AsyncIterator[None]:
        """Holds the block back until `method` may be asked, and learns from how it ends.

        Args:
            method: the method that the block asks, once.
            wait: sleeps so many seconds, and raises if the caller has been stopped.
        """
        if self.class_of(method) is None:
            yield
        elif self._unlimited:
            async with self._learning():
                yield
        else:
            async with self._one_at_a_time:
                await self._wait_for_room(wait)
                async with self._learning():
                    yield

    @asynccontextmanager
    async def _learning(self) -> AsyncIterator[None]:
        sent = self._clock()
        try:
            yield
        except RateLimitedError:
            # Before the next call gets its turn, or it would be refused too.
            self._learn_limit()
            raise
        self._learn_success(sent)

    def _learn_limit(self) -> None:
        self._unlimited = False
        self._passed.clear()
        self.is_limited = True
        self._fill_window()
        self._save()

    def _learn_success(self, sent: float) -> None:
        self._passed.append(sent)
        span = self._clock() - self._passed[0]
        if len(self._passed) == self._passed.maxlen and 0 <= span < self.window * _SURE:
            self._unlimited = not self.is_limited

    async def _wait_for_room(self, wait: Callable[[float], Awaitable[None]]) -> None:
        while self.is_limited and (seconds := self._until_room()) > 0:
            await wait(seconds)
        if self.is_limited:
            self._times.append(self._clock())
            self._save()

    def _until_room(self) -> float:
        if len(self._times) < self.calls:
            return 0.0
        now = self._clock()
        if self._times[-1] > now:
            # The clock was set back: nothing was asked later than now.
            self._times.extend([min(sent, now) for sent in self._times])
        return self._times[0] + self.window - now

    def _fill_window(self) -> None:
        self._times.extend([self._clock()] * self.calls)

    def _recall(self) -> None:
        state = self._memory.load()
        self.is_limited = state.get("limited") is True
        if not self.is_limited:
            return
        times = state.get("times")
        if isinstance(times, list) and times and all(isinstance(t, int | float) for t in times):
            self._times.extend(sorted(times))
        else:
            self._fill_window()

    def _save(self) -> None:
        self._memory.save({"limited": self.is_limited, "times": list(self._times)})
