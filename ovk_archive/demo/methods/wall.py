"""wall.get and wall.getById: walls, page by page and post by post."""

from collections.abc import Iterable
from typing import Any

from ovk_archive.demo.methods import privacy, threads
from ovk_archive.demo.methods.attachments import attached
from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.people import wall_groups, wall_profiles
from ovk_archive.demo.methods.php import ApiFault, Crash, escape, to_int, window
from ovk_archive.demo.world.records import Pair, Post

FILTERS = {"all", "owner", "others"}


def get(call: Call) -> dict[str, Any]:
    """List a wall: the pinned post on top of the first page, then by date."""
    owner, kind = call.params.number("owner_id"), call.params.text("filter", "all")
    privacy.wall(call.world, call.dialect, owner)
    _check_filter(owner, kind)
    offset, count = call.params.number("offset"), call.params.number("count", 30)
    posts = call.world.wall(owner)
    if kind == "all":
        page = _page(call, owner, offset, count)
    else:
        posts = [p for p in posts if (p.author_id == owner) == (kind == "owner")]
        page = list(window(posts, offset, count))
    shown = [post_object(call, post, listed=True) for post in page]
    answer: dict[str, Any] = {"count": len(posts), "items": shown}
    return answer | _people(call, page, listed=True)


def get_by_id(call: Call) -> dict[str, Any]:
    """Show chosen posts; what is deleted, suggested or hidden is silently left out."""
    keys = [_key(part) for part in call.params.names("posts")]
    found = [post for key in keys if (post := _visible(call, key)) is not None]
    items = [post_object(call, post, listed=False) for post in found]
    return {"items": items} | _people(call, found, listed=False)


def post_object(call: Call, post: Post, *, listed: bool) -> dict[str, Any]:
    """Show a post as a listing does, or as getById does (deleted photos and all)."""
    call.guard("posts", (post.owner_id, post.id))
    shown: dict[str, Any] = {
        "id": post.id,
        "from_id": post.author_id,
        "owner_id": post.owner_id,
        "date": post.date,
        "post_type": "post",
        "text": escape(post.text),
        "copy_history": _copies(call, post),
        **_rights(call, post, listed=listed),
        "attachments": attached(call, post.attachments, hide_deleted=listed),
        "post_source": _source(post),
        "comments": {"count": _comments(call, post), "can_post": 1},
        "likes": _likes(call, post),
        "reposts": {"count": 0, "user_reposted": 0},
    }
    return (
        shown | _newer_keys(post, listed=listed)
        if call.newer
        else shown | {"signer_id": post.signer_id}
    )


def _likes(call: Call, post: Post) -> dict[str, int]:
    mine = int(call.viewer in post.likers)
    return {"count": post.likes, "user_likes": mine, "can_like": 1, "can_publish": 1}


def _comments(call: Call, post: Post) -> int:
    return len(call.world.thread("post", post.owner_id, post.id))


def _rights(call: Call, post: Post, *, listed: bool) -> dict[str, bool | int]:
    mine = call.viewer in (post.owner_id, post.author_id)
    rights: dict[str, bool] = {
        "can_edit": False,
        "can_delete": mine,
        "can_pin": post.owner_id == call.viewer,
        "can_archive": False,
        "is_archived": False,
        "is_pinned": call.world.pinned(post.owner_id) is post,
        "is_explicit": post.explicit,
    }
    if listed:
        return {name: call.flag(value) for name, value in rights.items()}
    # wall.getById keeps booleans in [B] too, all but this one.
    return rights | {"is_pinned": call.flag(rights["is_pinned"])}


def _newer_keys(post: Post, *, listed: bool) -> dict[str, Any]:
    extra: dict[str, Any] = {} if listed else {"post_id": post.id}
    if post.signer_id is not None:
        extra["signer_id"] = post.signer_id
    if post.copyright is not None:
        link = post.copyright
        extra["copyright"] = {"id": 0, "link": link, "name": link, "type": "link"}
    if post.geo is not None:
        extra["geo"] = {"type": "point", "coordinates": post.geo[0], "name": post.geo[1]}
    return extra


