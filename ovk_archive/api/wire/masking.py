"""A secret that a server repeats is put out of sight, however the server has written it. Pure."""

import json
import re
from functools import cached_property

#: What stands in its place.
TOKEN = "<token>"  # noqa: S105 - it is what is shown instead of one
PASSWORD = "<password>"  # noqa: S105 - the same

#: What is shorter is no token, and would be found in every answer.
_SHORTEST = 6
#: A character of ASCII, as addresses spell it.
_PERCENT = re.compile(rb"%[2-7]")


class Mask:
    """Finds one secret in what a server says.

    Args:
        secret: what must not be seen; if empty, there is nothing to hide.
        sign: what stands in its place.
    """

    def __init__(self, secret: str | None, sign: str = TOKEN) -> None:
        self._secret = secret or ""
        self._sign = sign
        # Without one of these each letter of the secret stands for itself.
        self._marks = (rb"\u00", b"&#", *(f"\\{one}".encode() for one in _odd(self._secret)))

    def text(self, text: str) -> str:
        """The text without the secret."""
        return self._text.sub(self._sign, text) if self._secret else text

    def body(self, body: bytes) -> bytes:
        """The body of an answer without the secret, in data too; the same body, if it has none."""
        if len(self._secret) < _SHORTEST:
            return body
        # JSON may come in encodings with a NUL beside each letter.
        text = _as_utf8(body) if b"\0" in body else body
        # Nearly no answer needs the search for other ways to write it, which is slow.
        if any(mark in text for mark in self._marks) or _PERCENT.search(text):
            is_there = self._beginning.search(text) is not None
            masked = self._bytes.sub(self._sign.encode(), text) if is_there else text
        else:
            masked = text.replace(self._secret.encode(), self._sign.encode())
        return body if masked == text else masked

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


def _odd(secret: str) -> set[str]:
    return {one for one in secret if not one.isalnum()}


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
