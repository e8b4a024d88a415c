"""Notes: long texts with a title."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from ovk_archive.browse.showing.parts.comments import Comment, comments
from ovk_archive.browse.showing.parts.markup import pictures
from ovk_archive.browse.showing.parts.people import Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.values import fitting, whole, words
from ovk_archive.browse.showing.parts.versions import texts
from ovk_archive.resources.notes import NOTES

#: Notes on one page.
PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A note in a list."""

    owner_id: int
    id: int
    title: str
    date: int | None
    gone_at: str | None


@dataclass(frozen=True, slots=True)
class Note:
    """A note in full.

    Attributes:
        html: as the server told it.
        files: address of a picture in it, or in its earlier texts -> the hash of its bytes, if it
            is here.
        former: its earlier texts, the newest first: HTML, and when it was last seen.
    """

    line: Line
    author: Person
    html: str
    files: dict[str, str]
    former: tuple[tuple[str, str], ...]
    comments: tuple[Comment, ...]


def notes(db: Reading, owner: int, before: int | None = None) -> list[Line]:
    """A page of somebody's notes, the newest first, and one more if there are more."""
    rows = db.execute(
        "select owner_id, id, title, date, gone_at from notes where owner_id = ? and id < ? "
        "order by id desc limit ?",
        (owner, 1 << 62 if before is None else before, PAGE + 1),
    )
    return [
        Line(of, number, words(title), whole(date), gone_at)
        for of, number, title, date, gone_at in rows
    ]


def note(db: Reading, owner: int, number: int) -> Note | None:
    """One note; None if there is none."""
    row = db.execute(
        "select title, date, gone_at, text from notes where owner_id = ? and id = ?",
        (owner, number),
    ).fetchone()
    if row is None:
        return None
    title, date, gone_at, text = row
    html = words(text)
    former = _former(db, owner, number, html)
    return Note(
        line=Line(owner, number, words(title), whole(date), gone_at),
        author=people(db, [owner])[owner],
        html=html,
        files=_files(db, [html, *(one for one, _ in former)]),
        former=tuple(former),
        comments=tuple(comments(db, "note_id", owner, number, below=True)),
    )


def _files(db: Reading, notes: Iterable[str]) -> dict[str, str]:
    wanted = list({url for html in notes for url in pictures(html)})
    rows = db.execute(
        "select url, sha256 from media where +state = 'stored' "
        "and url in (select value from json_each(?))",
        (json.dumps(wanted),),
    )
    return dict(rows.fetchall())


def _former(db: Reading, owner: int, number: int, html: str) -> list[tuple[str, str]]:
    found, shown = [], html
    for one in texts(db, NOTES, f"{owner}_{number}"):
        if one.text and one.text != shown:
            found.append((one.text, one.last_seen_at))
        shown = one.text or shown
    return fitting(found, lambda one: len(one[0]))
