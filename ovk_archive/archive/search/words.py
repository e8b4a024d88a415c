"""A text as the words that are searched: folded, and their stems. Pure.

Whatever changes here changes what an index must hold: then `VERSION` goes up, and each archive
makes its index anew.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from snowballstemmer import stemmer

from ovk_archive.archive.search.russian import russian_stem

#: How words are made; written into each archive.
VERSION = 2

#: What stands before a stem: no word has it.
STEM = "~"

#: Texts in which nothing but letters and punctuation of two alphabets occurs, and no whole.
_PLAIN = re.compile('[\\x00-"$-?A-^`-~\xa0А-яЁё«»—–…„“”’]*')
_RUN = re.compile("[0-9a-zа-я]+")
#: A subject or a name with what marks it; in an address of e-mail stands no name.
_WHOLE = re.compile(r"(#|(?<![^\s#@])@)[#@]*([^\s#@]+)")
_MARKED = str.maketrans(dict.fromkeys("#@_", " "))
#: Words whose stems are known for the moment.
_KEPT = 100_000
#: Longer ones are no words of a language.
_LONGEST = 40
#: Different words with the same mark stay so.
_SHORT_I = "и\u0306"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_KEYCAP = "\u20e3"
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), range(0x180B, 0x180F))
_RUSSIAN = re.compile("[\u0400-\u052f]")
#: A vowel that comes and goes: кошка, кошек; деньги, денег.
_FLEETING = re.compile("[ео]([кцг])$")
_SOFT = re.compile("ь([кцг])$")
_VOWEL = re.compile("[аеиоуыэюя]")
_ENOUGH = 4


class _Folds(dict[int, str]):
    """What each character becomes, for `str.translate`; worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        found = self[code] = _fold(chr(code))
        return found


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it stands in its text."""

    text: str
    start: int
    end: int


def words(text: str) -> list[str]:
    """The words of a text in their order, then each `#subject` and `@name` once more as a whole."""
    if _PLAIN.fullmatch(text):
        # Most of what is written here: the same words in a third of the time.
        return _RUN.findall(text.lower().replace("ё", "е"))
    folded = composed(text).translate(_FOLDS)
    if "#" not in folded and "@" not in folded and "_" not in folded:
        return folded.split()
    parts = folded.translate(_MARKED).split()
    return [*parts, *(sign + name for sign, name in _WHOLE.findall(folded))]


def composed(text: str) -> str:
    """A text in the form in which its words are looked for: letter and mark are one character."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def placed(text: str) -> Iterator[Word]:
    """The words of a composed text, without those that are told as a whole, and where they are."""
    letters: list[str] = []
    start = end = 0
    for place, char in enumerate(text):
        # Each character becomes a part of a word, an end of a word, or words of its own.
        first, *others = _FOLDS[ord(char)].translate(_MARKED).split(" ")
        if first:
            start = start if letters else place
            letters.append(first)
            end = place + 1
        for other in others:
            if letters:
                yield Word("".join(letters), start, end)
            letters, start, end = ([other] if other else []), place, place + 1
    if letters:
        yield Word("".join(letters), start, end)


def stems(words_: Iterable[str]) -> list[str]:
    """The stems of words that differ from their word, each once, with the mark of a stem."""
    return list(filter(None, dict.fromkeys(map(_OTHERS.__getitem__, words_))))


class _Others(dict[str, str]):
    """The stems of words, marked; empty where that is the word itself. So many are kept."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _KEPT:
            self.clear()
        found = stem(word)
        self[word] = other = "" if found == word else STEM + found
        return other


def stem(word: str) -> str:
    """What the forms of a word have in common; the word itself in languages that are not known."""
    if len(word) > _LONGEST:
        return word
    if word.isascii():
        return str(_english().stemWord(word)) if word.isalpha() else word
    if not _RUSSIAN.search(word):
        return word
    return _firm(russian_stem(word))


def _firm(stem_: str) -> str:
    """A Russian stem without the vowel or the sign that only some forms have."""
    if len(stem_) < _ENOUGH:
        return stem_
    without = _FLEETING.sub(r"\1", stem_)
    if without != stem_ and _VOWEL.search(without):
        stem_ = without
    return _SOFT.sub(r"\1", stem_)


@cache
def _english() -> Any:
    return stemmer("english")


def _fold(char: str) -> str:
    """What a character becomes: letters, nothing, or spaces where it ends a word."""
    if char in "#@_":
        return char
    kind = unicodedata.category(char)
    code = ord(char)
    if kind == "Cf" or char == _KEYCAP or any(code in some for some in _SELECTORS):
        return ""
    if kind == "Lo" and unicodedata.name(char, "").startswith("CJK "):
        return f" {unicodedata.normalize('NFKC', char)} "
    if kind[0] in "LNM":
        return _plain(char)
    if kind in ("So", "Cn", "Co") or code in _SKIN_TONES:
        return f" {_plain(char).strip()} "
    return " "


def _plain(char: str) -> str:
    """Small letters without marks, or the character itself; the rest ends words."""
    small = unicodedata.normalize("NFKC", char).casefold()
    bare = unicodedata.normalize("NFD", small).replace(_SHORT_I, "й")
    kept = "".join(one for one in bare if not unicodedata.combining(one))
    whole = unicodedata.normalize("NFC", kept)
    return "".join(one if one == char or unicodedata.category(one)[0] in "LNM" else " "
                   for one in whole)  # fmt: skip


_FOLDS = _Folds()
_OTHERS = _Others()
