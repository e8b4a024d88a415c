"""Texts of words that are known to be harmless, without looking at each letter again. Pure.

A text is cut at its spaces, and each distinct word is judged once: what becomes of it if its
neighbours are harmless. Where neighbours could be one thing (two numbers, two names), or a word
changes what another means (`id`, `icq`, names of months), the whole text is read as ever.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import filterfalse, groupby
from typing import Protocol

from ovk_archive.export.pseudonyms.texts.addresses import ID, NETWORKS
from ovk_archive.export.pseudonyms.texts.name_forms import words
from ovk_archive.export.pseudonyms.texts.names_in_text import Names
from ovk_archive.export.pseudonyms.texts.telling_numbers import TELLING

#: What a word needs to stand alone, and what it leaves to the next one: no number, no name, no
#: beginning of a name beside it.
_NUMBER, _NAME, _BEGINNING = 1, 2, 4
#: Only the whole text tells what it means; and it may tell what a number means.
_WHOLE, _TELLING = 8, 16
_ALWAYS = _WHOLE | _TELLING
#: It may stand between two parts of something.
_GAP = -1
_TELLS = re.compile(rf"(?<![^\W\d_])(?:{ID}|{NETWORKS}|{TELLING})(?![^\W_])", re.IGNORECASE)
#: What may hold other words, or reach into the next one.
_HOLDS = re.compile(r"[@*|]|\+\Z")
_SLASH = re.compile("[/.]")
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W_]")
#: Fewer digits, alone, are no telephone number.
_FEWEST_DIGITS = 10
#: Longer words do not come again.
_LONGEST = 60
#: As many as are kept in mind.
_MANY = 1 << 16

#: What a word needs, what it leaves, and what becomes of it.
_Judged = tuple[int, int, str]


class Read(Protocol):
    """What becomes of a text, read letter by letter; `told` if words may tell what a number is."""

    def __call__(self, text: str, *, told: bool) -> str:
        """Read it."""


class Quick:
    """Texts of words that are judged one by one.

    Args:
        names: whom the archive knows.
        hint: finds in a word what may be more than a word.
        read: what becomes of a text.
        is_link: whether a word is a link and nothing else.
    """

    def __init__(
        self,
        names: Names,
        hint: re.Pattern[str],
        read: Read,
        is_link: Callable[[str], bool],
    ) -> None:
        self._names = names
        self._numbers = names.numbers
        self._hint = hint
        self._read = read
        self._is_link = is_link
        self._harmless: set[str] = set()
        self._judged = lru_cache(maxsize=_MANY >> 1)(self._judge)

    def text(self, text: str) -> str:
        """What becomes of a plain text."""
        tokens = text.split(" ")
        unknown = [*filterfalse(self._harmless.__contains__, tokens)]
        if not unknown or not text:
            return text
        if len(unknown) > 1:
            return self._several(text, tokens)
        # Most texts have but one word that is not everywhere.
        (token,) = unknown
        if self._is_number(token):
            return text
        needs, _, instead = self._judged(token)
        if needs & _ALWAYS:
            return self._together(text)
        tokens[tokens.index(token)] = instead
        return text if instead == token else " ".join(tokens)

    def _several(self, text: str, tokens: list[str]) -> str:
        harmless = self._harmless
        seen, changed = _ALWAYS, False
        for place, token in enumerate(tokens):
            if token in harmless:
                seen = _ALWAYS
                continue
            if self._is_number(token):
                needs = leaves = _NUMBER
            else:
                needs, leaves, instead = self._judged(token)
                if instead != token:
                    tokens[place], changed = instead, True
            if needs & seen:
                return self._together(text)
            if leaves != _GAP:
                seen = leaves | _ALWAYS
        return " ".join(tokens) if changed else text

    def _is_number(self, token: str) -> bool:
        """It is a number and, alone, no telephone number and no part of a name."""
        return (
            token.isdecimal()
            and len(token) < _FEWEST_DIGITS
            and token.isascii()
            and token not in self._numbers
        )

    def _together(self, text: str) -> str:
        """A text in which neighbours may be one thing: only these are read, if that is enough."""
        tokens = text.split(" ")
        seen, clash = _ALWAYS, 0
        for token in tokens:
            needs, leaves, _ = self._judged(token)
            clash |= needs & seen
            if leaves != _GAP:
                seen = leaves | _ALWAYS
        if clash & ~(_NUMBER | _NAME):
            return self._read(text, told=bool(clash & _TELLING))
        return " ".join(
            run if is_harmless else self._read(run, told=False)
            for is_harmless, run in _runs(tokens, self._harmless)
        )

    def _judge(self, token: str) -> _Judged:
        """What becomes of a word among harmless ones."""
        # 8.8.8.8 may be the end of a number, and behind a page vk.com says whose it is.
        if token[:1].isalpha() and self._is_link(token):
            tells = _TELLING if _TELLS.search(_SLASH.split(token)[0]) else 0
            return tells, 0, self._read(token, told=False)
        if len(token) > _LONGEST or _TELLS.search(token):
            return _ALWAYS, 0, token
        if _HOLDS.search(token):
            return _WHOLE, 0, token
        needs, leaves = self._judge_names(token)
        if self._hint.search(token):
            number = _NUMBER if _DIGIT.search(token) else 0
            needs, leaves, instead = needs | number, leaves | number, self._read(token, told=False)
        else:
            instead = self._read(token, told=False) if needs & _NAME else token
        if not _LETTER.search(token):
            return needs, _GAP, instead
        if not needs and not leaves and instead == token:
            self._keep(token)
        return needs, leaves, instead

    def _judge_names(self, token: str) -> tuple[int, int]:
        """What a word needs and leaves, for the names in it."""
        found = words(token).findall(token)
        meant = [one for word in found if (one := self._names.meant(word))]
        begins = any(begins for _, begins in meant)
        if begins and len(found) > 1:
            return _WHOLE, 0
        name = _NAME if any(ids for ids, _ in meant) else 0
        goes_on = _BEGINNING if found and self._names.goes_on(found[0]) else 0
        return name | goes_on, name | (_BEGINNING if begins else 0)

    def _keep(self, token: str) -> None:
        if len(self._harmless) >= _MANY:
            self._harmless.clear()
        self._harmless.add(token)


def _runs(tokens: list[str], harmless: set[str]) -> Iterator[tuple[bool, str]]:
    for is_harmless, run in groupby(tokens, harmless.__contains__):
        yield is_harmless, " ".join(run)
