"""Whom people mean: a number, a short name or the address of a page, looked up in the archive."""

from collections.abc import Iterable
from typing import Any, Protocol

from ovk_archive.api.page_names import check_name, numeric_id, page_name
from ovk_archive.errors import BadInputError

_CALLED = (
    "select id from users where lower(screen_name) = ? "
    "union select -id from groups where lower(screen_name) = ?"
)


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
    found = archive.query(_CALLED, [name.lower()] * 2)
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
    return int(found[0][0])
