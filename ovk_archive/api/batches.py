"""Calls that wait for each other, and travel together through `execute`.

What comes of a call is what would have come of it alone. Whatever is doubtful is asked alone.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

from ovk_archive.api.pace import ForgetfulMemory, PaceMemory
from ovk_archive.api.request_size import BatchSize, InFlight
from ovk_archive.api.waiting_calls import (
    ALIKE,
    Failures,
    WaitingCall,
    WaitingCalls,
    by_method,
    key_of,
    tell_all,
)
from ovk_archive.api.wire.answers import HttpAnswer
from ovk_archive.api.wire.api_errors import NOT_FOUND, error_of, is_of_all, is_too_often, value_of
from ovk_archive.api.wire.script import TOKEN, code_of, fits, outcomes
from ovk_archive.errors import (
    ApiError,
    ArchiveError,
    BadInputError,
    NoSuchMethodError,
    StoppedError,
    TransportError,
)

#: The method that makes several calls.
EXECUTE = "execute"
#: Seconds without a further call until those that wait leave. Lists that are read side by side ask
#: again within a few milliseconds, once their pages are saved; more would only slow down a walk
#: through one list.
QUIET = 0.01
#: And so long they wait in all while pages are saved: lists come apart by the time that takes.
MOST_QUIET = 0.1
#: Seconds for which an instance is believed to have no `execute`; it may be brought up to date.
FORGET = 30 * 86400.0
#: As many batches in a row may be lost whose calls can be made alone.
STRIKES = 3
#: What servers and those before them answer where there is no such route, or it is forbidden.
_NO_ROUTE = (403, NOT_FOUND, 405, 413)

#: Waits until the instance may be asked, or raises.
Ready = Callable[[], Awaitable[None]]
#: Asks for a method; the answer has no secret in it.
Exchange = Callable[[str, Mapping[str, str]], Awaitable[HttpAnswer]]


@dataclass(frozen=True, slots=True)
class Batching:
    """How a client lets calls travel together.

    Attributes:
        memory: where it is kept whether the instance can do that.
        busy: answers are still being saved, and whoever waits for that is going to ask again.
        wall: seconds since the epoch.
    """

    memory: PaceMemory = field(default_factory=ForgetfulMemory)
    busy: Callable[[], bool] = bool
    wall: Callable[[], float] = time.time


class Batches:
    """Gathers calls, and lets them travel together.

    Args:
        how: what is known of the instance.
        ready: waits until the instance may be asked.
        exchange: asks it.
        slots: how many requests may be in flight.
        jitter: seconds by which calls come apart that failed together.

    Attributes:
        lost: batches that failed, and whose calls were made alone.
    """

    def __init__(
        self,
        how: Batching,
        ready: Ready,
        exchange: Exchange,
        slots: asyncio.Semaphore,
        jitter: float = 0.0,
    ) -> None:
        self.lost = 0
        self._ready = ready
        self._exchange = exchange
        self._slots = slots
        self._jitter = jitter
        self._how = how
        self._size = BatchSize()
        self._in_flight = InFlight()
        self._queue = WaitingCalls()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        #: Calls that have failed alone: they would take others with them.
        self._apart: set[int] = set()
        #: Tasks that wait for a slot.
        self._coming = 0
        self._strikes = 0
        self._ails = False
        self._is_proven = False
        self._proving = asyncio.Lock()
        known = self._how.memory.load()
        self._has = known.get("has") is True
        self._is_off = self._is_absent(known.get("absent_at"))

    @property
    def size(self) -> int:
        """How many calls may travel together."""
        return 1 if self._is_off else self._size.now

    def takes(self, method: str, form: Mapping[str, str]) -> bool:
        """Whether this call may travel with others."""
        if self._is_off or TOKEN not in form or key_of(method, form) in self._apart:
            return False
        return fits(method, form)

    async def call(self, method: str, form: Mapping[str, str]) -> Any:
        """What the instance answers, or refuses, as if it had been asked for this alone."""
        one = WaitingCall(method, form)
        self._queue.append(one)
        self._gather()
        return await one.future

    async def aclose(self) -> None:
        """Nobody waits any longer; what is in flight is broken off, and its connections closed."""
        self._stand_down()
        for one in (*self._tasks, *(one.future for one in self._queue)):
            one.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _gather(self) -> None:
        """Let a batch leave that is full; or the one that waits, when it has been quiet."""
        self._stand_down()
        if self._queue.fills(self._coming + 1, self._size.now):
            self._leave()
        elif not self._coming:
            self._wait()

    def _wait(self) -> None:
        quiet = QUIET + (self._jitter if self._ails else 0.0)
        self._timer = asyncio.get_running_loop().call_later(quiet, self._quiet)

    def _quiet(self) -> None:
        waited = time.monotonic() - self._queue[0].since
        if waited < MOST_QUIET and self._how.busy():
            self._wait()
        else:
            self._leave()

    def _stand_down(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _leave(self) -> None:
        self._coming += 1
        # It is not about the call alone that happens to let it leave.
        task = asyncio.create_task(self._carry(), context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self) -> None:
        """Take a batch along; then what has to be asked alone."""
        if self._is_proven:
            rest = await self._travelled()
        else:
            # One at a time: if the instance cannot do it, that is noticed once.
            async with self._proving:
                rest = await self._travelled()
        async with asyncio.TaskGroup() as tasks:
            for alike in by_method(rest):
                tasks.create_task(self._in_turn(alike))

    async def _travelled(self) -> Sequence[WaitingCall]:
        """Ask for those who wait, once there is a slot; those of them that remain."""
        async with self._slots:
            await self._in_flight.room()
            self._coming -= 1
            batch = self._queue.taken(self._size.now)
            if self._queue:
                self._gather()
            try:
                with self._in_flight.asking(sum(one.rows for one in batch)):
                    return batch if self._is_off else await self._together(batch)
            except Exception as error:  # noqa: BLE001 - nobody may wait for ever
                tell_all(batch, error)
                return ()

    async def _together(self, batch: Sequence[WaitingCall]) -> Sequence[WaitingCall]:
        """Ask for a batch; those of its calls that remain, to be asked alone."""
        if len(batch) <= 1:
            for one in batch:
                await self._alone(one)
            return ()
        error: ArchiveError | None = None
        try:
            await self._ready()
            answer = await self._asked(batch)
            found = outcomes(answer, [one.method for one in batch])
            if any(found):
                self._works()
                return [one for one, what in zip(batch, found, strict=True) if not one.take(what)]
            error = error_of(answer, EXECUTE)
            absent = isinstance(error, NoSuchMethodError) or answer.status in _NO_ROUTE
        except ArchiveError as failure:
            error, absent = failure, False
        if error and (isinstance(error, StoppedError | BadInputError) or is_too_often(error)):
            tell_all(batch, error)
            return ()
        return await self._scouted(batch, absent=absent)

    async def _asked(self, batch: Sequence[WaitingCall]) -> HttpAnswer:
        code = code_of([(one.method, one.form) for one in batch])
        with self._size.timed(len(batch)):
            return await self._exchange(EXECUTE, {"code": code, TOKEN: batch[0].form[TOKEN]})

    async def _scouted(
        self, batch: Sequence[WaitingCall], *, absent: bool
    ) -> Sequence[WaitingCall]:
        """A batch is lost: one of its calls says whether the others need be asked at all.

        A server that is away would else be asked for each of them.
        """
        living = [one for one in batch if not one.future.done()]
        if not living:
            return ()
        scout, *others = living
        await self._alone(scout)
        if scout.future.cancelled():
            return others
        error = scout.future.exception()
        if isinstance(error, ArchiveError) and is_of_all(error):
            self._ails = True
            # A method that is never answered says nothing of the others.
            alike = isinstance(error, TransportError)
            tell_all([one for one in others if not alike or one.method == scout.method], error)
            return [one for one in others if not one.future.done()]
        if absent and (error is None or isinstance(error, ApiError)):
            self._lacks()
        else:
            self.lost += 1
            self._strikes += 1
            # For this run only: records that crash the server look the same.
            self._is_off |= self._strikes >= STRIKES
        return others

    async def _in_turn(self, calls: Sequence[WaitingCall]) -> None:
        failures = Failures()

        async def ask(one: WaitingCall) -> None:
            async with self._slots:
                if not failures.spare(one):
                    await self._alone(one)
                    failures.note(one)

        # The first few one after another: is the method ever answered?
        for one in calls[:ALIKE]:
            await ask(one)
        await asyncio.gather(*map(ask, calls[ALIKE:]))

    async def _alone(self, one: WaitingCall) -> None:
        """Ask for one call, as if there were no others."""
        if one.future.done():
            return
        try:
            await self._ready()
            with self._size.timed(1):
                answer = await self._exchange(one.method, one.form)
            one.answer(value_of(answer, one.method))
            self._ails = False
        except Exception as error:  # noqa: BLE001 - whoever asked gets it
            if isinstance(error, TransportError):
                self._apart.add(key_of(one.method, one.form))
            one.fail(error)

    def _works(self) -> None:
        self._ails, self._strikes, self._is_proven = False, 0, True
        if not self._has:
            self._has = True
            self._how.memory.save({"has": True})

    def _lacks(self) -> None:
        self._is_off = True
        self._how.memory.save({"absent_at": self._how.wall()})

    def _is_absent(self, since: object) -> bool:
        """An earlier run has found that there is no `execute`, not long ago."""
        # A time in the future was written by a clock that was wrong.
        return isinstance(since, int | float) and abs(self._how.wall() - since) < FORGET
