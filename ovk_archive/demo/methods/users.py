"""users.get and status.get: people."""

from typing import Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.audio import audio_object
from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.people import user_object
from ovk_archive.demo.methods.php import ApiFault, Crash, to_int, window


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


def status_get(call: Call) -> Any:
    """Show a status: bare text in [A] unless music plays, always an object in [B]."""
    if call.params.number("group_id"):
        raise ApiFault(501, "Group statuses are not implemented")
    user_id = call.params.number("user_id") or call.viewer or 0
    privacy.status(call.world, call.dialect, user_id)
    user = call.world.users[user_id]
    playing = {}
    if user.playing is not None:
        playing = {"audio": audio_object(call, call.world.audio[user.playing])}
    if call.newer:
        return {"text": user.status, **playing}
    return {"status": user.status, **playing} if playing else user.status


METHODS = {
    "users.get": Method(get, anonymous="AB"),
    "status.get": Method(status_get),
}
