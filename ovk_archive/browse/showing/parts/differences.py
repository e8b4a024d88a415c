"""What differs between two texts, word by word. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: With the space before it: spaces alone would be what both texts have most of.
_WORD = re.compile(r"\s*\w+|\s*[^\w\s]+|\s+")
#: Longer texts take too long to compare, and so do those that say the same word again and again:
#: so many pairs of equal words may two texts have.
_MOST_WORDS, _MOST_PAIRS = 4000, 250_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part of two texts: `same` in both, `out` only in the first, `in` only in the second."""

    text: str
    kind: str


def differences(was: str, now: str) -> list[Part]:
    """Both texts in one: what stayed, what was taken out, what was put in.

    If the texts are too long to compare, only the first is given, unmarked.
    """
    before, after = _WORD.findall(was), _WORD.findall(now)
    if len(before) + len(after) > _MOST_WORDS or _pairs(before, after) > _MOST_PAIRS:
        return [Part(was, "same")]
    return list(_parts(before, after))


def _pairs(before: Sequence[str], after: Sequence[str]) -> int:
    """How many equal words two texts have, each with each."""
    counts = Counter(after)
    return sum(counts[word] for word in before)


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
