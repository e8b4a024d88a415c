"""Names of people and groups found in running text, in their Russian forms too. Pure.

Every distinct word is looked up once: its possible endings are cut off, and what is left is sought
among the bases of the names. So time does not depend on how many names there are.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise

#: Ids of whom a name may mean; negative for groups.
Ids = frozenset[int]

#: What may stand inside a word and is not seen: accents, soft hyphens, joiners.
_MARKS = "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufe0e\ufe0f"
_HAS_MARKS = re.compile(f"[{_MARKS}]")
_PLAIN = re.compile(r"[^\W_]+")
_MARKED = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
#: What may stand between the words of one name.
_GAP = re.compile(r"[^\w\n]{0,8}|_")
#: What may stand between a first and a last name.
_NARROW = re.compile(r"[^\S\n]{1,3}|-|_")

_VOWELS = "аеиоуыэюяіїє"
_MIXED = re.compile(r"([a-z][a-z\d]{2,})[а-я]{1,3}")
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
_LONGEST = max(map(len, _ALL))
_STEM = re.compile(
    r"(?<=\w{3})(?:[ая]ми|[оеыи]го|[оеыи]му|[ыи]ми|[ое]в|[оеыи]й|[оеаяыи]м|[аяыи]х|[уа]ю|юю|[аяое]я"
    r"|[оеыи]е|[аеиоуыюяьй])$"
)
#: Words that are everywhere: if somebody is called so, only the whole name counts.
_EVERYWHERE = _set(
    "без более будет бы был была были было быть вам вас вот все всегда всех всего вы где да "
    "даже для до его ее если есть еще же за здесь из или им их как какой когда который кто ли "
    "либо мне много может мой мы на над надо нас наш не него нее нет ни никто них но ну об он "
    "она они оно от очень по под после потом потому при про раз сам себя сейчас так такой там "
    "тебя тем теперь то тогда того тоже только тот тут ты уже хорошо хотя чего чем что чтобы "
    "эта эти это этого этой этом этот the and you for not are was"
)
#: What the server calls those who are gone.
_NOBODY = frozenset({"deleted"})
#: Names of more words are sought as a whole only.
_MOST_WORDS = 3
_FEWEST_LETTERS = 3
_SHORT_BASE = 4
#: Stands before names of two letters: Ян and Ли are found only where they are written as names.
_SHORT_NAME = "^"
#: Whom a word may mean, and whether it may begin a name of several words.
Meant = tuple[Ids, bool]
_NOTHING: Meant = (frozenset(), False)
_NO_NAME: tuple[Ids, int] = (frozenset(), 0)


def _word(text: str) -> re.Pattern[str]:
    """What a word of this text is: if there are accents and joiners, with them inside it."""
    # Texts in Cyrillic letters alone are the many.
    return _MARKED if not text.isascii() and _HAS_MARKS.search(text) else _PLAIN


@lru_cache(maxsize=1 << 14)
def plain(word: str) -> str:
    """A word as it is compared: without case, accents and joiners; ё is е."""
    composed = unicodedata.normalize("NFKC", word)
    return _HAS_MARKS.sub("", composed).casefold().replace("ё", "е")


def _split(name: str) -> list[str]:
    return [plain(found) for found in _word(name).findall(name)]


def _stem(word: str) -> str:
    return _STEM.sub("", word)


def _bases(name: str) -> Iterator[tuple[str, frozenset[str]]]:
    """What all forms of a name begin with, and how they can end."""
    last = name[-1]
    if not _CYRILLIC.fullmatch(name):
        yield name, frozenset({""})
    elif len(name) < _FEWEST_LETTERS:
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


def _ending(base: str, short: frozenset[str]) -> tuple[str, frozenset[str]]:
    return base, _ALL if len(base) > _SHORT_BASE else short


def _fleeting(name: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Павел, Павла; Лев, Льва; Заяц, Зайца."""
    if name[-2] in "еоя":
        for between in ("", "ь", "й"):
            yield name[:-2] + between + name[-1], _HARD - {""}


