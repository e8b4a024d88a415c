"""What of a table people search, and how its texts are read. Pure."""

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_TAG = re.compile(r"<[^<>]*>")
#: Tags that end no word.
_INLINE = re.compile(
    r"</?(?:b|i|u|s|em|strong|span|a|sub|sup|del|ins|font|small|big)\b[^<>]*>", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Search:
    """Which columns of a table are searched, and what narrows a search.

    Attributes:
        columns: those with texts -> how much a word in them weighs; all of them make versions.
        reads: of a column that holds more than a text: what gives its words as people read them.
        date: the column with the time, in unix seconds.
        who: the column with the author; negative for a group, with a minus as for `owner`.
        owner: the column that says whose it is; negative for a group. With a minus before its
            name, a column that numbers groups.
        peer: the column with the other person of a conversation.
    """

    columns: Mapping[str, float]
    reads: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    date: str | None = None
    who: str | None = None
    owner: str | None = None
    peer: str | None = None


def without_markup(text: str) -> str:
    """The words of a text in HTML."""
    return html.unescape(_TAG.sub(" ", _INLINE.sub("", text)))


def texts_in(text: str) -> str:
    """The texts in JSON that are somebody's words: all there are, or those that are called so."""
    try:
        return "\n".join(_texts(json.loads(text)))
    except (ValueError, RecursionError):
        return text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        yield from _texts(value.get("text"))
