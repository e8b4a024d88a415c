"""What people wrote, in pieces: plain text, links, people who are mentioned, subjects. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ovk_archive.browse.showing.parts.values import beginning, words

#: `[id1|Anna]` and `[sysop|@sysop]` are how servers write a mention; `@name` is how people do.
_PIECE = re.compile(
    r"\[(?P<page>(?:id|club|public|event)\d{1,18}|[\w.]{2,64})\|(?P<called>[^\[\]|]{1,200})\]"
    r"|(?P<link>https?://[^\s<>\"«»\x00-\x20]{1,2000})"
    r"|(?P<name>(?<![\w@/.])@[A-Za-z][\w.]{1,63})"
    r"|(?P<tag>(?<![\w#&/])#[^\W\d_]\w{0,99}(?:@\w{1,64})?)",
)
#: What ends a sentence is no part of an address, nor a bracket that was opened before it.
_AFTER_LINK = ".,;:!?…'*"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_BY_NUMBER = re.compile(r"(id|club|public|event)(\d+)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text.

    Attributes:
        kind: `text`, `link` (an address outside), `person` (a number; negative for a group),
            `name` (a short name) or `tag` (a subject, with its `#`).
        target: where it leads; empty for plain text.
    """

    text: str
    kind: str = "text"
    target: str = ""


def pieces(text: Any, most: int | None = None) -> list[Piece]:
    """A text in its pieces; nothing of it is lost but the marks of mentions.

    Of a text with more than `most` letters only the beginning.
    """
    return list(_joined(_split(words(text) if most is None else beginning(text, most))))


def _split(text: str) -> Iterator[Piece]:
    place = 0
    for found in _PIECE.finditer(text):
        if found.start() < place:
            continue
        yield Piece(text[place : found.start()])
        place = found.end()
        if link := found["link"]:
            address = _address(link)
            place = found.start() + len(address)
            yield Piece(address, "link", address) if "." in address else Piece(address)
        elif found["page"]:
            yield _mention(found["page"], found["called"], found[0])
        elif name := found["name"]:
            kept = name.rstrip(".")
            place = found.start() + len(kept)
            yield _mention(kept[1:], kept, kept)
        else:
            yield Piece(found["tag"], "tag", found["tag"].partition("@")[0])
    yield Piece(text[place:])


def _joined(parts: Iterator[Piece]) -> Iterator[Piece]:
    """Plain text in one piece."""
    plain = ""
    for one in parts:
        if one.kind == "text":
            plain += one.text
            continue
        if plain:
            yield Piece(plain)
        plain = ""
        yield one
    if plain:
        yield Piece(plain)


def _mention(page: str, called: str, whole: str) -> Piece:
    if by_number := _BY_NUMBER.fullmatch(page):
        number = int(by_number[2])
        if not 0 < number < 1 << 62:
            return Piece(whole)
        return Piece(called, "person", str(number if by_number[1] == "id" else -number))
    return Piece(called, "name", page.lower())


def _address(link: str) -> str:
    """An address without what belongs to the sentence around it."""
    while link:
        last = link[-1]
        opened = _BRACKETS.get(last)
        if last not in _AFTER_LINK and (opened is None or link.count(opened) >= link.count(last)):
            return link
        link = link[:-1]
    return link
