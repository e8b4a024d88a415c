"""Tracks, the collection in its order, playlists, lyrics.

Methods: audio.get, audio.getCount, audio.getAlbums, audio.getLyrics (help/openvk-api.md, Audio).
"""

from collections.abc import Iterator

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.growing import Growing
from ovk_archive.api.paging.single import Single
from ovk_archive.api.paging.windows import ROWS
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
    yes_no,
)
from ovk_archive.resources.vocabulary.columns import viewer as view
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Parent, Resource, own_rows
from ovk_archive.resources.vocabulary.rows import Context, Media, Row, Table, Trim
from ovk_archive.resources.vocabulary.searching import Search
from ovk_archive.resources.vocabulary.shapes import alone, uncounted
from ovk_archive.resources.vocabulary.traits import Counts, Schedule, Total

AUDIO = Table(
    name="audio",
    title="Tracks",
    doc="Every track that a collection, a playlist or an attachment names.",
    key=("id",),
    columns=(
        number("id", "Track number, unique on the instance (decoded from unique_id)",
               ("unique_id",), read=values.track_number),
        user("owner_id", "Who uploaded it"),
        number("aid", "Number of the track among its uploader's", ("id",), claims=("aid",)),
        content("artist", str, "Artist"),
        content("title", str, "Title"),
        number("duration", "Length", unit="seconds"),
        number("genre_id", "Genre, VK's numbering; 18 is other", claims=("genre",)),
        content("genre", str, "Genre", ("genre_str",)),
        address("url", "The file; null while processed, or withdrawn"),
        number("lyrics_id", "Lyrics exist if set; the key of table lyrics", also=(("lyrics",),)),
        yes_no("explicit", "Marked as explicit"),
        yes_no("withdrawn", "Taken down by a rights holder"),
        yes_no("ready", "Processed and playable"),
        yes_no("searchable", "Found by search"),
        content("album", str, "Playlist it is linked to, JSON ([B] only)", read=values.as_json,
                kind=Kind.VOLATILE, claims=("album_id",), keep=True),
        content("manifest", str, "MPEG-DASH manifest", read=values.link,
                kind=Kind.VOLATILE, keep=True),
        content("keys", str, "Keys of the manifest's streams, JSON", read=values.as_json,
                kind=Kind.VOLATILE, keep=True),
        counter("listens", "Plays, where the server tells", keep=True),
        view("added", "In the account's collection"),
        view("editable", "The account may edit it"),
    ),
    known=frozenset({"user"}),
    indexes=(("owner_id",), ("artist",)),
    label="title",
    facets=("genre",),
    media=(Media(kind="audio", column="url"),),
    search=Search(columns={"artist": 2.0, "title": 2.0}, owner="owner_id"),
)  # fmt: skip

COLLECTION = Table(
    name="audio_collection",
    title="Audio collections",
    doc="Whose collection has which track.",
    key=("owner_id", "audio_id"),
    columns=(
        given("owner_id", int, "Whose collection; negative for a group"),
        given("audio_id", int, "The track", references="audio"),
        given("place", int, "Order: the greater, the later it was added", keep=True),
    ),
    relation=True,
    indexes=(("owner_id", "place"), ("audio_id",)),
    sort="place",
)

PLAYLISTS = Table(
    name="playlists",
    title="Playlists",
    doc="Playlists of people and groups.",
    key=("id",),
    columns=(
        number("id", "Playlist number, unique on the instance"),
        number("owner_id", "Whose playlist; negative for a group"),
        given("listed_by", int, "Among whose playlists it is listed: its owner's, or bookmarked"),
        content("title", str, "Title"),
        content("description", str, "Description"),
        moment("created", "When it was made"),
        moment("modified", "When it was last changed; [A] often says nothing", kind=Kind.VOLATILE),
        counter("size", "Tracks by the server's count, deleted ones included"),
        counter("length", "Length of all tracks", unit="seconds"),
        address("cover_url", "The cover"),
        yes_no("searchable", "Found by search ([B] only)"),
        counter("listens", "Plays"),
        view("accessible", "The account may open it"),
        view("editable", "The account may edit it"),
        view("bookmarked", "In the account's bookmarks"),
    ),
    known=frozenset({"thumb"}),
    indexes=(("owner_id",), ("listed_by",)),
    label="title",
    sort="created",
    media=(Media(kind="covers", column="cover_url", date="created"),),
    search=Search(
        columns={"title": 3.0, "description": 1.0}, date="created", who="owner_id", owner="owner_id"
    ),
)

