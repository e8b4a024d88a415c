"""users.get, friends.get and status.get: people."""

from typing import Any

from ovk_archive.demo.call import Call, Method
from ovk_archive.demo.people import user_object, user_objects
from ovk_archive.demo.php import ApiFault, Crash, to_int, window
from ovk_archive.demo.privacy import shows
from ovk_archive.demo.records import User


def get(call: Call) -> Any:
    """Show people by id; a zero among the ids turns the list into an object."""
    text = call.params.text("user_ids", "0")
    if text == "0":
        return _myself(call)
    if call.viewer is None and not call.newer and "friend_status" in call.params.names("fields"):
        raise Crash
    ids = [to_int(part) for part in text.split(",")]
    count = call.params.number("count", 100)
    page = window(ids, call.params.number("offset") * count, count)
    shown = {
        str(place): user_object(call, number, call.params.names("fields"))
        for place, number in enumerate(page)
        if number != 0
    }
    if len(shown) == len(page):
        return list(shown.values())
    if not shown and len(page) == 1:
        return [] if call.newer else [user_object(call, 0, [])]
    return shown


def _myself(call: Call) -> list[dict[str, Any]]:
    if call.viewer is not None:
        return [user_object(call, call.viewer, call.params.names("fields"))]
    if call.newer:
        return []
    raise Crash


def friends_get(call: Call) -> dict[str, Any]:
    """List friends; the offset counts pages, and [A] ends with a phantom of id 0."""
    user = call.world.user(call.params.number("user_id") or call.viewer or 0)
    if user is None:
        raise ApiFault(100, "Invalid user")
    gone = call.newer and user.banned is not None
    if gone or not shows(call.world, user, "friends"):
        raise ApiFault(15, "Access denied: this user chose to hide his friends.")
    count = call.params.number("count", 100)
    page = window(user.friends, call.params.number("offset") * count, count)
    items = user_objects(call, page, call.params.names("fields"))
    if not items and not call.newer:
        items = [user_object(call, 0, [])]
    return {"count": len(user.friends), "items": items}


def status_get(call: Call) -> Any:
    """Show a status: bare text in [A], an object in [B]."""
    if call.params.number("group_id"):
        raise ApiFault(501, "Group statuses are not implemented")
    user = call.world.user(call.params.number("user_id") or call.viewer or 0)
    if user is None or not _open(call, user):
        raise ApiFault(15, "Invalid user")
    return {"text": user.status} if call.newer else user.status


def _open(call: Call, user: User) -> bool:
    return shows(call.world, user, "status")


METHODS = {
    "users.get": Method(get, anonymous="AB"),
    "friends.get": Method(friends_get),
    "status.get": Method(status_get),
}
