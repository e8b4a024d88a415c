"""wall.getComments and wall.getComment: what is said under a post."""

from typing import Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.attachments import attached
from ovk_archive.demo.methods.call import Call
from ovk_archive.demo.methods.people import user_objects
from ovk_archive.demo.methods.php import ApiFault, Crash, escape, window
from ovk_archive.demo.methods.seconds import as_sorted
from ovk_archive.demo.world.records import Comment, Post

FOOTER = {"can_post": True, "show_reply_button": True, "groups_can_post": False}
THREAD = {"count": 0, "items": [], "can_post": False} | {
    "show_reply_button": True,
    "groups_can_post": False,
}
#: Videos are dropped from comments, polls too.
SHOWN_KINDS = ("photo", "audio", "note", "doc")


def get_comments(call: Call) -> dict[str, Any]:
    """List the comments of a post; in [A] the offset counts pages (Wall.php:751)."""
    post = _post(call)
    thread = call.world.thread("post", post.owner_id, post.id)
    offset, count = call.params.number("offset"), call.params.number("count", 10)
    start = offset if call.newer else offset * count
    rows = as_sorted(thread, start + count)
    page = window(rows[::-1] if call.params.text("sort", "asc") == "desc" else rows, start, count)
    shown = [_comment(call, comment, listed=True) for comment in page]
    footer = {"current_level_count": len(thread), **FOOTER}
    people = _people(call, [comment.author_id for comment in page])
    return {"count": len(thread), "items": shown, **footer, **people}


def get_comment(call: Call) -> dict[str, Any]:
    """Show one comment of any kind of object; [A] crashes unless it is a post's."""
    comment = call.world.comments.get(call.params.number("comment_id"))
    if comment is None or comment.deleted:
        raise ApiFault(100, "Invalid comment")
    if comment.kind != "post" and not call.newer:
        raise Crash
    people = _people(call, [comment.author_id])
    return {"items": [_comment(call, comment, listed=False)], **FOOTER, **people}


def _post(call: Call) -> Post:
    owner, number = call.params.number("owner_id"), call.params.number("post_id")
    post = call.world.posts.get((owner, number))
    if post is None or not post.shown:
        raise ApiFault(100, "One of the parameters specified was missing or invalid")
    try:
        privacy.wall(call.world, call.dialect, owner)
    except ApiFault as fault:
        raise ApiFault(15, "Access denied") from fault
    return post


def _comment(call: Call, comment: Comment, *, listed: bool) -> dict[str, Any]:
    call.guard("comments", comment.id)
    kinds = [item for item in comment.attachments if item[0] in SHOWN_KINDS]
    place = (comment.owner_id, comment.object_id)
    parent = call.world.posts.get(place) if comment.kind == "post" else None
    author = comment.owner_id if parent is None else parent.author_id
    shown: dict[str, Any] = {
        "id": comment.id,
        "from_id": comment.author_id,
        "date": comment.date,
        "text": escape(comment.text),
        "post_id": comment.object_id,
        # The post's author, not the wall (help/openvk-api.md, Ids).
        "owner_id": author,
        "parents_stack": [],
        "attachments": attached(call, kinds, hide_deleted=False),
        "thread": THREAD,
    }
    if call.newer:
        shown |= _newer_keys(call, comment, author, listed=listed)
    if not listed or call.params.flag("need_likes", default=True):
        mine = int(call.viewer in comment.likers)
        likes = {"can_like": 1, "count": comment.likes, "user_likes": mine, "can_publish": 1}
        shown["likes"] = likes
    return shown


def _newer_keys(call: Call, comment: Comment, author: int, *, listed: bool) -> dict[str, Any]:
    """Add what [B] adds: wall.getComment knows nothing of replies and rights."""
    extra: dict[str, Any] = {}
    if listed:
        mine = call.viewer in (comment.author_id, comment.owner_id)
        extra |= {"can_edit": False, "can_delete": mine}
        if comment.reply_to is not None:
            extra["reply_to_comment"] = comment.reply_to
    if comment.author_id == author:
        extra["is_from_post_author"] = True
    return extra


def _people(call: Call, authors: list[int]) -> dict[str, Any]:
    if not call.params.flag("extended"):
        return {}
    # [A] leaves commenting groups out; [B] takes them for people (help/openvk-api.md, Comments).
    ids = list(dict.fromkeys(abs(n) if call.newer else n for n in authors))
    fields = ["sex", "screen_name", "photo_50", "photo_100", "online"]
    profiles = user_objects(call, [number for number in ids if number > 0], fields)
    return {"profiles": profiles, "groups": []} if call.newer else {"profiles": profiles}
