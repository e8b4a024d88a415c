"""How a photo looks, alone and among the sizes of a wall attachment."""

from typing import Any

from ovk_archive.demo.methods.call import Call
from ovk_archive.demo.world.owned import Photo

#: Type letter and name of each thumbnail.
THUMBNAILS = {
    "s": "miniscule",
    "m": "tiny",
    "o": "tinier",
    "p": "xsmall",
    "q": "small",
    "r": "medium",
    "x": "normal",
    "y": "large",
    "z": "larger",
    "w": "original",
}

#: Pairs of keys that repeat the addresses of some sizes.
NAMED = {
    "s": ("photo_75", "src_small"),
    "m": ("photo_130", "src"),
    "x": ("photo_604", "src_big"),
    "y": ("photo_807", "src_xbig"),
    "z": ("photo_1280", "src_xxbig"),
    "w": ("photo_2560", "src_xxxbig"),
}


def original(call: Call, photo: Photo) -> str:
    """Return the address of the photo as uploaded: the only stable one."""
    return call.blob(photo.hash, ".png")


def size_dict(call: Call, photo: Photo) -> dict[str, dict[str, Any]]:
    """Show all sizes by type; thumbnails have no width until somebody fetches them."""
    sizes: dict[str, dict[str, Any]] = {
        letter: {
            "url": call.url(f"/photos/thumbnails/{photo.global_id}_{name}.jpeg"),
            "width": None,
            "height": None,
            "crop": None,
            "type": letter,
        }
        for letter, name in THUMBNAILS.items()
    }
    sizes["UPLOADED_MAXRES"] = {
        "url": original(call, photo),
        "width": photo.width,
        "height": photo.height,
        "crop": False,
        "type": "UPLOADED_MAXRES",
    }
    return sizes


def size_list(call: Call, photo: Photo) -> list[dict[str, Any]]:
    """Show all sizes as a list."""
    return list(size_dict(call, photo).values())


def photo_object(
    call: Call, photo: Photo, *, sizes: bool, extended: bool = False
) -> dict[str, Any]:
    """Show a photo; no caption, no album, and no address unless sizes are asked for."""
    call.guard("photos", (photo.owner_id, photo.id))
    unknown = 0 if call.newer else None
    shown: dict[str, Any] = {
        "pid": photo.id,
        "id": photo.id,
        "user_id": photo.owner_id,
        "owner_id": photo.owner_id,
        "album_id": unknown,
        "aid": unknown,
        "width": photo.width,
        "height": photo.height,
        "created": photo.date,
        "date": photo.date,
    }
    if sizes:
        shown |= _addresses(call, photo)
    if extended:
        shown |= _popularity(call, photo)
    return shown


def _addresses(call: Call, photo: Photo) -> dict[str, Any]:
    table = size_dict(call, photo)
    shown: dict[str, Any] = {"sizes": list(table.values()) if call.newer else table}
    for letter, names in NAMED.items():
        shown |= dict.fromkeys(names, table[letter]["url"])
    address = original(call, photo)
    shown |= {"url": address, "src_original": address}
    if call.newer:
        size = {"height": photo.height, "width": photo.width}
        shown["orig_photo"] = {**size, "type": "base", "url": address}
    return shown


def _popularity(call: Call, photo: Photo) -> dict[str, Any]:
    comments = len(call.world.thread("photo", photo.owner_id, photo.id))
    if not call.newer:
        plain = {"likes": photo.likes, "comments": comments, "tags": 0}
        return {**plain, "can_comment": 1, "can_repost": 0}
    return {
        "likes": {"likes": photo.likes, "user_likes": 0, "can_like": 1, "can_publish": 1},
        "comments": {"count": comments, "can_post": 1},
        "can_comment": 1,
        "can_repost": 1,
    }
