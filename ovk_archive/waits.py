"""Why nothing is asked for a while, and who is told."""

from dataclasses import dataclass
from typing import Protocol

#: Seconds that a run waits at most because an instance says so; if it says more, the run ends.
LONGEST = 600.0
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Wait:
    """One of the times in which nothing is asked.

    Attributes:
        why: what to say of it.
        seconds: how long it is.
        window: where methods have a pace, within so many seconds `calls` may be asked.
    """

    why: str
    seconds: float = 0.0
    window: float = 0.0
    calls: int = 0


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


def spelt(seconds: float) -> str:
    """A time in words, no finer than anybody needs it."""
    for size, one, many in ((_HOUR, "hour", "hours"), (_MINUTE, "minute", "minutes")):
        if seconds > 1.5 * size:
            return f"{round(seconds / size)} {many}"
        if seconds >= size:
            return f"1 {one}"
    return f"{max(1, round(seconds))} s"
