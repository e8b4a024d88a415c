"""The ASGI application: routes, faults, and what is remembered of every request."""

import asyncio
import json
import re
import socket
import struct
import time
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from ovk_archive.demo.methods.php import ApiFault, Crash, Params, to_json
from ovk_archive.demo.server import api, downloads, pages
from ovk_archive.demo.server.faults import Seen
from ovk_archive.demo.server.http import (
    Receive,
    Reply,
    Request,
    Scope,
    Send,
    read_request,
    send_reply,
    start,
)
from ovk_archive.demo.server.tokens import NeedsCode, complain, validation

if TYPE_CHECKING:
    from ovk_archive.demo.server.instance import DemoInstance

_METHOD = re.compile(r"/method/([A-Za-z0-9]+)\.([A-Za-z0-9]+)$")
_TOKEN = {"A": {"/token", "/token/"}, "B": {"/token", "/token/", "/oauth/token"}}

#: Faults that answer with something else.
BROKEN: dict[str, Reply] = {
    "500": Reply.crash(),
    "502": Reply(502, pages.BAD_GATEWAY, "text/html"),
    "503": Reply(503, pages.chandler(pages.NO_DATABASE, "Connection refused"), sized=False),
    "302": Reply(302, b"", headers={"location": "/maintenances/"}, sized=False),
    "html": Reply(200, pages.UPDATING, sized=False),
    "empty": Reply(200, b'{"response":{"count":0,"items":[]}}', "application/json"),
    "no-items": Reply(200, b'{"response":{"count":5,"items":null}}', "application/json"),
    "null": Reply(200, b'{"response":null}', "application/json"),
    "bare": Reply(200, b'{"response":[]}', "application/json"),
    "false": Reply(200, b'{"response":false}', "application/json"),
    "400empty": Reply(400, b"", "application/json"),
}


class Transports(dict[tuple[str, int], asyncio.Transport]):
    """Open connections by their client's address, so that a fault can cut one."""

    def protocol(self) -> type[asyncio.Protocol]:
        """Make the class that uvicorn speaks HTTP with."""
        transports = self

        class Protocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                transports[transport.get_extra_info("peername")] = transport

        return Protocol

    def cut(self, client: tuple[str, int], *, reset: bool) -> None:
        """Close a connection in the middle; with a reset, nothing more is delivered."""
        transport = self[client]
        if reset:
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, linger
            )
            transport.abort()
        else:
            transport.close()


class App:
    """The instance as an ASGI application."""

    def __init__(self, instance: "DemoInstance") -> None:
        self.instance = instance
        self.transports = Transports()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = await read_request(scope, receive)
        self.instance.raw.append((request.verb, request.address, request.headers))
        if self.instance.latency:
            await asyncio.sleep(self.instance.latency)
        seen = self._name(request)
        reply = self._answer(request, seen)
        if seen.fault == "slow":
            await asyncio.sleep(self.instance.faults.slow_seconds)
        self._remember(seen, reply)
        date = formatdate(self.instance.clock(), usegmt=True)
        reply = replace(reply, headers={"date": date, **reply.headers})
        if seen.fault in {"cut", "cut_body"}:
            await self._break(seen.fault, reply, scope, receive, send)
        else:
            await send_reply(_spoilt(reply, seen.fault), send)

    def _name(self, request: Request) -> Seen:
        """Say what is asked for; the token is not remembered."""
        match = _METHOD.match(request.path)
        if match:
            name = api.canonical(f"{match.group(1).lower()}.{match.group(2)}")
        elif request.path in _TOKEN[self.instance.dialect]:
            name = "token"
        else:
            name = "blob"
        hidden = {"access_token", "password"}
        return Seen(name, {k: v for k, v in request.values.items() if k not in hidden})

    def _answer(self, request: Request, seen: Seen) -> Reply:
        try:
            return self._decide(request, seen)
        except Exception as error:  # noqa: BLE001 - kept, and raised when the instance stops
            self.instance.bugs.append(error)
            return Reply.crash()

    def _decide(self, request: Request, seen: Seen) -> Reply:
        instance = self.instance
        with instance.world.lock:
            seen.fault = instance.faults.pick(seen)
            if instance.between is not None and "." in seen.method:
                instance.between(seen)
            if seen.fault in BROKEN:
                return BROKEN[seen.fault]
            if "." in seen.method:
                return self._method(request, seen)
            if seen.method == "token":
                return self._token(request, seen)
            return downloads.find(instance.world, request, instance.storage)

    def _method(self, request: Request, seen: Seen) -> Reply:
        instance = self.instance
        try:
            values = request.values
            viewer = instance.tokens.viewer(self._given_token(request))
            response = api.answer(instance, seen.method, values, viewer)
        except ApiFault as fault:
            seen.error_code = fault.code
            section, _, name = request.path.removeprefix("/method/").partition(".")
            called = f"{section.lower().capitalize()}.{name}"
            body = complain(fault.code, fault.message, request.get, called)
            return Reply.json(400, body, sized=False)
        except Crash:
            return Reply.crash()
        return Reply.json(200, {"response": response}, sized=instance.dialect == "A")

    def _given_token(self, request: Request) -> str | None:
        """Find the token: [B] also reads a header, if there is no parameter."""
        if "access_token" in request.values or self.instance.dialect == "A":
            return request.values.get("access_token")
        return request.headers.get("authorization", "").removeprefix("Bearer ") or None

    def _token(self, request: Request, seen: Seen) -> Reply:
        instance = self.instance
        try:
            return Reply.json(200, instance.tokens.acquire(Params(request.values)), sized=True)
        except NeedsCode:
            asked = validation(instance.account_id, instance.dialect, instance.url)
            return Reply.json(401, asked, sized=True)
        except ApiFault as fault:
            seen.error_code = fault.code
            body = complain(fault.code, fault.message, request.get)
            return Reply.json(400, body, sized=True)

    def _remember(self, seen: Seen, reply: Reply) -> None:
        seen.status = 0 if seen.fault == "cut" else reply.status
        seen.at = time.monotonic()
        if "." in seen.method:
            self.instance.seen.append(seen)

    async def _break(
        self, kind: str, reply: Reply, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Cut the connection: before the first byte, or in the middle of the body."""
        if kind == "cut_body":
            await send(start(reply, length=len(reply.body)))
            half = reply.body[: len(reply.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
        self.transports.cut(scope["client"], reset=kind == "cut")
        await _disconnected(receive)


async def _disconnected(receive: Receive) -> None:
    """Wait until uvicorn knows that the client is gone, or it would try to answer."""
    event: dict[str, Any] = {}
    while event.get("type") != "http.disconnect":
        event = await receive()


def _spoilt(reply: Reply, fault: str | None) -> Reply:
    """Cut JSON in the middle, without a length that would betray it; or take the rows out of it."""
    if fault == "truncated":
        return replace(reply, body=reply.body[: len(reply.body) * 2 // 3], sized=False)
    if fault == "counted-empty" and reply.status == 200:
        return replace(reply, body=_emptied(reply.body))
    return reply


def _emptied(body: bytes) -> bytes:
    """An answer without its rows, that counts them all the same."""
    response = json.loads(body)["response"]
    if isinstance(response, list):
        response = []
    elif isinstance(response, dict) and "items" in response:
        response = {**response, "items": []}
    return to_json({"response": response})
