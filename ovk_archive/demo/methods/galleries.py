"""photos.get, getAll, getById and getComments: photos, page by page."""

from collections.abc import Iterable
from typing import Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.albums import get_albums, get_albums_count
from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.comments import object_comment
from ovk_archive.demo.methods.faces import face
from ovk_archive.demo.methods.photos import photo_object
from ovk_archive.demo.methods.php import ApiFault, Crash, sliced, to_int
from ovk_archive.demo.methods.seconds import as_sorted
from ovk_archive.demo.world.owned import Album, Photo

MOST_IDS = 78


def get(call: Call) -> dict[str, Any]:
    """List an album, the oldest first; deleted photos leave holes in its pages.

    `count` is the rows of this page in [A] and the album's size in [B], deleted ones
    included; `items` is missing when there is nothing to show (help/openvk-api.md, Photos).
    """
    owner = call.params.number("owner_id")
    if call.params.text("photo_ids"):
        return _chosen(call)
    privacy.pictures(call.world, call.dialect, owner)
    album = _album(call, owner)
    rows = [] if album is None else call.world.album_rows(album.id)
    count = call.params.number("count", 10)
    if call.newer:
        count = call.params.number("limit") or count
    page = sliced(rows, call.params.number("offset"), count)
    return _shown(call, len(rows) if call.newer else len(page), page)


def get_all(call: Call) -> dict[str, Any]:
    """List everything a person uploaded, the newest first; [A] does not count."""
    owner = call.params.number("owner_id")
    privacy.all_photos(call.world, call.dialect, owner)
    photos = call.world.photos_of(owner)
    page = sliced(photos, call.params.number("offset"), call.params.number("count", 100))
    items = {"items": _photos(call, page, sizes=call.params.flag("photo_sizes"))}
    return {"count": len(photos), **items} if call.newer else items


def get_by_id(call: Call) -> list[dict[str, Any]]:
    """Show chosen photos; in [A] one bad id spoils the whole call."""
    keys = call.params.names("photos")
    if call.newer and len(keys) > MOST_IDS:
        raise ApiFault(-78, "Photos count must not exceed limit")
    found = [_find(call, key) for key in keys]
    photos = [photo for photo in found if photo is not None]
    return _photos(call, photos, sizes=call.params.flag("photo_sizes"))


def get_comments(call: Call) -> dict[str, Any]:
    """List comments under a photo; one that does not exist crashes the server."""
    owner, number = call.params.number("owner_id"), call.params.number("photo_id")
    photo = call.world.photos.get((owner, number))
    if photo is None or (photo.deleted and call.newer):
        raise Crash
    if photo.deleted:
        raise ApiFault(4, "Invalid photo")
    privacy.pictures(call.world, call.dialect, owner)
    thread = call.world.thread("photo", owner, number)
    offset, count = call.params.number("offset"), call.params.number("count", 100)
    page = sliced(as_sorted(thread, offset + count), offset, count)
    shown = [object_comment(call, comment) for comment in page]
    if call.params.flag("need_likes"):
        for item, comment in zip(shown, page, strict=True):
            mine = int(call.viewer in comment.likers)
            item |= {"count": comment.likes, "user_likes": mine, "can_like": 1}
    profiles = _profiles(call, [comment.author_id for comment in page])
    return {"count": len(page), "items": shown, **profiles}


def _profiles(call: Call, authors: list[int]) -> dict[str, Any]:
    """Show the authors once per comment, or no key at all when there are none."""
    if not authors or not call.params.flag("extended"):
        return {}
    return {"profiles": [face(call, abs(number)) for number in authors]}


def _album(call: Call, owner: int) -> Album | None:
    """Find the album; [B] also knows "profile", which may not exist yet."""
    text = call.params.text("album_id")
    if call.newer and text == "profile":
        mine = call.world.albums_of(owner)
        return next((album for album in mine if album.system == "avatar"), None)
    album = call.world.albums.get(to_int(text))
    if album is None or album.deleted or album.owner_id != owner:
        raise ApiFault(15, "Access denied") if call.newer else ApiFault(21, "Invalid album")
    return album


def _chosen(call: Call) -> dict[str, Any]:
    keys = call.params.names("photo_ids")
    if call.newer and len(keys) > MOST_IDS:
        raise ApiFault(-78, "Photos count must not exceed limit")
    pairs = [tuple(to_int(part) for part in key.split("_")[:2]) for key in keys]
    found = [photo for pair in pairs if (photo := call.world.photos.get((pair[0], pair[-1])))]
    return _shown(call, len(keys), found)


def _shown(call: Call, count: int, rows: Iterable[Photo]) -> dict[str, Any]:
    live = [photo for photo in rows if not photo.deleted]
    sizes = call.params.flag("photo_sizes", default=call.newer)
    items = _photos(call, live, sizes=sizes)
    return {"count": count, "items": items} if items else {"count": count}


def _photos(call: Call, rows: Iterable[Photo], *, sizes: bool) -> list[dict[str, Any]]:
    extended = call.params.flag("extended")
    return [photo_object(call, photo, sizes=sizes, extended=extended) for photo in rows]


def _find(call: Call, key: str) -> Photo | None:
    owner, _, number = key.partition("_")
    photo = call.world.photos.get((to_int(owner), to_int(number)))
    if photo is None or photo.deleted:
        if call.newer:
            return None
        raise ApiFault(21, "Invalid photo")
    if not privacy.allows(privacy.pictures, call.world, call.dialect, photo.owner_id):
        if call.newer:
            return None
        raise ApiFault(15, "Access denied")
    return photo


METHODS = {
    "photos.getAlbums": Method(get_albums, limited=True),
    "photos.getAlbumsCount": Method(get_albums_count, limited=True),
    "photos.get": Method(get, needs=("owner_id", "album_id"), limited=True),
    "photos.getAll": Method(get_all, needs=("owner_id",), limited=True),
    "photos.getById": Method(get_by_id, needs=("photos",), limited=True),
    "photos.getComments": Method(get_comments, needs=("owner_id", "photo_id"), limited=True),
}
