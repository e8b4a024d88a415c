"""What is attached to posts and comments.

Forms of attachments per generation: help/openvk-api.md, Walls; Comments.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ovk_archive.resources.audio import AUDIO
from ovk_archive.resources.docs import DOCUMENTS
from ovk_archive.resources.notes import NOTES
from ovk_archive.resources.photos import PHOTOS
from ovk_archive.resources.polls import POLLS, answers
from ovk_archive.resources.video import VIDEOS
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import given
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.rows import Row, Table, Trim, record_key

ATTACHMENTS = Table(
    name="attachments",
    title="Attachments",
    doc="What is attached to which post or comment, in order.",
    key=("resource", "record_key", "position"),
    columns=(
        given("resource", str, "Table of the record it is attached to: posts or comments"),
        given("record_key", str, "Key of that record: `owner_id_id` of a post, `id` of a comment"),
        given("position", int, "Place among the attachments, from 0"),
        given("type", str, "photo, video, audio, poll, note or doc"),
        given("owner_id", int, "Owner of what is attached, where its key has one"),
        given("object_id", int, "Number of what is attached (audio: its global number)"),
        given("reposted", int, "1 if it belongs to the reposted original", flag=True),
    ),
    relation=True,
    part_of=("resource", "record_key"),
    indexes=(("type", "owner_id", "object_id"),),
    facets=("type", "resource"),
)


def _owned(thing: Record) -> tuple[Any, Any]:
    return thing.get("owner_id"), thing.get("id")


def _track(thing: Record) -> tuple[Any, Any]:
    return thing.get("owner_id"), values.track_number(thing.get("unique_id"))


#: Attachment type -> its table, and what names it.
KINDS: dict[str, tuple[Table, Callable[[Record], tuple[Any, Any]]]] = {
    "photo": (PHOTOS, _owned),
    "video": (VIDEOS, _owned),
    "audio": (AUDIO, _track),
    "poll": (POLLS, _owned),
    "note": (NOTES, _owned),
    "doc": (DOCUMENTS, _owned),
}


#: A field that only one kind of bare attachment has.
BARE = {"unique_id": "audio", "pid": "photo", "question": "poll", "player": "video"}


def opened(attachment: Record) -> tuple[str, Record]:
    """An attachment's type and what is attached.

    Three forms: `{"type": t, t: {…}}`; [A] writes notes flat, with `type` inside; and in comments
    of photos, notes and topics it writes things bare, which their own fields tell apart.
    """
    kind = attachment.get("type")
    if isinstance(kind, str):
        inner = attachment.get(kind)
        return kind, inner if isinstance(inner, dict) else attachment
    marks = (field for field in BARE if field in attachment)
    return BARE.get(next(marks, ""), "unknown"), attachment


def named(attachments: Any) -> str | None:
    """Attachments as one readable value, the way VK names them: `photo1_2,audio1_5`."""
    return ",".join(_name(*opened(one)) for one in attachments or ()) or None


def attached(
    table: Table,
    key: tuple[Any, ...],
    attachments: Any,
    reposted: Iterable[Record] = (),
) -> Iterator[Row | Trim]:
    """The rows of a record's attachments, and of the things themselves."""
    if attachments and not isinstance(attachments, list):
        return  # Of a value of another kind nobody knows what it says.
    of: dict[str, Any] = {"resource": table.name, "record_key": record_key(key)}
    everything = [(one, 0) for one in values.records(attachments)]
    everything += [(one, 1) for one in reposted]
    for position, (one, again) in enumerate(everything):
        kind, thing = opened(one)
        owner, number_ = KINDS[kind][1](thing) if kind in KINDS else (None, None)
        yield ATTACHMENTS.row(
            {},
            **of,
            position=position,
            type=kind,
            owner_id=owner,
            object_id=number_,
            reposted=again,
        )
        if number_ is not None:
            yield from _things(kind, thing)
    yield Trim(ATTACHMENTS, of, len(everything))


def _things(kind: str, thing: Record) -> Iterator[Row]:
    yield from KINDS[kind][0].part(thing, embedded=True)
    if kind == "poll":
        yield from answers(thing, embedded=True)


def _name(kind: str, thing: Record) -> str:
    owner, number_ = KINDS[kind][1](thing) if kind in KINDS else (None, None)
    return f"{kind}{owner}_{number_}" if number_ is not None else kind
