"""Who likes what.

Method: likes.getList (help/openvk-api.md, Likes). A list is opened only where a counter says that
there is one; no method shows likes of notes and topics.
"""

from collections.abc import Iterator
from typing import Any

from ovk_archive.api.paging.growing import Growing
from ovk_archive.api.paging.windows import ROWS
from ovk_archive.resources.comments import COMMENTS
from ovk_archive.resources.photos import PHOTOS
from ovk_archive.resources.video import VIDEOS
from ovk_archive.resources.vocabulary.columns import given
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Parent, Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, RowFunction, Table, Trim
from ovk_archive.resources.vocabulary.shapes import ListAnswer, answer
from ovk_archive.resources.vocabulary.traits import Schedule
from ovk_archive.resources.wall import POSTS

LIKES = Table(
    name="likes",
    title="Likes",
    doc="Who likes which post, comment, photo or video, where it was asked for.",
    key=("kind", "owner_id", "item_id", "user_id"),
    columns=(
        given("kind", str, "What is liked: post, comment, photo or video"),
        given("owner_id", int, "Whose wall, photo or video it is; negative for a group"),
        given("item_id", int, "Its number; of a comment the global one"),
        given("user_id", int, "Who likes it", references="users"),
    ),
    relation=True,
    facets=("kind",),
    # What somebody likes, page by page.
    indexes=(("user_id", "kind", "owner_id", "item_id"),),
)


def likers(response: Any) -> ListAnswer:
    """The answer lists bare user ids, or with `extended` people."""
    found = answer(response)
    people = (one if isinstance(one, dict) else {"id": one} for one in found.records)
    return ListAnswer(tuple(people), found.total)


def like_rows(kind: str) -> RowFunction:
    """That a person likes the thing whose list this is."""

    def rows(record: Record, context: Context) -> Iterator[Row | Trim]:
        thing = context.partition
        yield LIKES.row(
            {},
            kind=kind,
            owner_id=thing["owner_id"],
            item_id=thing["item_id"],
            user_id=record["id"],
        )

    return rows


def _likes(kind: str, table: Table, *after: str, anyones: bool = False) -> Resource:
    """The likes of one kind of thing; `anyones` things count whoever owns them."""
    return Resource(
        name=f"{kind}_likes",
        section="likes",
        title=f"likes of {kind}s",
        method="likes.getList",
        params={"type": kind, "extended": 0},
        table=LIKES,
        answer=likers,
        paginator=Growing(ROWS, size=50),
        rows=like_rows(kind),
        key=lambda record: str(record["id"]),
        parent=Parent(
            table=table,
            params={"owner_id": "owner_id", "item_id": "id"},
            stamp=("likes",),
            counter="likes",
            owner=None if anyones else "owner_id",
            listed=True,
            after=after,
        ),
        held={"owner_id": "owner_id", "item_id": "item_id"},
        only={"kind": kind},
        compared=True,
        schedule=Schedule(opt_in=True),
    )


POST_LIKES = _likes("post", POSTS, "wall")
COMMENT_LIKES = _likes("comment", COMMENTS, "wall", "photos", "board", anyones=True)
PHOTO_LIKES = _likes("photo", PHOTOS, "photos", anyones=True)
VIDEO_LIKES = _likes("video", VIDEOS, "video")
