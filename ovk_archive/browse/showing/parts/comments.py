"""Comments of posts, photos, notes and topics, in the order in which they were written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.browse.showing.parts.attached import Attached, attached
from ovk_archive.browse.showing.parts.people import People, Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.texts import Piece, pieces
from ovk_archive.browse.showing.parts.values import MOST_LETTERS, fitting, whole, words

#: Comments on one page; letters of each that are shown in lists of posts.
MOST, _SHOWN = 100, 500


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said of a post, a photo, a note or a topic."""

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
    beside: int = 0,
) -> list[Comment]:
    """A page of comments in their order, from behind `after` on; or how the `first` ones begin.

    `column` says of what they are: `post_id`, `photo_id`, `note_id` or `topic_id`; `beside` how
    many letters are on the page already.
    """
    whose = "group_id" if column == "topic_id" else "owner_id"
    rows = db.execute(
        "select id, from_id, date, text, reply_to_comment, likes, gone_at from comments "
        f"where {whose} = ? and {column} = ? and id > ? order by id limit ?",
        (owner, number, after, MOST if first is None else first),
    ).fetchall()
    if first is None:
        room, least = MOST_LETTERS - beside, 0 if beside else 1
        rows = fitting(rows, lambda row: len(words(row[3])), room, least)
    with_them = attached(db, "comments", {str(row[0]): row[6] for row in rows})
    known = people(db, [row[1] for row in rows])
    most = None if first is None else _SHOWN
    return [_comment(row, known, with_them, most) for row in rows]


def _comment(
    row: Sequence[Any], known: People, with_them: Mapping[str, Attached], most: int | None
) -> Comment:
    number, author, date, text, reply_to, likes, gone_at = row
    return Comment(
        id=number,
        author=known[whole(author) or 0],
        date=whole(date),
        text=tuple(pieces(text, most)),
        attached=with_them.get(str(number), Attached()),
        reply_to=whole(reply_to),
        likes=whole(likes),
        gone_at=gone_at,
    )


def said_of(db: Reading, number: int) -> tuple[str, int, int, bool] | None:
    """What a comment is about: kind, owner and number, and whether it is on its first page."""
    row = db.execute(
        "select owner_id, group_id, post_id, photo_id, note_id, topic_id from comments "
        "where id = ?",
        (number,),
    ).fetchone()
    for kind, of in zip(("post", "photo", "note", "topic"), row[2:] if row else (), strict=False):
        owner = row[1] if kind == "topic" else row[0]
        if whole(of) and whole(owner):
            first = comments(db, f"{kind}_id", owner, of)
            return kind, owner, of, number in {one.id for one in first}
    return None


def is_more(db: Reading, column: str, owner: int, number: int, after: int) -> bool:
    """Whether there are comments behind a number."""
    whose = "group_id" if column == "topic_id" else "owner_id"
    sql = f"select 1 from comments where {whose} = ? and {column} = ? and id > ? limit 1"
    return db.execute(sql, (owner, number, after)).fetchone() is not None


def count(db: Reading, column: str, owner: int, number: int) -> int:
    """How many comments the archive has of it."""
    whose = "group_id" if column == "topic_id" else "owner_id"
    sql = f"select count(*) from comments where {whose} = ? and {column} = ?"
    return int(db.execute(sql, (owner, number)).fetchone()[0])
