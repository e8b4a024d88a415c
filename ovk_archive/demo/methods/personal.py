"""The optional fields of users.get, and what becomes of them when a profile is closed."""

from collections.abc import Callable
from typing import Any

from ovk_archive.demo.methods.call import CAMERA, Call
from ovk_archive.demo.methods.privacy import sees_profile
from ovk_archive.demo.world.records import User

#: What [A] says instead of what a closed profile hides (help/openvk-api.md, People and privacy).
FAKES: dict[str, Any] = {
    **dict.fromkeys(("music", "movies", "tv", "books", "interests", "quotes", "about"), "secret"),
    "city": "Воскресенск",
    "email": "secret@gmail.com",
    "telegram": "@secret",
    "rating": 22,
}

#: Sizes of the profile picture. `photo_max_orig` is the smallest one, on real servers too.
PICTURES = {
    "photo_max_orig": "miniscule",
    "photo_max": "original",
    "photo_50": "miniscule",
    "photo_100": "tiny",
    "photo_200": "normal",
    "photo_200_orig": "normal",
    "photo_400_orig": "normal",
}


def personal_fields(call: Call, user: User, fields: list[str]) -> dict[str, Any]:
    """Show the fields that were asked for, in their order."""
    hidden = not sees_profile(call.world, user)
    shown: dict[str, Any] = {}
    for name in fields:
        if name in PICTURES:
            shown[name] = _picture(call, user, PICTURES[name])
        elif name in FAKES:
            shown |= _private(call, user, name, hidden=hidden)
        elif name in FIELDS:
            shown |= FIELDS[name](call, user)
    return shown


def friend_status(call: Call, user: User) -> int:
    """Say how a person stands to the account: 1 was asked, 2 asks, 3 is a friend."""
    me = call.world.account_id
    if me in user.friends:
        return 3
    return 1 if me in user.followers else 2 if me in user.follows else 0


def _picture(call: Call, user: User, size: str) -> str:
    if user.avatar is None:
        return call.url(CAMERA)
    return call.thumbnail(user.avatar, size)


def _private(call: Call, user: User, name: str, *, hidden: bool) -> dict[str, Any]:
    """Show a field that privacy covers: [A] lies about it, [B] leaves it out."""
    if hidden:
        return {} if call.newer else {name: FAKES[name]}
    value = 0 if name == "rating" else getattr(user, name, None)
    if name == "city" and call.newer:
        return {"city": {"id": 0, "title": value}}
    return {name: value}


def _last_seen(call: Call, user: User) -> dict[str, Any]:
    shown: dict[str, Any] = {"last_seen": {"platform": 1, "time": user.last_seen}}
    if call.newer:
        return shown | _online(call, user)
    # A `break` is missing in [A]: asking for last_seen brings music along.
    return shown | _private(call, user, "music", hidden=not sees_profile(call.world, user))


def _online(call: Call, user: User) -> dict[str, Any]:
    phone = {"online_mobile": 1} if call.newer and user.online else {}
    return {"online": int(user.online), **phone}


def _counters(call: Call, user: User) -> dict[str, Any]:
    world = call.world
    common = {
        "friends": len(user.friends),
        "photos": len(world.photos_of(user.id)),
        "videos": sum(key[0] == user.id for key in world.videos),
        "audios": len(world.collection(user.id)),
        "notes": len(world.notes_of(user.id)),
    }
    if not call.newer:
        return {"counters": {f"{name}_count": value for name, value in common.items()}}
    zeros = ("online_friends", "mutual_friends", "user_photos", "gifts")
    rest = {
        "groups": len(user.groups),
        "albums": len(world.albums_of(user.id)),
        "followers": len(user.followers),
    }
    return {"counters": common | rest | dict.fromkeys(zeros, 0)}


def _birthday(call: Call, user: User) -> dict[str, Any]:
    if not call.newer:
        return {}
    if not sees_profile(call.world, user):
        return {"bdate": "01.01.1970"}
    return {"bdate_visibility": 0, "bdate": user.birthday}


def _status(_: Call, user: User) -> dict[str, Any]:
    return {} if user.status is None else {"status": user.status}


def _screen_name(_: Call, user: User) -> dict[str, Any]:
    return {} if user.screen_name is None else {"screen_name": user.screen_name}


def _friend_status(call: Call, user: User) -> dict[str, Any]:
    return {"friend_status": friend_status(call, user)}


def _guid(_: Call, user: User) -> dict[str, Any]:
    return {"guid": f"{user.id:08x}-e6e3-11f1-b8be-02fc00000001"}


FIELDS: dict[str, Callable[[Call, User], dict[str, Any]]] = {
    "verified": lambda _, user: {"verified": int(user.verified)},
    "sex": lambda _, user: {"sex": user.sex},
    "has_photo": lambda _, user: {"has_photo": int(user.avatar is not None)},
    "status": _status,
    "screen_name": _screen_name,
    "friend_status": _friend_status,
    "last_seen": _last_seen,
    "online": _online,
    "counters": _counters,
    "guid": _guid,
    "bdate": _birthday,
}
