"""groups.get, getById, getSettings and isMember: communities."""

from typing import Any

from ovk_archive.demo.methods import members, privacy
from ovk_archive.demo.methods.call import CAMERA, Call, Method
from ovk_archive.demo.methods.php import ApiFault, Crash, to_int, window
from ovk_archive.demo.methods.structs import group_struct
from ovk_archive.demo.world.records import Group

#: What [A] answers about every group alike.
CONSTANTS: dict[str, Any] = {
    "wiki": 0,
    "messages": 0,
    "obscene_filter": 0,
    "obscene_stopwords": 0,
    "obscene_words": "",
    "access": 1,
    "subject": 1,
    "subject_list": ["в", "опенвк", "нет", "категорий", "групп"],
    "age_limits": 0,
    "market": [],
}


def get(call: Call) -> dict[str, Any]:
    """List a person's groups; [A] crashes on an empty page (help/openvk-api.md, Groups)."""
    user_id = call.params.number("user_id") or call.viewer or 0
    privacy.groups(call.world, call.dialect, user_id)
    joined = call.world.users[user_id].groups
    listed = joined
    if call.params.text("filter") == "admin":
        listed = call.world.administered(user_id)
    page = window(listed, call.params.number("offset"), call.params.number("count", 6))
    if not page and not call.newer:
        raise Crash
    items = [_listed(call, call.world.groups[number]) for number in page]
    # [A] counts the groups that the person joined, whatever the filter.
    return {"count": len(listed if call.newer else joined), "items": items}


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


def get_settings(call: Call) -> dict[str, Any]:
    """Show how a group is set up, to those who administer it."""
    group = call.world.groups.get(call.params.number("group_id"))
    if group is None or call.viewer not in group.admins:
        words = "Access denied" if call.newer else "You can't get settings of this group."
        raise ApiFault(15, words)
    shown = {
        "title": group.name,
        "description": group.description,
        "address": group.screen_name,
        "wall": int(group.wall_open),
        "photos": 1,
        "video": 0,
        "audio": 0,
        "docs": int(call.newer),
        "topics": 1,
        "website": group.site,
    }
    return shown if call.newer else shown | CONSTANTS | {"rss": f"/club{group.id}/rss"}


def is_member(call: Call) -> int | dict[str, int]:
    """Say whether a person is a member; [B] overlooks a minus."""
    group_id = call.params.number("group_id")
    if group_id < 0 and not call.newer:
        raise ApiFault(228, "Remove the minus from group_id")
    group = call.world.groups.get(abs(group_id))
    if group is None or (call.newer and group.banned):
        raise ApiFault(15, "Access denied") if call.newer else ApiFault(203, "Invalid club")
    user = call.world.user(call.params.number("user_id"))
    if user is None:
        raise ApiFault(15, "Not found") if call.newer else ApiFault(30, "Invalid user")
    member = int(user.id in group.members)
    if not call.params.flag("extended"):
        return member
    return {"member": member, "request": 0, "invitation": 0, "can_invite": 0, "can_recall": 0}


def _listed(call: Call, group: Group) -> dict[str, Any]:
    if call.newer:
        return _by_id(call, group.id)
    call.guard("groups", group.id)
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
    call.guard("groups", group.id)
    if call.newer:
        pictures = dict.fromkeys(("photo_50", "photo_100", "photo_200"), call.url(CAMERA))
        return group_struct(call, group) | pictures | _fields(call, group)
    shown: dict[str, Any] = {
        "id": group.id,
        "name": group.name,
        "screen_name": group.screen_name,
        "is_closed": False,
        "type": "group",
        "is_member": int(call.viewer in group.members),
        "can_access_closed": True,
    }
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
    "groups.getMembers": Method(members.get_members, anonymous="A", needs=("group_id",)),
    "groups.getSettings": Method(get_settings, needs=("group_id",)),
    "groups.isMember": Method(is_member, needs=("group_id", "user_id")),
}
