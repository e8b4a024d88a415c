"""What can be asked for by its number alone, whatever list it is in.

Methods: users.get, groups.getById, wall.getById, photos.getById, messages.getById, audio.getById,
and those that show one thing each (help/openvk-api.md, Ids).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ovk_archive.errors import ServerFaultError
from ovk_archive.resources import audio, board, groups, messages, people, photos, polls, standing
from ovk_archive.resources.messages import MESSAGES, message_rows
from ovk_archive.resources.notes import NOTES
from ovk_archive.resources.video import VIDEO_LIST, VIDEOS
from ovk_archive.resources.vocabulary.by_number import ByNumber, Form, Key, alone, together
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Lookup, Resource, own_rows
from ovk_archive.resources.vocabulary.rows import Context, Row, RowFunction, Table, Trim
from ovk_archive.resources.vocabulary.shapes import alone as one_record
from ovk_archive.resources.vocabulary.shapes import bare, uncounted
from ovk_archive.resources.wall import WALL

#: Longer than any message: a shorter one is shown whole (help/openvk-api.md, Messages).
_WHOLE = 100_000
#: What a group that is no more says of itself, which is called `DELETED`; a living one may be, too.
_NO_GROUP = "This group was deleted or it doesn't exist"


def _seen(table: Table) -> RowFunction:
    """Rows of things of which nobody says that their own list shows them."""

    def rows(record: Record, context: Context) -> Iterator[Row | Trim]:
        del context
        yield table.row(record, embedded=True)

    return rows


def written_to(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A message, which says itself in which conversation it is."""
    del context
    peer = record.get("peer_id") or record["user_id"]
    yield from message_rows(record, Context(partition={"peer_id": peer}))


def named_topic(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A topic; [A] does not say its number in the group, by which it was asked for."""
    number = record.get("id", context.place)
    group = context.partition["group_id"]
    yield board.TOPICS.row(record, embedded=True, group_id=group, id=number)


def _newer_topic(key: Key, outcome: Any) -> Mapping[str, Any] | None:
    """[B] wants the number alone, and takes what [A] wants for that of the group."""
    is_older = not isinstance(outcome, dict) or "default_order" in outcome
    return None if is_older else _TOPIC([key])


def _without_sizes(key: Key, outcome: Any) -> Mapping[str, Any] | None:
    """[B] crashes on the sizes of some photos (help/openvk-api.md, Photos)."""
    crashes = isinstance(outcome, ServerFaultError)
    return {**_PHOTOS([key]), "photo_sizes": 0} if crashes else None


def _of_lookup(lookup: Lookup, **dead: str) -> ByNumber:
    return ByNumber(
        table=lookup.table,
        method=lookup.method,
        form=together(lookup.param, lookup.params),
        rows=lookup.rows,
        batch=lookup.batch,
        answer=lookup.answer,
        dead=dead,
    )


def _of_list(resource: Resource, *params: str) -> ByNumber:
    """A list of one thing, which the key opens."""
    return ByNumber(
        table=resource.table,
        method=resource.method,
        form=alone(*params),
        rows=resource.rows,
        answer=resource.answer,
    )


_PHOTOS = together("photos", photos.ALL_PHOTOS.params)
_TOPIC: Form = alone("group_id", "topic_ids")

#: In the order of the tables; of the others nothing can be had by number.
BY_NUMBER: tuple[ByNumber, ...] = (
    _of_lookup(people.PEOPLE, deactivated="deleted"),
    _of_lookup(people.CLUBS, name="DELETED", description=_NO_GROUP),
    _of_list(standing.STATUS, "user_id"),
    _of_list(groups.GROUP_SETTINGS, "group_id"),
    ByNumber(
        table=WALL.table, method="wall.getById", form=together("posts"), rows=WALL.rows, batch=100
    ),
    ByNumber(
        table=photos.PHOTOS,
        method="photos.getById",
        form=_PHOTOS,
        # Previews of documents and private photos are in no list of photos.
        rows=_seen(photos.PHOTOS),
        own=False,
        proof="likes",
        # [B] takes 78. On [A] one that is gone costs all: the rest is asked for in halves.
        batch=50,
        answer=bare,
        otherwise=_without_sizes,
    ),
    ByNumber(
        table=NOTES,
        method="notes.getById",
        form=alone("owner_id", "note_id"),
        rows=own_rows(NOTES),
        answer=one_record,
    ),
    ByNumber(
        table=board.TOPICS,
        method=board.TOPIC_LIST.method,
        form=lambda keys: board.by_number(_TOPIC(keys)),
        rows=named_topic,
        # What is said in it is not to be read because of this.
        own=False,
        answer=board.topics_answer,
        otherwise=_newer_topic,
    ),
    ByNumber(
        table=MESSAGES,
        method="messages.getById",
        form=together("message_ids", {"preview_length": _WHOLE}),
        rows=written_to,
        batch=100,
        answer=messages.HISTORY.answer,
        tells_dead=True,
    ),
    ByNumber(
        table=audio.AUDIO,
        method="audio.getById",
        form=together("audios", audio.TRACKS.params),
        rows=own_rows(audio.AUDIO),
        # One that is gone costs all: the rest is asked for in halves.
        batch=100,
        answer=uncounted,
    ),
    _of_list(audio.WORDS, "lyrics_id"),
    ByNumber(
        table=VIDEOS,
        method=VIDEO_LIST.method,
        # [A] answers the last one only.
        form=together("videos"),
        # Those that are unlisted are in no list.
        rows=_seen(VIDEOS),
        own=False,
        answer=VIDEO_LIST.answer,
        tells_dead=True,
    ),
    _of_list(polls.POLL_LIST, "poll_id"),
)
