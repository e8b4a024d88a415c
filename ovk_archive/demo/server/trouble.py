"""Where trouble can come between a request and its answer; the demo has none, tests bring it."""

import asyncio
from collections.abc import Container
from typing import Any, NamedTuple

from uvicorn.protocols.http.h11_impl import H11Protocol

from ovk_archive.demo.server.http import Receive, Reply, Request, Scope, Send, send_reply


class Wire(NamedTuple):
    """One request's connection, as ASGI has it."""

    scope: Scope
    receive: Receive
    send: Send


class Visit:
    """One request on its way to its answer.

    Attributes:
        name: the method that is called; "execute", "token" and "blob" for the rest.
        error_code: that of the answer, if it is an error of the API.
    """

    def __init__(self, name: str, request: Request) -> None:
        self.name = name
        self.request = request
        self.error_code: int | None = None

    def before(self) -> Reply | None:
        """Return what is sent instead of the answer, if anything; the world is locked."""
        return None

    def inside(self, reply: Reply) -> Reply:
        """Return what comes of the answer to a call that came inside of another request."""
        return reply

    async def send(self, reply: Reply, wire: Wire) -> None:
        """Send the reply."""
        await send_reply(reply, wire.send)


class Trouble:
    """No trouble at all.

    Attributes:
        protocol: what uvicorn speaks HTTP with.
    """

    protocol: type[asyncio.Protocol] = H11Protocol

    @property
    def poison(self) -> Container[tuple[str, Any]]:
        """Records that crash every page they are on."""
        return ()

    def visit(self, name: str, request: Request) -> Visit:
        """Follow a request that came in."""
        return Visit(name, request)

    def inner(self, outer: Visit, name: str, request: Request) -> Visit:
        """Follow a call that came inside of another request."""
        del outer
        return self.visit(name, request)

    def limit(self) -> None:
        """Count a call that older instances limit; raise what the server would to refuse it."""
