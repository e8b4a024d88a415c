"""Which proxy the environment names, and for which hosts it names none."""

import asyncio
import ipaddress
import os
import re
import ssl
import urllib.request
from dataclasses import dataclass
from functools import cache
from typing import Self

import httpx

from ovk_archive.api.wire.name_lookups import Unwaited
from ovk_archive.errors import BadInputError

_PORTS = {"http": 80, "https": 443}
_WITH_PORT = re.compile(r"(.+):([0-9]{1,5})")
#: What desktops write and httpx does not read.
_SOCKS = {"socks": "socks5"}


class ThroughProxyError(httpx.TransportError):
    """No way through a proxy; the message names the variable that names it."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and who says so.

    Attributes:
        variable: where its address is.
        address: may hold a password.
    """

    variable: str
    address: str

    def transport(self, verify: ssl.SSLContext, limits: httpx.Limits) -> httpx.AsyncHTTPTransport:
        """Connections through it.

        Raises:
            BadInputError: it cannot be used.
        """
        scheme, mark, rest = self.address.rpartition("://")
        scheme = scheme.lower() if mark else "http"
        try:
            proxy = httpx.Proxy(f"{_SOCKS.get(scheme, scheme)}://{rest}")
            return httpx.AsyncHTTPTransport(proxy=proxy, verify=verify, limits=limits)
        except ImportError:
            raise BadInputError(
                f"{self.variable} names a SOCKS proxy, which needs one more package: "
                "install `ovk-archive[socks]`."
            ) from None
        except (ValueError, httpx.InvalidURL):
            raise BadInputError(
                f"{self.variable} is not the address of a proxy that can be used, such as "
                "http://127.0.0.1:3128 or socks5://127.0.0.1:1080."
            ) from None


@dataclass(frozen=True, slots=True)
class _Spared:
    """One entry of NO_PROXY."""

    name: str
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None
    port: int | None

    def has(self, host: str, port: int | None) -> bool:
        if self.port not in (None, port):
            return False
        if self.network is not None:
            address = _address(host)
            return address is not None and address in self.network
        return self.name in ("*", host) or host.endswith(f".{self.name}")


@dataclass(frozen=True, slots=True)
class Proxies:
    """All that the environment says of proxies."""

    by_scheme: dict[str, Proxy]
    spared: tuple[_Spared, ...]

    def of(self, url: httpx.URL) -> Proxy | None:
        """The proxy for an address, if it has one."""
        host, port = url.host.rstrip("."), url.port or _PORTS.get(url.scheme)
        if any(one.has(host, port) for one in self.spared):
            return None
        return self.by_scheme.get(url.scheme) or self.by_scheme.get("all")


def proxies() -> Proxies:
    """What the environment, or the system where it says nothing, names."""
    found = urllib.request.getproxies()
    named = {
        scheme: Proxy(_variable(scheme), found[scheme])
        for scheme in (*_PORTS, "all")
        if found.get(scheme)
    }
    entries = (entry.strip().lower() for entry in found.get("no", "").split(","))
    return Proxies(named, tuple(_spared(entry) for entry in entries if entry))


class Routed(httpx.AsyncBaseTransport):
    """Sends each request through the proxy that is named for its host, or directly."""

    def __init__(self, limits: httpx.Limits) -> None:
        self._limits = limits
        # It takes its time, which is no request's.
        self._verify = _trusted()
        self._proxies = proxies()
        self._ways: dict[Proxy | None, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request.

        Raises:
            BadInputError: its proxy cannot be used.
            ThroughProxyError: there is no way through it.
        """
        proxy = self._proxies.of(request.url)
        if proxy not in self._ways:
            # Not before: a proxy that is never needed may be one that cannot be used.
            self._ways[proxy] = (
                proxy.transport(self._verify, self._limits)
                if proxy
                else httpx.AsyncHTTPTransport(verify=self._verify, limits=self._limits)
            )
        try:
            return await self._ways[proxy].handle_async_request(request)
        except (httpx.ProxyError, httpx.ConnectError, httpx.ConnectTimeout) as error:
            if proxy is None:
                raise
            why = " ".join(str(error).split()) or "no answer"
            raise ThroughProxyError(f"{proxy.variable}: {why}") from None

    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().set_default_executor(Unwaited())
        return self

    async def aclose(self) -> None:
        """Close all connections."""
        for way in self._ways.values():
            await way.aclose()


@cache
def _trusted() -> ssl.SSLContext:
    """Who is trusted; all clients of a process trust the same."""
    return httpx.create_ssl_context()


def _variable(scheme: str) -> str:
    """The name of the variable that counts, as Python reads them: small letters first."""
    small = f"{scheme}_proxy"
    return small if os.environ.get(small) else small.upper()


def _spared(entry: str) -> _Spared:
    if "://" in entry:
        entry = entry.partition("://")[2].rstrip("/")
    match = None if _network(entry) else _WITH_PORT.fullmatch(entry)
    name, port = (match[1], int(match[2])) if match else (entry, None)
    name = name.strip("[]")
    return _Spared(name.removeprefix("*.").strip(".") or name, _network(name), port)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
