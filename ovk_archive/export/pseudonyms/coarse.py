"""Times to the day or the month, and counts in steps: what is exact finds the original. Pure."""

from collections.abc import Callable
from datetime import date, timedelta

_DAY = 86_400
_EPOCH = date(1970, 1, 1)
#: In each power of ten: 1, 3, 6 begin steps, for 1–2, 3–5, 6–10; then 11–20, 21–50, 51–100 …
_FIRST = (6, 3, 1, 0)
_EDGES = (5, 2, 1)

#: What a step is, for the description of a column.
STEPS_DOC = "in steps, the least of each: 0, 1–2, 3–5, 6–10, 11–20, 21–50, 51–100, 101–200 …"


def step(count: int) -> int:
    """The least number of the step in which a count is: 0, 1, 3, 6, 11, 21, 51, 101 and so on."""
    if count < 0:
        return -step(-count)
    if count <= 10:  # noqa: PLR2004 - where the small steps end
        return next(least for least in _FIRST if count >= least)
    # 37 counts as 36 tens and more, so that 40 and 50 end a step and do not begin one.
    power = int("1" + "0" * (len(str(count - 1)) - 1))
    return next(edge * power for edge in _EDGES if count > edge * power) + 1


def to_day(moment: int) -> int:
    """The unix time at which the day began; 0 is no time at all, and stays."""
    return moment - moment % _DAY


def to_month(moment: int) -> int:
    """The unix time at which the month began."""
    day = _EPOCH + timedelta(days=moment // _DAY)
    return (day.replace(day=1) - _EPOCH).days * _DAY


#: By how exactly a unix time is told.
ROUNDED: dict[str, Callable[[int], int]] = {"time_day": to_day, "time_month": to_month}
#: The same of a stamp of the archive: to the microsecond, when a row was read would tell its place
#: in a list by the original ids.
STAMPED: dict[str, Callable[[str], str]] = {
    "day": lambda stamp: f"{stamp[:10]}T00:00:00.000000Z",
    "month": lambda stamp: f"{stamp[:7]}-01T00:00:00.000000Z",
}
