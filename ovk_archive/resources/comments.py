"""Comments of posts, photos, notes and topics.

Methods: wall.getComments, photos.getComments, notes.getComments, board.getComments
(help/openvk-api.md, Comments). Each list is opened only when its parent's counter says that
something changed.
"""

from collections.abc import Iterator
from typing import Any

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.growing import Growing
from ovk_archive.api.paging.windows import EITHER, ROWS
from ovk_archive.resources.attachments import attached, named
from ovk_archive.resources.board import TOPICS
from ovk_archive.resources.notes import NOTES
from ovk_archive.resources.photos import PHOTOS
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import (
    content,
    counter,
    given,
    moment,
    number,
    someone,
)
from ovk_archive.resources.vocabulary.columns import viewer as view
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Parent, Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, RowFunction, Table, Trim
from ovk_archive.resources.vocabulary.searching import Search
from ovk_archive.resources.vocabulary.shapes import answer, uncounted
from ovk_archive.resources.wall import POSTS

COMMENTS = Table(
    name="comments",
    title="Comments",
    doc="Comments of posts, photos, notes and topics.",
    key=("id",),
    by_arrival=True,
    columns=(
        number("id", "Comment number, unique on the instance"),
        given("kind", str, "What it is under: post, photo, note or topic"),
        given("owner_id", int, "Whose wall, photo, note or board it is; negative for a group"),
        given("post_id", int, "The post, if it is under one"),
        given("photo_id", int, "The photo, if it is under one"),
        given("note_id", int, "The note, if it is under one"),
        given("topic_id", int, "The topic of the group, if it is in one"),
        given("group_id", int, "That group", references="groups"),
        # Under all but posts the server forgets the minus of a group (help/openvk-api.md, Ids).
        *someone("from_id", "Who wrote it"),
        moment("date", "When it was written"),
        content("text", str, "The text", also=(("message",),), read=values.text),
        content(
            "attachments", str, "What is attached, in VK's way; see table attachments", read=named
        ),
        number("reply_to_comment", "The comment it answers ([B] only)"),
        counter("likes", "Likes", also=(("count",),)),
        view(
            "user_likes", "The account likes it", ("likes", "user_likes"), also=(("user_likes",),)
        ),
        view("is_from_post_author", "Written by the post's author ([B] only)"),
    ),
    known=frozenset(
        {"thread", "parents_stack", "can_edit", "can_delete", "can_like", "uid", "nid", "oid"}
        | {"owner_id", "post_id"}
    ),
    foreign_keys=(
        (("owner_id", "post_id"), "posts", ("owner_id", "id")),
        (("owner_id", "photo_id"), "photos", ("owner_id", "id")),
        (("owner_id", "note_id"), "notes", ("owner_id", "id")),
    ),
    indexes=(
        ("owner_id", "post_id"),
        ("owner_id", "photo_id"),
        ("owner_id", "note_id"),
        ("group_id", "topic_id"),
        ("date",),
        ("from_user_id",),
    ),
    label="text",
    sort="date",
    facets=("kind", "from_user_id"),
    search=Search(columns={"text": 1.0}, date="date", who="from_id", owner="owner_id"),
)


def comment_rows(kind: str) -> RowFunction:
    """The rows of a comment under a post, photo, note or topic."""

    def rows(record: Record, context: Context) -> Iterator[Row | Trim]:
        place = context.partition
        under: dict[str, Any] = dict.fromkeys(("post_id", "photo_id", "note_id", "topic_id"))
        under[f"{kind}_id"] = place[f"{kind}_id"]
        under["group_id"] = place.get("group_id")
        # A board is named by its group, without the minus.
        owner = -place["group_id"] if "group_id" in place else place["owner_id"]
        row = COMMENTS.row(record, kind=kind, owner_id=owner, **under)
        yield row
        yield from attached(COMMENTS, row.key, record.get("attachments"))

    return rows


def comment_key(record: Record) -> str:
    """The global number."""
    return str(record["id"])


def _under(table: Table, param: str, *, anyones: bool = False) -> Parent:
    """Photos of a group's albums belong to whoever uploaded them: `anyones` have comments here."""
    return Parent(
        table=table,
        params={"owner_id": "owner_id", param: "id"},
        stamp=("comments",),
        counter="comments",
        owner=None if anyones else "owner_id",
        listed=anyones,
    )


POST_COMMENTS = Resource(
    name="post_comments",
    section="wall",
    title="comments of posts",
    method="wall.getComments",
    params={"need_likes": 1, "sort": "asc"},
    table=COMMENTS,
    answer=answer,
    paginator=Growing(EITHER),
    rows=comment_rows("post"),
    key=comment_key,
    parent=_under(POSTS, "post_id"),
    held={"owner_id": "owner_id", "post_id": "post_id"},
    compared=True,
)

PHOTO_COMMENTS = Resource(
    name="photo_comments",
    section="photos",
    title="comments of photos",
    method="photos.getComments",
    params={"need_likes": 1},
    table=COMMENTS,
    answer=uncounted,
    paginator=Growing(ROWS),
    rows=comment_rows("photo"),
    key=comment_key,
    parent=_under(PHOTOS, "photo_id", anyones=True),
    held={"owner_id": "owner_id", "photo_id": "photo_id"},
    compared=True,
)

NOTE_COMMENTS = Resource(
    name="note_comments",
    section="notes",
    title="comments of notes",
    method="notes.getComments",
    table=COMMENTS,
    answer=answer,
    paginator=Growing(ROWS),
    rows=comment_rows("note"),
    key=comment_key,
    parent=_under(NOTES, "note_id"),
    held={"owner_id": "owner_id", "note_id": "note_id"},
    compared=True,
)

TOPIC_COMMENTS = Resource(
    name="topic_comments",
    section="board",
    title="comments in topics",
    method="board.getComments",
    params={"need_likes": 1},
    table=COMMENTS,
    answer=answer,
    # [B] allows 100 rows per page.
    paginator=Anchored(order="oldest", size=100),
    rows=comment_rows("topic"),
    key=comment_key,
    parent=Parent(
        table=TOPICS,
        params={"group_id": "group_id", "topic_id": "id"},
        stamp=("comments", "updated"),
        counter="comments",
        # A topic that was asked for by its number opens nothing.
        listed=True,
    ),
    held={"group_id": "group_id", "topic_id": "topic_id"},
    compared=True,
)
