"""photos.getAlbums and photos.getAlbumsCount."""

from typing import Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.call import CAMERA, Call
from ovk_archive.demo.methods.photos import original, size_dict
from ovk_archive.demo.methods.php import ApiFault, sliced, to_int
from ovk_archive.demo.world.owned import Album, Photo


def get_albums(call: Call) -> dict[str, Any]:
    """List albums by id; `need_system=0` drops rows after the page is cut."""
    owner = _owner(call)
    privacy.albums(call.world, call.dialect, owner)
    albums = call.world.albums_of(owner)
    if call.params.text("album_ids"):
        chosen = [album for key in _ids(call) if (album := _find(call, key))]
        count = 0 if call.newer else len(call.params.names("album_ids"))
        return {"count": count, "items": [_album(call, album) for album in chosen]}
    page = sliced(albums, call.params.number("offset"), call.params.number("count", 100))
    if not call.params.flag("need_system", default=True):
        page = [album for album in page if not album.system]
    return {"count": len(albums), "items": [_album(call, album) for album in page]}


def get_albums_count(call: Call) -> int:
    """Count the albums of a user or a group."""
    user, group = call.params.number("user_id"), call.params.number("group_id")
    if not call.newer:
        _check_one(call, user, group)
    owner = -group if group else user or call.viewer or 0
    privacy.albums(call.world, call.dialect, owner)
    return len(call.world.albums_of(owner))


def _check_one(call: Call, user: int, group: int) -> None:
    if (user == 0) == (group == 0):
        raise ApiFault(21, "Select user_id or group_id")
    if user and call.world.user(user) is None:
        raise ApiFault(21, "Invalid user")
    if group and group not in call.world.groups:
        raise ApiFault(21, "Invalid club")


def _owner(call: Call) -> int:
    """Read whose albums are meant: [B] lists one's own where nobody is named."""
    if "owner_id" not in call.params and not call.newer:
        raise ApiFault(100, "Required parameter 'owner_id' missing.")
    owner = call.params.number("owner_id")
    return (call.viewer or 0) if owner == 0 and call.newer else owner


def _ids(call: Call) -> list[int]:
    """Read album ids: [A] wants "owner_album" pairs and sees nothing in bare numbers."""
    parts = call.params.names("album_ids")
    if call.newer:
        return [to_int(part) for part in parts]
    return [to_int(part.partition("_")[2]) for part in parts]


def _find(call: Call, album_id: int) -> Album | None:
    album = call.world.albums.get(album_id)
    return None if album is None or album.deleted else album


def _album(call: Call, album: Album) -> dict[str, Any]:
    call.guard("albums", album.id)
    rows = call.world.album_rows(album.id)
    cover = next((photo for photo in rows if not photo.deleted), None)
    mine = album.owner_id == call.viewer
    mine = mine or call.viewer in _admins(call, album.owner_id)
    shown: dict[str, Any] = {
        "id": album.id if call.newer else f"{album.owner_id}_{album.id}",
        "thumb_id": _thumb_id(call, cover),
        # [A] forgets the minus of a group here (help/openvk-api.md, Ids).
        "owner_id": album.owner_id if call.newer else abs(album.owner_id),
        "title": album.title,
        "description": album.description,
        "created": album.created,
        "updated": album.created if call.newer and album.updated is None else album.updated,
        "size": len(rows),
        "privacy_comment": 1,
        "upload_by_admins_only": 1,
        "comments_disabled": 0,
        "can_upload": call.flag(mine and not album.system),
    }
    return shown | _cover(call, cover)


def _admins(call: Call, owner_id: int) -> list[int]:
    group = call.world.groups.get(-owner_id)
    return [] if group is None else group.admins


def _thumb_id(call: Call, cover: Photo | None) -> str | int:
    if call.newer:
        return "0" if cover is None else cover.global_id
    return 0 if cover is None else f"{cover.owner_id}_{cover.id}"


def _cover(call: Call, cover: Photo | None) -> dict[str, Any]:
    if not call.params.flag("need_covers", default=True):
        return {}
    if cover is not None:
        shown: dict[str, Any] = {"thumb_src": original(call, cover)}
    else:
        shown = {"thumb_src": call.url(CAMERA) if call.newer else CAMERA}
    if call.params.flag("photo_sizes"):
        shown["sizes"] = None if cover is None else size_dict(call, cover)
    return shown
