"""What happens to requests of a troubled instance, and what is remembered of them."""

import asyncio
import json
import time
from collections.abc import Container
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ovk_archive.demo.methods.php import to_json
from ovk_archive.demo.server import pages
from ovk_archive.demo.server.http import Reply, Request, send_reply, start
from ovk_archive.demo.server.trouble import Trouble, Visit, Wire
from toy.connections import Connections, disconnected
from toy.faults import Seen

if TYPE_CHECKING:
    from toy.instance import DemoInstance

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
#: Faults of the connection rather than of an answer.
_OF_CONNECTIONS = frozenset({"slow", "cut", "cut_body"})


class Troubled(Trouble):
    """The trouble that a test orders."""

    def __init__(self, instance: "DemoInstance") -> None:
        self.instance = instance
        self.connections = Connections()
        self.protocol = self.connections.protocol()

    @property
    def poison(self) -> Container[tuple[str, Any]]:
        """Those of the faults, which a test may replace at any time."""
        return self.instance.faults.poison

    def visit(self, name: str, request: Request) -> Visit:
        """Remember a request before it waits for its answer."""
        self.instance.raw.append((request.verb, request.address, request.headers))
        return _Watched(name, request, self)

    def inner(self, outer: Visit, name: str, request: Request) -> Visit:
        """Remember a call inside of a request, which is no request of its own."""
        inner = _Watched(name, request, self)
        inner.seen.inside = True
        if isinstance(outer, _Watched):
            outer.calls.append(inner)
        return inner

    def limit(self) -> None:
        """Ask the limiter, which a test may replace at any time."""
        self.instance.limiter.check()


class _Watched(Visit):
    """A request to which happens what the faults say."""

    def __init__(self, name: str, request: Request, trouble: Troubled) -> None:
        super().__init__(name, request)
        # The token is not remembered.
        hidden = {"access_token", "password"}
        self.seen = Seen(name, {k: v for k, v in request.values.items() if k not in hidden})
        self.calls: list[_Watched] = []
        self._instance = trouble.instance
        self._connections = trouble.connections

    def before(self) -> Reply | None:
        """Choose the fault, and let happen what happens between two answers."""
        instance, seen = self._instance, self.seen
        seen.fault = instance.faults.pick(seen)
        if instance.between is not None and "." in seen.method:
            instance.between(seen)
        return BROKEN.get(seen.fault) if seen.fault else None

    def inside(self, reply: Reply) -> Reply:
        """Remember the answer to a call inside, and return what is left of it."""
        self._remember(reply)
        return self._changed(_spoilt(reply, self.seen.fault))

    @property
    def _fault(self) -> str | None:
        """What happens to the connection: to that of a batch, what is to happen to one of it."""
        faults = (one.seen.fault for one in (self, *self.calls))
        return next((one for one in faults if one in _OF_CONNECTIONS), self.seen.fault)

    async def send(self, reply: Reply, wire: Wire) -> None:
        """Remember the answer, and send what is left of it."""
        fault = self._fault
        if fault == "slow":
            await asyncio.sleep(self._instance.faults.slow_seconds)
        self._remember(reply)
        if fault in {"cut", "cut_body"}:
            await self._break(fault, reply, wire)
        else:
            await send_reply(self._changed(_spoilt(reply, fault)), wire.send)

    def _remember(self, reply: Reply) -> None:
        seen = self.seen
        seen.error_code = self.error_code
        seen.status = 0 if seen.fault == "cut" else reply.status
        seen.at = time.monotonic()
        if "." in seen.method:
            self._instance.seen.append(seen)

    def _changed(self, reply: Reply) -> Reply:
        """The answer as the test wants it to be sent."""
        spoil = self._instance.spoil
        if spoil is None or reply.status != 200 or "." not in self.seen.method:
            return reply
        try:
            return replace(reply, body=spoil(self.seen.method.lower(), reply.body))
        except Exception as error:
            self._instance.bugs.append(error)
            raise

    async def _break(self, kind: str, reply: Reply, wire: Wire) -> None:
        """Cut the connection: before the first byte, or in the middle of the body."""
        if kind == "cut_body":
            await wire.send(start(reply, length=len(reply.body)))
            half = reply.body[: len(reply.body) // 2]
            await wire.send({"type": "http.response.body", "body": half, "more_body": True})
        self._connections.cut(wire.scope["client"], reset=kind == "cut")
        await disconnected(wire.receive)


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
