"""How people write whom they mean: ids, screen names, addresses of pages. Pure."""

import re

from ovk_archive.errors import BadInputError

_MAX_ID = 2**63 - 1
_ID = re.compile(r"(?P<prefix>-|id|club|public|event|)(?P<number>[0-9]{1,40})")
_NAME = re.compile(r"[A-Za-z0-9._]{2,64}")


def page_name(text: str, key: str) -> str:
    """The name or number of an owner in a text, which may be the address of a page.

    Args:
        text: `12`, `-5`, `id12`, `club5`, `alice`, `@alice`, or an address.
        key: the instance, `host[:port][/path]`.

    Raises:
        BadInputError: the page is of another instance.
    """
    text = text.strip()
    if "/" not in text:
        return text.removeprefix("@")
    address = text.partition("://")[2] if "://" in text else text
    if address[: len(key) + 1].lower() != f"{key}/".lower():
        raise BadInputError(
            "That page is not on %(instance)s: give the owner's id or name alone.", instance=key
        )
    return re.split(r"[?#]", address[len(key) + 1 :])[0].rstrip("/")


def numeric_id(name: str) -> int | None:
    """The id that a name says, negative for a group; None if it is a screen name.

    Raises:
        BadInputError: there cannot be such an id.
    """
    match = _ID.fullmatch(name.lower())
    if match is None:
        return None
    number = int(match["number"])
    if not 0 < number <= _MAX_ID:
        raise BadInputError("The ids of people and groups begin with 1.")
    return number if match["prefix"] in ("", "id") else -number


def check_name(name: str) -> None:
    """Refuse what cannot be a screen name.

    Raises:
        BadInputError: it is none.
    """
    if not _NAME.fullmatch(name):
        raise BadInputError(
            "An owner is an id (12, -5), a screen name (alice), or the address of a page."
        )
