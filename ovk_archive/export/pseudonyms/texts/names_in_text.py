"""Names of people and groups found in running text, of one word or several. Pure.

Every distinct word is looked up once.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

from ovk_archive.export.pseudonyms.texts.name_forms import (
    FEWEST_LETTERS,
    plain,
    split,
    stem,
    words,
)
from ovk_archive.export.pseudonyms.texts.words import NOBODY, Ids, Words

#: What may stand between the words of one name.
_GAP = re.compile(r"[^\w\n]{0,8}|_")
#: What may stand between a first and a last name.
_NARROW = re.compile(r"[^\S\n]{1,3}|-|_")

#: Words that are everywhere: if somebody is called so, only the whole name counts.
_EVERYWHERE = frozenset(
    re.findall(
        r"\w+",
        "без более будет бы был была были было быть вам вас вот все всегда всех всего вы где да "
        "даже для до его ее если есть еще же за здесь из или им их как какой когда который кто ли "
        "либо мне много может мой мы на над надо нас наш не него нее нет ни никто них но ну об он "
        "она они оно от очень по под после потом потому при про раз сам себя сейчас так такой там "
        "тебя тем теперь то тогда того тоже только тот тут ты уже хорошо хотя чего чем что чтобы "
        "эта эти это этого этой этом этот the and you for not are was",
    )
)
#: What the server calls those who are gone.
_GONE = frozenset({"deleted"})
#: Names of more words are sought as a whole only.
_MOST_WORDS = 3
#: A first name and a last name.
_FULL_NAME = 2
#: Joined to one word, shorter names of several would be other words.
_FEWEST_JOINED = 6
#: Whom a word may mean, and whether it may begin a name of several words.
Meant = tuple[Ids, bool]
_NOTHING: Meant = (NOBODY, False)
_NO_NAME: tuple[Ids, int] = (NOBODY, 0)


class Names:
    """The names that an archive knows; filled first, then asked."""

    def __init__(self) -> None:
        self._words = Words()
        # By their first two words; many groups begin with the same one.
        self._phrases: dict[tuple[str, ...], dict[tuple[str, ...], set[int]]] = {}
        self._firsts: set[str] = set()
        self._seconds: set[str] = set()
        #: Those of both that are numbers.
        self.numbers: set[str] = set()
        self._most = 2
        self.handles: dict[str, int] = {}
        # Most words of a language come again and again.
        self.meant = lru_cache(maxsize=1 << 17)(self._meant)

    def add_person(self, number: int, *parts: str) -> None:
        """First name, last name, nickname: each counts on its own, and the first two together."""
        for place, part in enumerate(parts):
            self._add(number, part)
            if place < _FULL_NAME:
                for token in split(part):
                    if token not in _EVERYWHERE | _GONE:
                        self._words.add_person(number, token, first=not place)
        for order in (parts[:2], parts[1::-1]):
            tokens = split(" ".join(order))
            if any(token in _EVERYWHERE or len(token) == 1 for token in tokens):
                self._add_phrase(number, tokens)

    def add_group(self, number: int, title: str) -> None:
        """A group's title counts as a whole."""
        tokens = split(title)
        if len(tokens) == 1:
            self._add_word(-number, tokens[0])
        else:
            self._add_phrase(-number, tokens)

    def add_handle(self, owner: int, handle: str, *, page: bool = True) -> None:
        """A screen name: a word by itself as well, or several, where it has dots or `_`.

        `page` says that it is the address of a page of the instance.
        """
        handle = handle.strip().lstrip("@")
        tokens = split(handle)
        if not tokens or re.fullmatch(r"(?:id|club|public|event)-?\d+", handle):
            return
        if page:
            self.handles.setdefault(handle.casefold(), owner)
        if len(tokens) > 1:
            self._add_phrase(owner, tokens)
        elif len(tokens[0]) >= FEWEST_LETTERS and not tokens[0].isdigit():
            self._words.add_whole(owner, tokens[0])

    def _add(self, number: int, part: str) -> None:
        tokens = split(part)
        if len(tokens) > _MOST_WORDS:
            self._add_phrase(number, tokens)
            return
        if any(len(token) < FEWEST_LETTERS for token in tokens):
            # Ли-Ким, O'Brien.
            self._add_phrase(number, tokens)
        for token in tokens:
            if len(tokens) == 1 or len(token) >= FEWEST_LETTERS:
                self._add_word(number, token)

    def _add_word(self, owner: int, name: str) -> None:
        if len(name) < FEWEST_LETTERS - 1 or name.isdigit() or name in _EVERYWHERE | _GONE:
            return
        self._words.add(owner, name)

    def _add_phrase(self, owner: int, tokens: list[str]) -> None:
        if len(tokens) > 1 and any(not token.isdigit() for token in tokens):
            stems = tuple(map(stem, tokens))
            self._firsts.add(stems[0])
            self._seconds.add(stems[1])
            self.numbers.update(filter(str.isdigit, stems[:2]))
            self._most = max(self._most, len(stems))
            self._phrases.setdefault(stems[:2], {}).setdefault(stems, set()).add(owner)
            joined = "".join(tokens)
            if len(joined) >= _FEWEST_JOINED:
                self._words.add_whole(owner, joined)

    def _meant(self, word: str) -> Meant | None:
        begins = stem(plain(word)) in self._firsts
        ids = self._words.meant(word)
        return (ids, begins) if ids or begins else None

    def goes_on(self, word: str) -> bool:
        """It may be the second word of a name of several words."""
        return stem(plain(word)) in self._seconds

    def replace(self, text: str, write: Callable[[Ids], str]) -> str:
        """A text with `write(ids)` in place of each name."""
        word = words(text)
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
    return tuple(stem(plain(token.group())) for token in tokens)


def _near(text: str, one: re.Match[str], other: re.Match[str], gap: re.Pattern[str]) -> bool:
    return gap.fullmatch(text, one.end(), other.start()) is not None


def _together(text: str, tokens: list[re.Match[str]]) -> bool:
    return all(_near(text, one, other, _GAP) for one, other in pairwise(tokens))
