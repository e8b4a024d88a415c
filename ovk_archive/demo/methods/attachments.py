"""What hangs on posts and comments, by kind."""

from collections.abc import Callable, Iterable
from typing import Any

from ovk_archive.demo.methods.audio import audio_object
from ovk_archive.demo.methods.call import Call
from ovk_archive.demo.methods.docs import doc_object
from ovk_archive.demo.methods.note_object import note_object
from ovk_archive.demo.methods.photos import size_list
from ovk_archive.demo.methods.polls import poll_object
from ovk_archive.demo.methods.videos import video_object
from ovk_archive.demo.world.records import Attachment, Pair


def attached(call: Call, items: Iterable[Attachment], *, hide_deleted: bool) -> list[Any]:
    """Show attachments in their order; kinds that the dialect does not know are dropped."""
    shown = []
    for kind, key in items:
        if kind == "doc" and not call.newer:
            continue
        if kind == "photo" and hide_deleted and call.world.photos[key].deleted:
            continue
        shown.append(wrapped(call, (kind, key)))
    return shown


def wrapped(call: Call, attachment: Attachment) -> dict[str, Any]:
    """Show one attachment; a note is flat in [A] (help/openvk-api.md, Walls)."""
    kind, key = attachment
    shown = SHOWN[kind](call, key)
    if kind == "note" and not call.newer:
        return shown
    return {"type": kind, kind: shown}


def _photo(call: Call, key: Pair) -> dict[str, Any]:
    photo = call.world.photos[key]
    shown = {
        "album_id": call.world.album_of(key),
        "date": photo.date,
        "id": photo.id,
        "owner_id": photo.owner_id,
        "sizes": size_list(call, photo),
        "text": "",
        "has_tags": False,
    }
    return shown | ({"tags": {"count": 0, "items": []}} if call.newer else {})


def _video(call: Call, key: Pair) -> dict[str, Any]:
    return video_object(call, call.world.videos[key])


def _audio(call: Call, key: int) -> dict[str, Any]:
    return audio_object(call, call.world.audio[key], keys=True)


def _note(call: Call, key: Pair) -> dict[str, Any]:
    return note_object(call, call.world.notes[key])


def _poll(call: Call, key: int) -> dict[str, Any]:
    return poll_object(call, call.world.polls[key], attached=True)


def _doc(call: Call, key: int) -> dict[str, Any]:
    return doc_object(call, call.world.docs[key])


SHOWN: dict[str, Callable[[Call, Any], dict[str, Any]]] = {
    "photo": _photo,
    "video": _video,
    "audio": _audio,
    "note": _note,
    "poll": _poll,
    "doc": _doc,
}
