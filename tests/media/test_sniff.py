"""Types of files: told by their bytes, as real servers sent them."""

import json
from pathlib import Path
from typing import Any

import drawn
import pytest

from ovk_archive.media import sniff

RECORDINGS = Path(__file__).parents[1] / "recordings"
#: What real servers call text or unknown, and is more by its bytes or less.
CALLED_OTHERWISE = {"blob__doc_docx": "application/zip", "blob__doc_fb2": "text/xml"}


def recorded() -> list[Any]:
    """Every recorded file that was there: name, what the server called it, how it begins."""
    found = []
    for path in sorted(RECORDINGS.glob("20*/*.json")):
        if not path.name.startswith(("blob__", "http__gift")):
            continue
        record = json.loads(path.read_text(encoding="utf-8"))
        body = record["body"]
        if record["status"] == 200 and body:
            binary = isinstance(body, dict)
            head = bytes.fromhex(body["first_bytes"]) if binary else body.encode()
            kind = record["headers"]["content-type"].partition(";")[0]
            name = CALLED_OTHERWISE.get(path.stem, kind)
            found.append(pytest.param(head, name, id=f"{path.parent.name}-{path.stem}"))
    return found


@pytest.mark.parametrize(("head", "expected"), recorded())
def test_recorded_files(head: bytes, expected: str) -> None:
    """The bytes say what the server says, where the server is right."""
    assert sniff.sniff(head).name == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"", "application/octet-stream"),
        (b"\xff\xfb\x90\x64" + bytes(400), "audio/mpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "video/x-msvideo"),
        (b"12345678WEBP", "text/plain"),
        (b"\x00\x00\x00\x18ftypavif", "image/avif"),
        (b"\n\n <!doctype HTML><p>", "text/html"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x"><html>', "text/html"),
        ("Письмо".encode(), "text/plain"),
        (bytes(range(256)), "application/octet-stream"),
    ],
)
def test_other_files(head: bytes, expected: str) -> None:
    """Signatures in their places, web pages however they begin, text, and nothing."""
    assert sniff.sniff(head).name == expected


def test_endings_are_plain_words() -> None:
    """What becomes part of a file's name is letters and digits."""
    kinds = {
        *(kind for _, _, kind in sniff.SIGNATURES),
        *(kind for _, _, _, kind in sniff.FRAMED),
        *(kind for _, _, kind in sniff.FRAMES),
        *sniff.BRANDS.values(),
    }

    assert all(kind.ending.isalnum() for kind in kinds)


@pytest.mark.parametrize("name", drawn.FILES)
def test_real_files(name: str) -> None:
    """Files of the kinds that people keep are known by their bytes, and called by their endings."""
    found = sniff.sniff(drawn.FILES[name][: sniff.HEAD])

    assert found.ending == drawn.ENDINGS.get(name, name)
    assert found.name != "application/octet-stream" or name == "bin"
