"""A list method read to its end, whatever its `offset` and `count` mean."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any

import click

from ovk_archive.api.paging.windows import EITHER, Addressing, Window
from ovk_archive.errors import ServerFaultError
from ovk_archive.resources import uses

#: Asks for one page: paging parameters in, the value of `response` out.
Ask = Callable[[Mapping[str, int]], Awaitable[Any]]

#: What board.* and notifications.get of [B] allow, and nobody forbids.
PAGE = 100

#: What the rows of a list are called (help/openvk-api.md, Requests and answers).
_LISTS = ("items", "notes", "comments", "users")


async def all_records(method: str, ask: Ask, size: int = PAGE) -> list[Any]:
    """Every record of the list, each once: [A] wall.get repeats a row where nothing is pinned.

    Raises:
        UsageError: the method answers with something that is no list.
    """
    found: dict[str, Any] = {}
    async for page in _pages(method, ask, size):
        for record in page:
            found.setdefault(json.dumps(record, sort_keys=True), record)
    return list(found.values())


async def _pages(method: str, ask: Ask, size: int) -> AsyncIterator[list[Any]]:
    pages_surely = uses.list_of(method) is not None
    earlier: list[list[Any]] = []
    total = 0
    for window in _windows(uses.addressing(method), size):
        try:
            response = await ask(uses.addressing(method).params(window))
        except ServerFaultError:
            # [A] groups.get crashes past its end (help/openvk-api.md, Groups).
            if 0 < total <= window.start:
                return
            raise
        page, total = _records(method, response), _total(response) or total
        # Deleted rows may leave a page empty in the middle: `count` may say go on, never stop.
        if not page and window.start + window.size >= total:
            return
        # Once is [A]'s repeated row; twice is a method that does not look at `offset`.
        if not pages_surely and page and earlier == [page, page]:
            return
        yield page
        earlier = [*earlier[-1:], page]


def _windows(addressing: Addressing, size: int) -> Iterator[Window]:
    """Windows one behind the other; where offsets are ambiguous, from the top and ever larger."""
    start = 0
    while addressing is not EITHER:
        yield Window(start, size)
        start += size
    while True:
        yield Window(0, size)
        # Both generations agree on single rows, so this one tells whether there are more.
        yield Window(size, 1)
        size *= 2


def _total(response: Any) -> int:
    total = response.get("count") if isinstance(response, dict) else 0
    return total if isinstance(total, int) else 0


def _records(method: str, response: Any) -> list[Any]:
    """The records, as the API says them: what declarations make of them is for the archive."""
    rows = _rows(response)
    if rows is None:
        raise click.UsageError(f"{method} does not answer with a list: leave out --paginate.")
    # [B] polls.getVoters: a list of one answer, in which the list is.
    if len(rows) == 1 and isinstance(rows[0], dict) and isinstance(rows[0].get("users"), dict):
        rows = _rows(rows[0]["users"]) or []
    return [row for row in rows if not _is_phantom(row)]


def _rows(response: Any) -> list[Any] | None:
    if isinstance(response, list):
        return response
    if not isinstance(response, dict):
        return None
    named = (response[name] for name in _LISTS if isinstance(response.get(name), list | dict))
    rows = next(named, response if all(map(str.isdigit, response)) else None)
    if rows is None:
        # photos.get leaves out the list where it is empty.
        return [] if "count" in response else None
    return list(rows.values()) if isinstance(rows, dict) else rows


def _is_phantom(row: Any) -> bool:
    """[A] shows nobody as somebody (help/openvk-api.md, Friends); a gift may have the id 0."""
    return isinstance(row, dict) and row.get("id") == 0 and row.get("first_name") == "DELETED"
