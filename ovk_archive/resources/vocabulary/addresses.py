"""Where a file is fetched from that a record names, and where nothing is fetched from. Pure."""

import ipaddress
import re
import socket
from contextlib import suppress
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from ovk_archive.api.address import Instance
from ovk_archive.errors import FileRefusedError, PlaceholderError

#: Part of a video's address until the server has converted it (help/openvk-api.md, Videos).
RENDERING = "/video/rendering"
#: Files that only say that there is none: help/openvk-api.md, Files and thumbnails.
PLACEHOLDERS = frozenset(
    {"nomusic.mp3", "api_unallowed.mp3", "camera_200.png", "banned.jpg", "song.jpg"}
)

#: Leads to any address of IPv4, private ones too (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
#: The same for one network's own use (RFC 8215); addresses of IPv4 written as such (RFC 4291) or
#: translated (RFC 2765); tunnels of single computers (Teredo, RFC 4380); local ones of old (RFC
#: 3879). No file of the web is there, and older versions of Python call some of them global.
_NEVER = tuple(
    ipaddress.IPv6Network(one)
    for one in ("64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96", "2001::/32", "fec0::/10")
)

_PORTS = {"http": 80, "https": 443}
#: What two programs could read differently.
_AMBIGUOUS = re.compile(r"[\x00-\x20\x7f\\]")
#: Names that mean this machine or its neighbours wherever they are looked up.
_NEAR = re.compile(r"(^|\.)(localhost|local|internal|home\.arpa)$")


def is_placeholder(url: str) -> bool:
    """The file's name says that it is none; the rest of the address may be malformed."""
    path = re.split(r"[?#]", url, maxsplit=1)[0]
    return path.rpartition("/")[2] in PLACEHOLDERS or RENDERING in path


def address_of(url: str, instance: Instance, base: str | None = None) -> str:
    """The whole address of a file, as it is asked for.

    Args:
        url: as a record or a redirect says it.
        instance: what relative addresses are joined to. Older servers write http:// in front of
            their own host, whatever they speak (help/openvk-api.md, Files and thumbnails).
        base: where a redirect came from.

    Raises:
        PlaceholderError: there is no file behind it.
        FileRefusedError: it is not an address of the web, or holds a login.
    """
    if is_placeholder(url):
        raise PlaceholderError("A placeholder of the site, not a file.")
    try:
        parts = urlsplit(urljoin(base or f"{instance.url}/", url))
        port = parts.port
    except ValueError:
        raise FileRefusedError("This is no address that can be read.") from None
    if parts.scheme not in _PORTS or not parts.hostname or _AMBIGUOUS.search(url):
        raise FileRefusedError("This is no address of the web.")
    if "@" in parts.netloc:
        raise FileRefusedError("The address holds a login, which is sent nowhere.")
    own = urlsplit(instance.url)
    if any(_is_own(parts, port, urlsplit(one)) for one in (instance.url, *instance.former)):
        parts = parts._replace(scheme=own.scheme, netloc=own.netloc)
    return urlunsplit(parts._replace(fragment=""))


def _is_own(parts: SplitResult, port: int | None, own: SplitResult) -> bool:
    """The same host; its http and https are one place."""
    if parts.hostname != own.hostname:
        return False
    theirs, ours = port or _PORTS[parts.scheme], own.port or _PORTS[own.scheme]
    return theirs == ours or (theirs in _PORTS.values() and ours in _PORTS.values())


def is_near(host: str) -> bool:
    """A name or address of this machine or of a private network, as far as the text tells."""
    host = host.strip("[]").rstrip(".")
    with suppress(OSError):
        # The resolver takes 127.1 and 2130706433 for addresses too.
        return not is_public(socket.inet_ntoa(socket.inet_aton(host)))
    with suppress(ValueError):
        return not is_public(host)
    return bool(_NEAR.search(host.lower()))


def is_public(address: str) -> bool:
    """An IP address that the whole world can reach, by whatever other network it is reached.

    Raises:
        ValueError: it is no IP address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if any(ip in network for network in _NEVER):
            return False
        if (inner := _inside(ip)) is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def _inside(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address of IPv4 to which packets for this one are led, if they are."""
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour
