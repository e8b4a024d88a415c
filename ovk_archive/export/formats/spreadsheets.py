"""What a spreadsheet takes a value for: moments, numbers, formulas; and what it has no room for."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ovk_archive.export.view import Field

#: Unix time of 1900-03-01. Spreadsheets count days from 1900, and
#: the first of them believe in a 29th of February of that year.
FIRST = -2_203_891_200
#: From here on a spreadsheet rounds: it has 15 digits.
MOST = 10**15
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = _EPOCH + timedelta(seconds=FIRST)
#: A spreadsheet takes a cell that begins with one of these for a formula, or what comes after it.
#: The wide and the small ones are what Japanese and Chinese keyboards make of the same signs.
_FORMULA = (*"=+-@", *"＝＋－＠", *"﹦﹢﹣﹫", "\t", "\r", "\n")
#: XML has no such characters.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def is_time(field: Field) -> bool:
    """The column holds unix times, or what the archive notes of times."""
    return field.is_moment if field.type == "integer" else field.name.endswith("_at")


def moment(value: Any) -> datetime | None:
    """The time in UTC that a unix time or a stamp stands for, if a spreadsheet has such a day."""
    try:
        found = _of_number(value) if isinstance(value, int | float) else _of_stamp(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found >= _FIRST else None


def _of_number(value: float) -> datetime:
    return _EPOCH + timedelta(seconds=value)


def _of_stamp(value: Any) -> datetime:
    stamp = datetime.fromisoformat(value)
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)


def said(when: datetime) -> str:
    """A time to the second, as spreadsheets in every language know it; it is in UTC."""
    return when.isoformat(" ", "seconds")[:19]


def days(when: datetime) -> float:
    """A time as a spreadsheet has it: days since the end of 1899."""
    return (when - _EPOCH) / timedelta(days=1) + 25_569


def guarded(text: str) -> str:
    """A text with an apostrophe before it, if it would be taken for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def written(value: Any) -> tuple[str, bool]:
    """A text as XML can have it, and whether it lacks a character: U+FFFD stands for it.

    XML knows one end of a line.
    """
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, spoiled = _UNWRITABLE.subn("\ufffd", text)
    return text, spoiled > 0


def cut(text: str, most: int) -> str:
    """As much of a text as fits, by the letters of UTF-16, of which an emoji has two."""
    if len(text) <= most // 2:
        return text
    units = text.encode("utf-16-le")
    return text if len(units) <= 2 * most else units[: 2 * most].decode("utf-16-le", "ignore")


def sheet_name(table: str, number: int) -> str:
    """The name of a table's sheet, or of a further one."""
    return table if number == 1 else f"{table} ({number})"


def limits(strange: Mapping[tuple[str, str], int], how: str) -> list[str]:
    """What has to be said of times: how exact they are, and which values are none."""
    return [
        f"Times are in UTC, {how}.",
        *(
            f"{count} values of {table}.{column} are no times that a spreadsheet knows, and are as "
            "the archive has them."
            for (table, column), count in sorted(strange.items())
        ),
    ]
