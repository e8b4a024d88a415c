"""Signing in: login and password become a token."""

from dataclasses import dataclass, field, replace
from typing import Any

from ovk_archive.api.address import Instance
from ovk_archive.api.client import Client
from ovk_archive.api.wire.answers import HttpAnswer
from ovk_archive.api.wire.api_errors import (
    BAD_REQUEST,
    OK,
    TOKEN_CODES,
    UNAUTHORIZED,
    WRONG_LOGIN,
    nonsense,
    one_line,
    refusal,
)
from ovk_archive.api.wire.masking import PASSWORD, Mask
from ovk_archive.errors import (
    ApiError,
    AuthError,
    SecondFactorError,
)


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


async def sign_in(
    instance: Instance, username: str, password: str, *, code: str | None = None
) -> SignedIn:
    """A token for the account, an older one of this program if there is one.

    Not tried again by itself: a person is waiting, and a backup code works only once.

    Args:
        instance: where the account is.
        username: its login, usually an e-mail address.
        password: its password; it appears in no error.
        code: of the second factor (2FA), where the account has one.

    Raises:
        SecondFactorError: a code is needed.
        AuthError: login, password or code are wrong.
        TransportError: no answer, or not the API's.
    """
    async with Client(instance, None) as client:
        answer = await client.post("/token", _form(username, password, code))
    return token_of(answer, Mask(password, PASSWORD), code_given=bool(code))


def _form(username: str, password: str, code: str | None) -> dict[str, str]:
    form = {
        "grant_type": "password",
        "username": username,
        "password": password,
        "client_name": "ovk-archive",
        "accepts_stale": "1",
        "2fa_supported": "1",
    }
    return {**form, "code": code} if code else form


def token_of(answer: HttpAnswer, mask: Mask, *, code_given: bool) -> SignedIn:
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
    return error.code == WRONG_LOGIN


def _second_factor(host: str, *, code_given: bool) -> AuthError:
    if code_given:
        return AuthError(f"{host} does not accept this 2FA code: try a fresh one.", WRONG_LOGIN)
    return SecondFactorError(f"The account on {host} needs a code of its second factor (2FA).")


def _login_refusal(host: str, content: dict[str, Any], *, code_given: bool) -> Exception:
    code, text = content.get("error_code"), one_line(content.get("error_msg"))
    if code == WRONG_LOGIN and "2FA" in text:
        return _second_factor(host, code_given=code_given)
    if code == WRONG_LOGIN:
        return AuthError(f"{host} does not accept this login and password.", code)
    if code in TOKEN_CODES:
        return AuthError(f"{host} refused the login: {text} (error {code})", code)
    return refusal(host, "the login", content)
