"""How people and groups look wherever they are shown."""

from collections.abc import Iterable
from typing import Any

from ovk_archive.demo.methods.call import CAMERA, Call
from ovk_archive.demo.methods.personal import personal_fields
from ovk_archive.demo.methods.privacy import sees_profile
from ovk_archive.demo.world.records import Group, User

BANNED = "/assets/packages/static/openvk/img/banned.jpg"


def user_objects(call: Call, ids: Iterable[int], fields: Iterable[str]) -> list[dict[str, Any]]:
    """Show people as users.get does, in the order of their ids."""
    wanted = list(fields)
    return [user_object(call, number, wanted) for number in ids]


def user_object(call: Call, user_id: int, fields: list[str]) -> dict[str, Any]:
    """Show a person; the deleted and the unknown look the same."""
    call.guard("users", user_id)
    user = call.world.user(user_id)
    if user is None:
        gone = {"first_name": "DELETED", "last_name": "", "deactivated": "deleted"}
        return {"id": user_id, **gone}
    shown: dict[str, Any] = {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
    }
    if user.banned is not None:
        return shown | {"deactivated": "banned", "ban_reason": user.banned}
    shown["is_closed"] = call.flag(user.closed)
    shown["can_access_closed"] = call.flag(sees_profile(call.world, user))
    shown |= personal_fields(call, user, fields)
    return shown | {"online": int(user.online)}


def avatar(call: Call, user: User, size: str) -> str:
    """Return the address of a person's picture in some size, or of the placeholder."""
    if user.banned is not None:
        return call.url(BANNED)
    if user.avatar is None:
        return call.url(CAMERA)
    return call.thumbnail(user.avatar, size)


def wall_profiles(call: Call, ids: Iterable[int], *, listed: bool) -> list[dict[str, Any]]:
    """Show people as wall.get (`listed`) and wall.getById do: another set of keys."""
    return [_wall_profile(call, number, listed=listed) for number in ids]


def wall_groups(call: Call, ids: Iterable[int]) -> list[dict[str, Any]]:
    """Show groups as wall.get and wall.getById do."""
    return [_wall_group(call, call.world.groups[number]) for number in ids]


def _wall_profile(call: Call, user_id: int, *, listed: bool) -> dict[str, Any]:
    call.guard("users", user_id)
    user = call.world.users.get(user_id)
    if user is None:
        gone = {"first_name": "DELETED", "last_name": "", "deactivated": "deleted"}
        return {"id": user_id, **gone}
    hidden = user.deleted or user.banned is not None
    open_to_me = sees_profile(call.world, user)
    return {
        "first_name": "DELETED" if user.deleted else user.first_name,
        "id": user.id,
        "last_name": "DELETED" if user.deleted else user.last_name,
        "can_access_closed": int(open_to_me and not hidden) if call.newer else open_to_me,
        "is_closed": call.flag(user.closed) if listed else user.closed,
        "sex": user.sex,
        "screen_name": user.screen_name,
        "photo_50": avatar(call, user, "miniscule"),
        "photo_100": avatar(call, user, "miniscule"),
        "online": user.online,
        "verified": user.verified,
    }


def _wall_group(call: Call, group: Group) -> dict[str, Any]:
    picture = call.url(CAMERA)
    return {
        "id": group.id,
        "name": group.name,
        "screen_name": group.screen_name,
        "is_closed": 0,
        "type": "group",
        "photo_50": picture,
        "photo_100": picture,
        "photo_200": picture,
        "verified": False,
    }