def _source(post: Post) -> dict[str, str]:
    if post.platform is None:
        return {"type": "vk"}
    return {"type": "api", "platform": post.platform}


def _copies(call: Call, post: Post) -> list[dict[str, Any]]:
    """Show a repost's original; its owner is its author (help/openvk-api.md, Ids)."""
    original = call.world.posts.get(post.repost_of) if post.repost_of else None
    if original is None:
        return []
    photos = [item for item in original.attachments if item[0] == "photo"]
    copy = {
        "id": original.id,
        "owner_id": original.author_id,
        "from_id": original.author_id,
        "date": original.date,
        "post_type": "post",
        "text": escape(original.text),
        "attachments": attached(call, photos, hide_deleted=True),
        "post_source": _source(original),
    }
    return [copy]


def _page(call: Call, owner: int, offset: int, count: int) -> list[Post]:
    """Cut a page of the whole wall.

    [A] takes one off every offset, pinned post or not (Posts.php:57), so that without a
    pin the last row of one page comes again as the first of the next.
    """
    posts, pinned = call.world.wall(owner), call.world.pinned(owner)
    if pinned is None:
        shift = 1 if offset > 0 and not call.newer else 0
        return list(window(posts, offset - shift, count))
    rest = _without(call, owner, pinned)
    if offset == 0:
        return [pinned, *window(rest, 0, count - 1)]
    return list(window(rest, offset - 1 if offset > 0 else offset, count))


def _without(call: Call, owner: int, pinned: Post) -> list[Post]:
    posts = call.world.wall(owner)
    key = ("wall", owner, pinned.id)
    return call.world.listing(key, lambda: [post for post in posts if post is not pinned])


def _check_filter(owner: int, kind: str) -> None:
    if kind == "postponed":
        raise ApiFault(42, "Postponed posts are not implemented.")
    if kind == "suggests":
        if owner > 0:
            raise ApiFault(528, "Suggested posts avaiable only at groups")
        raise ApiFault(125, "Group's wall type is open or closed")
    if kind not in FILTERS:
        raise ApiFault(254, "Invalid filter")


def _key(text: str) -> Pair:
    owner, _, number = text.partition("_")
    return to_int(owner), to_int(number)


def _visible(call: Call, key: Pair) -> Post | None:
    post = call.world.posts.get(key)
    if post is None or not (post.shown or _is_put_away(call, post)):
        return None
    readable = privacy.allows(privacy.wall, call.world, call.dialect, key[0])
    return post if readable else None


def _is_put_away(call: Call, post: Post) -> bool:
    """Whether only its owner sees it, by number (help/openvk-api.md, Walls)."""
    mine = call.newer and call.viewer == post.owner_id
    return mine and post.archived and not post.deleted


def _people(call: Call, posts: Iterable[Post], *, listed: bool) -> dict[str, Any]:
    """Show the authors, if asked.

    [A] takes the virtual id of every repost's original for a person's, and wall.get crashes
    where there is no such person (help/openvk-api.md, Walls).
    """
    if call.params.number("extended") != 1:
        return {}
    authors = [post.author_id for post in posts]
    if not call.newer:
        phantoms = [post.repost_of[1] for post in posts if post.repost_of]
        if listed and any(number not in call.world.users for number in phantoms):
            raise Crash
        authors += phantoms
    people = list(dict.fromkeys(number for number in authors if number > 0))
    groups = list(dict.fromkeys(-number for number in authors if number < 0))
    return {
        "profiles": wall_profiles(call, people, listed=listed),
        "groups": wall_groups(call, groups),
    }


METHODS = {
    "wall.get": Method(get, needs=("owner_id",)),
    "wall.getById": Method(get_by_id, anonymous="B", needs=("posts",)),
    "wall.getComments": Method(threads.get_comments, needs=("owner_id", "post_id")),
    "wall.getComment": Method(threads.get_comment, needs=("owner_id", "comment_id")),
}
