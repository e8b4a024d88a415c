"""notes.*: notes and their markup."""

from typing import Any

from ovk_archive.demo import privacy
from ovk_archive.demo.call import Call, Method
from ovk_archive.demo.comments import object_comment
from ovk_archive.demo.note_object import note_object
from ovk_archive.demo.php import ApiFault, Crash, sliced, to_int
from ovk_archive.demo.records import Note


def get(call: Call) -> dict[str, Any]:
    """List notes, the oldest first unless `sort` is given."""
    owner = call.params.int("user_id")
    privacy.notes(call.world, call.dialect, owner)
    items = "items" if call.newer else "notes"
    if call.params.str("note_ids"):
        return {"count": 0, items: _chosen(call, owner)} if call.newer else _chosen_older(call)
    notes = call.world.notes_of(owner)
    rows = notes[::-1] if call.params.int("sort") else notes
    page = sliced(rows, call.params.int("offset"), call.params.int("count", 10))
    return {"count": len(notes), items: [note_object(call, note) for note in page]}


def get_by_id(call: Call) -> dict[str, Any]:
    """Show one note."""
    return note_object(call, _find(call))


def get_comments(call: Call) -> dict[str, Any]:
    """List comments under a note, the oldest first."""
    note = _find(call)
    thread = call.world.thread("note", note.owner_id, note.id)
    page = sliced(thread, call.params.int("offset"), call.params.int("count", 100))
    shown = [
        object_comment(call, comment, "message" if call.newer else "text")
        | {"uid": comment.author_id, "nid": note.global_id, "oid": note.owner_id}
        for comment in page
    ]
    return {"count": len(thread), "items" if call.newer else "comments": shown}


def _find(call: Call) -> Note:
    owner, number = call.params.int("owner_id"), call.params.int("note_id")
    note = call.world.notes.get((owner, number))
    if call.newer:
        if note is None or note.deleted:
            raise ApiFault(15, "Access denied")
    elif note is None:
        raise ApiFault(180, "Note not found")
    elif note.deleted:
        raise ApiFault(189, "Note is deleted")
    try:
        privacy.notes(call.world, call.dialect, owner)
    except ApiFault as fault:
        raise fault if call.newer else ApiFault(40, fault.message) from fault
    return note


def _chosen(call: Call, owner: int) -> list[dict[str, Any]]:
    keys = [(owner, to_int(part)) for part in call.params.list("note_ids")]
    found = (call.world.notes.get(key) for key in keys)
    return [note_object(call, note) for note in found if note is not None and not note.deleted]


def _chosen_older(call: Call) -> None:
    """[A] crashes on the ids of live notes and answers null otherwise (section 12)."""
    live = {f"{n.owner_id}_{n.id}" for n in call.world.notes.values() if not n.deleted}
    if live & set(call.params.list("note_ids")):
        raise Crash


METHODS = {
    "notes.get": Method(get, needs=("user_id",)),
    "notes.getById": Method(get_by_id, needs=("note_id", "owner_id")),
    "notes.getComments": Method(get_comments, needs=("note_id", "owner_id")),
}
