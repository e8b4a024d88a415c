"""newsfeed.get and newsfeed.getBanned: what the account's subscriptions write, and whose not.

The feed is wall.getById of the posts that a query finds, as on real servers: what may not be
read is dropped after the page was cut, so that pages can be short or empty in the middle.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ovk_archive.demo.methods import privacy, wall
from ovk_archive.demo.methods.attachments import attached
from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.php import Params, to_int, window
from ovk_archive.demo.methods.structs import group_struct, user_item
from ovk_archive.demo.world.records import Post

Wanted = Callable[[Post], bool]
_FOREVER = 2**63 - 1


def get(call: Call) -> dict[str, Any]:
    """List posts, newest first; `offset` counts pages."""
    wanted = _older(call) if call.dialect == "A" else _newer(call)
    posts = [post for post in call.world.feed(call.dialect) if wanted(post)]
    count = call.params.number("count", 30)
    page = window(posts, call.params.number("offset") * count, count)
    answer = _shown(call, page)
    if not call.newer:
        # Of the page as it was cut; `false` only where nothing was found at all.
        return answer | {"next_from": page[-1].global_id if page else False}
    for item in answer["items"]:
        item |= {"type": "post", "source_id": item["owner_id"]}
    if page:
        answer["next_from"] = f"{page[-1].date}_{page[-1].global_id}"
    return answer


def get_banned(call: Call) -> dict[str, Any]:
    """List the sources that the account ignores: ids, or with `extended` what they are."""
    sources = call.world.ignored
    people = [number for number in sources if number > 0]
    if not call.params.flag("extended"):
        return {"groups": [number for number in sources if number < 0], "members": people}
    if call.params.flag("merge"):
        return {"count": len(sources), "items": [_source(call, number) for number in sources]}
    return {
        "groups": [_source(call, number) for number in sources if number < 0],
        "profiles": [_source(call, number) for number in people],
    }


def _older(call: Call) -> Wanted:
    """Make [A]'s filter: by id, though the list goes by date, so that posts are passed over."""
    before = call.params.number("start_from") or _FOREVER
    earliest, latest = _times(call)
    return lambda post: post.global_id < before and earliest <= post.date <= latest


def _newer(call: Call) -> Wanted:
    """Make [B]'s filter: from a cursor "date_id", without what others wrote on a wall."""
    date, cut, number = call.params.text("start_from").partition("_")
    before = (to_int(date), to_int(number)) if cut else (_FOREVER, _FOREVER)
    earliest, latest = _times(call)
    aliens = call.params.flag("with_alien_wall_posts")
    return lambda post: (
        (post.date, post.global_id) < before
        and earliest <= post.date <= latest
        and (aliens or post.author_id == post.owner_id)
    )


def _times(call: Call) -> tuple[int, int]:
    return call.params.number("start_time"), call.params.number("end_time") or _FOREVER


def _shown(call: Call, page: Sequence[Post]) -> dict[str, Any]:
    """Show what may be read of a page, with attachments as a visitor sees them."""
    kept = [
        post
        for post in page
        if privacy.allows(privacy.feed, call.world, call.dialect, post.owner_id)
    ]
    extended = call.params.number("extended", int(call.newer))
    keys = ",".join(f"{post.owner_id}_{post.id}" for post in kept)
    values = {"posts": keys, "extended": str(extended)}
    answer = wall.get_by_id(replace(call, params=Params(values)))
    for item, post in zip(answer["items"], kept, strict=True):
        item["attachments"] = _hung(call, post)
    return answer


def _hung(call: Call, post: Post) -> list[Any]:
    hung = attached(replace(call, viewer=None), post.attachments, hide_deleted=False)
    for item in hung:
        for name in ("likes", "can_manage"):
            item.get(item["type"], {}).pop(name, None)
    return hung


def _source(call: Call, signed_id: int) -> dict[str, Any]:
    if signed_id > 0:
        return user_item(call, signed_id)
    call.guard("groups", -signed_id)
    return group_struct(call, call.world.groups[-signed_id])


METHODS = {
    "newsfeed.get": Method(get),
    "newsfeed.getBanned": Method(get_banned, dialects="B"),
}
