"""Who may look: only pages of the archive itself, asked for by the names that it has.

Letters are worth a trick: a name that is made to mean this machine (DNS rebinding), and pages
elsewhere that ask and measure how long the answer takes.
"""

import asyncio
import base64
import binascii
import hmac
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: A host as HTTP writes it, and perhaps a port.
_AUTHORITY = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s:/?#@\[\]\\]+))(?::\d{1,5})?")
#: Pages need scripts and styles of their own, and nothing of anybody else.
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_OWN_POLICY = b"content-security-policy"
_HEADERS = (
    (_OWN_POLICY, _POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    # Not `no-referrer`: with it browsers call the origin of our own forms "null".
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
_CHALLENGE = (b"www-authenticate", b'Basic realm="ovk-archive", charset="UTF-8"')
#: Seconds after a wrong password.
_PAUSE = 1.0


def is_loopback(host: str) -> bool:
    """Whether a name or address can only mean this very machine."""
    host = host.lower().removesuffix(".")
    try:
        return _unmapped(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@dataclass(frozen=True, slots=True)
class Guard:
    """An ASGI application that lets only the right requests through to another.

    Attributes:
        app: what is guarded.
        host: where it listens, as a person gave it.
        password: what visitors must know, or None for nothing.
    """

    app: App
    host: str
    password: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it with one sentence."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        send = _with_headers(send)
        if (why := _refusal(scope, self.host)) is not None:
            await _answer(send, 403, why)
        elif self.password is not None and not await _knows(scope, self.password):
            await _answer(send, 401, "This archive has a password.", _CHALLENGE)
        else:
            await self.app(scope, receive, send)


def _refusal(scope: Scope, given: str) -> str | None:
    """Why a request is not answered, or None."""
    hosts = _header(scope, b"host")
    if scope["type"] != "http" or len(hosts) != 1 or not _is_ours(hosts[0], given):
        return "The archive is not shown under this name: use the address that browse has printed."
    # Of a request that a browser makes for a page, it says whose page that is.
    for origin in _header(scope, b"origin"):
        if origin.lower().partition("://")[2] != hosts[0].lower():
            return "The archive is not shown to pages of other sites."
    own = set(_header(scope, b"sec-fetch-site")) <= {"same-origin", "none"}
    if not own and not _is_front_door(scope):
        return "The archive is not shown to pages of other sites: type its address in yourself."
    return None


def _is_front_door(scope: Scope) -> bool:
    """A person follows a link to the front page: that it takes its time tells nobody anything."""
    goes = _header(scope, b"sec-fetch-mode") == ["navigate"]
    return goes and scope["path"] == "/" and not scope["query_string"]


def _header(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1").strip() for key, value in scope["headers"] if key == name]


def _is_ours(authority: str, given: str) -> bool:
    """Whether a `Host` is one of the archive's: loopback, or as given."""
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        return False
    host = (match[1] or match[2]).lower().removesuffix(".")
    if is_loopback(host) or host == given.lower().removesuffix("."):
        return True
    with suppress(ValueError):
        address, ours = _unmapped(host), _unmapped(given)
        # An address is never the name that somebody made to mean another.
        return address == ours or ours.is_unspecified
    with suppress(ValueError):
        return _unmapped(given).is_unspecified and host == socket.gethostname().lower()
    return False


def _unmapped(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IP address; one of IPv4 in the clothes of IPv6 without them."""
    address = ipaddress.ip_address(host.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


async def _knows(scope: Scope, password: str) -> bool:
    """Whether the visitor has said the password (HTTP Basic); the name does not matter."""
    said = _header(scope, b"authorization")
    if not said:
        return False
    scheme, _, coded = said[0].partition(" ")
    with suppress(binascii.Error, ValueError):
        secret = base64.b64decode(coded.strip(), validate=True).partition(b":")[2]
        if scheme.lower() == "basic" and hmac.compare_digest(secret, password.encode()):
            return True
    # Who guesses does not guess often.
    await asyncio.sleep(_PAUSE)
    return False


async def _answer(send: Send, status: int, sentence: str, *more: tuple[bytes, bytes]) -> None:
    body = f"{sentence}\n".encode()
    length = (b"content-length", str(len(body)).encode())
    kind = (b"content-type", b"text/plain; charset=utf-8")
    headers = [kind, length, (b"cache-control", b"no-store"), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _with_headers(send: Send) -> Send:
    """What browsers are told with every answer; a page may have a stricter policy of its own."""
    ours = {name for name, _ in _HEADERS} - {_OWN_POLICY}

    async def tell(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            others = [one for one in message.get("headers", ()) if one[0].lower() not in ours]
            has_policy = any(name.lower() == _OWN_POLICY for name, _ in others)
            added = [one for one in _HEADERS if not (has_policy and one[0] == _OWN_POLICY)]
            message = {**message, "headers": [*others, *added]}
        await send(message)

    return tell
