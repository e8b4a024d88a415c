"""What differs between two texts, word by word. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
#: Of longer texts it would take too long.
_MOST_WORDS = 4000


@dataclass(frozen=True, slots=True)
class Part:
    """A part of two texts: `same` in both, `out` only in the first, `in` only in the second."""

    text: str
    kind: str


def differences(was: str, now: str) -> list[Part]:
    """Both texts in one: what stayed, what was taken out, what was put in.

    Of long texts the first alone.
    """
    before, after = _WORD.findall(was), _WORD.findall(now)
    if len(before) + len(after) > _MOST_WORDS:
        return [Part(was, "same")]
    return list(_parts(before, after))


def _parts(before: list[str], after: list[str]) -> Iterator[Part]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            yield Part("".join(before[first:last]), "same")
            continue
        if first < last:
            yield Part("".join(before[first:last]), "out")
        if start < end:
            yield Part("".join(after[start:end]), "in")
