"""Gives out the files of an archive: pictures, sound, documents, under the hash of their bytes."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from starlette.responses import FileResponse, PlainTextResponse, Response

from ovk_archive.browse.thumbnails import small

#: What a browser shows without running anything of it; all else is only given to be saved.
_SHOWN = frozenset(
    {
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp"),
        *("audio/mpeg", "audio/ogg", "audio/flac", "audio/wav", "audio/mp4", "audio/aac"),
        *("video/mp4", "video/webm", "video/ogg", "text/plain"),
    }
)
#: Of these there are small ones; an animated GIF would stand still.
_PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/bmp"})
_PLACE = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})\.[0-9a-z]{1,8}")
_HEADERS = {
    # What is under a hash never changes.
    "cache-control": "private, max-age=31536000, immutable",
    # Nothing in a file may run, load or ask, whatever it is.
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as table `media` tells of it.

    Attributes:
        path: its place in the folder of files; None if no such file is known.
        content_type: what its bytes are.
    """

    path: str | None = None
    content_type: str | None = None


def answer(folder: Path, stored: Stored, scope: Any, *, as_small: bool = False) -> Response:
    """What a browser is answered that asks for a file, or a part of it (`Range`).

    With `as_small` a large picture is given out as a small one, which may take a while to make.
    """
    if as_small and stored.content_type in _PICTURES:
        return _Later(partial(_answer, folder, stored, scope, as_small=True))
    return _answer(folder, stored, scope)


class _Later(Response):
    """An answer that is made, in a thread of its own, when it is sent: not while others wait."""

    def __init__(self, make: Callable[[], Response]) -> None:
        super().__init__()
        self._make = make

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Make it, and send it."""
        made = await asyncio.to_thread(self._make)
        await made(scope, receive, send)


def _answer(folder: Path, stored: Stored, scope: Any, *, as_small: bool = False) -> Response:
    path, content_type = stored.path, stored.content_type
    found = _PLACE.fullmatch(path or "")
    file = folder / found[0] if found else None
    if found is None or file is None or not file.is_file():
        return PlainTextResponse("The archive does not have this file.\n", status_code=404)
    if as_small and (less := small(file)) != file:
        file, content_type = less, "image/jpeg"
    headers = {**_HEADERS, "etag": f'"{found[1]}{"-small" * as_small}"'}
    if headers["etag"] in _header(scope, b"if-none-match"):
        return Response(status_code=304, headers=headers)
    is_shown = content_type in _SHOWN
    return FileResponse(
        file,
        headers=headers,
        media_type=content_type if is_shown else "application/octet-stream",
        filename=file.name,
        content_disposition_type="inline" if is_shown else "attachment",
    )


def _header(scope: Any, name: bytes) -> str:
    return b",".join(value for key, value in scope["headers"] if key.lower() == name).decode(
        "latin-1"
    )
