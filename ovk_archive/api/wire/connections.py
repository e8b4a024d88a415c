"""How connections are made, and what httpx's errors mean."""

from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self

import httpx

from ovk_archive import __version__
from ovk_archive.api.wire.api_errors import WrongAddressError
from ovk_archive.api.wire.proxies import Routed, ThroughProxyError
from ovk_archive.errors import TransportError

_HEADERS = {
    # Names and titles come in the language asked for (help/openvk-api.md, Requests and answers).
    "Accept-Language": "ru",
    "User-Agent": f"ovk-archive/{__version__} (personal archiver)",
}
TIMEOUT = httpx.Timeout(60.0, connect=10.0)

#: All that httpx raises; a test keeps the list complete.
HTTPX_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict)
#: And what it lets through, from idna (a ValueError), sockets and TLS, while a request leaves.
FOREIGN_ERRORS = (*HTTPX_ERRORS, ValueError, OverflowError, OSError)


class _Straight(httpx.AsyncClient):
    """An HTTP client that keeps no cookies and follows no redirects, and does not look for them."""

    def __init__(self, routed: Routed) -> None:
        no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
        super().__init__(
            headers=_HEADERS,
            timeout=TIMEOUT,
            transport=routed,
            cookies=no_cookies,
            follow_redirects=False,
        )
        self._routed = routed

    async def send(self, request: httpx.Request, **how: Any) -> httpx.Response:
        """The answer; if its head is enough, a seventh of the work is spared."""
        if self.is_closed or request.url.userinfo or how != {"stream": True}:
            return await super().send(request, **how)
        response = await self._routed.handle_async_request(request)
        response.request = request
        return response


def connect(concurrency: int) -> httpx.AsyncClient:
    """An HTTP client of so many connections."""
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    return _Straight(Routed(limits))


class Connected:
    """What has connections of its own; an asynchronous context manager, which closes them."""

    def __init__(self, concurrency: int) -> None:
        self.concurrency = concurrency
        self.http = connect(concurrency)

    async def __aenter__(self) -> Self:
        await self.http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        del kind, error, traceback
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self.http.aclose()


def translated(error: Exception, host: str) -> TransportError:
    """What an error of httpx means, in words and without the request that it carries."""
    match error:
        case httpx.TimeoutException():
            return TransportError(f"{host} did not answer in time.")
        case ThroughProxyError():
            variable, _, why = str(error).partition(": ")
            return TransportError(
                f"{host} cannot be reached through the proxy that {variable} names: {why}."
            )
        case httpx.ConnectError():
            return TransportError(f"{host} cannot be reached: {' '.join(str(error).split())}.")
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | ValueError() | OverflowError():
            return WrongAddressError(f"{host} is not an address that this program can connect to.")
    return TransportError(f"{host} broke off the connection.")