PLAYLIST_AUDIO = Table(
    name="playlist_audio",
    title="Tracks of playlists",
    doc="Which track is in which playlist, in its order.",
    key=("playlist_id", "audio_id"),
    columns=(
        given("playlist_id", int, "The playlist", references="playlists"),
        given("audio_id", int, "The track", references="audio"),
        given("position", int, "Place in the playlist, from 0"),
    ),
    relation=True,
    indexes=(("audio_id",),),
)

LYRICS = Table(
    name="lyrics",
    title="Lyrics",
    doc="The words of a track, where it has any.",
    key=("lyrics_id",),
    columns=(
        number("lyrics_id", "The track's number", references="audio"),
        content("text", str, "The words", read=values.text),
    ),
    search=Search(columns={"text": 1.0}),
)


def track_key(record: Record) -> str:
    """The global number."""
    return str(record["unique_id"])


def collection_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A track, and that this collection has it."""
    row = AUDIO.row(record)
    yield row
    owner = context.partition["owner_id"]
    yield COLLECTION.row({}, owner_id=owner, audio_id=row.values["id"], place=context.place)


def listed_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A playlist, which may be a bookmarked one of somebody else."""
    yield PLAYLISTS.row(record, listed_by=context.partition["owner_id"])


def playlist_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A track, and its place in this playlist."""
    row = AUDIO.row(record)
    yield row
    yield PLAYLIST_AUDIO.row(
        {},
        playlist_id=context.partition["album_id"],
        audio_id=row.values["id"],
        position=context.place,
    )


TRACKS = Resource(
    name="audio",
    section="audio",
    title="audio collection",
    method="audio.get",
    params={"need_user": 0},
    table=COLLECTION,
    answer=uncounted,
    counts=Counts(total=Total(method="audio.getCount", params=("owner_id",))),
    paginator=Anchored(most=400, holes=True, jumps=True),
    rows=collection_rows,
    key=track_key,
    owner_param="owner_id",
    held={"owner_id": "owner_id"},
    compared=True,
)

PLAYLIST_LIST = Resource(
    name="playlists",
    section="audio",
    title="playlists",
    method="audio.getAlbums",
    params={"drop_private": 1},
    table=PLAYLISTS,
    answer=uncounted,
    paginator=Growing(ROWS, size=100),
    rows=listed_rows,
    key=lambda record: str(record["id"]),
    owner_param="owner_id",
    held={"listed_by": "owner_id"},
    compared=True,
)

IN_PLAYLISTS = Resource(
    name="playlist_audio",
    section="audio",
    title="tracks of playlists",
    method="audio.get",
    params={"need_user": 0},
    table=PLAYLIST_AUDIO,
    answer=uncounted,
    paginator=Anchored(most=400, order="whole", holes=True),
    rows=playlist_rows,
    key=track_key,
    parent=Parent(
        table=PLAYLISTS,
        # Whoever has bookmarked a playlist may read it, as its owner does.
        params={"owner_id": "listed_by", "album_id": "id"},
        owner="listed_by",
        stamp=("size", "length", "modified"),
        counter="size",
        counts_dead=True,
    ),
    held={"playlist_id": "album_id"},
    compared=True,
)

WORDS = Resource(
    name="lyrics",
    section="audio",
    title="lyrics",
    method="audio.getLyrics",
    table=LYRICS,
    answer=alone,
    paginator=Single(),
    rows=own_rows(LYRICS),
    key=lambda record: str(record["lyrics_id"]),
    parent=Parent(
        table=AUDIO,
        params={"lyrics_id": "lyrics_id"},
        stamp=("lyrics_id",),
        where="lyrics_id",
        outlived=True,
    ),
    held={"lyrics_id": "lyrics_id"},
    # Posts and comments show tracks too.
    schedule=Schedule(behind=("wall", "newsfeed")),
)
