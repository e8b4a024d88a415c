"""notes.*: notes and their markup."""

from typing import Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.comments import object_comment
from ovk_archive.demo.methods.note_object import note_object
from ovk_archive.demo.methods.php import ApiFault, Crash, sliced, to_int
from ovk_archive.demo.methods.seconds import as_sorted
from ovk_archive.demo.world.records import Note


def get(call: Call) -> dict[str, Any] | None:
    """List notes, the oldest first unless `sort` is given."""
    owner = call.params.number("user_id")
    privacy.notes(call.world, call.dialect, owner)
    items = "items" if call.newer else "notes"
    if call.params.text("note_ids"):
        return _chosen(call, owner)
    notes = call.world.notes_of(owner)
    rows = notes[::-1] if call.params.number("sort") else notes
    page = sliced(rows, call.params.number("offset"), call.params.number("count", 10))
    return {"count": len(notes), items: [note_object(call, note) for note in page]}


def get_by_id(call: Call) -> dict[str, Any]:
    """Show one note."""
    return note_object(call, _find(call))


def get_comments(call: Call) -> dict[str, Any]:
    """List comments under a note, the oldest first."""
    note = _find(call)
    thread = call.world.thread("note", note.owner_id, note.id)
    offset, count = call.params.number("offset"), call.params.number("count", 100)
    page = sliced(as_sorted(thread, offset + count), offset, count)
    shown = [
        object_comment(call, comment, "message" if call.newer else "text")
        | {"uid": comment.author_id, "nid": note.global_id, "oid": note.owner_id}
        for comment in page
    ]
    return {"count": len(thread), "items" if call.newer else "comments": shown}


def _find(call: Call) -> Note:
    """Find a note, or refuse it: [B] has one word for everything."""
    owner, number = call.params.number("owner_id"), call.params.number("note_id")
    note = call.world.notes.get((owner, number))
    if call.newer:
        if note is None or note.deleted:
            raise ApiFault(15, "Access denied")
        privacy.notes(call.world, call.dialect, owner)
        return note
    if note is None:
        raise ApiFault(180, "Note not found")
    if note.deleted:
        raise ApiFault(189, "Note is deleted")
    try:
        privacy.notes(call.world, call.dialect, owner)
    except ApiFault as fault:
        raise ApiFault(40, fault.message) from fault
    return note


def _chosen(call: Call, owner: int) -> dict[str, Any] | None:
    """Show notes by id: [A] crashes on those that are there (help/openvk-api.md, Notes)."""
    names = call.params.names("note_ids")
    if call.newer:
        found = (call.world.notes.get((owner, to_int(name))) for name in names)
        live = [note for note in found if note is not None and not note.deleted]
        return {"count": 0, "items": [note_object(call, note) for note in live]}
    if {f"{n.owner_id}_{n.id}" for n in call.world.notes.values() if not n.deleted} & set(names):
        raise Crash
    return None


METHODS = {
    "notes.get": Method(get, needs=("user_id",)),
    "notes.getById": Method(get_by_id, needs=("note_id", "owner_id")),
    "notes.getComments": Method(get_comments, needs=("note_id", "owner_id")),
}
