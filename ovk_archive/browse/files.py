"""Gives out the files of an archive: pictures, sound, documents, under the hash of their bytes."""

import re
from pathlib import Path
from typing import Any

from starlette.responses import FileResponse, PlainTextResponse, Response

#: What a browser shows without running anything of it; all else is only given to be saved.
_SHOWN = frozenset(
    {
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp"),
        *("audio/mpeg", "audio/ogg", "audio/flac", "audio/wav", "audio/mp4", "audio/aac"),
        *("video/mp4", "video/webm", "video/ogg", "text/plain"),
    }
)
_PLACE = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})\.[0-9a-z]{1,8}")
_HEADERS = {
    # What is under a hash never changes.
    "cache-control": "private, max-age=31536000, immutable",
    # Nothing in a file may run, load or ask, whatever it is.
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
}


def answer(folder: Path, path: str | None, content_type: str | None, scope: Any) -> Response:
    """What a browser is answered that asks for a file, or a part of it (`Range`).

    Args:
        folder: where the archive keeps its files.
        path: the place within it, as table `media` says it; None if no such file is known.
        content_type: what its bytes are.
        scope: the request.
    """
    found = _PLACE.fullmatch(path or "")
    file = folder / found[0] if found else None
    if found is None or file is None or not file.is_file():
        return PlainTextResponse("The archive does not have this file.\n", status_code=404)
    headers = {**_HEADERS, "etag": f'"{found[1]}"'}
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
