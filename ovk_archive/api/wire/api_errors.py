"""Which error an answer is, where it is not the value of `response`. Pure.

OpenVK's errors are not VK-shaped, see
help/openvk-api.md, Requests and answers; Errors.
"""

import re
from typing import Any

from ovk_archive.api.address import parse_instance
from ovk_archive.api.wire.answers import HttpAnswer
from ovk_archive.api.wire.waits import spelt
from ovk_archive.errors import (
    AccessDeniedError,
    ApiError,
    ArchiveError,
    AuthError,
    BadInputError,
    NoSuchMethodError,
    RateLimitedError,
    ServerFaultError,
    StoppedError,
    TransportError,
)

OK = 200
BAD_REQUEST = 400
UNAUTHORIZED = 401
NOT_FOUND = 404
TOO_MANY = 429
SERVER_FAULT = 500
#: Moved for good: with the method that was asked with, or with another.
_MOVED = (301, 308)

AUTHORIZATION = 5
DEAD_ACCOUNT = 18
NO_SUCH_NAME = 104

TOKEN_CODES = {7, 28}
WRONG_LOGIN = 28

#: Codes that say "closed to you" or "not there" and nothing else (help/openvk-api.md, Errors).
_CLOSED_CODES = {
    *(-413, -151, -105, 1, 2, 5, 10, 14, 15, 16, 18, 20, 21, 22, 30, 40, 43, 50, 56, 58),
    *(105, 177, 180, 189, 201, 203, 251, 254, 260, 386, 403, 501, 600, 665, 1289, 1984),
}

#: Codes that mean a wrong request as well: with these texts something is not there.
_CLOSED_TEXTS = {
    4: ("Invalid user", "Invalid photo", "This method doesn't works with clubs"),
    8: ("Invalid audio",),
    100: (
        "Invalid user",
        "Invalid comment",
        "One of the parameters specified was missing or invalid: object not found",
        "One of the parameters specified was missing or invalid: poll_id is incorrect",
    ),
    125: ("Invalid group id",),
}

#: The whole text that wall.getComments answers for a deleted post.
_POST_IS_GONE = "One of the parameters specified was missing or invalid"

_MAX_TEXT = 200

_LOG_IN = "Log in with `ovk-archive login`."


class WrongAddressError(TransportError):
    """There is no API at this address: asking again cannot help."""


def value_of(answer: HttpAnswer, method: str) -> Any:
    """The value of `response` in the answer to `method`.

    Raises:
        ApiError: the instance refused; the subclass says what to do next.
        TransportError: the answer is not the API's.
    """
    if answer.status in (OK, BAD_REQUEST):
        content = answer.json()
        if isinstance(content, dict) and "error_code" in content:
            raise refusal(answer.host, method, content)
        if answer.status == OK and isinstance(content, dict) and "response" in content:
            return content["response"]
    if answer.status == NOT_FOUND and "." not in method:
        # Older servers have no /method/execute, the one route without a dot.
        raise NoSuchMethodError(f"{answer.host} does not know {method}.", 3)
    raise nonsense(answer)


def error_of(answer: HttpAnswer, method: str) -> ArchiveError | None:
    """The error that an answer is, if it is one."""
    try:
        value_of(answer, method)
    except ArchiveError as error:
        return error
    return None


def is_too_often(error: ArchiveError) -> bool:
    """HTTP 429, which comes from what stands before the instance, is said of whatever is asked."""
    return isinstance(error, RateLimitedError) and error.code is None


def is_of_all(error: ArchiveError) -> bool:
    """A call failed in a way that is not about this call."""
    if isinstance(error, TransportError):
        return not isinstance(error, ServerFaultError)
    return isinstance(error, AuthError | BadInputError | StoppedError) or is_too_often(error)


