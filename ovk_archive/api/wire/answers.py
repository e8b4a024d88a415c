"""An HTTP answer, whole: its status, and its body as JSON that can be stored. Pure."""

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from ovk_archive.api.wire.masking import Mask

#: Levels of lists and objects in an answer: reposts of reposts have some twenty.
_DEEPEST = 100
#: Lists and objects, and commas between values: a hundred times more than the largest page has.
_MOST_LISTS, _MOST_VALUES = 1 << 20, 1 << 22


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
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        if _is_deep(content):
            return None
        return _mended(content) if _HALF_A_PAIR.search(self.body) else content


def _is_crowd(body: bytes) -> bool:
    """It is made of so many values that they would take far more memory than its bytes."""
    return body.count(b"[") + body.count(b"{") > _MOST_LISTS or body.count(b",") > _MOST_VALUES


def _is_deep(content: Any) -> bool:
    """It is nested more deeply than what walks through it later may go."""
    level: list[Any] = [[content]]
    for _ in range(_DEEPEST):
        inside = [one.values() if isinstance(one, dict) else one for one in level]
        level = [one for some in inside for one in some if isinstance(one, dict | list)]
        if not level:
            return False
    return True


def _mended(content: Any) -> Any:
    """The content with U+FFFD for halves of surrogate pairs, which no database can store."""
    text = json.dumps(content, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
