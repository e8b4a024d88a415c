"""A call that waits for its answer, and whoever waits for that."""

import asyncio
import copy
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ovk_archive.api.request_size import ROWS
from ovk_archive.api.wire.api_errors import is_of_all
from ovk_archive.api.wire.script import Outcome, Value
from ovk_archive.errors import ArchiveError

#: Calls of one method that fail alike, one after another, until the others are spared.
ALIKE = 2
#: Rows of which an answer is small: it is asked for though much waits to be saved.
SMALL = 25
#: How many rows an answer will have, where that is known.
_expected: ContextVar[int | None] = ContextVar("expected", default=None)


@contextmanager
def expecting(rows: int | None) -> Iterator[None]:
    """Within this, an answer has about so many rows, though more are asked for; None: who knows."""
    token = _expected.set(rows)
    try:
        yield
    finally:
        _expected.reset(token)


def is_small() -> bool:
    """An answer is known to have few rows."""
    expected = _expected.get()
    return expected is not None and expected <= SMALL


@dataclass(frozen=True, slots=True, eq=False)
class WaitingCall:
    """A call, and who waits for it."""

    method: str
    # With the token, which no message may show.
    form: Mapping[str, str] = field(repr=False)
    since: float = field(default_factory=time.monotonic)
    expected: int | None = field(default_factory=_expected.get)
    future: "asyncio.Future[Any]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def __post_init__(self) -> None:
        # Whoever waits may be gone: then nobody misses the error.
        self.future.add_done_callback(lambda done: done.cancelled() or done.exception())

    @property
    def rows(self) -> int:
        """How many rows it asks for, or will have; one, if it does not say."""
        count = self.form.get("count", "")
        asked = int(count) if count.isdecimal() else 1
        return asked if self.expected is None else max(1, min(asked, self.expected))

    def answer(self, value: Any) -> None:
        """Hand on its value."""
        if not self.future.done():
            self.future.set_result(value)

    def take(self, outcome: Outcome) -> bool:
        """Hand on what came of it; whether that is known."""
        if isinstance(outcome, Value):
            self.answer(outcome.value)
        elif outcome is not None:
            self.fail(outcome)
        return outcome is not None

    def fail(self, error: BaseException) -> None:
        """Hand on why it has none."""
        if not self.future.done():
            self.future.set_exception(error)


class WaitingCalls(deque[WaitingCall]):
    """Calls that wait to travel together; who has waited longest goes first."""

    def fills(self, batches: int, calls: int) -> bool:
        """Whether they fill so many batches of so many calls."""
        return len(self) >= calls * batches or sum(one.rows for one in self) >= ROWS * batches

    def taken(self, calls: int) -> list[WaitingCall]:
        """The next batch, but for those who wait no more: so many calls, and not too many rows.

        Whoever is too large for what room is left lets smaller ones pass, and keeps its place: the
        first is always taken.
        """
        batch: list[WaitingCall] = []
        too_large: list[WaitingCall] = []
        room = ROWS
        while self and len(batch) < calls:
            one = self.popleft()
            if one.future.done():
                continue
            if batch and one.rows > room:
                too_large.append(one)
                continue
            batch.append(one)
            room -= one.rows
        self.extendleft(reversed(too_large))
        return batch


def tell_all(batch: Sequence[WaitingCall], error: Exception) -> None:
    """Hand on to all of them what is true of all."""
    for one in batch:
        # One for each: tasks must not share a traceback.
        one.fail(copy.copy(error))


def by_method(calls: Sequence[WaitingCall]) -> list[list[WaitingCall]]:
    """The calls of each method."""
    found: dict[str, list[WaitingCall]] = {}
    for one in calls:
        found.setdefault(one.method, []).append(one)
    return list(found.values())


class Failures:
    """Calls of one method that are made alone: if it is never answered, a few are tried."""

    def __init__(self) -> None:
        self._errors: list[ArchiveError] = []

    def spare(self, one: WaitingCall) -> bool:
        """Tell a call what others have met, if these were enough."""
        if len(self._errors) < ALIKE:
            return False
        tell_all([one], self._errors[-1])
        return True

    def note(self, one: WaitingCall) -> None:
        """Note how a call ended that was made alone."""
        error = None if one.future.cancelled() else one.future.exception()
        if isinstance(error, ArchiveError) and is_of_all(error):
            self._errors.append(error)
        else:
            self._errors.clear()


def key_of(method: str, form: Mapping[str, str]) -> int:
    """What a call is known by; if two had the same, one of them would only travel alone."""
    return hash((method, *sorted(form.items())))
