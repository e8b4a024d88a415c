"""The markup of notes: made harmless, with the addresses that its author wrote. Pure."""

import base64
import binascii
import re
from collections.abc import Mapping
from contextlib import suppress
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import nh3

_TAGS = {
    *("a", "abbr", "b", "big", "blockquote", "br", "caption", "center", "code", "dd", "del"),
    *("div", "dl", "dt", "em", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li"),
    *("ol", "p", "pre", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "table"),
    *("tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_SCHEMES = {"http", "https", "mailto"}
#: A picture as nh3 writes it.
_PICTURE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')


def original(address: str) -> str:
    """The address that an author wrote, where the server leads through a page of its own.

    Links lead through `/away.php?to=…`, and pictures of [B] through `/image.php?url=` and base64
    (help/openvk-api.md, Texts).
    """
    try:
        parts = urlsplit(address)
        asked = parse_qs(parts.query)
    except ValueError:
        return address
    if parts.path.endswith("/away.php") and asked.get("to"):
        return asked["to"][0]
    if parts.path.endswith("/image.php") and asked.get("url"):
        coded = asked["url"][0].replace(" ", "+")
        with suppress(binascii.Error, UnicodeDecodeError):
            padded = coded + "=" * (-len(coded) % 4)
            return base64.b64decode(padded, validate=True).decode()
    return address


def pictures(html: str) -> list[str]:
    """The addresses of the pictures in a note, as its author wrote them."""
    parser = _Pictures()
    parser.feed(html)
    return list(dict.fromkeys(parser.found))


def harmless(html: str, files: Mapping[str, str]) -> str:
    """A note that can be shown: no script, no style, nothing from elsewhere.

    Args:
        html: as the server told it.
        files: address of a picture, as its author wrote it -> where the archive shows it. A picture
            that is not here leaves its description.
    """

    def address(_tag: str, attribute: str, value: str) -> str | None:
        if attribute == "src":
            return files.get(original(value))
        if attribute == "href":
            return _outside(original(value))
        return value

    shown = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=address,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return _PICTURE.sub(_described, shown)


def _described(picture: re.Match[str]) -> str:
    """A picture always says what it shows, be it nothing."""
    return picture[0] if ' alt="' in picture[1] else f'<img alt=""{picture[1]}>'


def _outside(address: str) -> str | None:
    """Where a link leads; what it means depends on the page where it is not whole."""
    with suppress(ValueError):
        if urlsplit(address).scheme.lower() in _SCHEMES:
            return address
    return None


class _Pictures(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        source = dict(attrs).get("src")
        if tag == "img" and source:
            self.found.append(original(source))
