"""friends.* and users.getFollowers: who knows whom. Every offset here counts pages."""

from collections.abc import Sequence
from typing import Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.people import user_object, user_objects
from ovk_archive.demo.methods.personal import friend_status
from ovk_archive.demo.methods.php import ApiFault, Crash, to_int, window


def get(call: Call) -> dict[str, Any]:
    """List friends."""
    user_id = call.params.number("user_id") or call.viewer or 0
    privacy.friends(call.world, call.dialect, user_id)
    friends = call.world.users[user_id].friends
    return {"count": len(friends), "items": _page(call, friends)}


def get_followers(call: Call) -> dict[str, Any]:
    """List those who asked to be friends and were not answered."""
    user_id = call.params.number("user_id")
    privacy.followers(call.world, call.dialect, user_id)
    followers = call.world.users[user_id].followers
    return {"count": len(followers), "items": _page(call, followers)}


def get_requests(call: Call) -> dict[str, Any]:
    """List who asks the account to be friends, or with `out` in [B] whom it asks.

    `count` is that of those who ask, whatever is listed; [A] does not know `out`.
    """
    if call.params.number("count", 100) >= 1000:
        raise ApiFault(100, "One of the required parameters was not passed or is invalid.")
    me = call.world.users[call.world.account_id]
    listed = me.followers
    if call.newer and call.params.flag("out"):
        listed = me.follows
    elif call.newer and call.params.flag("suggested"):
        listed = []
    items = [shown | {"user_id": shown["id"]} for shown in _page(call, listed)]
    return {"count": len(me.followers), "items": items}


def are_friends(call: Call) -> list[dict[str, int]]:
    """Say how people stand to the account; [A] swaps who asks and who was asked."""
    swapped = {0: 0, 1: 2, 2: 1, 3: 3}
    shown = []
    for number in (to_int(part) for part in call.params.text("user_ids").split(",")):
        user = call.world.users.get(number)
        if user is None:
            raise Crash
        status = friend_status(call, user)
        status = status if call.newer else swapped[status]
        shown.append({"friend_status": status, "user_id": number})
    return shown


def _page(call: Call, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Show a page; where nobody is left, [A] shows a phantom (help/openvk-api.md, Friends)."""
    count = call.params.number("count", 100)
    page = window(ids, call.params.number("offset") * count, count)
    if not page and count and not call.newer:
        return [user_object(call, 0, [])]
    return user_objects(call, page, call.params.names("fields"))


METHODS = {
    "friends.get": Method(get),
    "friends.getRequests": Method(get_requests),
    "friends.areFriends": Method(are_friends, needs=("user_ids",)),
    "users.getFollowers": Method(get_followers, needs=("user_id",)),
}
