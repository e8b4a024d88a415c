"""Videos of people.

Method: video.get (help/openvk-api.md, Videos). There is no method for groups' videos, and none for
comments of videos.
"""

from typing import Any

from ovk_archive.api.paging.growing import Growing
from ovk_archive.api.paging.windows import EITHER
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.addresses import RENDERING
from ovk_archive.resources.vocabulary.columns import (
    Kind,
    address,
    content,
    counter,
    moment,
    number,
    user,
    yes_no,
)
from ovk_archive.resources.vocabulary.columns import viewer as view
from ovk_archive.resources.vocabulary.resource import Owners, Resource, own_rows
from ovk_archive.resources.vocabulary.rows import Media, Table
from ovk_archive.resources.vocabulary.searching import Search
from ovk_archive.resources.vocabulary.shapes import ListAnswer, answer


def file_or_page(value: Any) -> str | None:
    """Where a video plays; nothing while it is processed."""
    address = values.link(value)
    return None if address and RENDERING in address else address


VIDEOS = Table(
    name="videos",
    title="Videos",
    doc="Videos of people, and those that something refers to.",
    key=("owner_id", "id"),
    columns=(
        user("owner_id", "Who uploaded it"),
        number("id", "Number of the video among its owner's"),
        content("title", str, "Title"),
        content("description", str, "Description"),
        moment("date", "When it was uploaded"),
        number("duration", "Length; 0 where [A] does not know", unit="seconds", kind=Kind.VOLATILE),
        number("width", "Width", unit="pixels", kind=Kind.VOLATILE),
        number("height", "Height", unit="pixels", kind=Kind.VOLATILE),
        content("platform", str, "youtube, or null for the instance's own"),
        address("player", "The file itself, or the YouTube page; null while it is processed",
                read=file_or_page),
        content("image_url", str, "The preview", ("image",), kind=Kind.VOLATILE,
                read=lambda images: values.link(images[0].get("url")) if images else None),
        yes_no("is_processed", "Ready to be played ([B] only)", kind=Kind.VOLATILE),
        counter("comments", "Comments; the API does not show them"),
        counter("views", "Views"),
        counter("likes", "Likes"),
        view("added", "In the account's videos"),
    ),
    known=frozenset(
        {"user_id", "files", "type", "repeat", "is_favorite", "reposts", "can_comment", "can_like"}
        | {"can_repost", "can_subscribe", "can_add_to_faves", "can_add"}
    ),
    indexes=(("date",),),
    label="title",
    sort="date",
    facets=("platform",),
    # A video of another platform stays a link, and so does its preview.
    media=(
        Media(kind="videos", column="player", date="date", unless="platform"),
        Media(kind="previews", column="image_url", date="date", unless="platform"),
    ),
    search=Search(
        columns={"title": 2.0, "description": 1.0},
        date="date", who="owner_id", owner="owner_id",
    ),
)  # fmt: skip


def unwrapped(response: Any) -> ListAnswer:
    """[A] wraps each video: `{"type": "video", "video": {…}}`."""
    found = answer(response)
    inner = (r.get("video", r) if isinstance(r, dict) else r for r in found.records)
    return ListAnswer(tuple(inner), found.total)


VIDEO_LIST = Resource(
    name="videos",
    section="video",
    title="videos",
    method="video.get",
    table=VIDEOS,
    answer=unwrapped,
    # `offset` counts pages on [A] and rows on [B]: a window from the top reads the same on both,
    # and sees when a video that was uploaded has been processed.
    paginator=Growing(EITHER, size=100),
    rows=own_rows(VIDEOS),
    key=lambda record: f"{record['owner_id']}_{record['id']}",
    owner_param="owner_id",
    owners=Owners.PEOPLE,
    held={"owner_id": "owner_id"},
    compared=True,
)