def nonsense(answer: HttpAnswer) -> TransportError | RateLimitedError:
    """The error for an answer that is not the API's."""
    host, status = answer.host, answer.status
    if status == SERVER_FAULT:
        return ServerFaultError(f"{host} crashed on this request (HTTP 500).")
    if status == NOT_FOUND:
        return WrongAddressError(
            f"{host} has no API at this address (HTTP 404): is it an OpenVK instance?"
        )
    if 300 <= status < BAD_REQUEST:  # noqa: PLR2004 - the class of redirects
        return _redirected(answer)
    if status not in (OK, BAD_REQUEST):
        return _busy(answer)
    if answer.body.lstrip()[:1] == b"<":
        return TransportError(
            f"{host} answered with a web page, not with JSON: "
            "is it an OpenVK instance, or under maintenance?"
        )
    return TransportError(f"{host} answered with something that is not the API's JSON.")


def _redirected(answer: HttpAnswer) -> TransportError:
    """The error for a redirect, which is never followed: the request holds the token."""
    host, status, place = answer.host, answer.status, _place_of(answer)
    if status in _MOVED and place:
        return WrongAddressError(
            f"{host} says that it has moved to {place} (HTTP {status}); nothing was sent there. If "
            f"you trust that: `ovk-archive login --instance {place}`, and for each archive "
            f"`ovk-archive move ARCHIVE {place}`."
        )
    return TransportError(
        f"{host} redirects the API elsewhere (HTTP {status}): is it under maintenance?"
    )


def _place_of(answer: HttpAnswer) -> str | None:
    """The other instance to which a redirect of the API leads, if it is one; not a path in it."""
    found = re.fullmatch(r"(https?://[^/?#]+.*?)/(?:method|token|oauth)\b.*", answer.location or "")
    try:
        place = parse_instance(found[1] if found else answer.location or "")
    except BadInputError:
        return None
    return None if place.key == answer.host else str(place)


def _busy(answer: HttpAnswer) -> TransportError | RateLimitedError:
    host, after = answer.host, answer.after
    again = "" if after is None else f", and asks for a pause of {spelt(after)}"
    if answer.status == TOO_MANY:
        return RateLimitedError(f"{host} got too many requests (HTTP 429){again}.", after=after)
    return TransportError(f"{host} cannot answer now (HTTP {answer.status}){again}.", after)


def refusal(host: str, method: str, content: dict[str, Any]) -> ApiError | TransportError:
    """The error for an API refusal; `request_params` is never looked at."""
    code, text = content.get("error_code"), one_line(content.get("error_msg"))
    if not isinstance(code, int):
        return TransportError(f"{host} refused {method} without an error code.")
    if code == DEAD_ACCOUNT and _is_about_the_token(code, text):
        return closed_account(f"{host} refused {method}: {text} (error {code})")
    if _is_about_the_token(code, text):
        return AuthError(
            f"{host} does not accept the token: {text} (error {code}). {_LOG_IN}", code
        )
    return _kind(code, text)(f"{host} refused {method}: {text} (error {code})", code)


def closed_account(refused: str) -> AuthError:
    """The error for an account that its instance has closed: another token would not help."""
    return AuthError(
        f"{refused}: the account is banned or deleted. Another login does not help; ask the "
        "administrators of the instance.",
        DEAD_ACCOUNT,
    )


def _is_about_the_token(code: int, text: str) -> bool:
    if code == AUTHORIZATION:
        return text.startswith("User authorization failed")
    # "User was deleted or banned" may be said of a wall's owner too: the client asks.
    return code in TOKEN_CODES or (code == DEAD_ACCOUNT and text.startswith("User account"))


def _kind(code: int, text: str) -> type[ApiError]:
    if code == 3:  # noqa: PLR2004 - "Unknown method passed."
        return NoSuchMethodError
    if code == 29:  # noqa: PLR2004 - "You have been rate limited."
        return RateLimitedError
    is_closed = code in _CLOSED_CODES or text.startswith(_CLOSED_TEXTS.get(code, ()))
    return AccessDeniedError if is_closed or text == _POST_IS_GONE else ApiError


def one_line(text: object) -> str:
    """What the server says, on one line and no longer than a sentence."""
    words = " ".join(str(text or "no reason given").split())
    return words if len(words) <= _MAX_TEXT else words[: _MAX_TEXT - 1] + "…"
