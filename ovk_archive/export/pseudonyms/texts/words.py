"""Whom one word means: a name in any of its forms, two names in one word, a name with a number.

Pure. A word's possible endings are cut off, and what is left is sought among the bases of the
names; so time does not depend on how many names there are.
"""

import re
from collections.abc import Iterable

from ovk_archive.export.pseudonyms.texts.latin import from_cyrillic, from_latin
from ovk_archive.export.pseudonyms.texts.name_forms import (
    CAPITAL,
    FEWEST_LETTERS,
    Endings,
    cuts,
    forms,
    plain,
    possessives,
)

#: Ids of whom a name may mean; negative for groups.
Ids = frozenset[int]
NOBODY: Ids = frozenset()

_MIXED = re.compile(r"([a-z][a-z\d]{2,})[а-я]{1,3}")
_UPPER = "A-ZА-ЯЁІЇЄҐ"
#: АннаАрхивова, Анна123: where a word of several words is to be cut.
_PIECES = re.compile(rf"[{_UPPER}]?[^\W\d_{_UPPER}]+|[{_UPPER}]+")
_FEWEST_LATIN = 4
_LATIN = re.compile(rf"[a-z]{{{_FEWEST_LATIN},40}}")
_LONGEST_WORD = 60


class Words:
    """The words of which names are made; filled first, then asked."""

    def __init__(self) -> None:
        self._bases: dict[str, list[tuple[Endings, set[int]]]] = {}
        self._whole: dict[str, set[int]] = {}
        # By how names sound, and by how they begin to.
        self._sounds: dict[str, set[int]] = {}
        self._begin: dict[str, set[int]] = {}

    def add(self, owner: int, name: str) -> None:
        """A name, which has other forms."""
        self._add_forms(owner, forms(name))

    def add_person(self, owner: int, name: str, *, first: bool) -> None:
        """A first or a last name: of the first there are possessives."""
        if first:
            self._add_forms(owner, possessives(name))
        sound = from_cyrillic(name)
        if sound and len(sound) >= FEWEST_LETTERS:
            self._sounds.setdefault(sound, set()).add(owner)
            self._begin.setdefault(sound[:FEWEST_LETTERS], set()).add(owner)

    def add_whole(self, owner: int, word: str) -> None:
        """A word that has no other forms."""
        self._whole.setdefault(word, set()).add(owner)

    def _add_forms(self, owner: int, bases: Iterable[tuple[str, Endings]]) -> None:
        for base, endings in bases:
            known = self._bases.setdefault(base, [])
            for its, owners in known:
                if its == endings:
                    owners.add(owner)
                    break
            else:
                known.append((endings, {owner}))

    def meant(self, word: str) -> Ids:
        """Whom a word may mean."""
        if word.isdigit() or len(word) > _LONGEST_WORD:
            return NOBODY
        ids = self._piece(word)
        if ids:
            return ids
        pieces = _PIECES.findall(word)
        if len(pieces) == 1 and pieces[0] == word:
            return NOBODY
        return _together(self._piece(piece) for piece in pieces if len(piece) >= FEWEST_LETTERS)

    def _piece(self, word: str) -> Ids:
        token = plain(word)
        ids = Ids(self._whole.get(token, ())) | self._named(token)
        if word[0].isupper():
            ids |= self._named(CAPITAL + token)
        return ids or self._mixed(token) or self._joined(token) or self._latin(token)

    def _named(self, token: str) -> Ids:
        """Whose first or last name it is; the closest counts: Петров is no form of Пётр."""
        for base, ending in cuts(token):
            if base in self._bases:
                ids = self._ending_in(base, ending)
                if ids:
                    return ids
        return NOBODY

    def _ending_in(self, base: str, ending: str) -> Ids:
        found = [owners for endings, owners in self._bases[base] if ending in endings]
        return Ids().union(*found)

    def _mixed(self, token: str) -> Ids:
        """veselcraftу: a Latin name with a Russian ending."""
        mixed = _MIXED.fullmatch(token)
        return Ids(self._whole.get(mixed[1], ())) | self._named(mixed[1]) if mixed else NOBODY

    def _joined(self, token: str) -> Ids:
        """аннаархивова: two names of one person."""
        for end in range(FEWEST_LETTERS - 1, len(token) - FEWEST_LETTERS + 1):
            if token[:end] not in self._bases:
                continue
            for middle in range(max(end, FEWEST_LETTERS), len(token) - FEWEST_LETTERS + 1):
                ids = self._ending_in(token[:end], token[end:middle])
                both = ids and ids & self._named(token[middle:])
                if both:
                    return both
        return NOBODY

    def _latin(self, token: str) -> Ids:
        """Anna Arkhivova, and annaarch: a name and how another of the same person begins."""
        if not self._sounds or not _LATIN.fullmatch(token):
            return NOBODY
        sound = from_latin(token)
        whole = self._sounds.get(sound)
        if whole and len(sound) >= FEWEST_LETTERS:
            return Ids(whole)
        for end in range(FEWEST_LETTERS, len(sound) - FEWEST_LETTERS + 1):
            first = self._sounds.get(sound[:end])
            if first:
                last = self._begin.get(sound[end : end + FEWEST_LETTERS], NOBODY)
                if not first.isdisjoint(last):
                    return Ids(first & last)
        return NOBODY


def _together(pieces: Iterable[Ids]) -> Ids:
    """Whom all pieces of a word mean that mean anybody; else whoever any of them means."""
    found = [ids for ids in pieces if ids]
    if not found:
        return NOBODY
    return found[0].intersection(*found) or found[0].union(*found)
