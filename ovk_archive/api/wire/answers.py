"""An HTTP answer, whole: its status, and its body as JSON that can be stored. Pure."""

import json
import re
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import orjson

from ovk_archive.api.wire.masking import Mask

#: Levels of lists and objects in an answer: reposts of reposts have some twenty.
_DEEPEST = 100
#: Lists and objects, and commas between values: a hundred times more than the largest page has.
_MOST_LISTS, _MOST_VALUES = 1 << 20, 1 << 22
#: Bytes that are read the quick way, which needs memory in between.
_MOST_QUICKLY = 4 << 20
#: Less than any number for which the quick way takes a longer integer.
_EXACT = 2.0**62
#: What there may be more in, or may be such a number.
_NOTED = frozenset({dict, list, float})


_HALF_A_PAIR = re.compile(
    # Letters in both cases rather than IGNORECASE, which would cost more than the parsing.
    rb"\\u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD])[c-fC-F][0-9a-fA-F]{2})"
)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An HTTP answer, whole.

    Attributes:
        host: who answered, for messages.
        status: the HTTP status.
        body: as it came, decompressed.
        location: where a redirect leads.
        after: the pause in seconds that the server asks for (`Retry-After`), if any.
    """

    host: str
    status: int
    body: bytes
    location: str | None = None
    after: float | None = None

    def masked(self, mask: Mask) -> "HttpAnswer":
        """The answer without a secret that the server repeats."""
        place = None if self.location is None else mask.text(self.location)
        return replace(self, body=mask.body(self.body), location=place)

    def json(self) -> Any:
        """The body as JSON, or None: no OpenVK answer is a bare null."""
        if _is_crowd(self.body):
            return None
        if len(self.body) > _MOST_QUICKLY:
            return _read(self.body)
        try:
            content = orjson.loads(self.body)
        except ValueError:
            return _read(self.body)
        # Where it ends without an error, there are no halves of pairs in it.
        return content if _is_plain(content, _EXACT) else _read(self.body)


def _is_crowd(body: bytes) -> bool:
    """It is made of so many values that they would take far more memory than its bytes."""
    if len(body) <= 2 * _MOST_LISTS:
        return False  # Each list has two brackets, and most answers come until here.
    return body.count(b"[") + body.count(b"{") > _MOST_LISTS or body.count(b",") > _MOST_VALUES


def _read(body: bytes) -> Any:
    """What Python reads in a body, or None; slower, and whatever is odd about it counts."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not _is_plain(content, inf):
        return None
    return _mended(content) if _HALF_A_PAIR.search(body) else content


def _is_plain(content: Any, most: float) -> bool:
    """No fraction is larger, and no nest deeper than what walks through it later may go."""
    level: list[Any] = [[content]]
    for _ in range(_DEEPEST):
        inside: list[Any] = []
        for one in level:
            if type(one) is dict:
                inside += one.values()
            elif type(one) is list:
                inside += one
            elif abs(one) > most:
                return False
        level = [one for one in inside if type(one) in _NOTED]
        if not level:
            return True
    return all(type(one) is float and abs(one) <= most for one in level)


def _mended(content: Any) -> Any:
    """The content with U+FFFD for halves of surrogate pairs, which no database can store."""
    text = json.dumps(content, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
