"""Posts as people see them: who wrote what, what is attached and repeated, what was said of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ovk_archive.browse.showing.parts.attached import Answer, Attached, Thing, answers, attached
from ovk_archive.browse.showing.parts.comments import Comment, comments, count
from ovk_archive.browse.showing.parts.people import People, Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.texts import Piece, pieces
from ovk_archive.browse.showing.parts.times import year_of
from ovk_archive.browse.showing.parts.values import fitting, tomorrow, whole, words
from ovk_archive.browse.showing.parts.versions import edits, texts
from ovk_archive.resources.wall import POSTS

#: Posts on one page, and comments below each.
PAGE, _FIRST_COMMENTS = 20, 3
#: Letters shown of a post in lists, and of a post that it repeats; how many repeated posts are
#: shown.
_SHOWN, _SHOWN_REPEATED, _MOST_REPEATED = 1500, 500, 10
_LARGE = 1 << 62
#: The pinned post is looked for among so many of the newest; this takes some milliseconds.
_LOOKED_AT = 5000
_COLUMNS = (
    *("owner_id", "id", "from_id", "signer_id", "date", "text", "copy_history", "is_pinned"),
    *("is_archived", "is_explicit", "platform", "source", "geo", "geo_name", "copyright"),
    *("copyright_name", "comments", "likes", "reposts", "post_type", "gone_at"),
)
#: What a post says beside its text, and the columns that have it.
_WORDS = {
    "source": "source",
    "platform": "platform",
    "place": "geo_name",
    "coordinates": "geo",
    "taken_from": "copyright_name",
    "taken_from_url": "copyright",
}
_COUNTS = {"likes": "likes", "reposts": "reposts", "count": "comments"}


@dataclass(frozen=True, slots=True)
class Repeated:
    """A post within a post that repeats it; nobody tells whose wall it is on."""

    id: int | None
    author: Person
    date: int | None
    text: tuple[Piece, ...]
    things: tuple[Thing, ...] = ()


@dataclass(frozen=True, slots=True)
class Former:
    """A text that a post had before it was edited."""

    text: tuple[Piece, ...]
    first_seen_at: str
    last_seen_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post on a wall.

    Attributes:
        owner: whose wall it is on.
        signer: who signed it, in a group.
        is_cut: only the beginning of its text is shown.
        edits: how many times its text was edited.
        comments: the first of them; `commented` is how many the archive has, `count` of the server.
    """

    owner: Person
    id: int
    author: Person
    signer: Person | None
    date: int | None
    text: tuple[Piece, ...]
    is_cut: bool
    is_pinned: bool
    is_archived: bool
    is_explicit: bool
    awaits: bool
    source: str
    platform: str
    place: str
    coordinates: str
    taken_from: str
    taken_from_url: str
    likes: int
    reposts: int
    count: int
    gone_at: str | None
    edits: int
    attached: Attached
    polls: dict[int, tuple[Answer, ...]]
    repeats: tuple[Repeated, ...]
    comments: tuple[Comment, ...]
    commented: int


def wall(
    db: Reading,
    owner: int,
    *,
    before: int | None = None,
    until: int | None = None,
    most: int | None = None,
) -> list[Post]:
    """A page of a wall, the newest first, and one post more if there is more; or `most` posts.

    Only posts with numbers below `before`, and of before the unix time `until`.
    """
    conditions, values = "owner_id = ?", [owner]
    if before is not None:
        conditions, values = f"{conditions} and id < ?", [*values, before]
    if until is not None:
        conditions, values = f"{conditions} and id <= ?", [*values, _last_before(db, owner, until)]
    return _posts(db, f"where {conditions} order by id desc limit {most or PAGE + 1}", values)


def post(db: Reading, owner: int, number: int) -> Post | None:
    """One post with its comments; None if there is none."""
    found = _posts(db, "where owner_id = ? and id = ?", [owner, number], in_full=True)
    return found[0] if found else None


def of_day(db: Reading, owner: int, since: int, until: int, most: int) -> list[Post]:
    """Posts of a wall between two moments, the oldest first."""
    which = "where owner_id = ? and date >= ? and date < ? order by date, id limit ?"
    return _posts(db, which, [owner, since, until, most])


def pinned(db: Reading, owner: int) -> Post | None:
    """What stands at the top of a wall, if it is among the newest there."""
    row = db.execute(
        "select id from (select id, is_pinned, gone_at from posts where owner_id = ? "
        "order by id desc limit ?) where is_pinned and gone_at is null limit 1",
        (owner, _LOOKED_AT),
    ).fetchone()
    return _posts(db, "where owner_id = ? and id = ?", [owner, row[0]])[0] if row else None


def _last_before(db: Reading, owner: int, until: int) -> int:
    """The number of the last post before a time; 0 if there is none."""
    which = "where owner_id = ? and date < ? order by date desc, id desc limit 1"
    row = db.execute(f"select id from posts {which}", (owner, until)).fetchone()
    return row[0] if row else 0


def years(db: Reading, owner: int) -> list[int]:
    """The years from the last post of a wall to the first."""
    ends = [
        db.execute(
            # By the index of numbers: by that of dates SQLite sorts the whole wall.
            "select date from posts where owner_id = ? and +date > 0 and +date < ? "
            f"order by id {turn} limit 1",
            (owner, tomorrow()),
        ).fetchone()
        for turn in ("asc", "desc")
    ]
    found = sorted(year_of(row[0]) for row in ends if row)
    return list(range(found[-1], found[0] - 1, -1)) if found else []


