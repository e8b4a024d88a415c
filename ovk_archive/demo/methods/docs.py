"""docs.*: documents, which only the newer dialect knows."""

from typing import Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.photos import size_list
from ovk_archive.demo.methods.php import window
from ovk_archive.demo.world.owned import Doc

NAMES = {
    1: "Текстовые",
    2: "Архивы",
    3: "GIF",
    4: "Изображения",
    5: "Аудио",
    6: "Видео",
    7: "Книги",
    8: "Остальные",
}
MOST_TAGS = 50


def get(call: Call) -> dict[str, Any]:
    """List one's own documents or a group's: the newest first, by title, or the largest first."""
    rows = _owned(call, call.params.number("type", -1))
    order = call.params.number("order")
    if order == 1:
        rows.sort(key=lambda doc: doc.title.casefold(), reverse=True)
    elif order == 2:
        rows.sort(key=lambda doc: -doc.size)
    elif order == 0:
        rows.reverse()
    page = window(rows, call.params.number("offset"), call.params.number("count", 30))
    tags = call.params.number("return_tags") == 1
    items = [doc_object(call, doc) | ({"tags": doc.tags} if tags else {}) for doc in page]
    return {"count": len(rows), "items": items}


def get_types(call: Call) -> dict[str, Any]:
    """Count the documents of each type that there are any of."""
    types = [doc.type for doc in _owned(call)]
    items = [
        {"count": types.count(number), "type": number, "name": NAMES[number]}
        for number in sorted(set(types))
    ]
    return {"count": len(items), "items": items}


def get_tags(call: Call) -> list[str]:
    """List the tags of documents, in the order of these."""
    tags = (tag for doc in _owned(call, call.params.number("type")) for tag in doc.tags)
    return list(dict.fromkeys(tags))[:MOST_TAGS]


def doc_object(call: Call, doc: Doc) -> dict[str, Any]:
    """Show a document; whose a hidden one is, only its owner is told."""
    call.guard("documents", doc.id)
    mine = doc.owner_id == call.viewer
    if doc.owner_id < 0:
        group = call.world.groups.get(-doc.owner_id)
        mine = group is not None and call.viewer in group.admins
    shown: dict[str, Any] = {
        "id": doc.id,
        "owner_id": doc.owner_id if mine or not doc.hidden else 0,
        "title": doc.title,
        "size": doc.size,
        "ext": doc.ext,
        "url": call.blob(doc.hash, f".{doc.ext}"),
        "date": doc.date,
        "type": doc.type,
        "is_hidden": int(doc.hidden),
        "is_licensed": 0,
        "is_unsafe": 0,
        "folder_id": doc.folder,
        "access_key": doc.hash[:18],
        "private_url": "",
        "can_manage": mine,
    }
    if doc.preview is not None:
        shown["preview"] = {"photo": {"sizes": size_list(call, doc.preview)}}
    return shown


def _owned(call: Call, kind: int = -1) -> list[Doc]:
    """Find the documents of an owner, of one type if there is such a type, by id."""
    owner = call.params.number("owner_id") or call.viewer or 0
    privacy.documents(call.world, call.dialect, owner)
    rows = call.world.documents_of(owner)
    return [doc for doc in rows if doc.type == kind] if kind in NAMES else rows


METHODS = {
    "docs.get": Method(get, dialects="B"),
    "docs.getTypes": Method(get_types, dialects="B"),
    "docs.getTags": Method(get_tags, dialects="B"),
}
