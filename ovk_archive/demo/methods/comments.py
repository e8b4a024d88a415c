"""Comments under photos, notes and topics (those under posts look different: see wall)."""

from typing import Any

from ovk_archive.demo.methods.attachments import wrapped
from ovk_archive.demo.methods.call import Call
from ovk_archive.demo.methods.photos import photo_object
from ovk_archive.demo.methods.php import Crash, escape
from ovk_archive.demo.world.records import Comment


def object_comment(call: Call, comment: Comment, text_key: str = "text") -> dict[str, Any]:
    """Show a comment; a group's id loses its minus here (help/openvk-api.md, Ids)."""
    call.guard("comments", comment.id)
    text = escape(comment.text)
    shown: dict[str, Any] = {
        "id": comment.id,
        "from_id": abs(comment.author_id),
        "date": comment.date,
    }
    if not call.newer:
        shown["text"] = text
    shown |= {"attachments": _attachments(call, comment), "parents_stack": []}
    if call.newer:
        shown[text_key] = text
        if comment.reply_to is not None:
            shown["reply_to_comment"] = comment.reply_to
    return shown


def _attachments(call: Call, comment: Comment) -> list[dict[str, Any]]:
    """Show attachments: [A] photos bare, and it crashes on a video.

    The recorded [B] shows none under a note even where [A] shows a photo
    (Notes.getComments__photo), nor in a topic, so only photo comments carry them there.
    """
    if call.newer:
        if comment.kind != "photo":
            return []
        return [wrapped(call, item) for item in comment.attachments if item[0] == "photo"]
    if any(kind == "video" for kind, _ in comment.attachments):
        raise Crash
    photos = (call.world.photos[key] for kind, key in comment.attachments if kind == "photo")
    return [photo_object(call, photo, sizes=True) for photo in photos]