class Names:
    """The names that an archive knows; filled first, then asked."""

    def __init__(self) -> None:
        self._bases: dict[str, list[tuple[frozenset[str], set[int]]]] = {}
        self._whole: dict[str, set[int]] = {}
        # By their first two words; many groups begin with the same one.
        self._phrases: dict[tuple[str, ...], dict[tuple[str, ...], set[int]]] = {}
        self._firsts: set[str] = set()
        self._most = 2
        self.handles: dict[str, int] = {}
        # Most words of a language come again and again.
        self.meant = lru_cache(maxsize=1 << 17)(self._meant)

    def add_person(self, number: int, *parts: str) -> None:
        """First name, last name, nickname: each counts on its own, and the first two together."""
        for part in parts:
            self._add(number, part)
        for order in (parts[:2], parts[1::-1]):
            tokens = _split(" ".join(order))
            if any(token in _EVERYWHERE or len(token) == 1 for token in tokens):
                self._add_phrase(number, tokens)

    def add_group(self, number: int, title: str) -> None:
        """A group's title counts as a whole."""
        tokens = _split(title)
        if len(tokens) == 1:
            self._add_word(-number, tokens[0])
        else:
            self._add_phrase(-number, tokens)

    def add_handle(self, owner: int, handle: str, *, page: bool = True) -> None:
        """A screen name: a word by itself as well, or several, where it has dots or `_`.

        `page` says that it is the address of a page of the instance.
        """
        handle = handle.strip().lstrip("@")
        tokens = _split(handle)
        if not tokens or re.fullmatch(r"(?:id|club|public|event)-?\d+", handle):
            return
        if page:
            self.handles.setdefault(handle.casefold(), owner)
        if len(tokens) > 1:
            self._add_phrase(owner, tokens)
        elif len(tokens[0]) >= _FEWEST_LETTERS and not tokens[0].isdigit():
            self._whole.setdefault(tokens[0], set()).add(owner)

    def _add(self, number: int, part: str) -> None:
        tokens = _split(part)
        if len(tokens) > _MOST_WORDS:
            self._add_phrase(number, tokens)
            return
        if any(len(token) < _FEWEST_LETTERS for token in tokens):
            # Ли-Ким, O'Brien.
            self._add_phrase(number, tokens)
        for token in tokens:
            if len(tokens) == 1 or len(token) >= _FEWEST_LETTERS:
                self._add_word(number, token)

    def _add_word(self, owner: int, name: str) -> None:
        if len(name) < _FEWEST_LETTERS - 1 or name.isdigit() or name in _EVERYWHERE | _NOBODY:
            return
        short = _SHORT_NAME if len(name) < _FEWEST_LETTERS else ""
        bases = [(short + base, endings) for base, endings in _bases(name)]
        if len(name) >= _FEWEST_LETTERS and name[-1] in _CALLED and _CYRILLIC.fullmatch(name):
            bases.append((_SHORT_NAME + name[:-1], _CALLED[name[-1]]))
        for base, endings in bases:
            known = self._bases.setdefault(base, [])
            for its, owners in known:
                if its == endings:
                    owners.add(owner)
                    break
            else:
                known.append((endings, {owner}))

    def _add_phrase(self, owner: int, tokens: list[str]) -> None:
        if len(tokens) > 1 and any(not token.isdigit() for token in tokens):
            stems = tuple(map(_stem, tokens))
            self._firsts.add(stems[0])
            self._most = max(self._most, len(stems))
            self._phrases.setdefault(stems[:2], {}).setdefault(stems, set()).add(owner)

    def _meant(self, word: str) -> Meant | None:
        token = plain(word)
        begins = _stem(token) in self._firsts
        ids = Ids(self._whole.get(token, ())) | self._named(token)
        if word[0].isupper():
            ids |= self._named(_SHORT_NAME + token)
        mixed = _MIXED.fullmatch(token)
        if mixed and not ids:
            # veselcraftу: a Latin name with a Russian ending.
            ids = Ids(self._whole.get(mixed[1], ())) | self._named(mixed[1])
        return (ids, begins) if ids or begins else None

    def _named(self, token: str) -> Ids:
        """Whose first or last name it is; the closest counts: Петров is no form of Пётр."""
        for cut in range(min(_LONGEST, len(token)) + 1):
            base, ending = token[: len(token) - cut], token[len(token) - cut :]
            known = self._bases.get(base, ())
            found = [owners for endings, owners in known if ending in endings]
            if found:
                return Ids().union(*found)
        return Ids()

    def replace(self, text: str, write: Callable[[Ids], str]) -> str:
        """A text with `write(ids)` in place of each name."""
        word = _word(text)
        if not any(map(self.meant, word.findall(text))):
            return text
        tokens = list(word.finditer(text))
        meant = [self.meant(token.group()) or _NOTHING for token in tokens]
        parts: list[str] = []
        place = position = 0
        while place < len(tokens):
            count = 0
            if meant[place] is not _NOTHING:
                until = place + self._most
                ids, count = self._longest(text, tokens[place:until], meant[place:until])
            if count:
                parts += text[position : tokens[place].start()], write(ids)
                position = tokens[place + count - 1].end()
            place += count or 1
        return "".join((*parts, text[position:])) if parts else text

    def _longest(
        self, text: str, tokens: list[re.Match[str]], meant: list[Meant]
    ) -> tuple[Ids, int]:
        """Whom the name means that begins with the first word, and how many words it has."""
        ids, begins = meant[0]
        phrase = self._phrase(text, tokens) if begins else _NO_NAME
        if not ids or phrase[1] > 1:
            return phrase
        count = 1
        # Neighbours that can be one person are one name: Анна Архивова, Архивова Анна.
        while count < len(tokens) and _near(text, tokens[count - 1], tokens[count], _NARROW):
            both = ids & meant[count][0]
            if not both:
                break
            ids, count = both, count + 1
        return ids, count

    def _phrase(self, text: str, tokens: list[re.Match[str]]) -> tuple[Ids, int]:
        """The longest name of several words that begins here."""
        best = _NO_NAME
        names = self._phrases.get(_stems(tokens[:2]))
        if not names:
            return best
        stems = _stems(tokens[: max(map(len, names))])
        for name, owners in names.items():
            size = len(name)
            if best[1] < size and stems[:size] == name and _together(text, tokens[:size]):
                best = frozenset(owners), size
        return best


def _stems(tokens: list[re.Match[str]]) -> tuple[str, ...]:
    return tuple(_stem(plain(token.group())) for token in tokens)


def _near(text: str, one: re.Match[str], other: re.Match[str], gap: re.Pattern[str]) -> bool:
    return gap.fullmatch(text, one.end(), other.start()) is not None


def _together(text: str, tokens: list[re.Match[str]]) -> bool:
    return all(_near(text, one, other, _GAP) for one, other in pairwise(tokens))
