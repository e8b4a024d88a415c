"""What people type, as what FTS5 is asked. Pure.

Whatever is no `"phrase"`, `-not`, `start*` or `OR` is text: nothing that can be typed is an error.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ovk_archive.archive.search.words import STEM, Word, placed, stem, words

#: The most words of a query that are looked for: a person types fewer.
MOST = 64

_TOKEN = re.compile(
    r'(?P<minus>(?<!\S)-)?(?:"(?P<straight>[^"]*)(?:"|$)|«(?P<angled>[^»]*)(?:»|$)'
    r"|“(?P<curled>[^”]*)(?:”|$)|(?P<word>[^\s\"«“]+))"
)
_LETTER = re.compile(r"[^\W\d_]")
_QUOTES = ("straight", "angled", "curled")


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or words in a row.

    Attributes:
        words: folded; none stands for no word at all.
        exact: in this form only.
        start: the last word is the beginning of one.
    """

    words: tuple[str, ...]
    exact: bool = False
    start: bool = False

    @property
    def match(self) -> str:
        """What FTS5 is asked: tokens are always quoted, and hold no quotation mark."""
        phrase = f'"{" ".join(self.words)}"'
        if self.start:
            return f"{phrase} *"
        if self.exact or len(self.words) > 1 or not _LETTER.search(self.words[0]):
            return phrase
        word = self.words[0]
        # A stem is a word as well (кот, коты), and a word the stem of another (архив, архивы).
        forms = dict.fromkeys((word, stem(word)))
        tokens = [f'"{mark}{form}"' for mark in ("", STEM) for form in forms]
        return f"({' OR '.join(tokens)})"

    def spans(self, text: Sequence[Word]) -> Iterator[tuple[int, int]]:
        """Where it stands in a text."""
        wanted = [word.lstrip("#@") for word in self.words]
        wanted = wanted if len(wanted) > 1 else [*words(wanted[0])] or wanted
        for place in range(len(text) - len(wanted) + 1):
            some = text[place : place + len(wanted)]
            *before, (last, its) = zip(some, wanted, strict=True)
            if all(self._is(word.text, one) for word, one in before) and (
                self._is(last.text, its) or (self.start and last.text.startswith(its))
            ):
                yield some[0].start, some[-1].end

    def _is(self, word: str, wanted: str) -> bool:
        if word == wanted:
            return True
        any_form = not self.exact and not self.start and len(self.words) == 1
        # Snowball takes a word for a form of another now and then: архив is the stem of архивы.
        return any_form and not {wanted, stem(wanted)}.isdisjoint((word, stem(word)))


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for.

    Attributes:
        wanted: each of them must be there, in one of its ways.
        unwanted: none of them may be there.
        cut: there were more words, which are not looked for.
    """

    wanted: tuple[tuple[Term, ...], ...]
    unwanted: tuple[Term, ...] = ()
    cut: bool = False

    @property
    def match(self) -> str | None:
        """What FTS5 is asked; None if nothing can be looked for."""
        if not self.wanted:
            return None
        positive = " AND ".join(_any(one) for one in self.wanted)
        return f"({positive}) NOT {_any(self.unwanted)}" if self.unwanted else positive

    @property
    def in_this_form(self) -> "Query":
        """The same words, but as they were typed."""
        return replace(
            self,
            wanted=tuple(tuple(replace(term, exact=True) for term in one) for one in self.wanted),
        )

    @property
    def lack(self) -> str | None:
        """Why nothing can be looked for."""
        if self.wanted:
            return None
        if self.unwanted:
            return "All these words are excluded: add one to look for."
        return "There is no word in what is searched for."

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the words stand in a composed text, in their order, none within another."""
        in_text = list(placed(text))
        terms = [term for one in self.wanted for term in one]
        found = sorted({span for term in terms for span in term.spans(in_text)})
        apart: list[tuple[int, int]] = []
        for start, end in found:
            if apart and start < apart[-1][1]:
                apart[-1] = apart[-1][0], max(end, apart[-1][1])
            else:
                apart.append((start, end))
        return apart


def parse(text: str) -> Query:
    """What a person who types this looks for."""
    wanted: list[tuple[Term, ...]] = []
    unwanted: list[Term] = []
    tokens = list(_TOKEN.finditer(text))
    left, joins = MOST, False
    for place, found in enumerate(tokens):
        if found["word"] == "OR" and not found["minus"] and _joins(tokens, place):
            joins = True
            continue
        for whole in _terms(found):
            term = replace(whole, words=whole.words[:left])
            left -= len(whole.words)
            if found["minus"]:
                unwanted.append(term)
            elif joins and wanted:
                wanted[-1] = (*wanted[-1], term)
            else:
                wanted.append((term,))
            joins = False
        if left <= 0:
            return Query(tuple(wanted), tuple(unwanted), cut=place + 1 < len(tokens) or left < 0)
    return Query(tuple(wanted), tuple(unwanted))


def _joins(tokens: list[re.Match[str]], place: int) -> bool:
    """There is something wanted on both sides."""
    sides = tokens[place - 1 : place] + tokens[place + 1 : place + 2] if place else []
    return len(sides) == 2 and all(not one["minus"] and any(_terms(one)) for one in sides)  # noqa: PLR2004


def _terms(found: re.Match[str]) -> Iterator[Term]:
    """The term that a token stands for, if there is a word in it."""
    kind = str(found.lastgroup)
    typed = found[kind] or ""
    if kind in _QUOTES:
        in_row = [word for word in words(typed) if word[:1] not in "#@"]
        if in_row:
            yield Term(tuple(in_row), exact=True)
        return
    starts = typed.endswith("*")
    in_row = words(typed.rstrip("*"))
    marked = [word for word in in_row if word[:1] in "#@"]
    plain = [word for word in in_row if word[:1] not in "#@"]
    if not plain:
        return
    # Nothing but a subject or a name: looked for as a whole.
    if len(marked) == 1 and words(marked[0]) == in_row:
        yield Term((marked[0],), exact=True, start=starts)
    else:
        yield Term(tuple(plain), start=starts)


def _any(terms: Iterable[Term]) -> str:
    matches = [term.match for term in terms]
    return matches[0] if len(matches) == 1 else _grouped(matches)


def _grouped(matches: Sequence[str]) -> str:
    return f"({' OR '.join(matches)})"
