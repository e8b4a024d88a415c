"""Pages of one record: a post, a photo, a note, an album, a playlist, a track, a topic."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from ovk_archive.browse.pages.places import behind
from ovk_archive.browse.pages.visits import Visit
from ovk_archive.browse.showing import lists, music, notes, photos, posts
from ovk_archive.browse.showing.likes import MOST_PEOPLE, who_likes
from ovk_archive.browse.showing.parts import comments
from ovk_archive.browse.showing.parts.attached import things
from ovk_archive.browse.showing.parts.differences import differences
from ovk_archive.browse.showing.parts.markup import harmless
from ovk_archive.browse.showing.parts.people import people
from ovk_archive.browse.showing.parts.texts import Piece
from ovk_archive.browse.showing.parts.values import page_of


def post(visit: Visit) -> dict[str, Any] | None:
    """A post, its comments, and what it said before."""
    owner, number = visit.key()
    found = posts.post(visit.db, owner, number)
    if found is None:
        return None
    formers = posts.formers(visit.db, owner, number)
    texts = [found.text, *(one.text for one in formers)]
    likers = who_likes(visit.db, "post", owner, number)
    words = [_written(text) for text in texts]
    return {
        "post": found,
        "likers": likers[:MOST_PEOPLE],
        "more_likers": len(likers) > MOST_PEOPLE,
        "formers": formers,
        "differences": [differences(was, now) for now, was in pairwise(words)],
        "more": _more(visit, "post", found.comments),
    }


def photo(visit: Visit) -> dict[str, Any] | None:
    """A photo in full."""
    found = photos.photo(visit.db, *visit.key())
    if found is None:
        return None
    return {"photo": found, "more": _more(visit, "photo", found.comments)}


def note(visit: Visit) -> dict[str, Any] | None:
    """A note with its pictures, as far as they are here."""
    found = notes.note(visit.db, *visit.key())
    if found is None:
        return None
    files = {url: visit.at.file(sha256) for url, sha256 in found.files.items()}
    return {
        "note": found,
        # Markup that was made harmless.
        "body": Markup(harmless(found.html, files)),  # noqa: S704 - nh3 cleaned it
        "former": [(Markup(harmless(html, files)), last) for html, last in found.former],  # noqa: S704 - likewise
        "more": _more(visit, "note", found.comments),
    }


def topic(visit: Visit) -> dict[str, Any] | None:
    """A topic on a group's board."""
    group, number = visit.key()
    found = lists.topic(visit.db, group, number)
    if found is None:
        return None
    said = comments.comments(visit.db, "topic_id", group, number)
    return {"topic": found, "comments": said, "more": _more(visit, "topic", said)}


def comments_of(visit: Visit) -> dict[str, Any]:
    """More comments than fit on the page of what they are about."""
    kind, key = visit.given
    owner, number = visit.key()
    said = comments.comments(
        visit.db, f"{kind}_id", owner, number, after=visit.number("after") or 0
    )
    return {
        "comments": said,
        "of": visit.at.page(kind, key),
        "more": _more(visit, kind, said),
    }


def album(visit: Visit) -> dict[str, Any] | None:
    """An album."""
    number = visit.first_number()
    found = photos.album(visit.db, number)
    if found is None:
        return None
    placed = photos.album_photos(visit.db, number, visit.last())
    shown, more = page_of(placed, photos.PAGE)
    return {
        "album": found,
        "photos": shown,
        "more": behind(visit.at, "album", number, shown[-1]) if more else None,
    }


def playlist(visit: Visit) -> dict[str, Any] | None:
    """A playlist."""
    number = visit.first_number()
    found = music.playlist(visit.db, number)
    if found is None:
        return None
    placed = music.playlist_tracks(visit.db, number, visit.last())
    shown, more = page_of(placed, music.PAGE)
    return {
        "playlist": found,
        "tracks": shown,
        "more": behind(visit.at, "playlist", number, shown[-1]) if more else None,
    }


def track(visit: Visit) -> dict[str, Any] | None:
    """A track and its words."""
    found = music.track(visit.db, visit.first_number())
    return None if found is None else {"track": found[0], "lyrics": found[1]}


def video(visit: Visit) -> dict[str, Any] | None:
    """A video."""
    owner, number = visit.key()
    found = things(visit.db, [("video", owner, number)]).get(("video", owner, number))
    if found is None:
        return None
    return {"video": found, "owner": people(visit.db, [owner])[owner]}


def _written(text: tuple[Piece, ...]) -> str:
    return "".join(one.text for one in text)


def _more(visit: Visit, kind: str, said: Sequence[comments.Comment]) -> str | None:
    """The page of the comments behind these, if there are any."""
    owner, number = visit.key()
    last = said[-1].id if said else visit.number("after") or 0
    if not comments.is_more(visit.db, f"{kind}_id", owner, number, last):
        return None
    return visit.at.page("comments", kind, visit.given[-1], after=last)
