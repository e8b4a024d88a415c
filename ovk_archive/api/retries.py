"""How stubbornly a failed request is tried again."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from ovk_archive.api.wire.api_errors import WrongAddressError
from ovk_archive.api.wire.waits import LONGEST
from ovk_archive.errors import (
    ArchiveError,
    IncompleteFileError,
    ServerFaultError,
    TransportError,
)

T = TypeVar("T")

_log = logging.getLogger("ovk_archive")


@dataclass(frozen=True, slots=True)
class Retries:
    """Exponential back-off; waits are in seconds.

    Attributes:
        attempts: tries in all, the first included.
        wait_initial: the first wait; each further one is twice as long.
        wait_max: no wait is longer.
        jitter: up to so much is added to each wait, by chance.
    """

    attempts: int = 6
    wait_initial: float = 0.5
    wait_max: float = 30.0
    jitter: float = 0.5


DEFAULT_RETRIES = Retries()
#: Tries of a call to which nobody expects an answer.
FEW = 2
_few: ContextVar[bool] = ContextVar("few", default=False)
#: Who is told why a try has failed, which is made next, and in how many seconds.
Listener = Callable[[Exception, int, float], None]
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


async def _wait(attempt: Awaitable[stamina.Attempt]) -> stamina.Attempt:
    return await attempt


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Within this, the listener is told of each failure that is not the last."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def hurried(really: bool = True) -> Iterator[None]:
    """Within this, a failing call is given up soon: it failed before, and may well fail again."""
    token = _few.set(really or _few.get())
    try:
        yield
    finally:
        _few.reset(token)


def is_hurried() -> bool:
    """Whether a failing call is given up soon here."""
    return _few.get()


def allowed(retries: Retries) -> int:
    """How many tries a call has here."""
    return min(retries.attempts, FEW) if _few.get() else retries.attempts


async def stubbornly(
    retries: Retries,
    work: Callable[[], Awaitable[T]],
    *,
    isolating: bool = False,
    wait: Callable[[Awaitable[stamina.Attempt]], Awaitable[stamina.Attempt]] = _wait,
) -> T:
    """What comes of `work`, tried again as long as its failure may pass.

    What succeeds at once, as nearly all does, pays nothing for the rest.

    Args:
        retries: how often, and how long to wait in between; a crash is tried once more.
        work: is called for each try.
        isolating: a crash (HTTP 500) is not tried again: the caller halves the page.
        wait: waits for the next try, which may be ended sooner.
    """
    try:
        return await work()
    except ArchiveError as error:
        first = error
    tries = _attempts(retries, _judge(0 if isolating else 1))
    attempt = await anext(tries)
    while True:
        with attempt:
            if attempt.num == 1:
                raise first
            return await work()
        attempt = await wait(anext(tries))


def _judge(crashes: int) -> Callable[[Exception], bool]:
    """Whether a failure may pass; of crashes so many."""

    def may_pass(error: Exception) -> bool:
        nonlocal crashes
        if isinstance(error, ServerFaultError):
            crashes -= 1
            return crashes >= 0
        if isinstance(error, TransportError):
            return not isinstance(error, WrongAddressError) and (error.after or 0.0) <= LONGEST
        return isinstance(error, IncompleteFileError)

    return may_pass


def _attempts(
    retries: Retries, may_pass: Callable[[Exception], bool]
) -> AsyncIterator[stamina.Attempt]:
    return aiter(
        stamina.retry_context(
            on=may_pass,
            attempts=allowed(retries),
            timeout=None,
            wait_initial=retries.wait_initial,
            wait_max=retries.wait_max,
            wait_jitter=retries.jitter,
        )
    )


def _tell(details: RetryDetails) -> None:
    _log.info("%s Trying again in %.1f s.", details.caused_by, details.wait_for)
    if listener := _listener.get():
        listener(details.caused_by, details.retry_num + 1, details.wait_for)


# Instead of stamina's own warnings, which are for programmers.
set_on_retry_hooks([_tell])
