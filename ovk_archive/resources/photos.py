"""Albums, photos, and which photo is in which album.

Methods: photos.getAlbums, photos.getAll, photos.get (help/openvk-api.md, Photos).
"""

from collections.abc import Iterator
from typing import Any

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import (
    Kind,
    address,
    content,
    counter,
    given,
    moment,
    number,
    user,
)
from ovk_archive.resources.vocabulary.columns import viewer as view
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Owners, Parent, Resource, own_rows
from ovk_archive.resources.vocabulary.rows import Context, Media, Row, Table, Trim
from ovk_archive.resources.vocabulary.searching import Search
from ovk_archive.resources.vocabulary.shapes import answer, sparse
from ovk_archive.resources.vocabulary.traits import Elsewhere, Quirks

#: The same facts under other names, and thumbnails that the server makes on demand
#: (help/openvk-api.md, Files and thumbnails).
PHOTO_RENDERINGS = frozenset(
    {"pid", "aid", "user_id", "created", "src", "src_small", "src_big", "src_xbig", "src_xxbig"}
    | {"src_xxxbig", "photo_75", "photo_130", "photo_604", "photo_807", "photo_1280"}
    | {"photo_2560", "can_comment", "can_repost", "tags"}
)


def listed_album(value: Any) -> int | None:
    """An album's number; 0 and null mean that it is unknown (help/openvk-api.md, Photos)."""
    return values.whole(value) or None


ALBUMS = Table(
    name="albums",
    title="Photo albums",
    doc="Albums of people and groups, the system's own among them (avatars, wall photos).",
    key=("id",),
    columns=(
        content("id", int, "Album number, unique on the instance", read=values.album_number),
        content(
            "owner_id", int, "Whose album; negative for a group", (),
            read=values.album_owner, claims=("owner_id",),
        ),
        content("title", str, "Title"),
        content("description", str, "Description"),
        moment("created", "When it was made"),
        moment("updated", "When it was last changed", kind=Kind.VOLATILE),
        counter("size", "Photos in it by the server's count, deleted ones included"),
        content("thumb_url", str, "The cover", ("thumb_src",), kind=Kind.VOLATILE),
        view("can_upload", "The account may add photos"),
    ),
    known=frozenset(
        {"thumb_id", "sizes", "privacy_comment", "upload_by_admins_only", "comments_disabled"}
    ),
    indexes=(("owner_id",),),
    label="title",
    sort="created",
    facets=("owner_id",),
    search=Search(
        columns={"title": 3.0, "description": 1.0},
        date="created", who="owner_id", owner="owner_id",
    ),
)  # fmt: skip

PHOTOS = Table(
    name="photos",
    title="Photos",
    doc="Photos of people; a photo in a group's album belongs to whoever uploaded it.",
    key=("owner_id", "id"),
    columns=(
        user("owner_id", "Who uploaded it"),
        number("id", "Number of the photo among its owner's"),
        moment("date", "When it was uploaded"),
        content("text", str, "Caption; the API never tells it"),
        address(
            "url", "The original, in full size", (),
            read=values.photo_url, claims=("sizes", "url", "src_original", "orig_photo"),
        ),
        number("width", "Width of the original", (), read=values.photo_width,
               claims=("width",), unit="pixels"),
        number("height", "Height of the original", (), read=values.photo_height,
               claims=("height",), unit="pixels"),
        number(
            "album_id", "Album, where an attachment tells it; see album_photos",
            read=listed_album, kind=Kind.VOLATILE, keep=True,
        ),
        number("has_tags", "People are marked on it", read=values.flag,
               kind=Kind.VOLATILE, keep=True, flag=True),
        counter("likes", "Likes", keep=True),
        counter("comments", "Comments", keep=True),
    ),
    known=PHOTO_RENDERINGS,
    indexes=(("date",),),
    label="id",
    sort="date",
    facets=("owner_id",),
    media=(Media(kind="photos", column="url", date="date"),),
    search=Search(columns={"text": 1.0}, date="date", who="owner_id", owner="owner_id"),
)  # fmt: skip

ALBUM_PHOTOS = Table(
    name="album_photos",
    title="Photos in albums",
    doc="Which photo is in which album, in the album's order.",
    key=("album_id", "owner_id", "photo_id"),
    columns=(
        given("album_id", int, "The album", references="albums"),
        given("owner_id", int, "Who uploaded the photo"),
        given("photo_id", int, "Number of the photo among its owner's"),
        given("position", int, "Place in the album, from 0"),
    ),
    relation=True,
    foreign_keys=((("owner_id", "photo_id"), "photos", ("owner_id", "id")),),
    indexes=(("owner_id", "photo_id"),),
)


def album_photo_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A photo, and that it is in this album."""
    yield PHOTOS.row(record)
    yield ALBUM_PHOTOS.row(
        {},
        album_id=context.partition["album_id"],
        owner_id=record["owner_id"],
        photo_id=record["id"],
        position=context.place,
    )


def photo_key(record: Record) -> str:
    """Owner and number."""
    return f"{record['owner_id']}_{record['id']}"


ALBUM_LIST = Resource(
    name="albums",
    section="photos",
    title="albums",
    method="photos.getAlbums",
    params={"need_system": 1, "need_covers": 1},
    table=ALBUMS,
    paginator=Anchored(most=400, order="whole"),
    rows=own_rows(ALBUMS),
    key=lambda record: str(record["id"]),
    owner_param="owner_id",
    held={"owner_id": "owner_id"},
    compared=True,
)

ALL_PHOTOS = Resource(
    name="photos",
    section="photos",
    title="photos",
    method="photos.getAll",
    params={"extended": 1, "photo_sizes": 1},
    quirks=Quirks(fallback={"photo_sizes": 0}),
    table=PHOTOS,
    paginator=Anchored(most=400),
    rows=own_rows(PHOTOS),
    key=photo_key,
    answer=answer,
    owner_param="owner_id",
    owners=Owners.PEOPLE,
    held={"owner_id": "owner_id"},
    compared=True,
    # [B] leaves private photos and those of the system out, which their albums show.
    elsewhere=Elsewhere(ALBUM_PHOTOS, {"owner_id": "owner_id", "id": "photo_id"}),
)

IN_ALBUMS = Resource(
    name="album_photos",
    section="photos",
    title="photos in albums",
    method="photos.get",
    params={"extended": 1, "photo_sizes": 1},
    quirks=Quirks(fallback={"photo_sizes": 0}),
    table=ALBUM_PHOTOS,
    # photos.get counts the page on one generation and the album on the other: the parent counts.
    answer=sparse,
    paginator=Anchored(most=400, order="whole", holes=True),
    rows=album_photo_rows,
    key=photo_key,
    parent=Parent(
        table=ALBUMS,
        params={"owner_id": "owner_id", "album_id": "id"},
        owner="owner_id",
        stamp=("size", "updated"),
        counter="size",
        counts_dead=True,
    ),
    held={"album_id": "album_id"},
    compared=True,
)
