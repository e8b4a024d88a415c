"""Pages about a person or a group: the wall, photos, notes, music, friends and the rest."""

from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from ovk_archive.browse.pages.places import behind
from ovk_archive.browse.pages.visits import Visit, VisitError
from ovk_archive.browse.showing import likes, lists, music, notes, photos, posts, profiles
from ovk_archive.browse.showing.parts.people import Person, people
from ovk_archive.browse.showing.parts.values import fitting, page_of


def wall(visit: Visit) -> dict[str, Any]:
    """Posts of a wall, the newest first, or those of a year and before."""
    owner, before, year = visit.owner(), visit.number("before"), visit.number("year")
    until = None if year is None else _end_of(year)
    found = posts.wall(visit.db, owner, before=before, until=until)
    shown, more = page_of(found, posts.PAGE)
    is_first = before is None and year is None
    pinned = posts.pinned(visit.db, owner) if is_first else None
    return {
        "owner": _owner(visit),
        "years": posts.years(visit.db, owner),
        "shown_year": year,
        "pinned": pinned,
        # Nothing stands twice on a page.
        "posts": [one for one in shown if pinned is None or one.id != pinned.id],
        "older": visit.at.page("wall", owner, before=shown[-1].id) if more else None,
        "newer": None if is_first else visit.at.page("wall", owner),
    }


def photos_of(visit: Visit) -> dict[str, Any]:
    """Somebody's photos by month, and their albums."""
    owner, before, below = visit.owner(), visit.number("before"), visit.number("albums")
    known = photos.albums(visit.db, owner, below) if before is None else []
    albums, others = page_of(known, photos.ALBUMS)
    found = photos.photos(visit.db, owner, before)
    shown, more = page_of(found, photos.PAGE)
    months = groupby(shown, key=lambda one: visit.words.month(one.facts["date"]))
    return {
        "owner": _owner(visit),
        "albums": albums,
        "more_albums": visit.at.page("photos", owner, albums=albums[-1].id) if others else None,
        "months": [(month, list(some)) for month, some in months],
        "older": visit.at.page("photos", owner, before=shown[-1].id) if more else None,
        "newer": None if before is None else visit.at.page("photos", owner),
    }


def notes_of(visit: Visit) -> dict[str, Any]:
    """Somebody's notes."""
    owner = visit.owner()
    found = notes.notes(visit.db, owner, visit.number("before"))
    shown, more = page_of(found, notes.PAGE)
    older = visit.at.page("notes", owner, before=shown[-1].id) if more else None
    return {"owner": _owner(visit), "notes": shown, "older": older}


def music_of(visit: Visit) -> dict[str, Any]:
    """Somebody's collection of tracks, and their playlists."""
    owner, last = visit.owner(), visit.last()
    found = music.collection(visit.db, owner, last)
    shown, more = page_of(found, music.PAGE)
    after = visit.number("playlists") or 0
    known = music.playlists(visit.db, owner, after) if last is None else []
    playlists, others = page_of(known, music.PLAYLISTS)
    return {
        "owner": _owner(visit),
        "playlists": playlists,
        "more_playlists": visit.at.page("audio", owner, playlists=playlists[-1].id)
        if others
        else None,
        "tracks": shown,
        "more": behind(visit.at, "audio", owner, shown[-1]) if more else None,
    }


def videos_of(visit: Visit) -> dict[str, Any]:
    """Somebody's videos."""
    owner, before = visit.owner(), visit.number("before")
    found = lists.videos(visit.db, owner, before)
    shown, more = page_of(found, lists.PAGE)
    older = visit.at.page("videos", owner, before=shown[-1].id) if more else None
    return {"owner": _owner(visit), "videos": shown, "older": older}


def gifts_of(visit: Visit) -> dict[str, Any]:
    """The gifts that somebody received."""
    owner = visit.owner()
    found = lists.gifts(visit.db, owner, visit.behind())
    shown = fitting(found[: lists.PAGE], lambda one: sum(len(part.text) for part in one.message))
    older = None
    if len(shown) < len(found):
        older = visit.at.page("gifts", owner, before=shown[-1].date, key=shown[-1].key)
    return {"owner": _owner(visit), "gifts": shown, "older": older}


def board(visit: Visit) -> dict[str, Any]:
    """The topics of a group; the address has the group's number."""
    group, before = visit.owner(), visit.number("before")
    found = lists.topics(visit.db, group, before)
    shown, more = page_of(found, lists.PAGE)
    older = visit.at.page("board", group, before=shown[-1].id) if more else None
    return {"owner": people(visit.db, [-group])[-group], "topics": shown, "older": older}


def likes_of(visit: Visit) -> dict[str, Any]:
    """What somebody likes."""
    owner, asked = visit.owner(), visit.asked
    after = None
    if asked.get("kind"):
        after = (asked["kind"], visit.number("of") or 0, visit.number("after") or 0)
    found = likes.likes_of(visit.db, owner, after)
    shown, more = page_of(found, likes.PAGE)
    link = None
    if more:
        last = shown[-1]
        link = visit.at.page("likes", owner, kind=last.kind, of=last.owner.id, after=last.id)
    return {"owner": _owner(visit), "likes": shown, "more": link}


def user(visit: Visit) -> dict[str, Any] | None:
    """A person."""
    return _profile(visit, visit.owner())


def group(visit: Visit) -> dict[str, Any] | None:
    """A group; the address has its number without a minus."""
    return _profile(visit, -visit.owner())


def friends_of(visit: Visit) -> dict[str, Any]:
    """Somebody's friends."""
    found = profiles.friends(visit.db, visit.owner(), visit.number("after") or 0)
    return _ties(visit, "friends", found)


def groups_of(visit: Visit) -> dict[str, Any]:
    """The groups that somebody is in."""
    found = profiles.memberships(visit.db, visit.owner(), visit.number("after") or 0)
    return _ties(visit, "groups", found)


def _ties(visit: Visit, page: str, found: list[profiles.Tie]) -> dict[str, Any]:
    owner, said = visit.owner(), visit.words.translations
    shown, more = page_of(found, profiles.PAGE)
    last = abs(shown[-1].person.id) if shown else 0
    return {
        "owner": _owner(visit),
        "heading": said.gettext("Friends") if page == "friends" else said.gettext("Groups"),
        "ties": shown,
        "more": visit.at.page(page, owner, after=last) if more else None,
    }


def _profile(visit: Visit, number: int) -> dict[str, Any] | None:
    found = profiles.profile(visit.db, number)
    if found is None:
        return None
    has, at = found.has, visit.at
    ways = {
        "wall": has.wall and at.page("wall", number),
        "messages": has.dialog and at.page("dialog", number),
        "photos": has.photos and at.page("photos", number),
        "notes": has.notes and at.page("notes", number),
        "audio": has.audio and at.page("audio", number),
        "videos": has.videos and at.page("videos", number),
        "friends": has.friends and at.page("friends", number),
        "board": has.board and at.page("board", -number),
        "search": at.page("search", **{"from": number}),
    }
    return {"profile": found, "ways": {name: address for name, address in ways.items() if address}}


def _owner(visit: Visit) -> Person:
    return people(visit.db, [visit.owner()])[visit.owner()]


def _end_of(year: int) -> int:
    """The first second after a year.

    Raises:
        VisitError: there is no such year.
    """
    try:
        return int(datetime(year + 1, 1, 1, tzinfo=UTC).timestamp())
    except (ValueError, OverflowError) as error:
        raise VisitError("year must be a year, such as 2021.") from error
