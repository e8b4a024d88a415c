"""The open connections of an instance, so that a fault can cut one."""

import asyncio
import socket
import struct
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from ovk_archive.demo.server.http import Receive


class Connections(dict[tuple[str, int], asyncio.Transport]):
    """Open connections by their client's address."""

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


async def disconnected(receive: Receive) -> None:
    """Wait until uvicorn knows that the client is gone, or it would try to answer."""
    event: dict[str, Any] = {}
    while event.get("type") != "http.disconnect":
        event = await receive()
