"""Who is told how far the making of an index has come."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol, Self


class Progress(Protocol):
    """Counts the rows whose words are made."""

    def begin(self, count: Callable[[], int]) -> None:
        """Rows are about to come; the number of them is worked out only if somebody asks."""

    def rows(self, number: int) -> None:
        """So many have come."""

    def __enter__(self) -> Self:
        """It begins."""

    def __exit__(self, *_: object) -> None:
        """It is over."""


class Silent:
    """Tells nobody."""

    def begin(self, count: Callable[[], int]) -> None:
        """Do nothing."""

    def rows(self, number: int) -> None:
        """Do nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing."""


#: How the archive that is being opened tells of it.
listener: ContextVar[Callable[[], Progress]] = ContextVar("listener", default=Silent)
