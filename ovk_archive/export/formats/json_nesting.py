"""What is told inside what in format json: declared, for records as the API would nest them."""

from collections.abc import Iterator
from dataclasses import dataclass

from ovk_archive.resources import TABLES
from ovk_archive.resources.attachments import KINDS

#: Tables, by name.
_TABLES = {table.name: table for table in TABLES}


@dataclass(frozen=True, slots=True)
class Thing:
    """What a row leads to.

    Attributes:
        name: what the record that leads there calls it.
        on: (column there, column of the row that it equals).
    """

    name: str
    table: str
    on: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """Rows of a table that are told inside the record they belong to.

    Attributes:
        name: what the record calls them.
        table: which table's rows.
        on: (column here, column of the record that it equals).
        only: columns with fixed values.
        order: in which order.
        key: the column that equals the whole record's key, as text.
        inner: what is told inside them in turn.
        thing: what they lead to, which they tell as well.
        things: they lead to things of several kinds, as attachments do; their `type` says which.
        single: there is at most one, which several may share; it has a file of its own as well.
    """

    name: str
    table: str
    on: tuple[tuple[str, str], ...] = ()
    only: tuple[tuple[str, str], ...] = ()
    order: tuple[str, ...] = ("id",)
    key: str | None = None
    inner: tuple["Inner", ...] = ()
    thing: Thing | None = None
    things: bool = False
    single: bool = False


def _attachments(table: str) -> Inner:
    return Inner(
        name="attachments",
        table="attachments",
        only=(("resource", table),),
        key="record_key",
        order=("position",),
        things=True,
    )


def _comments(kind: str, table: str) -> Inner:
    """Comments, by the declared key that leads to what they are under."""
    keys = [key for key in _TABLES["comments"].foreign_keys if key[1] == table]
    on = tuple(zip(keys[0][0], keys[0][2], strict=True))
    return Inner(
        name="comments", table="comments", on=on, only=(("kind", kind),), order=("date", "id"),
        inner=(_attachments("comments"),),
    )  # fmt: skip


#: Table -> what its records tell.
NESTING: dict[str, tuple[Inner, ...]] = {
    "posts": (_attachments("posts"), _comments("post", "posts")),
    "photos": (_comments("photo", "photos"),),
    "notes": (_comments("note", "notes"),),
    "topics": (
        Inner(
            name="comments",
            table="comments",
            on=(("group_id", "group_id"), ("topic_id", "id")),
            order=("date", "id"),
            inner=(_attachments("comments"),),
        ),
    ),
    "conversations": (
        Inner(
            name="messages",
            table="messages",
            on=(("peer_id", "peer_id"),),
            order=("date", "id"),
        ),
    ),
    "albums": (
        Inner(
            name="photos",
            table="album_photos",
            on=(("album_id", "id"),),
            order=("position", "owner_id", "photo_id"),
            thing=Thing("photo", "photos", (("owner_id", "owner_id"), ("id", "photo_id"))),
        ),
    ),
    "playlists": (
        Inner(
            name="tracks",
            table="playlist_audio",
            on=(("playlist_id", "id"),),
            order=("position", "audio_id"),
            thing=Thing("audio", "audio", (("id", "audio_id"),)),
        ),
    ),
    "audio": (Inner(name="lyrics", table="lyrics", on=(("lyrics_id", "lyrics_id"),),
                    order=("lyrics_id",), single=True),),
    "polls": (
        Inner(
            name="answers",
            table="poll_answers",
            on=(("poll_id", "id"),),
            inner=(
                Inner(
                    name="voters",
                    table="poll_votes",
                    on=(("poll_id", "poll_id"), ("answer_id", "id")),
                    order=("user_id",),
                ),
            ),
        ),
    ),
}  # fmt: skip

#: Type of an attachment -> what it leads to.
THINGS: dict[str, Thing] = {
    kind: Thing(
        kind,
        table.name,
        tuple((name, "owner_id" if name == "owner_id" else "object_id") for name in table.key),
    )
    for kind, (table, _) in KINDS.items()
}


def wholes(table: str) -> list[tuple[str, Inner]]:
    """Inside which tables' records the rows of a table are told instead of in their own file."""
    found = (
        pair
        for pair in _walk(tuple(NESTING.items()))
        if pair[1].table == table and not pair[1].single
    )
    return list(dict.fromkeys(found))


def inner_of(table: str) -> tuple[Inner, ...]:
    """What records of a table tell, wherever they are told themselves."""
    told = (inner.inner for _, inner in wholes(table))
    return NESTING.get(table) or next(told, ())


def _walk(level: tuple[tuple[str, tuple[Inner, ...]], ...]) -> Iterator[tuple[str, Inner]]:
    for table, inners in level:
        for inner in inners:
            yield table, inner
            yield from _walk(((inner.table, inner.inner),))
