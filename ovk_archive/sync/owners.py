"""Whose lists are meant: what people write is looked up on the instance."""

from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.api.page_names import check_name, numeric_id, page_name
from ovk_archive.api.wire.api_errors import NO_SUCH_NAME
from ovk_archive.errors import ApiError, AuthError, RateLimitedError, ServerFaultError
from ovk_archive.sync.plan import Owner


async def find_owner(client: Client, text: str) -> Owner:
    """A person (positive) or group (negative) of the client's instance, or why there is none.

    Args:
        client: who asks.
        text: `12`, `-5`, `id12`, `club5`, `alice`, `@alice`, or the address of a page.

    Raises:
        BadInputError: nothing of that kind.
        TransportError: no answer.
    """
    name = page_name(text, client.instance.key)
    owner_id = numeric_id(name)
    try:
        if owner_id is None:
            owner_id = await _ask_for_name(client, name)
        record = await _record_of(client, owner_id)
    except (AuthError, RateLimitedError):
        raise
    except ApiError as refusal:
        return Owner(name, owner_id, lost=refusal)
    except ServerFaultError:
        # This one's record crashes the server: that says nothing of the lists.
        if owner_id is None:
            raise
        return Owner(name, owner_id)
    if record is None:
        why = ApiError(f"There is no person or group {name} on {client.instance.key}.")
        return Owner(name, owner_id, lost=why)
    return Owner(name, owner_id, deactivated=bool(record.get("deactivated")))


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


async def _record_of(client: Client, owner_id: int) -> dict[str, Any] | None:
    if owner_id > 0:
        answer = await client.call("users.get", {"user_ids": owner_id})
    else:
        answer = await client.call("groups.getById", {"group_ids": -owner_id})
    # A list with holes comes as an object (help/openvk-api.md, Requests and answers).
    records = list(answer.values()) if isinstance(answer, dict) else answer or []
    found = (record for record in records if _is_alive(record, abs(owner_id)))
    return next(found, None)


def _is_alive(record: Any, number: int) -> bool:
    return isinstance(record, dict) and record.get("id") == number and not _is_stub(record)


def _is_stub(record: dict[str, Any]) -> bool:
    # Unknown and deleted ones come as this instead of an error.
    if "first_name" in record:
        return record["first_name"] == "DELETED" and record.get("deactivated") == "deleted"
    # A real group tells its description only when asked for it.
    return record.get("name") == "DELETED" and "description" in record
