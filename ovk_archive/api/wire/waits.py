"""Why nothing is asked for a while, and who is told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, Self

from ovk_archive.errors import ServerFaultError

#: Seconds that a run waits at most because an instance says so; if it says more, the run ends.
LONGEST = 600.0
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Wait:
    """One of the times in which nothing is asked.

    Attributes:
        why: what to say of it.
        seconds: how long it is.
        window: where methods have a pace, `calls` may be asked within this many seconds.
    """

    why: str
    seconds: float = 0.0
    window: float = 0.0
    calls: int = 0


#: Gives what to wait for before more is asked for, if there is anything.
Room = Callable[[], Awaitable[None] | None]


def endless_room() -> None:
    """There is nothing to wait for."""


class Waits(Protocol):
    """Who is told that a run waits."""

    def waits(self, wait: Wait) -> None:
        """It waits."""

    def goes_on(self, wait: Wait) -> None:
        """That is over."""


class Unheard:
    """Nobody is told."""

    def waits(self, wait: Wait) -> None:
        """Nothing."""

    def goes_on(self, wait: Wait) -> None:
        """Nothing."""


class Current:
    """The wait of one call; a context manager. Another takes its place, and it ends with the block.

    Args:
        told: who is told.
    """

    def __init__(self, told: Waits) -> None:
        self._told = told
        self._wait: Wait | None = None

    def tell(self, wait: Wait) -> None:
        """It waits for this now."""
        self._over()
        self._wait = wait
        self._told.waits(wait)

    def of_tries(self, most: int) -> Callable[[Exception, int, float], None]:
        """What is told why a try has failed, which of so many is made next, and when."""

        def tell(error: Exception, number: int, seconds: float) -> None:
            # A crash is tried again at once: no wait. Others stay true until the next answer.
            if not isinstance(error, ServerFaultError):
                self.tell(Wait(f"no answer, trying again ({number} of {most})", seconds))

        return tell

    def _over(self) -> None:
        if self._wait is not None:
            self._told.goes_on(self._wait)
            self._wait = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over()


def spelt(seconds: float) -> str:
    """A time in words, no finer than anybody needs it."""
    for size, one, many in ((_HOUR, "hour", "hours"), (_MINUTE, "minute", "minutes")):
        if seconds > 1.5 * size:
            return f"{round(seconds / size)} {many}"
        if seconds >= size:
            return f"1 {one}"
    return f"{max(1, round(seconds))} s"
