"""Texts of words that are known to be harmless, without looking at each letter again. Pure.

A text is cut at its spaces, and each distinct word is judged once: what becomes of it if its
neighbours are harmless. Where neighbours could be one thing (two numbers, two names), or a word
changes what another means (`id`, `icq`, names of months), the whole text is read as ever.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from ovk_archive.export.pseudonyms.texts.addresses import ID, NETWORKS
from ovk_archive.export.pseudonyms.texts.name_forms import words
from ovk_archive.export.pseudonyms.texts.names_in_text import Names
from ovk_archive.export.pseudonyms.texts.telling_numbers import TELLING

#: What a word has that could be one with its neighbours; or only the whole text tells.
_NUMBER, _NAME, _WHOLE = 1, 2, 4
#: It is nothing itself, and may stand between two parts of something.
_GAP = 8
_CONTEXT = re.compile(
    rf"(?<![^\W\d_])(?:{ID}|{NETWORKS}|{TELLING})(?![^\W_])|[@*|]|\+\Z", re.IGNORECASE
)
#: Of a link, what a number before it could be beside.
_BEGINNING = re.compile("[/.]")
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W_]")
#: Fewer digits, alone, are no telephone number.
_FEWEST_DIGITS = 10
#: Longer words do not come again.
_LONGEST = 60
#: As many as are kept in mind.
_MANY = 1 << 16

#: What kind of word it is, and what becomes of it.
_Judged = tuple[int, str]


class Quick:
    """Texts of words that are judged one by one.

    Args:
        names: whom the archive knows.
        hint: finds in a word what may be more than a word.
        whole: what becomes of a text as a whole.
        is_link: whether a word is a link and nothing else.
    """

    def __init__(
        self,
        names: Names,
        hint: re.Pattern[str],
        whole: Callable[[str], str],
        is_link: Callable[[str], bool],
    ) -> None:
        self._names = names
        self._hint = hint
        self._whole = whole
        self._is_link = is_link
        self._harmless: set[str] = set()
        self._judged = lru_cache(maxsize=_MANY >> 1)(self._judge)

    def text(self, text: str) -> str:
        """What becomes of a plain text."""
        tokens = text.split(" ")
        harmless = self._harmless
        if harmless.issuperset(tokens):
            return text
        seen, changed = _WHOLE, False
        for place, token in enumerate(tokens):
            if token in harmless:
                seen = _WHOLE
                continue
            if token.isdecimal() and len(token) < _FEWEST_DIGITS and self._is_plain(token):
                kind = _NUMBER
            else:
                kind, instead = self._judged(token)
                if instead != token:
                    tokens[place], changed = instead, True
            if kind & seen:
                return self._whole(text)
            seen = seen if kind & _GAP else kind | _WHOLE
        return " ".join(tokens) if changed else text

    def _is_plain(self, number: str) -> bool:
        return number not in self._names.numbers and number.isascii()

    def _judge(self, token: str) -> _Judged:
        """What becomes of a word among harmless ones."""
        # Behind a page, vk.com says whose it is; 8.8.8.8 may be the end of a number.
        if token[:1].isalpha() and self._is_link(token):
            return _WHOLE if _CONTEXT.search(_BEGINNING.split(token)[0]) else 0, self._whole(token)
        if len(token) > _LONGEST or _CONTEXT.search(token):
            return _WHOLE, token
        meant = [
            found for word in words(token).findall(token) if (found := self._names.meant(word))
        ]
        if any(begins for _, begins in meant):
            return _WHOLE, token
        if not self._hint.search(token):
            return self._judge_word(token, named=bool(meant))
        return (_NAME if meant else 0) | _numbers(token), self._whole(token)

    def _judge_word(self, token: str, *, named: bool) -> _Judged:
        if named:
            return _NAME, self._whole(token)
        if not _LETTER.search(token):
            return _GAP, token
        if len(self._harmless) >= _MANY:
            self._harmless.clear()
        self._harmless.add(token)
        return 0, token


def _numbers(token: str) -> int:
    if _DIGIT.search(token):
        return _NUMBER
    return 0 if _LETTER.search(token) else _GAP
