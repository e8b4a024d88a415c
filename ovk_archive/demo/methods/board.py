"""board.*: the discussions of communities."""

from collections.abc import Iterable, Sequence
from typing import Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.call import CAMERA, Call, Method
from ovk_archive.demo.methods.comments import object_comment
from ovk_archive.demo.methods.faces import face
from ovk_archive.demo.methods.php import ApiFault, escape, sliced, to_int
from ovk_archive.demo.methods.seconds import as_sorted
from ovk_archive.demo.world.records import Comment, Group, Topic

MOST = 100


def get_topics(call: Call) -> dict[str, Any]:
    """List topics, pinned ones first, or the chosen ones; `count` is the community's total."""
    group_id, count = call.params.number("group_id"), _count(call)
    privacy.board(call.world, call.dialect, group_id)
    rows = call.world.topics_of(group_id)
    page: Iterable[Topic] = sliced(rows, call.params.number("offset"), count)
    if call.params.text("topic_ids"):
        page = _chosen(call, group_id)
    answer: dict[str, Any] = {
        "count": len(rows),
        "items": [topic_object(call, topic) for topic in page],
        "profiles": [],
        "can_add_topics": call.viewer in call.world.groups[group_id].admins,
    }
    # Only an echo: the order is always the same.
    order = {} if call.newer else {"default_order": call.params.number("order", 1)}
    return answer | order


def get_comments(call: Call) -> dict[str, Any]:
    """List the comments of a topic, named by its virtual id, oldest first; [A] does not count."""
    count = _count(call)
    group_id, number = call.params.number("group_id"), call.params.number("topic_id")
    topic = call.world.topics.get((group_id, number))
    if topic is None or topic.deleted:
        raise ApiFault(5, "Not found" if call.newer else "Invalid topic")
    thread = call.world.thread("topic", -group_id, number)
    offset = call.params.number("offset")
    page = sliced(as_sorted(thread, offset + count), offset, count)
    answer: dict[str, Any] = {"items": [_comment(call, comment) for comment in page]}
    if call.newer:
        answer["count"] = len(thread)
    return answer | _people(call, page)


def topic_object(call: Call, topic: Topic) -> dict[str, Any]:
    """Show a topic: [A] by an id that counts those of all groups (help/openvk-api.md, Board)."""
    call.guard("topics", (topic.group_id, topic.virtual_id))
    thread = call.world.thread("topic", -topic.group_id, topic.virtual_id)
    shown: dict[str, Any] = {
        "id": topic.virtual_id if call.newer else topic.id,
        "title": topic.title,
        "created": topic.date,
        "created_by": topic.author_id,
        "updated": thread[-1].date if thread else topic.date,
        **({"updated_by": thread[-1].author_id} if thread else {}),
        "is_closed": int(topic.closed),
        "is_fixed": int(topic.pinned),
        "comments": len(thread),
    }
    if call.params.number("preview") == 1:
        shown["first_comment"] = _beginning(call, thread[:1])
        shown["last_comment"] = _beginning(call, thread[-1:])
    return shown


def _count(call: Call) -> int:
    count = call.params.number("count", 10 if call.newer else 40)
    if call.newer and not 1 <= count <= MOST:
        raise ApiFault(4, "Invalid count")
    return count


def _chosen(call: Call, group_id: int) -> list[Topic]:
    """Find topics by "group_virtual" in [A], by virtual id in [B]; who is missing is left out."""
    keys = []
    for name in call.params.text("topic_ids").split(","):
        group, _, number = name.partition("_")
        # [B] reads "1_2" as 1, as PHP casts it.
        keys.append((group_id, to_int(name)) if call.newer else (to_int(group), to_int(number)))
    found = [call.world.topics.get(key) for key in keys]
    return [topic for topic in found if topic is not None and not topic.deleted]


def _beginning(call: Call, comments: Sequence[Comment]) -> str | None:
    """Cut a comment as a preview is, whatever entity is cut in two."""
    if not comments:
        return None
    length = call.params.number("preview_length", 90)
    text, length = escape(comments[0].text), length if length > 1 else 90
    return text if len(text) <= length else text[:length] + "…"


def _comment(call: Call, comment: Comment) -> dict[str, Any]:
    shown = object_comment(call, comment)
    wanted = call.params.flag("need_likes")
    mine = int(call.viewer in comment.likers)
    likes = {"count": comment.likes, "user_likes": mine, "can_like": 1} if wanted else {}
    if call.newer:
        return shown | likes
    del shown["parents_stack"]
    # PHP's empty array is a list, even where an object is meant.
    return shown | {"likes": likes or []}


def _people(call: Call, comments: Iterable[Comment]) -> dict[str, Any]:
    """Show the authors once per comment; [A] leaves out a list that nobody is on."""
    if not call.params.flag("extended"):
        return {}
    authors = [comment.author_id for comment in comments]
    people: dict[str, list[dict[str, Any]]] = {
        "profiles": [face(call, number) for number in authors if number > 0],
        "groups": [_group(call, call.world.groups[-number]) for number in authors if number < 0],
    }
    return {name: rows for name, rows in people.items() if rows or call.newer}


def _group(call: Call, group: Group) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": group.id,
        "name": group.name,
        "screen_name": group.screen_name,
        "is_closed": 0,
        "type": "group",
        "is_member": 0,
        "is_admin": call.flag(value=False),
        "deactivated": None,
    }
    if call.newer:
        return shown | {"can_access_closed": 1}
    shown |= dict.fromkeys(("photo_50", "photo_100", "photo_200"), call.url(CAMERA))
    return shown | {"can_create_topic": 1, "can_post": 1}


METHODS = {
    "board.getTopics": Method(get_topics, needs=("group_id",), limited=True),
    "board.getComments": Method(get_comments, needs=("group_id", "topic_id"), limited=True),
}
