"""A secret that a server repeats is put out of sight, however the server has written it. Pure."""

import json
import re
from functools import cached_property

#: What stands in its place.
TOKEN = "<token>"  # noqa: S105 - it is what is shown instead of one
PASSWORD = "<password>"  # noqa: S105 - the same

#: What is shorter is no token, and would be found in every answer.
_SHORTEST = 6

#: Parts of a secret that are found quickly in a body.
_PARTS = re.compile(rf"[0-9A-Za-z]{{{_SHORTEST},}}")


class Mask:
    """Finds one secret in what a server says.

    Args:
        secret: what must not be seen; if empty, there is nothing to hide.
        sign: what stands in its place.
    """

    def __init__(self, secret: str | None, sign: str = TOKEN) -> None:
        self._secret = secret or ""
        self._sign = sign

    def text(self, text: str) -> str:
        """The text without the secret."""
        return self._text.sub(self._sign, text) if self._secret else text

    def body(self, body: bytes) -> bytes:
        """The body of an answer without the secret, in data too; the same body, if it has none."""
        if len(self._secret) < _SHORTEST:
            return body
        # JSON may come in encodings with a NUL beside each letter.
        text = _as_utf8(body) if b"\0" in body else body
        # Nearly no answer needs the search for all ways to write it, which is slow.
        if not (self._may_be_in(text) and self._beginning.search(text)):
            return body
        masked = self._bytes.sub(self._sign.encode(), text)
        return body if masked == text else masked

    def _may_be_in(self, text: bytes) -> bool:
        """A part of the secret is there, or a letter of that part in another spelling."""
        return (
            self._part.encode() in text
            or (b"\\u00" in text and self._in_json.search(text) is not None)
            or (b"%" in text and self._in_urls.search(text) is not None)
            or (b"#" in text and self._in_html.search(text) is not None)
        )

    @cached_property
    def _part(self) -> str:
        """The longest part of plain letters and digits; none, if none is long."""
        return max(_PARTS.findall(self._secret), key=len, default="")

    @cached_property
    def _in_json(self) -> re.Pattern[bytes]:
        return re.compile(rf"\\u00(?i:{_codes(self._part)})".encode())

    @cached_property
    def _in_urls(self) -> re.Pattern[bytes]:
        return re.compile(rf"%(?i:25|{_codes(self._part)})".encode())

    @cached_property
    def _in_html(self) -> re.Pattern[bytes]:
        codes, numbers = _codes(self._part), "|".join(str(ord(one)) for one in set(self._part))
        return re.compile(rf"#(?<=[&;]#)(?i:x0*(?:{codes})|0*(?:{numbers}))".encode())

    # Hardly ever needed, and made slowly.

    @cached_property
    def _text(self) -> re.Pattern[str]:
        return re.compile(_pattern(self._secret))

    @cached_property
    def _bytes(self) -> re.Pattern[bytes]:
        return re.compile(_pattern(self._secret).encode())

    @cached_property
    def _beginning(self) -> re.Pattern[bytes]:
        """Finds how the secret begins: where it does not, nothing longer need be made."""
        return re.compile(_pattern(self._secret[:_SHORTEST]).encode())


def _pattern(text: str) -> str:
    return "".join(map(_written, text))


def _codes(part: str) -> str:
    """The letters by their numbers, as a pattern."""
    return "|".join(sorted({f"{ord(one):02x}" for one in part}))


def _as_utf8(body: bytes) -> bytes:
    try:
        return body.decode(json.detect_encoding(body)).encode()
    except ValueError:
        return body


def _written(one: str) -> str:
    r"""All ways to write a character: as it is, `\u002d`, `\-`, `%2d`, `&#45;`; also repeatedly."""
    units = one.encode("utf-16-be", "surrogatepass")
    as_json = "".join(
        rf"\\{{1,8}}u(?i:{units[at : at + 2].hex()})" for at in range(0, len(units), 2)
    )
    as_url = "".join(
        f"%(?:25){{0,3}}(?i:{byte:02x})" for byte in one.encode("utf-8", "surrogatepass")
    )
    as_html = f"&(?:amp;){{0,3}}#(?:0{{0,6}}{ord(one)}|(?i:x0{{0,6}}{ord(one):x}));?"
    plain = re.escape(one) if one.isalnum() else rf"\\{{0,8}}{re.escape(one)}"
    blank = r"|\+" if one == " " else ""
    return f"(?:{plain}|{as_json}|{as_url}|{as_html}{blank})"
