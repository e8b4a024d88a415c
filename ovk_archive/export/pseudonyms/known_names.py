"""Every name that somebody in the archive has, or ever had."""

import json
from collections.abc import Iterator
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.export.pseudonyms.texts.names_in_text import Names
from ovk_archive.resources.people import FAKES


def known_names(archive: Archive) -> Names:
    """Every name that somebody in the archive has, or ever had."""
    names = Names()
    for kind, number, record in _records(archive):
        told = {column: value for column, value in record.items() if _is_name(value)}
        if kind == "group":
            names.add_group(number, told.get("name") or told.get("title") or "")
            names.add_handle(-number, told.get("screen_name") or told.get("address") or "")
            continue
        names.add_person(number, *(told.get(part, "") for part in _PARTS))
        names.add_handle(number, told.get("screen_name", ""))
        # What somebody is called elsewhere names no page here.
        names.add_handle(number, told.get("telegram", ""), page=False)
    return names


#: What a person is called.
_PARTS = ("first_name", "last_name", "nickname")
#: Tables whose rows and versions tell names: of whom, and the rows.
_NAMING = {
    "users": (
        "person",
        "select id, first_name, last_name, nickname, screen_name, telegram from users",
    ),
    "account": (
        "person",
        "select id, first_name, last_name, nickname, screen_name, null from account",
    ),
    "groups": ("group", "select id, name, null, null, screen_name, null from groups"),
    "group_settings": (
        "group",
        "select group_id, title, null, null, address, null from group_settings",
    ),
}
_COLUMNS = {
    "person": (*_PARTS, "screen_name", "telegram"),
    "group": ("name", "", "", "screen_name", ""),
}
_VERSIONS = (
    "select resource, record_key, record from _versions "
    "where resource in ('users', 'account', 'groups', 'group_settings')"
)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value not in FAKES


def _records(archive: Archive) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Who is called what, in rows and in all their versions: kind, number, what tells it."""
    for kind, sql in _NAMING.values():
        for number, *values in archive.stream(sql):
            yield kind, number, dict(zip(_COLUMNS[kind], values, strict=True))
    for table, key, record in archive.stream(_VERSIONS):
        yield _NAMING[table][0], int(key), _object_of(record)
    for one in _fact(archive, "administrators"):
        if isinstance(one, dict) and isinstance(one.get("id"), int):
            yield "person", one["id"], one


def _object_of(text: Any) -> dict[str, Any]:
    found = json.loads(text)
    return found if isinstance(found, dict) else {}


def _fact(archive: Archive, name: str) -> list[Any]:
    found = archive.query("select value from instance where name = ?", (name,))
    try:
        facts = json.loads(found[0][0]) if found and found[0][0] else []
    except ValueError:
        return []
    return facts if isinstance(facts, list) else []
