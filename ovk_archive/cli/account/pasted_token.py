"""A token out of whatever people paste: with blanks, in quotes, as JSON, as an address. Pure."""

import json
import re
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from ovk_archive.errors import BadInputError

_NAME = "access_token"
_QUOTES = "\"'`«»“”„"
#: Tokens are letters, digits and some marks; nothing else may go into a request.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,4096}")


def token_in(text: str) -> str:
    """The token that somebody pasted.

    Raises:
        BadInputError: there is none. What was pasted is not repeated, for it may hold a secret.
    """
    token = _unwrapped(text.strip().lstrip("\ufeff").strip())
    if not token:
        raise BadInputError("The input holds no token.")
    if not _TOKEN.fullmatch(token):
        raise BadInputError(
            "The input is no token: a token is one word of letters, digits and marks, such as "
            "1-2ab34c-jill."
        )
    return token


def decoded(raw: bytes) -> str:
    """The text of a file that holds a token, as editors of all systems write it.

    Raises:
        BadInputError: it is no text.
    """
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeError:
        raise BadInputError("The input is no text in UTF-8: give the token alone.") from None


def _unwrapped(text: str) -> str:
    if text.startswith(("{", "[")):
        return _of_json(text)
    if f"{_NAME}=" in text:
        return _of_address(text)
    return text.strip(_QUOTES).strip()


def _of_json(text: str) -> str:
    """The token of `{"access_token": …}`, as `/token` answers and this program saves it."""
    with suppress(ValueError, RecursionError):
        match json.loads(text):
            case {"access_token": str(token)} | {"token": str(token)}:
                return token.strip()
    return ""


def _of_address(text: str) -> str:
    """The token of `https://…/blank.html#access_token=…&user_id=…`, or of a part of it."""
    parts = urlsplit(text.strip(_QUOTES))
    for part in (parts.fragment, parts.query, parts.path):
        if found := parse_qs(part).get(_NAME):
            return found[0].strip()
    return ""
