"""What is attached to posts and comments, and the kinds that come only so.

Forms of attachments per generation: openvk-api.md section 5, wall.get and the comment methods.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ovk_archive import values
from ovk_archive.resources.audio import AUDIO
from ovk_archive.resources.columns import content, counter, given, moment, number, user, yes_no
from ovk_archive.resources.columns import viewer as view
from ovk_archive.resources.notes import NOTES
from ovk_archive.resources.photos import PHOTOS
from ovk_archive.rows import Kind, Record, Row, Table, Trim, record_key

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
        given("reposted", int, "1 if it belongs to the reposted original"),
    ),
    relation=True,
    indexes=(("type", "owner_id", "object_id"),),
    facets=("type", "resource"),
)

VIDEOS = Table(
    name="videos",
    title="Videos",
    doc="Videos that something refers to.",
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
        content("player", str, "The file itself, or the YouTube page", read=values.link),
        content("image_url", str, "The preview", ("image",), kind=Kind.VOLATILE,
                read=lambda images: values.link(images[0].get("url")) if images else None),
        yes_no("is_processed", "Ready to be played ([B] only)", kind=Kind.VOLATILE),
        counter("comments", "Comments"),
        counter("views", "Views"),
        counter("likes", "Likes"),
        view("added", "In the account's videos"),
    ),
    known=frozenset(
        {"user_id", "files", "type", "repeat", "is_favorite", "reposts", "can_comment", "can_like"}
        | {"can_repost", "can_subscribe", "can_add_to_faves", "can_add"}
    ),
    label="title",
    sort="date",
)  # fmt: skip

POLLS = Table(
    name="polls",
    title="Polls",
    doc="Polls that something refers to.",
    key=("id",),
    columns=(
        number("id", "Poll number, unique on the instance"),
        user("owner_id", "Who made it"),
        content("question", str, "The question"),
        moment("end_date", "When it ends; 0 for never"),
        yes_no("anonymous", "Votes are secret"),
        yes_no("multiple", "Several answers may be chosen"),
        # The server sends the opposite in attachments of both generations (section 5).
        yes_no("disable_unvote", "A vote cannot be taken back", read=values.negated),
        yes_no("closed", "It has ended", kind=Kind.VOLATILE),
        counter("votes", "People who voted"),
        content("answer_ids", str, "The account's own votes, JSON", read=values.as_json,
                kind=Kind.VIEWER),
    ),
    known=frozenset(
        {"author_id", "created", "is_board", "can_edit", "can_vote", "can_report", "can_share"}
        | {"answers"}
    ),
    label="question",
)  # fmt: skip

POLL_ANSWERS = Table(
    name="poll_answers",
    title="Answers of polls",
    doc="What could be chosen in a poll.",
    key=("id",),
    columns=(
        number("id", "Answer number, unique on the instance"),
        given("poll_id", int, "The poll", references="polls"),
        content("text", str, "The answer"),
        counter("votes", "People who chose it"),
        counter("rate", "Share of the voters, rounded down", unit="percent"),
    ),
    indexes=(("poll_id",),),
    label="text",
)

DOCUMENTS = Table(
    name="documents",
    title="Documents",
    doc="Documents that something refers to ([B] only).",
    key=("id",),
    columns=(
        number("id", "Document number, unique on the instance"),
        number("owner_id", "Whose document; 0 if hidden"),
        content("title", str, "File name"),
        content("ext", str, "Extension"),
        number("size", "Size", unit="bytes"),
        number("type", "1 text, 2 archive, 3 GIF, 4 image, 5 audio, 6 video, 7 book, 8 other"),
        moment("date", "When it was uploaded"),
        content("url", str, "The file", read=values.link),
        content("access_key", str, "Part of the document's full id"),
        content("preview", str, "Preview images, JSON", read=values.as_json, kind=Kind.VOLATILE),
        yes_no("is_hidden", "The owner is hidden"),
        yes_no("is_licensed", "Marked as licensed"),
        yes_no("is_unsafe", "Marked as unsafe"),
    ),
    known=frozenset({"private_url", "folder_id", "can_manage"}),
    label="title",
    sort="date",
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


def opened(attachment: Record) -> tuple[str, Record]:
    """An attachment's type and what is attached.

    Three forms: `{"type": t, t: {…}}`; [A] writes notes flat, with `type` inside; and photos in
    comments of photos and notes bare, without any type.
    """
    kind = attachment.get("type")
    if isinstance(kind, str):
        inner = attachment.get(kind)
        return kind, inner if isinstance(inner, dict) else attachment
    if "unique_id" in attachment:
        return "audio", attachment
    return ("photo" if "pid" in attachment else "unknown"), attachment


def named(attachments: Any) -> str | None:
    """Attachments as one readable value, the way VK names them: `photo1_2,audio1_5`."""
    return ",".join(_name(*opened(one)) for one in attachments or ()) or None


def attached(
    table: Table,
    key: tuple[Any, ...],
    attachments: Sequence[Record],
    reposted: Sequence[Record] = (),
) -> Iterator[Row | Trim]:
    """The rows of a record's attachments, and of the things themselves."""
    of: dict[str, Any] = {"resource": table.name, "record_key": record_key(key)}
    everything = [(one, 0) for one in attachments] + [(one, 1) for one in reposted]
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
    yield KINDS[kind][0].row(thing, embedded=True)
    for answer in thing.get("answers") or () if kind == "poll" else ():
        yield POLL_ANSWERS.row(answer, embedded=True, poll_id=thing["id"])


def _name(kind: str, thing: Record) -> str:
    owner, number_ = KINDS[kind][1](thing) if kind in KINDS else (None, None)
    return f"{kind}{owner}_{number_}" if number_ is not None else kind
