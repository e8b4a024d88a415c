"""Whether a picture has come to its end; what is behind the end does not matter. Pure.

Cameras and phones put films, thumbnails and notes behind the end of a picture, and pictures into
its beginning: so the parts of which it is made are followed, one after another.
"""

from collections.abc import Callable, Mapping
from typing import Protocol


class Content(Protocol):
    """The bytes of a file: `bytes`, or the file itself in memory (`mmap`)."""

    def __getitem__(self, part: slice, /) -> bytes:
        """Some of them."""

    def __len__(self) -> int:
        """How many there are."""

    def find(self, part: bytes, start: int, /) -> int:
        """Where these bytes are, from a place on; -1 if nowhere."""


def is_cut(type_name: str, content: Content) -> bool:
    """It is a picture of a type whose end is known, and has none."""
    has_end = _ENDS.get(type_name)
    return has_end is not None and not has_end(content)


def _jpeg(content: Content) -> bool:
    """Segments with lengths, and between them data in which FF is followed by 0."""
    place = 2
    while (place := content.find(b"\xff", place)) >= 0:
        marker = content[place + 1 : place + 2]
        if marker == b"\xd9":
            return True
        if marker == b"\xff":
            place += 1
        elif marker in _JPEG_ALONE:
            place += 2
        else:
            place += 2 + int.from_bytes(content[place + 2 : place + 4])
    return False


#: Two bytes without a length: data, restarts, a beginning.
_JPEG_ALONE = frozenset(bytes([one]) for one in (0x00, 0x01, *range(0xD0, 0xD9)))


def _png(content: Content) -> bool:
    """Chunks: length, name, data and checksum; the last is called IEND."""
    place = 8
    while len(head := content[place : place + 8]) == 8:  # noqa: PLR2004 - length and name
        place += 12 + int.from_bytes(head[:4])
        if head[4:] == b"IEND":
            return place <= len(content)
    return False


def _gif(content: Content) -> bool:
    """Images and extensions, each a chain of blocks; then a semicolon."""
    place = 13 + _gif_colours(content[10:11])
    while kind := content[place : place + 1]:
        if kind == b";":
            return True
        if kind == b",":
            place += 11 + _gif_colours(content[place + 9 : place + 10])
        elif kind == b"!":
            place += 2
        else:
            return False
        while size := int.from_bytes(content[place : place + 1]):
            place += 1 + size
        place += 1
    return False


def _gif_colours(flags: bytes) -> int:
    """Bytes of the table of colours, if these flags say that there is one."""
    number = int.from_bytes(flags)
    return 3 << (number % 8 + 1) if number >= 0x80 else 0  # noqa: PLR2004 - the first bit


def _webp(content: Content) -> bool:
    """The beginning tells the length of all."""
    return len(content) >= 8 + int.from_bytes(content[4:8], "little")


_ENDS: Mapping[str, Callable[[Content], bool]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _webp,
}
