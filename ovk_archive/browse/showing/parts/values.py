"""Values as pages can show them, whatever stands in a row; and as many as fit on a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

T = TypeVar("T")

#: Letters on a page: of a list whose entries are that long, fewer are shown at once.
MOST_LETTERS = 40_000
#: Greater than all numbers and times of records.
LARGE = 1 << 62


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; with `more`, at least so many."""

    number: int
    more: bool


def counted(found: int, most: int) -> Count:
    """A number of which no more than one behind the most was counted."""
    return Count(min(found, most), found > most)


def whole(value: Any) -> int | None:
    """A whole number; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def words(value: Any) -> str:
    """A text; empty where there is none."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else "" if value is None else str(value)


def beginning(text: Any, most: int) -> str:
    """How a text begins, with a sign that it goes on."""
    said = words(text)
    return said if len(said) <= most else f"{said[:most]}…"


def tomorrow() -> int:
    """A unix time before which is all that people have written: dates behind it are none."""
    return int(datetime.now(UTC).timestamp()) + 86_400


def page_of(found: Sequence[T], size: int) -> tuple[Sequence[T], bool]:
    """What is shown of what was found, which is one more if there is more; and whether it is."""
    return found[:size], len(found) > size


def fitting(
    ones: Sequence[T], letters: Callable[[T], int], most: int = MOST_LETTERS, least: int = 1
) -> list[T]:
    """As many of the first as fit on a page, but at least `least`."""
    found: list[T] = []
    left = most
    for one in ones:
        left -= letters(one)
        if left < 0 and len(found) >= least:
            break
        found.append(one)
    return found
