"""Requests and replies, as plain data between ASGI and the instance."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from ovk_archive.demo.methods.php import to_json
from ovk_archive.demo.server import pages

Event = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True)
class Request:
    """What came in; `get` is the query string alone, `values` has the form on top."""

    verb: str
    path: str
    address: str
    headers: dict[str, str]
    get: dict[str, str]
    values: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """What goes out; an unsized reply is sent in chunks, without a Content-Length."""

    status: int
    body: bytes
    kind: str = HTML
    headers: dict[str, str] = field(default_factory=dict)
    sized: bool = True

    @classmethod
    def json(cls, status: int, value: object, *, sized: bool) -> "Reply":
        """Write a value as JSON."""
        return cls(status, to_json(value), "application/json", sized=sized)

    @classmethod
    def crash(cls) -> "Reply":
        """Show the page of an uncaught PHP error."""
        return cls(500, pages.CRASH, sized=False)


async def read_request(scope: Scope, receive: Receive) -> Request:
    """Read a request with its form; a JSON body is not looked at, as on real servers."""
    body = b""
    more = True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    get = dict(parse_qsl(query, keep_blank_values=True))
    form = _form(headers, body)
    return Request(
        scope["method"],
        scope["path"],
        f"{path}?{query}" if query else path,
        headers,
        get,
        get | form,
    )


def _form(headers: dict[str, str], body: bytes) -> dict[str, str]:
    if not headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


async def send_reply(reply: Reply, send: Send) -> None:
    """Send a whole reply."""
    await send(start(reply, length=len(reply.body) if reply.sized else None))
    await send({"type": "http.response.body", "body": reply.body})


def start(reply: Reply, *, length: int | None) -> Event:
    """Make the first event of a reply, with or without a length."""
    headers = {
        "server": "nginx/1.22.1",
        "content-type": reply.kind,
        "x-openvk-user-validated": "0",
        "access-control-allow-origin": "*",
        **reply.headers,
    }
    if length is not None:
        headers["content-length"] = str(length)
    return {
        "type": "http.response.start",
        "status": reply.status,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    }
