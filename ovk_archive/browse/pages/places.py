"""Where the sections of an archive are, and the page of each kind of record."""

import re
from collections.abc import Container

from ovk_archive.browse.looks.addresses import Addresses
from ovk_archive.browse.showing.likes import Like
from ovk_archive.browse.showing.parts.comments import said_of
from ovk_archive.browse.showing.parts.placed import Placed
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.search import Result
from ovk_archive.resources import TABLES

_KEYS = {table.name: table.key for table in TABLES}
_WITH_OWNER = {"posts": "post", "photos": "photo", "notes": "note", "videos": "video"} | {
    "topics": "topic",
}
_BY_NUMBER = {"albums": "album", "playlists": "playlist", "audio": "track", "users": "user"} | {
    "groups": "group",
    "conversations": "dialog",
    "comments": "comment",
}
#: Kind -> its section, where that has another name.
_SECTIONS = {"posts": "wall"}


def of_kinds(at: Addresses, me: int) -> dict[str, str]:
    """What an archive has -> the page of the account's own."""
    return {
        "posts": at.page("wall", me),
        "messages": at.page("dialogs"),
        "photos": at.page("photos", me),
        "notes": at.page("notes", me),
        "audio": at.page("audio", me),
        "videos": at.page("videos", me),
        "friends": at.page("friends", me),
        "groups": at.page("groups", me),
        "documents": at.page("documents"),
        "gifts": at.page("gifts", me),
        "polls": at.page("polls"),
        "notifications": at.page("notifications"),
        "likes": at.page("likes", me),
    }


def section_addresses(at: Addresses, me: int, there: Container[str]) -> dict[str, str]:
    """Section -> its page, of those of which the archive has something."""
    pages = of_kinds(at, me).items()
    found = {_SECTIONS.get(kind, kind): address for kind, address in pages if kind in there}
    return found | {"changes": at.page("changes")}


def has_page(table: str) -> bool:
    """The records of this table have pages of their own."""
    return table in _WITH_OWNER or table in _BY_NUMBER


def place(at: Addresses, table: str, key: str) -> str:
    """The page of a record, by its key (`1_42` of a post); else its row."""
    if table in _WITH_OWNER and re.fullmatch(r"-?\d+_\d+", key):
        return at.page(_WITH_OWNER[table], key)
    if table in _BY_NUMBER and re.fullmatch(r"-?\d+", key):
        return at.page(_BY_NUMBER[table], key)
    columns = _KEYS.get(table, ())
    return at.row(table, key.split("_", len(columns) - 1) if columns else [key])


def of_result(at: Addresses, result: Result) -> str:
    """The page that shows what was found; a message in its conversation."""
    if result.table == "messages" and result.peer is not None:
        return f"{at.page('dialog', result.peer.id, at=result.key)}#m{result.key}"
    return place(at, result.table, result.key)


def comment_place(db: Reading, at: Addresses, number: str) -> str | None:
    """Where a comment stands: below what it is about, or among what was said later."""
    found = said_of(db, int(number)) if re.fullmatch(r"\d{1,18}", number) else None
    if found is None:
        return None
    kind, owner, of, is_first = found
    key, name = f"{owner}_{of}", f"#comment{number}"
    if is_first:
        return f"{at.page(kind, key)}{name}"
    return f"{at.page('comments', kind, key, after=int(number) - 1)}{name}"


def behind(at: Addresses, page: str, number: int, last: Placed) -> str:
    """Where a list goes on behind what has this place in it."""
    place, owner, of = last.key
    return at.page(page, number, after=place, of=owner or None, id=of)


def of_like(at: Addresses, like: Like) -> str:
    """The page of what somebody likes."""
    key = str(like.id) if like.kind == "comment" else f"{like.owner.id}_{like.id}"
    return place(at, f"{like.kind}s", key)
