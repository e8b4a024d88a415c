"""notifications.get: what the account is told of others' doings. Reading marks nothing."""

from typing import Any

from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.people import avatar
from ovk_archive.demo.methods.php import ApiFault, Crash, escape, sliced
from ovk_archive.demo.methods.structs import name_of, user_struct
from ovk_archive.demo.world.records import Comment, Notification, Pair, Post, User


def get(call: Call) -> dict[str, Any]:
    """List notifications, newest first: the unread ones, or with `archived` the others.

    One of the very second when the account looked is in neither list.
    """
    count, offset = call.params.number("count", 10), call.params.number("offset")
    if count > 100:
        raise ApiFault(125, "Count is too big")
    if call.world.events_off:
        raise ApiFault(1289, "EventDB is disabled on this instance")
    viewed, rows = call.world.last_viewed, call.world.unread(call.dialect)
    if call.params.flag("archived", default=call.newer):
        rows = [row for row in call.world.told(call.dialect) if row.date < viewed]
    page = sliced(rows, offset, count)
    return {
        "items": [_item(call, row) for row in page],
        "profiles": [_profile(call, number) for number in dict.fromkeys(r.actor_id for r in page)],
        "groups": [],
        "last_viewed": viewed,
    }


def _item(call: Call, row: Notification) -> dict[str, Any]:
    call.guard("notifications", row.id)
    parent = None if row.parent is None else _thing(call, *row.parent)
    return {
        "type": row.type,
        "date": row.date,
        "parent": parent,
        "feedback": _feedback(call, row),
        "reply": None,
    }


def _feedback(call: Call, row: Notification) -> dict[str, Any] | None:
    """Show what was done: each type has its form, and [A] does not tell who commented."""
    if row.feedback is not None:
        done = _thing(call, *row.feedback)
        return {name: done[name] for name in done if name != "post"}
    actor = call.world.users[row.actor_id]
    if row.type == "like_post":
        if call.newer:
            return {"count": 1, "items": [{"from_id": actor.id}]}
        return user_struct(actor) | _pictures(call, actor)
    if row.type == "comment_post" and call.newer:
        return user_struct(actor)
    return None


def _thing(call: Call, kind: str, key: Any) -> dict[str, Any]:
    """Show a post or a comment; one that is gone from the tables crashes its page."""
    world = call.world
    found = world.posts.get(key) if kind == "post" else world.comments.get(key)
    if found is None:
        raise Crash
    return _post(found) if isinstance(found, Post) else _comment(call, found)


def _post(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "to_id": post.owner_id,
        "from_id": post.author_id,
        "date": post.date,
        "text": escape(post.text),
        "attachments": [],
        "copy_owner_id": None,
        "copy_post_id": None,
    }


def _comment(call: Call, comment: Comment) -> dict[str, Any]:
    shown = {
        "id": comment.id,
        # The author's, as everywhere in comments (help/openvk-api.md, Ids).
        "owner_id": comment.author_id,
        "date": comment.date,
        "text": escape(comment.text),
    }
    return shown | _commented(call, comment)


def _commented(call: Call, comment: Comment) -> dict[str, Any]:
    key: Pair = (comment.owner_id, comment.object_id)
    post = call.world.posts.get(key) if comment.kind == "post" else None
    return {} if post is None else {"post": _post(post)}


def _pictures(call: Call, user: User) -> dict[str, Any]:
    sizes = {"photo_50": "miniscule", "photo_100": "tiny", "photo_200": "normal"}
    shown: dict[str, Any] = {name: avatar(call, user, size) for name, size in sizes.items()}
    pictured = next((p for p in call.world.photos_of(user.id) if p.global_id == user.avatar), None)
    return shown | {"photo_id": f"{user.id}_{pictured.id}" if pictured else None}


def _profile(call: Call, user_id: int) -> dict[str, Any]:
    """Show who did something: not in the form of users.get, and in [A] without an `id`."""
    user = call.world.users[user_id]
    shown: dict[str, Any] = {
        "uid": user.id,
        **name_of(user),
        "photo": avatar(call, user, "miniscule"),
        "photo_medium_rec": avatar(call, user, "tiny"),
        "screen_name": user.screen_name,
    }
    if not call.newer:
        return shown
    return shown | {
        "id": user.id,
        "photo_50": avatar(call, user, "tiny"),
        "photo_100": avatar(call, user, "normal"),
        "screen_name": user.screen_name or f"id{user.id}",
    }


METHODS = {"notifications.get": Method(get)}
