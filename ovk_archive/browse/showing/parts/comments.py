"""Comments of posts, photos, notes and topics, in the order in which they were written."""

from dataclasses import dataclass

from ovk_archive.browse.showing.parts.attached import Attached, attached
from ovk_archive.browse.showing.parts.people import Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.texts import Piece, pieces

#: Comments on one page.
MOST = 100


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
    db: Reading, column: str, owner: int, number: int, *, after: int = 0, limit: int = MOST
) -> list[Comment]:
    """Comments in their order, from behind a number on.

    `column` says of what they are: `post_id`, `photo_id`, `note_id` or `topic_id`.
    """
    whose = "group_id" if column == "topic_id" else "owner_id"
    rows = db.execute(
        "select id, from_id, date, text, reply_to_comment, likes, gone_at from comments "
        f"where {whose} = ? and {column} = ? and id > ? order by id limit ?",
        (owner, number, after, limit),
    ).fetchall()
    with_them = attached(db, "comments", [str(row[0]) for row in rows])
    known = people(db, [row[1] for row in rows])
    return [
        Comment(
            id=number_,
            author=known[author or 0],
            date=date,
            text=tuple(pieces(text or "")),
            attached=with_them.get(str(number_), Attached()),
            reply_to=reply_to,
            likes=likes,
            gone_at=gone_at,
        )
        for number_, author, date, text, reply_to, likes, gone_at in rows
    ]


def count(db: Reading, column: str, owner: int, number: int) -> int:
    """How many comments the archive has of it."""
    whose = "group_id" if column == "topic_id" else "owner_id"
    sql = f"select count(*) from comments where {whose} = ? and {column} = ?"
    return int(db.execute(sql, (owner, number)).fetchone()[0])
