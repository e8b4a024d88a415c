"""groups.getMembers: who is in a community."""

from collections.abc import Callable
from typing import Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.call import Call
from ovk_archive.demo.methods.people import avatar
from ovk_archive.demo.methods.personal import PICTURES
from ovk_archive.demo.methods.php import Crash
from ovk_archive.demo.methods.privacy import sees_profile
from ovk_archive.demo.methods.structs import name_of, user_item
from ovk_archive.demo.world.records import User

#: What [A] says of people whose profile is closed (help/openvk-api.md, Groups).
FAKES: dict[str, Any] = {
    "bdate": "01.01.1970",
    "sex": -1,
    "status": "r",
    "contacts": "secret@gmail.com",
    "common_count": 420,
}
SHOWN: dict[str, Callable[[User], Any]] = {
    "bdate": lambda user: user.birthday,
    "sex": lambda user: user.sex,
    "status": lambda user: user.status,
    "contacts": lambda _: None,
    "common_count": lambda _: 0,
    "online": lambda user: user.online,
    "last_seen": lambda user: user.last_seen,
    "site": lambda _: None,
}


def get_members(call: Call) -> dict[str, Any]:
    """List members by id: the first `count` of them, of which `offset` are then dropped."""
    group_id = call.params.number("group_id")
    privacy.members(call.world, call.dialect, group_id)
    offset = call.params.number("offset")
    count = call.params.number("count", 10 if call.newer else 100)
    if count < 0:
        raise Crash
    backwards = not call.newer and call.params.text("sort") in {"id_desc", "time_desc"}
    members = sorted(call.world.groups[group_id].members, reverse=backwards)
    page = members[:count][offset:][:count]
    shown = user_item if call.newer else _member
    return {"count": len(page), "items": [shown(call, number) for number in page]}


def _member(call: Call, user_id: int) -> dict[str, Any]:
    """Show a member as [A] does, with lies about those whose profile is closed."""
    call.guard("users", user_id)
    user = call.world.users[user_id]
    shown: dict[str, Any] = {"id": user.id, **name_of(user)}
    for name in call.params.names("fields"):
        if name in PICTURES:
            shown[name] = avatar(call, user, PICTURES[name])
        elif name in FAKES and not sees_profile(call.world, user):
            shown[name] = FAKES[name]
        elif name in SHOWN:
            shown[name] = SHOWN[name](user)
    return shown
