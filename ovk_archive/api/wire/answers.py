"""What an HTTP answer means: the value of `response`, or the error that says what to do next.

Pure: status and body in, value or exception out. OpenVK's errors are not VK-shaped, see
help/openvk-api.md, Requests and answers; Errors.
"""

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from ovk_archive.api.address import parse_instance
from ovk_archive.api.wire.masking import Mask
from ovk_archive.api.wire.waits import spelt
from ovk_archive.errors import (
    AccessDeniedError,
    ApiError,
    AuthError,
    BadInputError,
    NoSuchMethodError,
    RateLimitedError,
    SecondFactorError,
    ServerFaultError,
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

_TOKEN_CODES = {7, 28}
_WRONG_LOGIN = 28

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
#: Levels of lists and objects in an answer: reposts of reposts have some twenty.
_DEEPEST = 100
#: Lists and objects, and commas between values: a hundred times more than the largest page has.
_MOST_LISTS, _MOST_VALUES = 1 << 20, 1 << 22
_LOG_IN = "Log in with `ovk-archive login`."


_HALF_A_PAIR = re.compile(
    # Letters in both cases rather than IGNORECASE, which would cost more than the parsing.
    rb"\\u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD])[c-fC-F][0-9a-fA-F]{2})"
)


class WrongAddressError(TransportError):
    """There is no API at this address: asking again cannot help."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, whole.

    Attributes:
        host: who answered, for messages.
        status: the HTTP status.
        body: as it came, decompressed.
        location: where a redirect leads.
        after: the pause in seconds that the server asks for (`Retry-After`), if any.
    """

    host: str
    status: int
    body: bytes
    location: str | None = None
    after: float | None = None

    def masked(self, mask: Mask) -> "Answer":
        """The answer without a secret that the server repeats."""
        place = None if self.location is None else mask.text(self.location)
        return replace(self, body=mask.body(self.body), location=place)

    def json(self) -> Any:
        """The body as JSON, or None: no OpenVK answer is a bare null."""
        if _is_crowd(self.body):
            return None
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        if _is_deep(content):
            return None
        return _mended(content) if _HALF_A_PAIR.search(self.body) else content


def _is_crowd(body: bytes) -> bool:
    """It is made of so many values that they would take far more memory than its bytes."""
    return body.count(b"[") + body.count(b"{") > _MOST_LISTS or body.count(b",") > _MOST_VALUES


def _is_deep(content: Any) -> bool:
    """It is nested more deeply than what walks through it later may go."""
    level: list[Any] = [[content]]
    for _ in range(_DEEPEST):
        inside = [one.values() if isinstance(one, dict) else one for one in level]
        level = [one for some in inside for one in some if isinstance(one, dict | list)]
        if not level:
            return False
    return True


def _mended(content: Any) -> Any:
    """The content with U+FFFD for halves of surrogate pairs, which no database can store."""
    text = json.dumps(content, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def value_of(answer: Answer, method: str) -> Any:
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


def nonsense(answer: Answer) -> TransportError | RateLimitedError:
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


def _redirected(answer: Answer) -> TransportError:
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


def _place_of(answer: Answer) -> str | None:
    """The other instance to which a redirect of the API leads, if it is one; not a path in it."""
    found = re.fullmatch(r"(https?://[^/?#]+.*?)/(?:method|token|oauth)\b.*", answer.location or "")
    try:
        place = parse_instance(found[1] if found else answer.location or "")
    except BadInputError:
        return None
    return None if place.key == answer.host else str(place)


def _busy(answer: Answer) -> TransportError | RateLimitedError:
    host, after = answer.host, answer.after
    again = "" if after is None else f", and asks for a pause of {spelt(after)}"
    if answer.status == TOO_MANY:
        return RateLimitedError(f"{host} got too many requests (HTTP 429){again}.", after=after)
    return TransportError(f"{host} cannot answer now (HTTP {answer.status}){again}.", after)


def refusal(host: str, method: str, content: dict[str, Any]) -> ApiError | TransportError:
    """The error for an API refusal; `request_params` is never looked at."""
    code, text = content.get("error_code"), _one_line(content.get("error_msg"))
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
    return code in _TOKEN_CODES or (code == DEAD_ACCOUNT and text.startswith("User account"))


def _kind(code: int, text: str) -> type[ApiError]:
    if code == 3:  # noqa: PLR2004 - "Unknown method passed."
        return NoSuchMethodError
    if code == 29:  # noqa: PLR2004 - "You have been rate limited."
        return RateLimitedError
    is_closed = code in _CLOSED_CODES or text.startswith(_CLOSED_TEXTS.get(code, ()))
    return AccessDeniedError if is_closed or text == _POST_IS_GONE else ApiError


def _one_line(text: object) -> str:
    words = " ".join(str(text or "no reason given").split())
    return words if len(words) <= _MAX_TEXT else words[: _MAX_TEXT - 1] + "…"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a login gives.

    Attributes:
        token: a secret, left out of the representation.
        user_id: whose token it is.
        is_stale: the instance gave a token that it had given before.
    """

    token: str = field(repr=False)
    user_id: int
    is_stale: bool


def token_of(answer: Answer, mask: Mask, *, code_given: bool) -> SignedIn:
    """The token in an answer of `/token`, which is not wrapped in `response`.

    Args:
        answer: what came.
        mask: finds the password, in what the server says of it.
        code_given: a 2FA code was sent along.

    Raises:
        SecondFactorError: a 2FA code is needed. The answer's own redirect address is
            not repeated: it holds login and password.
        AuthError: login, password or code are wrong, or the account may not log in.
        TransportError: the answer is not the API's.
    """
    content = answer.json()
    answer = replace(answer, location=mask.text(answer.location or ""))
    if not isinstance(content, dict):
        raise nonsense(answer)
    if answer.status == UNAUTHORIZED and content.get("error") == "need_validation":
        raise _second_factor(answer.host, code_given=code_given)
    if answer.status == BAD_REQUEST and "error_code" in content:
        told = {**content, "error_msg": mask.text(str(content.get("error_msg") or ""))}
        raise _login_refusal(answer.host, told, code_given=code_given)
    token, user_id = content.get("access_token"), content.get("user_id")
    if answer.status != OK or not isinstance(token, str) or not isinstance(user_id, int):
        raise nonsense(answer)
    return SignedIn(token=token, user_id=user_id, is_stale=content.get("is_stale") is True)


def is_wrong_login(error: ApiError) -> bool:
    """Login, password or code are wrong, and may be typed again."""
    return error.code == _WRONG_LOGIN


def _second_factor(host: str, *, code_given: bool) -> AuthError:
    if code_given:
        return AuthError(f"{host} does not accept this 2FA code: try a fresh one.", _WRONG_LOGIN)
    return SecondFactorError(f"The account on {host} needs a code of its second factor (2FA).")


def _login_refusal(host: str, content: dict[str, Any], *, code_given: bool) -> Exception:
    code, text = content.get("error_code"), _one_line(content.get("error_msg"))
    if code == _WRONG_LOGIN and "2FA" in text:
        return _second_factor(host, code_given=code_given)
    if code == _WRONG_LOGIN:
        return AuthError(f"{host} does not accept this login and password.", code)
    if code in _TOKEN_CODES:
        return AuthError(f"{host} refused the login: {text} (error {code})", code)
    return refusal(host, "the login", content)
