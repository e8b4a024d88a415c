"""PHP's habits: how parameters are coerced, text escaped, arrays cut and JSON written."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

Row = TypeVar("Row")

_NUMBER = re.compile(r"\s*([+-]?\d+)")
_LARGEST = 2**63 - 1


class ApiFault(Exception):  # noqa: N818 - named as the API's own class of answer, not a bug of ours
    """A documented refusal: HTTP 400 with a code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Crash(Exception):  # noqa: N818 - what happens to the PHP program, not to this one
    """An uncaught PHP error: HTTP 500 with an HTML page."""


def to_int(text: str) -> int:
    """Read an integer as `settype` does: "abc" is 0, "12abc" is 12, overflow is clamped."""
    match = _NUMBER.match(text)
    number = int(match.group(1)) if match else 0
    return max(-_LARGEST - 1, min(_LARGEST, number))


class Params:
    """The parameters of one call, coerced on reading."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def number(self, name: str, default: int = 0) -> int:
        """Read an integer."""
        return to_int(self.values[name]) if name in self.values else default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read a boolean: everything but "" and "0" is true, "false" included."""
        return self.values[name] not in {"", "0"} if name in self.values else default

    def text(self, name: str, default: str = "") -> str:
        """Read a string."""
        return self.values.get(name, default)

    def names(self, name: str) -> list[str]:
        """Read a comma list, without its empty members."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()]


def escape(text: str) -> str:
    """Escape text as posts, comments, messages and lyrics are (quotes are left alone)."""
    return (
        text.replace("\r\n", "\n").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    )


def window(rows: Sequence[Row], offset: int, count: int) -> Sequence[Row]:
    """Cut `LIMIT count OFFSET offset`; a negative bound is an SQL error."""
    if offset < 0 or count < 0:
        raise Crash
    return rows[offset : offset + count]


def sliced(rows: Sequence[Row], offset: int, count: int) -> Sequence[Row]:
    """Cut as `array_slice(first offset+count rows, offset)`: offset -5 takes the last five."""
    if offset + count < 0:
        raise Crash
    return rows[: offset + count][offset:]


def to_json(value: object) -> bytes:
    """Write JSON as PHP does: ASCII, with escaped slashes."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()
