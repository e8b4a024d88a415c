"""How much is asked for at once, calls in a request and rows in a page: what is answered soon."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import inf

from ovk_archive.api.wire.script import MOST

#: Seconds. Real servers give up after 60: a request that takes longer than this may be one busy
#: moment away from that.
SLOW = 10.0
#: Seconds. A batch that takes less may well have twice as many calls.
FAST = 2.0
#: Seconds. Where a page of the usual size takes less, one of four times the size takes no longer
#: than a visitor of the site would wait for.
AT_ONCE = 0.5
#: Rows that the calls of a batch may ask for together. So many take a real server some seconds, and
#: more of them, waiting to be saved, would take most of a sync's memory.
ROWS = 1000
#: A page has at most so many times the usual rows, and at least that part of them.
TIMES = 4


class BatchSize:
    """Learns from how long requests take.

    Args:
        clock: seconds, for tests.

    Attributes:
        now: calls that may go together.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.now = MOST
        self._clock = clock

    @contextmanager
    def timed(self, calls: int) -> Iterator[None]:
        """Within this, so many calls are asked for; what fails soon teaches nothing."""
        began, has_answered = self._clock(), False
        try:
            yield
            has_answered = True
        finally:
            took = self._clock() - began
            if took > SLOW:
                self.now = max(1, min(self.now, calls) // 2)
            elif has_answered and took < FAST:
                self.now = min(MOST, self.now * 2)


class InFlight:
    """Rows that batches have asked for: two full ones at a time, or as many smaller ones.

    What comes sooner than it can be saved only takes memory.
    """

    def __init__(self) -> None:
        self._rows = 0
        self._less = asyncio.Event()

    async def room(self) -> None:
        """Wait until another batch may be asked for."""
        while self._rows > ROWS:
            self._less.clear()
            await self._less.wait()

    @contextmanager
    def asking(self, rows: int) -> Iterator[None]:
        """Within this, so many are asked for."""
        self._rows += rows
        try:
            yield
        finally:
            self._rows -= rows
            self._less.set()


class PageSizes:
    """Learns from how long a method's answers take, in one run.

    The first answer decides whether pages grow; slow ones let them shrink at any time.

    Args:
        clock: seconds, for tests.
        shared: how many rows all walks together may ask for at once.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, shared: Callable[[], float] = lambda: inf
    ) -> None:
        self._clock = clock
        self._shared = shared
        #: By method: how many times the usual rows.
        self._times: dict[str, float] = {}
        #: By method: how many lists are being read.
        self._walks: Counter[str] = Counter()

    @contextmanager
    def walking(self, method: str) -> Iterator[None]:
        """Within this, a list is read beside others."""
        self._walks[method] += 1
        try:
            yield
        finally:
            self._walks[method] -= 1

    def rows(self, method: str, usual: int, most: int) -> int:
        """How many rows to ask for.

        Args:
            method: who is asked.
            usual: rows that any server answers.
            most: more than these are never asked for.
        """
        rows = round(usual * self._times.get(method, 1.0))
        # Large pages of many lists would not travel together, and fill memory until all are saved.
        share = self._shared() / max(1, self._walks[method])
        return min(most, rows, max(usual, int(min(share, rows))))

    @contextmanager
    def timed(self, method: str, form: Mapping[str, str]) -> Iterator[None]:
        """Within this, a page is asked for; what fails soon teaches nothing."""
        if "count" not in form:
            yield
            return
        began, has_answered = self._clock(), False
        try:
            yield
            has_answered = True
        finally:
            self._learn(method, self._clock() - began, has_answered=has_answered)

    def _learn(self, method: str, took: float, *, has_answered: bool) -> None:
        if took > SLOW:
            self._times[method] = max(1 / TIMES, self._times.get(method, 1.0) / 2)
        elif has_answered and method not in self._times:
            self._times[method] = TIMES if took < AT_ONCE else 1.0
