"""/token: passwords, second factors and the tokens they buy."""

import secrets
from typing import Any

from ovk_archive.demo.methods.php import ApiFault, Params

_METHOD = "internal.acquireToken"


class NeedsCode(Exception):  # noqa: N818 - an answer of the API (HTTP 401), not a mistake
    """The account wants a second factor."""


class Tokens:
    """The account's login, and which tokens are good."""

    def __init__(self, account_id: int, dialect: str) -> None:
        self.account_id = account_id
        self.dialect = dialect
        self.login = "anna@example.org"
        self.password = secrets.token_urlsafe(12)
        self.two_factor: str | None = None
        self._names: dict[str, str] = {}

    def issue(self, client_name: str = "unknown") -> str:
        """Make a token of the real form: an id, nine groups of eight digits, "-jill"."""
        groups = "-".join(secrets.token_hex(4) for _ in range(9))
        token = f"{self.account_id}-{groups}-jill"
        self._names[token] = client_name
        return token

    def revoke(self) -> None:
        """Forget all tokens."""
        self._names.clear()

    def viewer(self, token: str | None) -> int | None:
        """Say whose token this is; an unknown one is nobody's."""
        return self.account_id if token in self._names else None

    def acquire(self, params: Params) -> dict[str, Any]:
        """Log in (help/openvk-api.md, Requests and answers)."""
        if params.text("grant_type") != "password":
            raise ApiFault(7, "Invalid grant type")
        self._check_password(params)
        self._check_code(params)
        token, stale = self._token(params)
        answer = {
            "access_token": token,
            "expires_in": 0,
            "user_id": self.account_id,
            "is_stale": stale,
        }
        return answer | ({"secret": "super_secret_value"} if self.dialect == "B" else {})

    def _check_password(self, params: Params) -> None:
        if "username" not in params or "password" not in params:
            raise ApiFault(100, "Password and username not passed")
        given = (params.text("username"), params.text("password"))
        if given != (self.login, self.password):
            raise ApiFault(28, "Invalid username or password")

    def _check_code(self, params: Params) -> None:
        if self.two_factor is None or params.text("code") == self.two_factor:
            return
        newer = self.dialect == "B"
        asks = not params.text("code") if newer else params.flag("2fa_supported")
        raise NeedsCode if asks else ApiFault(28, "Invalid 2FA code")

    def _token(self, params: Params) -> tuple[str, bool]:
        name = params.text("client_name") or ("unknown" if self.dialect == "B" else "")
        if params.flag("accepts_stale"):
            if not name:
                words = "accepts_stale can only be used with explicitly set client_name"
                raise ApiFault(101, words)
            for token, known in self._names.items():
                if known == name:
                    return token, True
        return self.issue(name), False


def validation(account_id: int, dialect: str, base: str) -> dict[str, Any]:
    """Ask for the second factor; [B]'s address would hold the password in base64."""
    redirect = (
        {"redirect_uri": f"{base}/2fa?data=bm90aGluZw=="}
        if dialect == "B"
        else {"redirect_url": "https://http.cat/418"}
    )
    return {
        "error": "need_validation",
        "error_description": "use app code",
        "validation_type": "2fa_app",
        "validation_sid": f"2fa_{account_id}_2839041_randommessdontread",
        "phone_mask": "+374 ** *** 420",
        **redirect,
        "validation_resend": "nowhere",
    }


def complain(code: int, words: str, get: dict[str, str], method: str = _METHOD) -> dict[str, Any]:
    """Write an error as the API does: flat, and echoing what came in the query string."""
    echoed: list[dict[str, Any]] = [{"key": key, "value": get[key]} for key in sorted(get)]
    echoed += [{"key": "method", "value": method}, {"key": "oauth", "value": 1}]
    return {"error_code": code, "error_msg": words, "request_params": echoed}
