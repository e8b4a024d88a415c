"""The short forms of people and groups, which several lists of [B] show."""

from typing import Any

from ovk_archive.demo.methods.call import Call
from ovk_archive.demo.methods.people import avatar
from ovk_archive.demo.methods.personal import PICTURES
from ovk_archive.demo.methods.privacy import sees_profile
from ovk_archive.demo.world.records import Group, User


def name_of(user: User) -> dict[str, str]:
    """Name a person, or say twice that they are gone."""
    if user.deleted:
        return {"first_name": "DELETED", "last_name": "DELETED"}
    return {"first_name": user.first_name, "last_name": user.last_name}


def user_struct(user: User) -> dict[str, Any]:
    """Show a person to nobody in particular."""
    # Neither the deleted nor the banned are `deactivated` here (recordings).
    return {"id": user.id, **name_of(user), "deactivated": False, "is_closed": user.closed}


def user_item(call: Call, user_id: int) -> dict[str, Any]:
    """Show a person to the account, with the fields that were asked for."""
    call.guard("users", user_id)
    user = call.world.users[user_id]
    gone = user.deleted or user.banned is not None or user.id in call.world.blacklist
    shown = user_struct(user)
    shown["can_access_closed"] = int(sees_profile(call.world, user) and not gone)
    known: dict[str, Any] = {"sex": user.sex, "status": user.status}
    for name in call.params.names("fields"):
        if name in PICTURES:
            shown[name] = avatar(call, user, PICTURES[name])
        elif name in known:
            shown[name] = known[name]
    return shown


def group_struct(call: Call, group: Group) -> dict[str, Any]:
    """Show a group, without its pictures."""
    return {
        "id": group.id,
        "name": group.name,
        "screen_name": group.screen_name or f"club{group.id}",
        "is_closed": 0,
        "type": "group",
        "is_member": int(call.viewer in group.members),
        "is_admin": int(call.viewer in group.admins),
        "deactivated": None,
        "can_access_closed": 1,
    }
