"""Photos as people look at them: by month, by album, and one in full with what belongs to it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ovk_archive.browse.showing.parts.attached import File, Thing, things
from ovk_archive.browse.showing.parts.comments import Comment, comments
from ovk_archive.browse.showing.parts.people import Person, people
from ovk_archive.browse.showing.parts.placed import Last, Placed, placed
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.texts import Piece, pieces
from ovk_archive.browse.showing.parts.values import LARGE, whole, words

#: Photos and albums on one page.
PAGE, ALBUMS = 60, 60
#: Posts that show a photo, of which more are not told.
_MOST_POSTS = 20


@dataclass(frozen=True, slots=True)
class Album:
    """An album.

    Attributes:
        photos: how many are in it, as far as the archive knows.
        cover: the first of them.
    """

    id: int
    owner: Person
    title: str
    description: tuple[Piece, ...]
    created: int | None
    photos: int
    cover: File
    gone_at: str | None


@dataclass(frozen=True, slots=True)
class Titled:
    """An album by its name."""

    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo in full, and what belongs to it.

    Attributes:
        newer: the number of the next newer photo of its owner; likewise `older`.
        albums: those that it is in.
        posts: owner and number of posts that show it.
    """

    thing: Thing
    owner: Person
    newer: int | None
    older: int | None
    albums: tuple[Titled, ...]
    posts: tuple[tuple[int, int], ...]
    comments: tuple[Comment, ...]


def photos(db: Reading, owner: int, before: int | None = None) -> list[Thing]:
    """A page of somebody's photos, the newest first, and one more if there are more."""
    rows = db.execute(
        "select id from photos where owner_id = ? and id < ? order by id desc limit ?",
        (owner, LARGE if before is None else before, PAGE + 1),
    ).fetchall()
    return _shown(db, [(owner, number) for (number,) in rows])


def albums(db: Reading, owner: int, before: int | None = None) -> list[Album]:
    """A page of somebody's albums, the newest first, and one more if there are more."""
    which = "owner_id = ? and id < ? order by id desc limit ?"
    return _albums(db, which, (owner, LARGE if before is None else before, ALBUMS + 1))


def album(db: Reading, number: int) -> Album | None:
    """One album; None if there is none."""
    found = _albums(db, "id = ?", (number,))
    return found[0] if found else None


def album_photos(db: Reading, number: int, last: Last | None = None) -> list[Placed]:
    """A page of an album in its order, and one more if there are more."""
    rows = db.execute(
        "select ifnull(position, -1) as at, owner_id, photo_id, gone_at from album_photos "
        "where album_id = ? and (at, owner_id, photo_id) > (?, ?, ?) "
        "order by at, owner_id, photo_id limit ?",
        (number, *(last or (-LARGE, 0, 0)), PAGE + 1),
    ).fetchall()
    return placed(db, "photo", rows)


def photo(db: Reading, owner: int, number: int) -> Photo | None:
    """One photo; None if there is none."""
    found = things(db, [("photo", owner, number)]).get(("photo", owner, number))
    if found is None:
        return None
    nearest = [
        db.execute(
            f"select id from photos where owner_id = ? and id {sign} ? order by id {turn} limit 1",
            (owner, number),
        ).fetchone()
        for sign, turn in ((">", "asc"), ("<", "desc"))
    ]
    newer, older = (row[0] if row else None for row in nearest)
    return Photo(
        thing=found,
        owner=people(db, [owner])[owner],
        newer=newer,
        older=older,
        albums=tuple(_albums_with(db, owner, number)),
        posts=tuple(_posts(db, owner, number)),
        comments=tuple(comments(db, "photo_id", owner, number, below=True)),
    )


def _shown(db: Reading, keys: Sequence[tuple[int, int]]) -> list[Thing]:
    known = things(db, [("photo", owner, number) for owner, number in keys])
    return [known["photo", owner, number] for owner, number in keys]


def _albums_with(db: Reading, owner: int, number: int) -> list[Titled]:
    """The albums that a photo is in."""
    rows = db.execute(
        "select a.id, a.title from album_photos p join albums a on a.id = p.album_id "
        "where p.owner_id = ? and p.photo_id = ? and p.gone_at is null order by a.id",
        (owner, number),
    ).fetchall()
    return [Titled(album, words(title)) for album, title in rows]


def _albums(db: Reading, which: str, values: Sequence[int]) -> list[Album]:
    rows = db.execute(
        f"select id, owner_id, title, description, created, gone_at from albums where {which}",
        values,
    ).fetchall()
    numbers = [row[0] for row in rows]
    held = dict(
        db.execute(
            "select album_id, count(*) from album_photos "
            "where album_id in (select value from json_each(?)) and gone_at is null "
            "group by album_id",
            (json.dumps(numbers),),
        ).fetchall()
    )
    covers = _covers(db, numbers)
    known = people(db, [row[1] for row in rows])
    return [
        Album(
            id=number,
            owner=known[whole(owner) or 0],
            title=words(title),
            description=tuple(pieces(description)),
            created=whole(created),
            photos=held.get(number, 0),
            cover=covers.get(number, File()),
            gone_at=gone_at,
        )
        for number, owner, title, description, created, gone_at in rows
    ]


def _covers(db: Reading, numbers: Sequence[int]) -> dict[int, File]:
    """The first photo that is in each album."""
    firsts = [
        (number, *row)
        for number in numbers
        for row in db.execute(
            "select owner_id, photo_id from album_photos where album_id = ? and gone_at is null "
            "order by ifnull(position, -1), owner_id, photo_id limit 1",
            (number,),
        )
    ]
    known = things(db, [("photo", owner, photo) for _, owner, photo in firsts])
    return {
        number: known["photo", owner, photo].file
        for number, owner, photo in firsts
        if ("photo", owner, photo) in known
    }


def _posts(db: Reading, owner: int, number: int) -> list[tuple[int, int]]:
    """Posts that show a photo; what is gone, as long as it was there."""
    rows = db.execute(
        "select distinct p.owner_id, p.id from attachments a join posts p "
        "on p.owner_id = cast(a.record_key as integer) "
        "and p.id = cast(substr(a.record_key, instr(a.record_key, '_') + 1) as integer) "
        # Without the plus SQLite would read all attachments of all posts.
        "where a.type = 'photo' and a.owner_id = ? and a.object_id = ? and +a.resource = 'posts' "
        "and (a.gone_at is null or a.gone_at = p.gone_at) limit ?",
        (owner, number, _MOST_POSTS),
    )
    return [(of, post) for of, post in rows]
