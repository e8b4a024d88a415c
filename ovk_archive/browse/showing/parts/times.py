"""Years as people count them, and unix seconds (UTC)."""

from datetime import UTC, datetime


def year_of(moment: int) -> int:
    """The year of a time that can be one (UTC)."""
    return datetime.fromtimestamp(moment, UTC).year


def first_of(year: int) -> int:
    """The first second of a year (UTC)."""
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
