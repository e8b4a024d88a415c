"""ovk.* and utils.*: the instance, and names."""

import re
import time
from collections.abc import Callable
from typing import Any

from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.people import user_objects
from ovk_archive.demo.methods.php import ApiFault, Crash

VERSION = "Altair Preview (Public Technical Preview 4)"
LINK = {"name": "Правила", "url": "https://example.org/rules"}
_NUMBERED = re.compile(r"(id|club)(\d+)$")


def get_server_time(_: Call) -> int:
    """Tell the time."""
    return int(time.time())


def resolve_screen_name(call: Call) -> dict[str, Any]:
    """Find whose name this is; "id999" is somebody even where nobody is."""
    name = call.params.text("screen_name")
    numbered = _NUMBERED.match(name)
    if numbered:
        kind = "user" if numbered.group(1) == "id" else "group"
        return {"object_id": int(numbered.group(2)), "type": kind}
    for user in call.world.users.values():
        if user.screen_name == name:
            return {"object_id": user.id, "type": "user"}
    for group in call.world.groups.values():
        if group.screen_name == name:
            return {"object_id": group.id, "type": "group"}
    raise ApiFault(104, "Not found")


def version(_: Call) -> str:
    """Name the version: the same words in both dialects."""
    return VERSION


def test(call: Call) -> dict[str, Any]:
    """Say whether the token is good."""
    known = call.viewer is not None
    number = "5.9999" if call.newer else "4.100"
    return {"authorized": known, "auth_with": "access_token", "version": number}


def about_instance(call: Call) -> dict[str, Any]:
    """Describe the instance.

    [A] crashes on its own default fields (help/openvk-api.md, Account and instance).
    """
    fields = call.params.text("fields", "statistics,administrators,popular_groups,links")
    wanted = fields.split(",")
    if "popular_groups" in wanted and not call.newer:
        raise Crash
    return {name: ABOUT[name](call) for name in wanted if name in ABOUT}


def get_mirrors(_: Call) -> list[str]:
    """List other addresses of the instance."""
    return ["demo.localhost", "mirror.demo.localhost"]


def _statistics(call: Call) -> dict[str, int]:
    world = call.world
    online = sum(user.online for user in world.users.values())
    return {
        "users_count": len(world.users),
        "online_users_count": online,
        "active_users_count": online,
        "groups_count": len(world.groups),
        "wall_posts_count": len(world.posts),
    }


ABOUT: dict[str, Callable[[Call], dict[str, Any]]] = {
    "statistics": _statistics,
    "administrators": lambda call: {"count": 1, "items": user_objects(call, [1], [])},
    "popular_groups": lambda _: {"count": 0, "items": []},
    "links": lambda _: {"count": 1, "items": [LINK]},
}

METHODS = {
    "utils.getServerTime": Method(get_server_time, anonymous="AB"),
    "utils.resolveScreenName": Method(resolve_screen_name, anonymous="AB", needs=("screen_name",)),
    "ovk.version": Method(version, anonymous="AB"),
    "ovk.test": Method(test, anonymous="AB"),
    "ovk.aboutInstance": Method(about_instance, anonymous="AB"),
    "ovk.getMirrors": Method(get_mirrors, anonymous="AB", dialects="B"),
}
