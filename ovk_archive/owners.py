"""Whose lists are meant: ids, screen names and addresses of pages, as people write them."""

import re
from typing import Any

from ovk_archive.answers import NO_SUCH_NAME
from ovk_archive.client import Client
from ovk_archive.errors import ApiError, BadInputError

_MAX_ID = 2**63 - 1
_ID = re.compile(r"(?P<prefix>-|id|club|public|event|)(?P<number>[0-9]{1,40})")
_NAME = re.compile(r"[A-Za-z0-9._]{2,64}")


async def resolve_owner(client: Client, text: str) -> int:
    """The id of an existing person (positive) or group (negative) of the client's instance.

    Args:
        client: who asks.
        text: `12`, `-5`, `id12`, `club5`, `alice`, `@alice`, or the address of a page.

    Raises:
        BadInputError: nothing of that kind.
        ApiError: nobody there has that name or id.
    """
    name = _page_name(text.strip(), client.instance.key)
    owner_id = _numeric_id(name)
    if owner_id is None:
        owner_id = await _ask_for_name(client, name)
    if await _is_missing(client, owner_id):
        raise ApiError(f"There is no person or group {name} on {client.instance.key}.")
    return owner_id


def _page_name(text: str, key: str) -> str:
    if "/" not in text:
        return text.removeprefix("@")
    address = text.partition("://")[2] if "://" in text else text
    if address[: len(key) + 1].lower() != f"{key}/".lower():
        raise BadInputError(f"That page is not on {key}; give the owner's id or name alone.")
    return re.split(r"[?#]", address[len(key) + 1 :])[0].rstrip("/")


def _numeric_id(name: str) -> int | None:
    match = _ID.fullmatch(name.lower())
    if match is None:
        return None
    number = int(match["number"])
    if not 0 < number <= _MAX_ID:
        raise BadInputError("Ids of persons and groups begin with 1.")
    return number if match["prefix"] in ("", "id") else -number


async def _ask_for_name(client: Client, name: str) -> int:
    if not _NAME.fullmatch(name):
        raise BadInputError(
            "An owner is an id (12, -5), a screen name (alice), or the address of a page."
        )
    try:
        answer = await client.call("utils.resolveScreenName", {"screen_name": name})
    except ApiError as error:
        if error.code != NO_SUCH_NAME:
            raise
        answer = {}
    found = answer if isinstance(answer, dict) else {}
    number, kind = found.get("object_id"), found.get("type")
    if not isinstance(number, int) or kind not in ("user", "group"):
        raise ApiError(f"No person or group is called {name} on {client.instance.key}.")
    return number if kind == "user" else -number


async def _is_missing(client: Client, owner_id: int) -> bool:
    if owner_id > 0:
        answer = await client.call("users.get", {"user_ids": owner_id})
    else:
        answer = await client.call("groups.getById", {"group_ids": -owner_id})
    # A list with holes comes as an object (openvk-api.md section 1, "Responses").
    records = list(answer.values()) if isinstance(answer, dict) else answer or []
    return not any(_is_alive(record, abs(owner_id)) for record in records)


def _is_alive(record: Any, number: int) -> bool:
    return isinstance(record, dict) and record.get("id") == number and not _is_stub(record)


def _is_stub(record: dict[str, Any]) -> bool:
    # Unknown and deleted ones come as this instead of an error.
    if "first_name" in record:
        return record["first_name"] == "DELETED" and record.get("deactivated") == "deleted"
    # A real group tells its description only when asked for it.
    return record.get("name") == "DELETED" and "description" in record
