"""Notes: long texts with a title."""

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
        files: address of a picture in it -> the hash of its bytes, if it is here.
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
    return [Line(row[0], row[1], words(row[2]), whole(row[3]), row[4]) for row in rows]


def note(db: Reading, owner: int, number: int) -> Note | None:
    """One note; None if there is none."""
    row = db.execute(
        "select owner_id, id, title, date, gone_at, text from notes where owner_id = ? and id = ?",
        (owner, number),
    ).fetchone()
    if row is None:
        return None
    html = words(row[5])
    return Note(
        line=Line(row[0], row[1], words(row[2]), whole(row[3]), row[4]),
        author=people(db, [owner])[owner],
        html=html,
        files=_files(db, html),
        former=tuple(_former(db, owner, number, html)),
        comments=tuple(comments(db, "note_id", owner, number, below=True)),
    )


def _files(db: Reading, html: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for url in pictures(html):
        sql = "select sha256 from media where url = ? and state = 'stored'"
        row = db.execute(sql, (url,)).fetchone()
        if row:
            found[url] = row[0]
    return found


def _former(db: Reading, owner: int, number: int, html: str) -> list[tuple[str, str]]:
    found, shown = [], html
    for one in texts(db, NOTES, f"{owner}_{number}"):
        if one.text and one.text != shown:
            found.append((one.text, one.last_seen_at))
        shown = one.text or shown
    return fitting(found, lambda one: len(one[0]))
