"""People and groups: what they say of themselves, and said earlier; who belongs to whom."""

from dataclasses import dataclass

from ovk_archive.browse.showing.parts.people import Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.values import beginning, words
from ovk_archive.browse.showing.parts.versions import BY_NAME, said

#: People of one list on one page.
PAGE = 100
_ABOUT_PERSON = (
    *("status", "city", "home_town", "bdate", "about", "interests", "music", "movies", "tv"),
    *("books", "quotes", "email", "telegram"),
)
_ABOUT_GROUP = ("description", "site", "type")
#: Earlier contents that are looked through; letters of a field, and of one that it had before.
_FORMER, _SHOWN, _SHOWN_FORMER = 50, 5000, 500


@dataclass(frozen=True, slots=True)
class Change:
    """A field that said something else earlier."""

    name: str
    was: str
    last_seen_at: str


@dataclass(frozen=True, slots=True)
class Tie:
    """Somebody who belongs to somebody: since when we know it, and until when."""

    person: Person
    first_seen_at: str
    gone_at: str | None


@dataclass(frozen=True, slots=True)
class Has:
    """What the archive has of somebody: where there is something to look at."""

    wall: bool
    photos: bool
    notes: bool
    audio: bool
    videos: bool
    dialog: bool
    friends: bool
    board: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """A person or a group.

    Attributes:
        about: name of a field -> what it says, in the order in which pages show it.
        earlier: what fields said before, the newest first.
    """

    person: Person
    about: dict[str, str]
    earlier: tuple[Change, ...]
    has: Has
    gone_at: str | None


def profile(db: Reading, number: int) -> Profile | None:
    """Who this is; None if the archive knows nobody of that number."""
    table, names = ("groups", _ABOUT_GROUP) if number < 0 else ("users", _ABOUT_PERSON)
    columns = ", ".join(f'"{name}"' for name in names)
    row = db.execute(
        f'select gone_at, {columns} from "{table}" where id = ?', (abs(number),)
    ).fetchone()
    if row is None:
        return None
    told = dict(zip(names, row[1:], strict=True))
    return Profile(
        person=people(db, [number])[number],
        about={name: beginning(one, _SHOWN) for name, one in told.items() if one not in (None, "")},
        earlier=tuple(_earlier(db, table, number, names)),
        has=_has(db, number),
        gone_at=row[0],
    )


def friends(db: Reading, number: int, after: int = 0) -> list[Tie]:
    """A page of somebody's friends, and one more if there are more."""
    return _ties(
        db,
        "select friend_id, first_seen_at, gone_at from friends where user_id = ? "
        "and friend_id > ? order by friend_id limit ?",
        number,
        after,
    )


def memberships(db: Reading, number: int, after: int = 0) -> list[Tie]:
    """A page of the groups that somebody is in, and one more if there are more."""
    return _ties(
        db,
        "select -group_id, first_seen_at, gone_at from memberships where user_id = ? "
        "and group_id > ? order by group_id limit ?",
        number,
        after,
    )


def _ties(db: Reading, sql: str, number: int, after: int) -> list[Tie]:
    rows = db.execute(sql, (number, after, PAGE + 1)).fetchall()
    known = people(db, [row[0] for row in rows])
    return [Tie(known[other], first, gone) for other, first, gone in rows]


def _earlier(db: Reading, table: str, number: int, names: tuple[str, ...]) -> list[Change]:
    """What the fields of a profile said before, the newest first.

    What somebody took away is told; what a profile hid for some time is not.
    """
    rows = db.execute(
        "select record, state, last_seen_at from _versions where resource = ? "
        "and record_key = ? and not embedded order by id desc limit ?",
        (table, str(abs(number)), _FORMER),
    ).fetchall()
    found: list[Change] = []
    newer: dict[str, str] = {}
    for record, state, last in rows:
        values = said(BY_NAME[table], record, state) or {}
        told = {name: words(values[name]) for name in ("name", *names) if name in values}
        for name, was in told.items():
            if was and newer.get(name, was) != was:
                found.append(Change(name, beginning(was, _SHOWN_FORMER), last))
        newer |= told
    return found


def _has(db: Reading, number: int) -> Has:
    def any_of(sql: str, *values: int) -> bool:
        return db.execute(f"{sql} limit 1", values).fetchone() is not None

    return Has(
        wall=any_of("select 1 from posts where owner_id = ?", number),
        photos=any_of("select 1 from photos where owner_id = ?", number)
        or any_of("select 1 from albums where owner_id = ?", number),
        notes=any_of("select 1 from notes where owner_id = ?", number),
        audio=any_of("select 1 from audio_collection where owner_id = ?", number)
        or any_of("select 1 from playlists where owner_id = ?", number),
        videos=any_of("select 1 from videos where owner_id = ?", number),
        dialog=any_of("select 1 from messages where peer_id = ?", number),
        friends=any_of("select 1 from friends where user_id = ?", number),
        board=any_of("select 1 from topics where group_id = ?", -number),
    )