def formers(db: Reading, owner: int, number: int) -> list[Former]:
    """The texts that a post had before, the newest first."""
    kept = fitting(texts(db, POSTS, f"{owner}_{number}")[1:], lambda one: len(one.text))
    return [Former(tuple(pieces(one.text)), one.first_seen_at, one.last_seen_at) for one in kept]


@dataclass(frozen=True, slots=True)
class _Around:
    """What is needed for a page of posts beside their rows; by key, where it is of one post."""

    known: People
    things: Mapping[str, Attached]
    edits: Mapping[str, int]
    originals: Mapping[str, list[dict[str, Any]]]


def _posts(db: Reading, which: str, values: Sequence[Any], *, in_full: bool = False) -> list[Post]:
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    found = db.execute(f"select {names} from posts {which}", values).fetchall()
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in found]
    keys = {_key(row): row["gone_at"] for row in rows}
    originals = {_key(row): _originals(row["copy_history"]) for row in rows}
    known = people(db, [*_numbers(rows), *_authors(originals.values())])
    around = _Around(known, attached(db, "posts", keys), edits(db, POSTS, [*keys]), originals)
    return [_post(db, row, around, in_full=in_full) for row in rows]


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['owner_id']}_{row['id']}"


def _post(db: Reading, row: dict[str, Any], around: _Around, *, in_full: bool) -> Post:
    owner, number, known = row["owner_id"], row["id"], around.known
    things = around.things.get(_key(row), Attached())
    polls = [one for one in (*things.own, *things.repeated) if one.kind == "poll"]
    return Post(
        owner=known[owner],
        id=number,
        author=known[whole(row["from_id"]) or owner],
        signer=known[signer] if (signer := whole(row["signer_id"])) else None,
        date=whole(row["date"]),
        text=tuple(pieces(row["text"], None if in_full else _SHOWN)),
        is_cut=not in_full and len(words(row["text"])) > _SHOWN,
        awaits=row["post_type"] == "suggest",
        gone_at=row["gone_at"],
        edits=around.edits.get(_key(row), 0),
        attached=things,
        polls={one.id: tuple(answers(db, one.id)) for one in polls},
        repeats=tuple(
            _repeats(around.originals[_key(row)], known, things.repeated, in_full=in_full)
        ),
        comments=tuple(_comments(db, row, in_full=in_full)),
        commented=count(db, "post_id", owner, number),
        **_plain(row),
    )


def _comments(db: Reading, row: Mapping[str, Any], *, in_full: bool) -> list[Comment]:
    first = None if in_full else _FIRST_COMMENTS
    return comments(db, "post_id", row["owner_id"], row["id"], first=first, below=True)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown as it is."""
    marks = {name: bool(row[name]) for name in ("is_pinned", "is_archived", "is_explicit")}
    told = {name: words(row[column]) for name, column in _WORDS.items()}
    return marks | told | {name: whole(row[column]) or 0 for name, column in _COUNTS.items()}


def _originals(copy_history: str | None) -> list[dict[str, Any]]:
    """The records that a post repeats, the nearest first."""
    try:
        found = json.loads(copy_history or "[]")
    except (ValueError, TypeError, RecursionError):
        return []
    ones = found if isinstance(found, list) else [found]
    return [one for one in ones if isinstance(one, dict)]


def _repeats(
    originals: list[dict[str, Any]], known: People, things: tuple[Thing, ...], *, in_full: bool
) -> Iterable[Repeated]:
    shared = _shared(originals, things)
    for place, one in enumerate(originals[:_MOST_REPEATED]):
        most = None if in_full and place == 0 else _SHOWN_REPEATED
        yield Repeated(
            id=_whole(one.get("id")),
            author=known[_whole(one.get("from_id")) or 0],
            date=_whole(one.get("date")),
            text=tuple(pieces(one.get("text"), most)),
            things=shared[place],
        )


def _shared(originals: list[dict[str, Any]], things: tuple[Thing, ...]) -> list[tuple[Thing, ...]]:
    """What hangs on each original: as many things in their order as its record names.

    Archives of older programs do not say it: there all hangs on the last, as nearly always.
    """
    counts = [_named(one.get("attachments")) for one in originals]
    if sum(counts) == len(things):
        left = iter(things)
        return [tuple(islice(left, number)) for number in counts]
    last = min(len(originals), _MOST_REPEATED) - 1
    return [things if place == last else () for place in range(len(originals))]


def _named(attachments: Any) -> int:
    """How many things a record names (`photo1_2,audio1_5`)."""
    return len(attachments.split(",")) if isinstance(attachments, str) and attachments else 0


def _numbers(rows: Iterable[dict[str, Any]]) -> Iterable[int | None]:
    for row in rows:
        yield from (row["owner_id"], row["from_id"], row["signer_id"])


def _authors(originals: Iterable[list[dict[str, Any]]]) -> Iterable[int | None]:
    for ones in originals:
        for one in ones[:_MOST_REPEATED]:
            yield _whole(one.get("from_id"))


def _whole(value: Any) -> int | None:
    """A number that can be one of a record, within JSON that anything may stand in."""
    found = whole(value)
    return found if found is not None and abs(found) < _LARGE else None
