"""Where Datasette shows a row of an archive."""

import re
from collections.abc import Iterable
from typing import Any


def page_of(database: str, table: str, key: Iterable[Any]) -> str:
    """The path of a row's page."""
    return f"/{encoded(database)}/{encoded(table)}/{','.join(encoded(str(one)) for one in key)}"


def encoded(text: str) -> str:
    """Text in a path, as Datasette writes it (tilde encoding)."""
    return re.sub(rb"[^A-Za-z0-9_-]", _spelt, text.encode("utf-8", "surrogatepass")).decode()


def _spelt(found: re.Match[bytes]) -> bytes:
    return b"+" if found[0] == b" " else b"~%02X" % found[0][0]
