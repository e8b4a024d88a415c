"""How a note looks, in a list or on a post."""

from typing import Any

from ovk_archive.demo.methods.call import Call
from ovk_archive.demo.methods.markup import note_html
from ovk_archive.demo.world.records import Note


def note_object(call: Call, note: Note) -> dict[str, Any]:
    """Show a note; [A] adds a few constants."""
    call.guard("notes", (note.owner_id, note.id))
    comments = len(call.world.thread("note", note.owner_id, note.id))
    older = {} if call.newer else {"type": "note"}
    shown = older | {
        "id": note.id,
        "owner_id": note.owner_id,
        "title": note.title,
        "text": note_html(note, call.dialect),
        "date": note.date,
        "comments": comments,
        "view_url": f"/note{note.owner_id}_{note.id}",
    }
    if not call.newer:
        shown |= {"read_comments": comments, "privacy_view": 1, "can_comment": 1, "text_wiki": "r"}
    return shown
