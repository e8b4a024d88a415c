"""The part of a text that shows why it was found. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ovk_archive.archive.search.declared import search_of
from ovk_archive.archive.search.entries import Texts
from ovk_archive.archive.search.query import Query
from ovk_archive.archive.search.words import composed
from ovk_archive.resources.vocabulary.rows import Table

#: Characters that are shown, and how many of them before the first word that was found.
_SHOWN, _BEFORE = 136, 50
_ELLIPSIS = "…"
#: Of a longer text the rest is not looked through.
_LOOKED_AT = 100_000


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a text, and where in it the found words stand."""

    text: str
    found: tuple[tuple[int, int], ...] = ()


def snippet(table: Table, texts: Texts, query: Query) -> Snippet:
    """What is shown of a row: of the text in which most was found, the part around it."""
    shown = [(text, query.spans(text)) for text in _plain(table, texts)]
    if not shown:
        return Snippet("")
    text, spans = max(shown, key=lambda one: len(one[1]))
    start, end = _part(text, spans[0][0] if spans else 0)
    lead = _ELLIPSIS if start else ""
    ahead = start - len(lead)
    found = tuple((one - ahead, other - ahead) for one, other in spans if start <= one < end)
    rest = _ELLIPSIS if end < len(text) else ""
    whole = f"{lead}{text[start:end]}{rest}"
    return Snippet(whole, tuple((one, min(other, len(whole))) for one, other in found))


def marked(part: Snippet) -> list[tuple[str, bool]]:
    """A snippet in pieces: each with whether it was found."""
    return [piece for piece in _pieces(part, 0, len(part.text)) if piece[0]]


def lines(part: Snippet, width: int) -> Iterator[list[tuple[str, bool]]]:
    """A snippet in lines, in pieces: each with whether it was found."""
    for start, end in _wrapped(part.text, width):
        yield list(_pieces(part, start, end))


def _plain(table: Table, texts: Texts) -> Iterator[str]:
    """Texts as people read them, on one line."""
    search = search_of(table)
    for name, text in zip(search.columns, texts, strict=True):
        if text:
            read = search.reads[name](text) if name in search.reads else text
            yield composed(" ".join(read[:_LOOKED_AT].split()))


def _part(text: str, first: int) -> tuple[int, int]:
    """The part around a place, from word to word if words are not too long."""
    start = max(0, min(first - _BEFORE, len(text) - _SHOWN))
    if start:
        blank = text.find(" ", start, first)
        start = blank + 1 if blank >= 0 else start
    end = start + _SHOWN
    if end >= len(text):
        return start, len(text)
    blank = text.rfind(" ", first + 1, end)
    return start, blank if blank > 0 else end


def _wrapped(text: str, width: int) -> Iterable[tuple[int, int]]:
    found = re.finditer(rf"\S(?:.{{0,{width - 1}}}(?!\S)|.{{0,{width - 1}}})", text)
    return [one.span() for one in found]


def _pieces(part: Snippet, start: int, end: int) -> Iterator[tuple[str, bool]]:
    place = start
    for one, other in part.found:
        first, last = max(one, place), min(other, end)
        if first < last:
            yield part.text[place:first], False
            yield part.text[first:last], True
            place = last
    yield part.text[place:end], False
