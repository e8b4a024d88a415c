"""When a client stops asking: its budget is used up, or somebody has stopped it."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from ovk_archive.api.budget import Budget
from ovk_archive.errors import StoppedError

T = TypeVar("T")


class Stopping:
    """Ends what waits, and what is asked.

    Args:
        budget: when to stop.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._error: StoppedError | None = None
        self._stopping = asyncio.Event()
        self._in_flight: dict[asyncio.Timeout, float] = {}

    def stop(self, error: StoppedError) -> None:
        """End what is asked now, and make all that follows raise `error`."""
        self._end(error)
        for limit in self._in_flight:
            if not limit.expired():
                limit.reschedule(0.0)

    def _end(self, error: StoppedError) -> None:
        """Make all that follows raise `error`; what was asked for already may be answered."""
        if self._error is None:
            self._error = error
        self._stopping.set()

    async def in_time(self, asking: Awaitable[T], seconds: float) -> T | None:
        """What is asked for, or None if it does not come within this many seconds.

        Raises:
            StoppedError: the client was stopped, or the budget's time is up meanwhile.
        """
        latest = asyncio.get_running_loop().time() + seconds
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._end_of(latest)) as limit:
                with self._listed(limit, latest):
                    answer = await asking
            self._heard()
            return answer
        self.check()
        return None

    def _end_of(self, latest: float) -> float:
        """When to give up what is asked for, by the clock of the loop."""
        left = self._budget.seconds_left()
        return latest if left is None else min(latest, asyncio.get_running_loop().time() + left)

    def _heard(self) -> None:
        """An answer may give time to what else is asked."""
        self._budget.heard()
        for limit, latest in self._in_flight.items():
            if not limit.expired() and self._error is None:
                limit.reschedule(self._end_of(latest))

    @contextmanager
    def _listed(self, limit: asyncio.Timeout, latest: float) -> Iterator[None]:
        self._in_flight[limit] = latest
        try:
            yield
        finally:
            del self._in_flight[limit]

    async def unless(self, waiting: Awaitable[T]) -> T:
        """What is waited for.

        Raises:
            StoppedError: the client was stopped, or the budget is used up meanwhile.
        """
        task = asyncio.ensure_future(waiting)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            while not task.done():
                await asyncio.wait(
                    {task, stopping},
                    timeout=self._budget.seconds_left(),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if not task.done():
                    self.check()
            return task.result()
        finally:
            task.cancel()
            stopping.cancel()

    def check(self) -> None:
        """Go on, if that is allowed.

        Raises:
            StoppedError: the client was stopped, or the budget is used up.
        """
        spent = self._budget.used_up()
        if spent is not None:
            self._end(StoppedError(spent))
        if self._error is not None:
            # A new one each time: several tasks must not share one traceback.
            raise type(self._error)(*self._error.args)
