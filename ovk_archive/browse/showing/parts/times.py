"""Times as servers tell them: those that can be none are none."""

from datetime import UTC, datetime
from typing import Any

#: The first second of year 9999: what is later was written by a clock that was wrong.
END = 253370764800


def seconds(value: Any) -> int | None:
    """A time in unix seconds; None if it can be none."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 < value < END else None


def year_of(moment: int) -> int:
    """The year of a time that can be one (UTC)."""
    return datetime.fromtimestamp(moment, UTC).year


def first_of(year: int) -> int:
    """The first second of a year (UTC)."""
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
