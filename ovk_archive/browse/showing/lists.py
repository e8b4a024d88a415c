"""Kinds of which a page shows one list: videos, documents, polls, gifts, topics, notifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.browse.showing.parts.attached import Answer, File, Thing, answers, things
from ovk_archive.browse.showing.parts.people import Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.texts import Piece, pieces
from ovk_archive.browse.showing.parts.values import LARGE, beginning, whole, words

#: Entries on one page.
PAGE = 50
#: Date and key of the last entry that was shown; what has no date comes last.
Before = tuple[int | None, str] | None
#: Behind all keys.
_LAST_KEY = "\U0010ffff"
#: Letters of a notification that are shown.
_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Gift:
    """A gift that somebody received."""

    key: str
    receiver: Person
    giver: Person | None
    date: int | None
    message: tuple[Piece, ...]
    picture: File
    gone_at: str | None


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll with its answers."""

    thing: Thing
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic on the board of a group."""

    group: Person
    id: int
    title: str
    author: Person | None
    created: int | None
    comments: int | None
    is_closed: bool
    gone_at: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the instance has told the account.

    Attributes:
        kind: `like_post`, `mention_comments` and so on, as the instance calls it.
        post: owner and number of the post that it is about, if it is about one.
    """

    key: str
    kind: str
    date: int | None
    author: Person | None
    text: str
    post: tuple[int, int] | None


def videos(db: Reading, owner: int, before: int | None = None) -> list[Thing]:
    """A page of somebody's videos, the newest first, and one more if there are more."""
    rows = db.execute(
        "select id from videos where owner_id = ? and id < ? order by id desc limit ?",
        (owner, LARGE if before is None else before, PAGE + 1),
    ).fetchall()
    return _things(db, "video", [(owner, number) for (number,) in rows])


def documents(db: Reading, before: int | None = None) -> list[Thing]:
    """A page of documents, the newest first, and one more if there are more."""
    rows = db.execute(
        "select id from documents where id < ? order by id desc limit ?",
        (LARGE if before is None else before, PAGE + 1),
    ).fetchall()
    return _things(db, "doc", [(None, number) for (number,) in rows])


def polls(db: Reading, before: int | None = None) -> list[Poll]:
    """A page of polls, the newest first, and one more if there are more."""
    rows = db.execute(
        "select id from polls where id < ? order by id desc limit ?",
        (LARGE if before is None else before, PAGE + 1),
    ).fetchall()
    found = _things(db, "poll", [(None, number) for (number,) in rows])
    return [Poll(one, tuple(answers(db, one.id))) for one in found]


def gifts(db: Reading, owner: int, before: Before = None) -> list[Gift]:
    """A page of somebody's gifts, the newest first, and one more if there are more."""
    sql = (
        "select g.key, g.user_id, g.from_id, g.date, g.message, g.gone_at, g.image_url, m.state, "
        "m.sha256 from (select * from gifts where {} and user_id = ? "
        "order by date desc, key desc limit ?) g left join media m on m.url = g.image_url "
        "order by g.date desc, g.key desc"
    )
    rows = _dated(db, sql, before, owner)
    known = people(db, [number for row in rows for number in row[1:3]])
    return [
        Gift(
            key=key,
            receiver=known[receiver],
            giver=known[giver] if whole(giver) else None,
            date=whole(date),
            message=tuple(pieces(message)),
            picture=File(url, state or "", sha256 if state == "stored" else None),
            gone_at=gone_at,
        )
        for key, receiver, giver, date, message, gone_at, url, state, sha256 in rows
    ]


def _dated(db: Reading, sql: str, before: Before, *values: int) -> list[Any]:
    """A page of entries and one more, those without a date behind the others.

    Both at once would be sorted, all of them. `sql` has a place for the condition.
    """
    date, key = before or (LARGE, "")
    found: list[Any] = []
    if date is not None:
        later = sql.format("(date, key) < (?, ?)")
        found = db.execute(later, (date, key, *values, PAGE + 1)).fetchall()
        key = _LAST_KEY
    without = sql.format("date is null and key < ?")
    return found + db.execute(without, (key, *values, PAGE + 1 - len(found))).fetchall()


def topics(db: Reading, group: int, before: int | None = None) -> list[Topic]:
    """A page of a group's board, the newest topics first, and one more if there are more."""
    which = "group_id = ? and id < ? order by id desc limit ?"
    return _topics(db, which, (group, LARGE if before is None else before, PAGE + 1))


def topic(db: Reading, group: int, number: int) -> Topic | None:
    """One topic; None if there is none."""
    found = _topics(db, "group_id = ? and id = ?", (group, number))
    return found[0] if found else None


def notices(db: Reading, before: Before = None) -> list[Notice]:
    """A page of notifications, the newest first, and one more if there are more."""
    sql = (
        "select key, type, date, from_id, text, parent_owner_id, parent_id from notifications "
        "where {} order by date desc, key desc limit ?"
    )
    rows = _dated(db, sql, before)
    known = people(db, [row[3] for row in rows])
    return [
        Notice(
            key=key,
            kind=words(kind),
            date=whole(date),
            author=known[author] if whole(author) else None,
            text=beginning(text, _SHOWN),
            post=(owner, number)
            if whole(owner) and whole(number) and "post" in words(kind)
            else None,
        )
        for key, kind, date, author, text, owner, number in rows
    ]


def _things(db: Reading, kind: str, keys: Sequence[tuple[int | None, int]]) -> list[Thing]:
    known = things(db, [(kind, owner, number) for owner, number in keys])
    return [known[kind, owner, number] for owner, number in keys]


def _topics(db: Reading, which: str, values: Sequence[Any]) -> list[Topic]:
    rows = db.execute(
        "select group_id, id, title, created_by, created, comments, is_closed, gone_at "
        f"from topics where {which}",
        values,
    ).fetchall()
    known = people(db, [*(-row[0] for row in rows), *(row[3] for row in rows)])
    return [
        Topic(
            group=known[-group],
            id=number,
            title=words(title),
            author=known[author] if whole(author) else None,
            created=whole(created),
            comments=whole(comments),
            is_closed=bool(closed),
            gone_at=gone_at,
        )
        for group, number, title, author, created, comments, closed, gone_at in rows
    ]
