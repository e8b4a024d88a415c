"""Posts on a wall.

Methods: wall.get, wall.getById (help/openvk-api.md, Walls).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.resources.attachments import attached, named
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import (
    Kind,
    content,
    counter,
    moment,
    number,
    someone,
    user,
    yes_no,
)
from ovk_archive.resources.vocabulary.columns import viewer as view
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Resource, Sweep
from ovk_archive.resources.vocabulary.rows import Context, Row, Table, Trim
from ovk_archive.resources.vocabulary.searching import Search, texts_in
from ovk_archive.resources.vocabulary.traits import Order


def originals(history: Any) -> str | None:
    """What a post repeats, as JSON: only what does not change by itself.

    `owner_id` in it is the author of the original, not its wall, so it names no post
    (help/openvk-api.md, Ids).
    """
    plain = [
        {
            "id": original.get("id"),
            "from_id": original.get("from_id"),
            "date": original.get("date"),
            "text": values.text(original.get("text")),
            "attachments": named(original.get("attachments")),
        }
        for original in history or ()
    ]
    return json.dumps(plain, ensure_ascii=False) if plain else None


POSTS = Table(
    name="posts",
    title="Posts",
    doc="Posts on walls of people and groups.",
    key=("owner_id", "id"),
    # That nothing is attached is an answer: the newsfeed still shows deleted photos.
    whole=True,
    columns=(
        *someone("owner_id", "Whose wall"),
        number("id", "Number of the post on its wall"),
        *someone("from_id", "Who wrote it"),
        moment("date", "When it was written"),
        content("text", str, "The text", read=values.text),
        content(
            "attachments", str, "What is attached, in VK's way; see table attachments", read=named
        ),
        content("copy_history", str, "What it repeats, JSON", read=originals),
        content("post_type", str, "`post`, or `suggest` for one that awaits approval"),
        user("signer_id", "Who signed it, in a group"),
        yes_no("is_pinned", "Pinned to the top of the wall"),
        yes_no("is_explicit", "Marked as explicit"),
        content("platform", str, "Client it was written with", ("post_source", "platform")),
        content("source", str, "Where it came from, e.g. profile_photo", ("post_source", "data")),
        content("geo", str, "Coordinates: latitude,longitude ([B] only)", ("geo", "coordinates")),
        content("geo_name", str, "Name of the place ([B] only)", ("geo", "name")),
        content("copyright", str, "Source it names ([B] only)", ("copyright", "link")),
        content("copyright_name", str, "Name of that source ([B] only)", ("copyright", "name")),
        yes_no("is_archived", "Put away by its author ([B] only)", kind=Kind.VOLATILE),
        counter("comments", "Comments"),
        counter("likes", "Likes"),
        counter("reposts", "Reposts"),
        view("user_likes", "The account likes it", ("likes", "user_likes")),
        view("can_edit", "The account may edit it"),
        view("can_delete", "The account may delete it"),
        view("can_pin", "The account may pin it"),
    ),
    # The last two are what the newsfeed adds.
    known=frozenset({"can_archive", "final_post", "post_id", "type", "source_id"}),
    indexes=(("owner_id", "date"), ("date",), ("from_user_id",)),
    label="text",
    sort="date",
    facets=("owner_id", "from_user_id", "platform"),
    search=Search(
        columns={"text": 1.0, "copy_history": 0.5},
        reads={"copy_history": texts_in},
        date="date",
        who="from_id",
        owner="owner_id",
    ),
)


def post_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A post and what is attached to it or to what it repeats."""
    del context
    row = POSTS.row(record)
    yield row
    yield from attached(POSTS, row.key, record.get("attachments"), reposted(record))


def reposted(record: Record) -> list[Record]:
    """What is attached to the posts that a post repeats."""
    return [
        one
        for original in values.records(record.get("copy_history"))
        for one in values.records(original.get("attachments"))
    ]


def post_id(partition: Mapping[str, Any], number_: int) -> str:
    """A post as wall.getById names it."""
    return f"{partition['owner_id']}_{number_}"


WALL = Resource(
    name="posts",
    section="wall",
    title="posts",
    method="wall.get",
    # With extended=1, [A] crashes on some reposts (help/openvk-api.md, Walls); people are looked up
    # later.
    params={"extended": 0},
    table=POSTS,
    paginator=Anchored(most=400, jumps=True),
    rows=post_rows,
    key=lambda record: str(record["id"]),
    order=Order(aside=lambda record: bool(record.get("is_pinned"))),
    owner_param="owner_id",
    held={"owner_id": "owner_id"},
    sweep=Sweep(method="wall.getById", param="posts", id=post_id, number="id"),
    compared=True,
)
