"""Requests go straight to the transport, and mean what they mean to httpx."""

import asyncio
from base64 import b64encode

import httpx
import pytest
from scripted import Reply, ScriptedServer

from ovk_archive.api.wire.connections import connect

MOVED = Reply(302, headers={"Location": "/elsewhere", "Set-Cookie": "a=b; Path=/"})


def asked(address: str, *, times: int = 1) -> httpx.Response:
    """The head of the last answer."""

    async def ask() -> httpx.Response:
        async with connect(1) as http:
            for _ in range(times):
                response = await http.send(http.build_request("GET", address), stream=True)
                await response.aread()
                await response.aclose()
            return response

    return asyncio.run(ask())


def test_no_redirect_is_followed_and_no_cookie_kept() -> None:
    """An answer is what the server said, of the address that was asked, and leaves nothing."""
    with ScriptedServer(MOVED, MOVED) as server:
        response = asked(f"{server.instance.url}/here", times=2)

        assert (response.status_code, response.url.path) == (302, "/here")
        assert [one.headers.get("cookie") for one in server.requests] == [None, None]


def test_a_name_and_a_password_in_an_address_are_sent() -> None:
    """An address that names who asks says so to the server."""
    with ScriptedServer(Reply()) as server:
        asked(server.instance.url.replace("://", "://anna:word@"))

        said = server.requests[0].headers["authorization"]
    assert said == f"Basic {b64encode(b'anna:word').decode()}"


def test_what_is_closed_stays_closed() -> None:
    """A client that is closed makes no connection any more."""

    async def ask() -> None:
        async with connect(1) as http:
            pass
        await http.send(http.build_request("GET", "http://127.0.0.1:1"), stream=True)

    with pytest.raises(RuntimeError):
        asyncio.run(ask())
