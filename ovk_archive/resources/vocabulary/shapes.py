"""The shapes in which methods answer: each is taken apart, and what proves nothing is refused.

A server in trouble answers HTTP 200 with null, or with a count and no rows (help/openvk-api.md,
Lies and crashes). So each declaration says which shapes its method has, in both generations; any
other is a fault of the server, never an empty list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ovk_archive.errors import NonsenseError
from ovk_archive.resources.vocabulary.records import UNREADABLE

#: What lists are called: [A] gives some their own names (help/openvk-api.md, Requests and answers).
_NAMES = ("items", "notes", "comments", "users")
_MOST = 2**63
_DIGITS = len(str(_MOST))


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """A list call's answer, taken apart.

    Attributes:
        records: the rows, in order; what is no object is among them, to be told of.
        total: the server's count of the whole list, where it says one.
        more: the server says that further rows follow, whatever this page holds.
    """

    records: tuple[Any, ...]
    total: int | None = None
    more: bool = False


Shape = Callable[[Any], ListAnswer]


def taken_apart(method: str, shape: Shape, response: Any) -> ListAnswer:
    """The answer of a method.

    Raises:
        NonsenseError: it has no shape that the method has.
    """
    try:
        return shape(response)
    except NonsenseError as nonsense:
        raise nonsense_of(method, str(nonsense)) from nonsense
    except UNREADABLE as error:
        raise nonsense_of(method, described(response)) from error


def nonsense_of(method: str, what: str) -> NonsenseError:
    """The error that tells which method answered what."""
    return NonsenseError(
        f"{method} answered {what}: that is a fault of the server and proves nothing. "
        "The next sync asks again."
    )


def answer(response: Any) -> ListAnswer:
    """`{count, items}`, where `count` is that of the whole list."""
    found = an_object(response)
    records, total = _listed(found), counted(found.get("count"))
    if total is None and "count" in found and not records:
        raise NonsenseError("a count that is no number, and no rows")
    return ListAnswer(records, total)


def uncounted(response: Any) -> ListAnswer:
    """`{items}`, and perhaps a `count` that is only the size of the page."""
    return ListAnswer(_listed(an_object(response)))


def sparse(response: Any) -> ListAnswer:
    """Like `uncounted`, but a page without rows has no list at all (help/openvk-api.md, Photos)."""
    found = an_object(response)
    empty = "items" not in found and counted(found.get("count")) is not None
    return ListAnswer(()) if empty else uncounted(found)


def bare(response: Any) -> ListAnswer:
    """A list, or an object where a list has holes (help/openvk-api.md, Requests and answers)."""
    return ListAnswer(a_list(response))


def pairs(response: Any) -> ListAnswer:
    """The answer is an object whose fields are facts: one record for each, `{name, value}`."""
    facts = an_object(response).items()
    return ListAnswer(tuple({"name": name, "value": value} for name, value in facts))


def alone(response: Any) -> ListAnswer:
    """The answer is one record."""
    return ListAnswer((an_object(response),))


def number(method: str, response: Any) -> int:
    """The answer is a count.

    Raises:
        NonsenseError: it is none.
    """
    found = counted(response)
    if found is None:
        raise nonsense_of(method, f"{described(response)} where a number is due")
    return found


def an_object(response: Any) -> Mapping[str, Any]:
    """An object with at least one field.

    Raises:
        NonsenseError: it is something else.
    """
    if not isinstance(response, dict) or not response:
        raise NonsenseError(f"{described(response)} where an object is due")
    return response


def a_list(value: Any) -> tuple[Any, ...]:
    """The rows of a list, without [A]'s phantom user 0 (help/openvk-api.md, Friends).

    Raises:
        NonsenseError: it is no list.
    """
    if isinstance(value, dict) and value and all(key.isdigit() for key in value):
        value = list(value.values())
    if not isinstance(value, list):
        raise NonsenseError(f"{described(value)} where a list is due")
    return tuple(one for one in value if not _is_phantom(one))


def counted(value: Any) -> int | None:
    """A count, or None where there is none that can be one."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < _MOST else None


def described(value: Any) -> str:
    """What kind of value it is, in words."""
    if isinstance(value, (list, dict)):
        kind = "a list" if isinstance(value, list) else "an object"
        return kind if value else f"{kind} with nothing in it"
    words = {None: "nothing (null)", True: "true", False: "false"}
    is_word = value is None or isinstance(value, bool)
    return words[value] if is_word else "a text" if isinstance(value, str) else "a number"


def _listed(found: Mapping[str, Any]) -> tuple[Any, ...]:
    name = next((name for name in _NAMES if name in found), None)
    if name is None:
        raise NonsenseError("an object without a list")
    return a_list(found[name])


def _is_phantom(record: Any) -> bool:
    return isinstance(record, dict) and type(record.get("id")) is int and record["id"] == 0
