"""The address of an OpenVK instance: read what people type, refuse what cannot be one.

Imports nothing that speaks HTTP, so that commands which stay offline start quickly.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ovk_archive.errors import BadInputError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
#: What follows the address of an instance where somebody copied that of a page: of a person, a
#: group, a post, the login. Screen names cannot be told from the path of an instance.
_PAGE = re.compile(
    r"/(?:(?:id|club|public|event|wall|photos?|albums?|videos?|audios?|playlists?|notes?|docs?|topic|"
    r"board|friends|groups|gifts|sel|im|poll)-?\d+(?:_-?\d+)*|feed|login|settings|reg|im|"
    r"blank\.html)/?(?:[?#].*)?$",
    re.IGNORECASE,
)
_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")


@dataclass(frozen=True, slots=True)
class Instance:
    """One OpenVK server, as a program reaches it.

    Attributes:
        url: `scheme://host[:port][/path]`, lower-case host, no slash at the end.
        former: the same of the names that it had before; nothing is asked there.
    """

    url: str
    former: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`host[:port][/path]`: what an archive is bound to, http and https being one place."""
        return self.url.partition("://")[2]

    @property
    def is_loopback(self) -> bool:
        """Whether the instance runs on this very machine."""
        return _is_loopback(urlsplit(self.url).hostname or "")

    @property
    def is_plain_http_abroad(self) -> bool:
        """Whether the token would cross a network unencrypted."""
        return self.url.startswith("http://") and not self.is_loopback

    def __str__(self) -> str:
        return self.url


def parse_instance(text: str) -> Instance:
    """The instance that `text` names, with or without `https://` and a slash at the end.

    The address of one of its pages (ovk.to/id12) does as well. Without a scheme it is https, or
    http on this very machine.

    Raises:
        BadInputError: not such an address. What was typed is not repeated in the
            message, because it may hold a password.
    """
    text = text.strip()
    if not text or re.search(r"[\s\x00-\x1f\x7f\\]", text):
        raise BadInputError("An instance is a host name such as openvk.example, without spaces.")
    parts = _split(_without_page(text))
    host = _canonical_host(parts)
    scheme = parts.scheme or ("http" if _is_loopback(host.strip("[]")) else "https")
    port = _port(parts)
    tail = "" if port in (None, _DEFAULT_PORTS[scheme]) else f":{port}"
    return Instance(f"{scheme}://{host}{tail}{_canonical_path(parts.path)}")


def _without_page(text: str) -> str:
    scheme, mark, rest = text.rpartition("://")
    return f"{scheme}{mark}{_PAGE.sub('', rest)}"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
    except ValueError:
        raise BadInputError("The host of that instance address cannot be read.") from None
    if parts.scheme not in ("", "http", "https") or text.startswith("://"):
        raise BadInputError("An instance address begins with https:// or http://.")
    if "@" in parts.netloc:
        raise BadInputError("An instance address holds no login: log in with `ovk-archive login`.")
    if "?" in text or "#" in text:
        raise BadInputError("An instance address has no ? and no #.")
    return parts


def _canonical_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if parts.netloc.startswith("["):
        return f"[{_address(host)}]"
    try:
        # An all-ASCII form, so that the same instance always has the same key.
        host = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        raise BadInputError("An instance address needs a host name, such as openvk.example.")
    return host.rstrip(".")


def _address(host: str) -> str:
    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError:
        raise BadInputError("The part in [brackets] is not an IPv6 address.") from None


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise BadInputError("The port of an instance is a number from 1 to 65535.")
    return port


def _canonical_path(path: str) -> str:
    path = path.rstrip("/")
    if not _PATH.fullmatch(path):
        raise BadInputError("The path of an instance address can hold letters, digits, - _ . ~ /.")
    return path


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
