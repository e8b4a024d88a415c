"""likes.*: who likes what."""

from typing import Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.faces import face
from ovk_archive.demo.methods.php import ApiFault, sliced

LISTED = {"post", "comment", "photo", "video"}
_MISSING = "One of the parameters specified was missing or invalid: "


def get_list(call: Call) -> dict[str, Any]:
    """List who likes something, those who did so first on top; `count` is everybody.

    `skip_own` drops the account after the page is cut.
    """
    kind, owner, number = _named(call)
    if kind not in LISTED:
        raise ApiFault(58, "Invalid type")
    thing = call.world.likeable(kind, owner, number)
    if thing is None or thing.deleted:
        raise ApiFault(56, "Invalid postable")
    if not privacy.viewable(call.world, call.dialect, thing):
        raise ApiFault(665, "Access to postable denied")
    page = sliced(thing.likers, call.params.number("offset"), call.params.number("count", 10))
    for user in page:
        call.guard("likes", (kind, owner, number, user))
    people = [n for n in page if n != call.viewer or not call.params.flag("skip_own")]
    items: list[Any] = people
    if call.params.flag("extended"):
        items = [face(call, user, ("photo_50",)) for user in people]
    return {"count": thing.likes, "items": items}


def is_liked(call: Call) -> dict[str, int]:
    """Say whether a person likes something; notes count here, though nothing lists them."""
    user = call.world.user(call.params.number("user_id"))
    if user is None:
        raise ApiFault(100, f"{_MISSING}user not found")
    if not privacy.sees_profile(call.world, user):
        raise ApiFault(15, "Access denied")
    kind, owner, number = _named(call)
    if kind not in LISTED | {"note"}:
        raise ApiFault(100, f"{_MISSING}incorrect type")
    thing = call.world.likeable(kind, owner, number)
    if thing is None or thing.deleted:
        raise ApiFault(100, f"{_MISSING}object not found")
    if not privacy.viewable(call.world, call.dialect, thing):
        raise ApiFault(665, "Access to postable denied")
    return {"liked": int(user.id in thing.likers), "copied": 0}


def _named(call: Call) -> tuple[str, int, int]:
    params = call.params
    return params.text("type"), params.number("owner_id"), params.number("item_id")


METHODS = {
    "likes.getList": Method(get_list, needs=("type", "owner_id", "item_id")),
    "likes.isLiked": Method(is_liked, needs=("user_id", "type", "owner_id", "item_id")),
}
