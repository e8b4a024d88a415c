"""groups.get and groups.getById: communities."""

from typing import Any

from ovk_archive.demo.call import CAMERA, Call, Method
from ovk_archive.demo.php import ApiFault, Crash, to_int, window
from ovk_archive.demo.privacy import shows
from ovk_archive.demo.records import Group


def get(call: Call) -> dict[str, Any]:
    """List a person's groups; [A] crashes on an empty page (section 0, fact 16)."""
    user = call.world.user(call.params.number("user_id") or call.viewer or 0)
    if user is None:
        raise ApiFault(15, "Access denied")
    if not shows(call.world, user, "groups"):
        words = "Access to the groups list is denied due to the user's privacy settings"
        raise (
            ApiFault(260, words)
            if call.newer
            else ApiFault(15, "Access denied: this user chose to hide his groups.")
        )
    page = window(user.groups, call.params.number("offset"), call.params.number("count", 6))
    if not page and not call.newer:
        raise Crash
    items = [_listed(call, call.world.groups[number]) for number in page]
    return {"count": len(user.groups), "items": items}


def get_by_id(call: Call) -> list[dict[str, Any]]:
    """Show groups by positive ids; a zero ends the list."""
    text = call.params.text("group_ids") or call.params.text("group_id")
    if not text:
        words = "One of the parameters specified was missing or invalid: group_ids is undefined"
        raise ApiFault(100, words)
    ids = [to_int(part) for part in text.split(",")]
    if any(number < 0 for number in ids):
        raise ApiFault(100, "ты ошибся чутка, у айди группы убери минус")
    if 0 in ids:
        ids = ids[: ids.index(0)]
    return [_by_id(call, number) for number in ids]


def _listed(call: Call, group: Group) -> dict[str, Any]:
    if call.newer:
        return _by_id(call, group.id)
    shown = {
        "id": group.id,
        "name": group.name,
        "screen_name": group.screen_name,
        "is_closed": False,
        "can_access_closed": True,
    }
    return shown | _fields(call, group)


def _by_id(call: Call, group_id: int) -> dict[str, Any]:
    group = call.world.groups.get(group_id)
    if group is None:
        words = "This group was deleted or it doesn't exist"
        gone = {"name": "DELETED", "screen_name": f"club{group_id}", "type": "group"}
        return {"id": group_id, **gone, "description": words}
    shown: dict[str, Any] = {
        "id": group.id,
        "name": group.name,
        "screen_name": group.screen_name or (f"club{group.id}" if call.newer else None),
        "is_closed": call.flag(value=False),
        "type": "group",
        "is_member": int(call.viewer in group.members),
        "can_access_closed": call.flag(value=True),
    }
    if call.newer:
        shown |= {"is_admin": int(call.viewer in group.admins), "deactivated": None}
        shown |= dict.fromkeys(("photo_50", "photo_100", "photo_200"), call.url(CAMERA))
    return shown | _fields(call, group)


def _fields(call: Call, group: Group) -> dict[str, Any]:
    picture = call.url(CAMERA)
    known: dict[str, Any] = {
        "members_count": len(group.members),
        "description": group.description,
        "site": group.site,
        "contacts": [] if call.newer else None,
        "can_post": group.wall_open,
        "verified": 0,
        "can_suggest": False,
        "suggested_count": None,
        **dict.fromkeys(("photo_50", "photo_100", "photo_200", "photo_max"), picture),
    }
    if not call.newer:
        known["has_photo"] = 0
    return {name: known[name] for name in call.params.names("fields") if name in known}


METHODS = {
    "groups.get": Method(get),
    "groups.getById": Method(get_by_id, anonymous="AB"),
}
