"""What the headers of an answer say of a file: how long it is, which part, how to go on. Pure."""

import re
from collections.abc import Mapping

from ovk_archive.api.wire.masking import Mask
from ovk_archive.errors import IncompleteFileError

_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+)")
#: It becomes part of a file's name (`vault`).
_LONGEST_VALIDATOR = 120


def says_its_end(headers: Mapping[str, str]) -> bool:
    """A lost connection can be told from the end of the answer; httpx does."""
    return "content-length" in headers or "chunked" in headers.get("transfer-encoding", "")


def total(headers: Mapping[str, str], host: str) -> int | None:
    """Bytes of the whole file, where the answer tells.

    Raises:
        IncompleteFileError: it tells two different numbers.
    """
    told = set()
    if match := _RANGE.fullmatch(headers.get("content-range", "")):
        told.add(int(match[2]))
    elif "content-encoding" not in headers and headers.get("content-length", "").isdecimal():
        told.add(int(headers["content-length"]))
    if headers.get("content-size", "").isdecimal():
        told.add(int(headers["content-size"]))
    if len(told) > 1:
        raise IncompleteFileError(f"{host} gives two different lengths for the file.")
    return told.pop() if told else None


def validator(headers: Mapping[str, str], mask: Mask) -> str | None:
    """What names this version of the file, if the server can go on in the middle of it."""
    if headers.get("accept-ranges") != "bytes" or "content-encoding" in headers:
        return None
    tag = headers.get("etag", "")
    found = tag if tag and not tag.startswith("W/") else headers.get("last-modified", "")
    fits = found and found.isascii() and len(found) <= _LONGEST_VALIDATOR
    return found if fits and mask.text(found) == found else None


def is_other_part(headers: Mapping[str, str], begin: int) -> bool:
    """The part of a file that has come does not begin where it should."""
    match = _RANGE.fullmatch(headers.get("content-range", ""))
    return not match or match[1] is None or int(match[1]) != begin
