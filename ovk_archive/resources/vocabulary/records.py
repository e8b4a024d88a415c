"""Records as the API sends them: what can be read of one, and which values a database can keep."""

from math import isfinite
from typing import Any

Record = dict[str, Any]
#: What reading a record of a shape that no known server sends may end in.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
Path = tuple[str, ...]
#: The numbers that SQLite can keep.
LEAST, MOST = -(2**63), 2**63 - 1


class UnfitError(ValueError):
    """A record cannot become a row: the row would have no key."""


class _Missing:
    """Marks a field that a record does not have, as opposed to one that is null."""


MISSING = _Missing()


def is_number(value: Any) -> bool:
    """A whole number that a database can keep."""
    return type(value) is int and LEAST <= value <= MOST


def dig(record: Any, path: Path | None) -> Any:
    """What stands at a path of a record, or MISSING."""
    if path is None:
        return MISSING
    for step in path:
        if not isinstance(record, dict) or step not in record:
            return MISSING
        record = record[step]
    return record


def fitted(value: Any, kind: type, *, is_key: bool) -> Any:
    """A value of another type, or a number too large, as the column can keep it.

    Raises:
        ValueError: it cannot.
    """
    if isinstance(value, float) and kind is int and value.is_integer():
        value = int(value)
    if isinstance(value, int) and LEAST <= value <= MOST:
        if kind is int:
            return int(value)
        # Into a text column SQLite writes numbers by itself; a key is told before that.
        return str(int(value)) if is_key else value
    if isinstance(value, float) and kind is str and isfinite(value) and not is_key:
        return value
    raise ValueError("no value for such a column")
