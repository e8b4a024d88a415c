"""Photos as people look at them: by month, by album, and one in full with what belongs to it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ovk_archive.browse.showing.parts.attached import File, Thing, things
from ovk_archive.browse.showing.parts.comments import Comment, comments
from ovk_archive.browse.showing.parts.people import Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.texts import Piece, pieces
from ovk_archive.browse.showing.parts.values import whole, words

#: Photos and albums on one page.
PAGE, ALBUMS = 60, 60
#: Posts that show a photo, of which more are not told.
_MOST_POSTS = 20
_LARGE = 1 << 62
#: Position, owner and number of the last photo of an album that was shown. Positions are no numbers
#: of photos: what is gone has kept the one that another has now.
After = tuple[int, int, int]
#: Before all others.
FIRST: After = (-_LARGE, 0, 0)


@dataclass(frozen=True, slots=True)
class Album:
    """An album.

    Attributes:
        photos: how many of its photos the archive has.
        cover: one of them.
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
class Photo:
    """A photo in full, and what belongs to it.

    Attributes:
        newer: the number of the next newer photo of its owner; likewise `older`.
        posts: owner and number of posts that show it.
    """

    thing: Thing
    owner: Person
    newer: int | None
    older: int | None
    albums: tuple[Album, ...]
    posts: tuple[tuple[int, int], ...]
    comments: tuple[Comment, ...]


def photos(db: Reading, owner: int, before: int | None = None) -> list[Thing]:
    """A page of somebody's photos, the newest first, and one more if there are more."""
    rows = db.execute(
        "select id from photos where owner_id = ? and id < ? order by id desc limit ?",
        (owner, _LARGE if before is None else before, PAGE + 1),
    ).fetchall()
    return _shown(db, [(owner, number) for (number,) in rows])


def albums(db: Reading, owner: int, before: int = _LARGE) -> list[Album]:
    """A page of somebody's albums, the newest first, and one more if there are more."""
    which = "owner_id = ? and id < ? order by id desc limit ?"
    return _albums(db, which, (owner, before, ALBUMS + 1))


def album(db: Reading, number: int) -> Album | None:
    """One album; None if there is none."""
    found = _albums(db, "id = ?", (number,))
    return found[0] if found else None


def album_photos(db: Reading, number: int, after: After = FIRST) -> list[tuple[int, Thing]]:
    """A page of an album's photos with their places, and one more if there are more."""
    rows = db.execute(
        "select ifnull(position, -1) as at, owner_id, photo_id from album_photos "
        "where album_id = ? and (at, owner_id, photo_id) > (?, ?, ?) "
        "order by at, owner_id, photo_id limit ?",
        (number, *after, PAGE + 1),
    ).fetchall()
    known = things(db, [("photo", owner, photo) for _, owner, photo in rows])
    return [
        (place, known.get(("photo", owner, photo)) or _unknown(owner, photo))
        for place, owner, photo in rows
    ]


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
        albums=tuple(_albums(db, _OF_PHOTO, (owner, number))),
        posts=tuple(_posts(db, owner, number)),
        comments=tuple(comments(db, "photo_id", owner, number, below=True)),
    )


_OF_PHOTO = (
    "id in (select album_id from album_photos where owner_id = ? and photo_id = ?) order by id"
)


def _shown(db: Reading, keys: Sequence[tuple[int, int]]) -> list[Thing]:
    known = things(db, [("photo", owner, number) for owner, number in keys])
    return [known["photo", owner, number] for owner, number in keys]


def _unknown(owner: int, number: int) -> Thing:
    return Thing(kind="photo", owner_id=owner, id=number, is_known=False)


def _albums(db: Reading, which: str, values: Sequence[int]) -> list[Album]:
    rows = db.execute(
        f"select id, owner_id, title, description, created, gone_at from albums where {which}",
        values,
    ).fetchall()
    numbers = [row[0] for row in rows]
    held = dict(
        db.execute(
            "select album_id, count(*) from album_photos "
            "where album_id in (select value from json_each(?)) group by album_id",
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
    """The first photo of each album."""
    firsts = [
        (number, *row)
        for number in numbers
        for row in db.execute(
            "select owner_id, photo_id from album_photos where album_id = ? "
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
    rows = db.execute(
        "select distinct record_key from attachments where type = 'photo' and owner_id = ? "
        "and object_id = ? and resource = 'posts' limit ?",
        (owner, number, _MOST_POSTS),
    )
    split = (key.rpartition("_") for (key,) in rows)
    return [(int(of), int(post)) for of, _, post in split]
