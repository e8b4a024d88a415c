"""Who is who: whom people mean by a short name or an address, and what numbers are called."""

import json
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ovk_archive.api.page_names import check_name, numeric_id, page_name
from ovk_archive.errors import BadInputError

#: Asks an archive: a query and its parameters.
Ask = Callable[[str, tuple[Any, ...]], Iterable[tuple[Any, ...]]]


class Known(Protocol):
    """An open archive."""

    def query(self, sql: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    def identity(self) -> Any:
        """Whose archive it is."""


def owner_id(archive: Known, text: str) -> int:
    """The id of a person (positive) or a group (negative).

    Args:
        archive: whom it knows by name.
        text: `12`, `-5`, `id12`, `club5`, `alice`, `@alice`, or the address of a page.

    Raises:
        BadInputError: it is none of these, or the archive knows nobody of that name, or several.
    """
    name = page_name(text, archive.identity().instance)
    number = numeric_id(name)
    if number is not None:
        return number
    check_name(name)
    found = numbers_called(archive.query, name)
    if not found:
        raise BadInputError(
            "Nobody whom the archive knows is called %(name)s: "
            "give the id, such as 12, or -5 for a group.",
            name=name,
        )
    if len(found) > 1:
        raise BadInputError(
            "Several people or groups are called %(name)s: "
            "give the id, such as 12, or -5 for a group.",
            name=name,
        )
    return found[0]


def numbers_called(ask: Ask, name: str) -> list[int]:
    """All who have this short name; a group is a negative number."""
    found = ask(
        "select id from users where screen_name = ?1 collate nocase "
        "union select -id from groups where screen_name = ?1 collate nocase",
        (name,),
    )
    return sorted((int(number) for (number,) in found), reverse=True)


def names_of(ask: Ask, ids: Iterable[int | None]) -> dict[int, str]:
    """What people and groups are called."""
    found = ask(
        "select id, name from users where id in (select value from json_each(?1)) union all "
        "select -id, name from groups where id in (select -value from json_each(?1))",
        (json.dumps(sorted({one for one in ids if one is not None})),),
    )
    return {number: name for number, name in found if name}
