"""How a name can be written: its Russian endings, whose something is, what words are compared by.

Pure.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

#: What may stand inside a word and is not seen: accents, soft hyphens, joiners.
_MARKS = "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufe0e\ufe0f"
_HAS_MARKS = re.compile(f"[{_MARKS}]")
_PLAIN = re.compile(r"[^\W_]+")
_MARKED = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")

_VOWELS = "аеиоуыэюяіїє"
_CYRILLIC = re.compile("[а-яіїєґў]+")


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split(" "))


#: Endings of names with a base of five letters or more: of nouns and adjectives, all genders. The
#: first is none at all.
_ALL = _set(
    " а я у ю ы и е о ь й ой ою ом ем ей ею ью ым им ых их ыми ими ов ев ам ям ами ями ах ях "
    "ый ий ого его ому ему ая яя ую юю ое ее ые ие ии ия ию ием ьи ье ья"
)
#: Of shorter bases, by how the name itself ends: more would find other words.
_SHORT = {
    "а": _set("а ы и е у ой ою ей ею ам ами ах"),
    "я": _set("я и е ю ей ею ям ями ях"),
    "й": _set("й я ю ем и е"),
    "ь": _set("ь я и ю ем е ью"),
}
#: How people are called: Кать, Лен; only where they are written as names.
_CALLED = {"а": frozenset({""}), "я": frozenset({"ь", "й"})}
_HARD = _set(" а у ом ем е ы и ым ых ой ов ам ами ах")
_ADJECTIVE = _set("ый ий ой ого его ому ему ым им ом ем ая яя ей ую юю ые ие ых их ыми ими")
#: Whose something is: Аннин, Аннина, Анниного.
_WHOSE = _set(" а о ы у ого ому ым ом ой ою ых ыми")
#: Машин and Ленин are what they are.
_NOT_WHOSE = frozenset({"машин", "ленин"})
_LONGEST = max(map(len, _ALL | _WHOSE))
_STEM = re.compile(
    r"(?<=\w{3})(?:[ая]ми|[оеыи]го|[оеыи]му|[ыи]ми|[ое]в|[оеыи]й|[оеаяыи]м|[аяыи]х|[уа]ю|юю|[аяое]я"
    r"|[оеыи]е|[аеиоуыюяьй])$"
)
_SHORT_BASE = 4
FEWEST_LETTERS = 3
#: Stands before bases that are found only where they are written as names: Ян and Ли.
CAPITAL = "^"

Endings = frozenset[str]


def words(text: str) -> re.Pattern[str]:
    """What a word of this text is: if there are accents and joiners, with them inside it."""
    # Texts in Cyrillic letters alone are the many.
    return _MARKED if not text.isascii() and _HAS_MARKS.search(text) else _PLAIN


@lru_cache(maxsize=1 << 14)
def plain(word: str) -> str:
    """A word as it is compared: without case, accents and joiners; ё is е."""
    composed = unicodedata.normalize("NFKC", word)
    return _HAS_MARKS.sub("", composed).casefold().replace("ё", "е")


def split(name: str) -> list[str]:
    """The words of a name, as they are compared."""
    return [plain(found) for found in words(name).findall(name)]


def stem(word: str) -> str:
    """A word without its ending."""
    return _STEM.sub("", word)


def cuts(word: str) -> Iterator[tuple[str, str]]:
    """A word as base and ending, in all ways that there may be; the longest base first."""
    size = len(word)
    for end in range(size, max(size - _LONGEST, 0) - 1, -1):
        yield word[:end], word[end:]


def forms(name: str) -> Iterator[tuple[str, Endings]]:
    """What all forms of a name begin with, and how they can end."""
    if len(name) < FEWEST_LETTERS:
        yield from ((CAPITAL + base, endings) for base, endings in _bases(name))
        return
    yield from _bases(name)
    if name[-1] in _CALLED and _CYRILLIC.fullmatch(name):
        yield CAPITAL + name[:-1], _CALLED[name[-1]]


def possessives(name: str) -> Iterator[tuple[str, Endings]]:
    """The same of what is somebody's: Аннин, Сашкина."""
    if len(name) < FEWEST_LETTERS or name[-1] not in _CALLED or not _CYRILLIC.fullmatch(name):
        return
    base = name[:-1]
    if base + "ин" not in _NOT_WHOSE:
        yield base + "ин", _WHOSE
    # Саша, Аня: Сашка, Анька are words of other kinds too.
    called = base + ("ьк" if name[-1] == "я" and base[-1] not in _VOWELS else "к")
    yield CAPITAL + called, _SHORT["а"]
    yield CAPITAL + called + "ин", _WHOSE


def _bases(name: str) -> Iterator[tuple[str, Endings]]:
    last = name[-1]
    if not _CYRILLIC.fullmatch(name):
        yield name, frozenset({""})
    elif len(name) < FEWEST_LETTERS:
        yield name, frozenset({""}) if last in _VOWELS else _HARD
    elif last in _SHORT:
        yield _ending(name[:-1], _SHORT[last])
    elif last in _VOWELS:
        yield name, frozenset({""})
    else:
        yield _ending(name, _HARD)
        yield from _fleeting(name)
    if name[-2:] in ("ий", "ый", "ой", "ая", "яя"):
        yield _ending(name[:-2], _ADJECTIVE)


def _ending(base: str, short: Endings) -> tuple[str, Endings]:
    return base, _ALL if len(base) > _SHORT_BASE else short


def _fleeting(name: str) -> Iterator[tuple[str, Endings]]:
    """Павел, Павла; Лев, Льва; Заяц, Зайца."""
    if name[-2] in "еоя":
        for between in ("", "ь", "й"):
            yield name[:-2] + between + name[-1], _HARD - {""}
