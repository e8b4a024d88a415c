"""Files come from public addresses and the instance's own: each new connection is looked at."""

from collections.abc import Mapping
from typing import Any

import httpx

from ovk_archive.errors import (
    FileRefusedError,
)
from ovk_archive.resources.vocabulary.addresses import is_near, is_public


class Guard:
    """Looks at each new connection before anything is sent.

    Files are fetched from public addresses and from the instance's own host, whatever a name is
    made to mean.
    """

    def __init__(self, own: httpx.URL, asked: httpx.URL) -> None:
        self._asked = asked
        self._is_own = (asked.host, asked.port) == (own.host, own.port)
        self._is_direct = True
        if not self._is_own and is_near(asked.host):
            raise self._refusal()

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """What httpcore tells of a request, step by step (its `trace` extension)."""
        if event == "connection.connect_tcp.started":
            # A proxy looks names up by itself.
            self._is_direct = info["host"] == self._asked.host
        elif event == "connection.connect_tcp.complete" and self._is_direct and not self._is_own:
            stream = info["return_value"]
            address = stream.get_extra_info("server_addr")[0]
            if not is_public(address):
                await stream.aclose()
                raise self._refusal()

    def _refusal(self) -> FileRefusedError:
        return FileRefusedError(
            f"{self._asked.host} is an address of this machine or of a private network, and not "
            "the instance's own."
        )
