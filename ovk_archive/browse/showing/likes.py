"""Who likes what, where a sync was asked for it."""

from dataclasses import dataclass

from ovk_archive.browse.showing.parts.people import Person, people
from ovk_archive.browse.showing.parts.reading import Reading

#: Likes on one page, and people of whom it is told that they like one record.
PAGE, MOST_PEOPLE = 100, 60

#: Kind, owner and number of what is liked.
_Key = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Like:
    """Somebody likes a post, a photo, a comment or a video."""

    kind: str
    owner: Person
    id: int
    gone_at: str | None


def likes_of(db: Reading, user: int, after: _Key | None = None) -> list[Like]:
    """A page of what somebody likes, and one more if there is more."""
    rows = db.execute(
        "select kind, owner_id, item_id, gone_at from likes where user_id = ? "
        "and (kind, owner_id, item_id) > (?, ?, ?) order by kind, owner_id, item_id limit ?",
        (user, *(after or ("", 0, 0)), PAGE + 1),
    ).fetchall()
    known = people(db, [row[1] for row in rows])
    return [Like(kind, known[owner], number, gone) for kind, owner, number, gone in rows]


def who_likes(db: Reading, kind: str, owner: int, number: int) -> list[Person]:
    """The first people who like a record, at most `MOST_PEOPLE`, and one if there are more."""
    rows = db.execute(
        "select user_id from likes where kind = ? and owner_id = ? and item_id = ? "
        "and gone_at is null order by user_id limit ?",
        (kind, owner, number, MOST_PEOPLE + 1),
    ).fetchall()
    known = people(db, [user for (user,) in rows])
    return [known[user] for (user,) in rows]
