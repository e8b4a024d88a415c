"""Comments of posts, photos, notes and topics, in the order in which they were written."""

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.browse.showing.parts.attached import Attached, attached
from ovk_archive.browse.showing.parts.people import People, Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.texts import Piece, pieces
from ovk_archive.browse.showing.parts.values import MOST_LETTERS, fitting, whole, words

#: Comments on one page; letters of each that are shown in lists of posts.
MOST, _SHOWN = 100, 500
#: Column -> the table with the text that stands above comments.
_TABLES = {"post_id": "posts", "photo_id": "photos", "note_id": "notes"}


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said of a post, a photo, a note or a topic.

    Attributes:
        reply_to: the comment that this one answers, if the archive has it.
    """

    id: int
    author: Person
    date: int | None
    text: tuple[Piece, ...]
    attached: Attached
    reply_to: int | None
    likes: int | None
    gone_at: str | None


def comments(
    db: Reading,
    column: str,
    owner: int,
    number: int,
    *,
    after: int = 0,
    first: int | None = None,
    below: bool = False,
) -> list[Comment]:
    """A page of comments in their order, from behind `after` on; or how the `first` ones begin.

    `column` names what they belong to: `post_id`, `photo_id`, `note_id` or `topic_id`; `below`
    says that its text is on the page already.
    """
    if first is None:
        beside = _letters(db, column, owner, number) if below else 0
        rows, most = _page(db, column, (owner, number, after), beside), None
    else:
        rows, most = _rows(db, column, (owner, number, after), first), _SHOWN
    with_them = attached(db, "comments", {str(one): gone for one, *_, gone in rows})
    known = people(db, [author for _, author, *_ in rows])
    there = _there(db, rows)
    return [_comment(row, known, with_them, there, most) for row in rows]


def _rows(db: Reading, column: str, place: tuple[int, int, int], most: int) -> list[Any]:
    return db.execute(
        "select id, from_id, date, text, reply_to_comment, likes, gone_at from comments "
        f"where {_whose(column)} = ? and {column} = ? and id > ? order by id limit ?",
        (*place, most),
    ).fetchall()


def _page(db: Reading, column: str, place: tuple[int, int, int], beside: int) -> list[Any]:
    """The rows of a page with so many letters of something else."""
    rows = _rows(db, column, place, MOST)
    least = 0 if beside else 1
    return fitting(rows, lambda row: len(words(row[3])), MOST_LETTERS - beside, least)


def _whose(column: str) -> str:
    return "group_id" if column == "topic_id" else "owner_id"


def _letters(db: Reading, column: str, owner: int, number: int) -> int:
    """How long the text is to which comments belong."""
    table = _TABLES.get(column)
    if table is None:
        return 0
    sql = f"select text from {table} where owner_id = ? and id = ?"
    found = db.execute(sql, (owner, number)).fetchone()
    return len(words(found[0])) if found else 0


def _there(db: Reading, rows: Sequence[Any]) -> set[int]:
    """The comments that these answer, as far as the archive has them."""
    answered = [reply_to for *_, reply_to, _, _ in rows if whole(reply_to)]
    if not answered:
        return set()
    sql = "select id from comments where id in (select value from json_each(?))"
    return {number for (number,) in db.execute(sql, (json.dumps(answered),))}


def _comment(
    row: Sequence[Any],
    known: People,
    with_them: Mapping[str, Attached],
    there: Container[int],
    most: int | None,
) -> Comment:
    number, author, date, text, reply_to, likes, gone_at = row
    return Comment(
        id=number,
        author=known[whole(author) or 0],
        date=whole(date),
        text=tuple(pieces(text, most)),
        attached=with_them.get(str(number), Attached()),
        reply_to=whole(reply_to) if reply_to in there else None,
        likes=whole(likes),
        gone_at=gone_at,
    )


def said_of(db: Reading, number: int) -> tuple[str, int, int, bool] | None:
    """What a comment is about: kind, owner and number, and whether it stands on its page."""
    row = db.execute(
        "select owner_id, group_id, post_id, photo_id, note_id, topic_id from comments "
        "where id = ?",
        (number,),
    ).fetchone()
    for kind, of in zip(("post", "photo", "note", "topic"), row[2:] if row else (), strict=False):
        owner = row[1] if kind == "topic" else row[0]
        if whole(of) and whole(owner):
            column = f"{kind}_id"
            first = _page(db, column, (owner, of, 0), _letters(db, column, owner, of))
            return kind, owner, of, number in {one for one, *_ in first}
    return None


def is_more(db: Reading, column: str, owner: int, number: int, after: int) -> bool:
    """Whether there are comments behind a number."""
    return bool(_rows(db, column, (owner, number, after), 1))


def count(db: Reading, column: str, owner: int, number: int) -> int:
    """How many comments the archive has of it."""
    sql = f"select count(*) from comments where {_whose(column)} = ? and {column} = ?"
    return int(db.execute(sql, (owner, number)).fetchone()[0])
