"""Whose lists are meant: what people write is looked up on the instance."""

from typing import Any

from ovk_archive.answers import NO_SUCH_NAME
from ovk_archive.client import Client
from ovk_archive.errors import ApiError
from ovk_archive.pages import check_name, numeric_id, page_name


async def resolve_owner(client: Client, text: str) -> int:
    """The id of an existing person (positive) or group (negative) of the client's instance.

    Args:
        client: who asks.
        text: `12`, `-5`, `id12`, `club5`, `alice`, `@alice`, or the address of a page.

    Raises:
        BadInputError: nothing of that kind.
        ApiError: nobody there has that name or id.
    """
    name = page_name(text, client.instance.key)
    owner_id = numeric_id(name)
    if owner_id is None:
        owner_id = await _ask_for_name(client, name)
    if await _is_missing(client, owner_id):
        raise ApiError(f"There is no person or group {name} on {client.instance.key}.")
    return owner_id


async def _ask_for_name(client: Client, name: str) -> int:
    check_name(name)
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
