"""Small real files of the kinds that people keep, each named by its ending."""

import base64
import io
import struct
import wave
import zipfile
import zlib

from ovk_archive.demo.world import files

#: Eight by eight pixels of many colours, as Pillow writes them.
_JPEG = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKra"
    "rYqMyP/L2u71////m8H////6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4"
    "+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wgARCAAIAAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAA"
    "AAL/xAAVAQEBAAAAAAAAAAAAAAAAAAABAv/aAAwDAQACEAMQAAABgQ//xAAWEAADAAAAAAAAAAAAAAAAAAAAAQL/"
    "2gAIAQEAAQUCUn//xAAXEQADAQAAAAAAAAAAAAAAAAAAAQIR/9oACAEDAQE/AZp4f//EABURAQEAAAAAAAAAAAAA"
    "AAAAAAEA/9oACAECAQE/AVv/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAY/An//xAAUEAEAAAAAAAAAAAAA"
    "AAAAAAAA/9oACAEBAAE/IX//2gAMAwEAAgADAAAAEPP/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oACAEDAQE/EEf/"
    "xAAWEQADAAAAAAAAAAAAAAAAAAAAARH/2gAIAQIBAT8QbT//xAAVEAEBAAAAAAAAAAAAAAAAAAAAYf/aAAgBAQAB"
    "PxCL/9k="
)
_WEBP = "UklGRi4AAABXRUJQVlA4TCIAAAAvB8ABALkyRPQ/dhHR/wBhtlFJzh90ryMYj9GKCaB6oP8A"
_AVIF = (
    "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAA"
    "AAAAAAAAAAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAJgAAAChpaW5mAAAA"
    "AAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAACAAAAAgA"
    "AAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQB"
    "AoMEAAAALm1kYXQSAAoIGAi/aICGg0IyGB7Hh4VZ3///4ssAAJA2DMBF1HFoRtBVZQ=="
)
_ODD = bytes(range(256)) * 4


def _jpeg() -> bytes:
    """A progressive picture with another one, a thumbnail, in its beginning."""
    whole = base64.b64decode(_JPEG)
    exif = b"Exif\x00\x00" + whole
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + whole[2:]


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + name + content


def _film(brand: bytes) -> bytes:
    brands = _box(b"ftyp", brand + bytes(4) + brand + b"isom") if brand else b""
    return brands + _box(b"moov", _box(b"mvhd", bytes(100))) + _box(b"mdat", _ODD)


def _wav() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(_ODD)
    return made.getvalue()


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    return made.getvalue()


def _bmp() -> bytes:
    pixels = _ODD[:192]
    header = struct.pack("<IiiHHIIiiII", 40, 8, 8, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) + header + pixels


def _tiff() -> bytes:
    tags = ((256, 8), (257, 8), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (279, 64))
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return (
        struct.pack("<2sHI", b"II", 42, 72) + _ODD[:64] + struct.pack("<H", 8) + entries + bytes(4)
    )


def _ogg(first: bytes) -> bytes:
    """Two pages: what names the codec, and some data."""
    parts = (first, _ODD[:200])
    return b"".join(
        b"OggS"
        + struct.pack("<BBqIII", 0, 2 * (1 + number), number * 960, 7, number, zlib.crc32(part))
        + bytes((1, len(part)))
        + part
        for number, part in enumerate(parts)
    )


def _matroska(name: bytes) -> bytes:
    head = b"\x42\x86\x81\x01\x42\x82" + bytes([0x80 | len(name)]) + name
    return b"\x1aE\xdf\xa3" + bytes([0x80 | len(head)]) + head + b"\x18S\x80g\x01" + bytes(7) + _ODD


_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><path d="M0 0h8v8z"/></svg>\n'
_PDF = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

#: What they are -> their bytes.
FILES: dict[str, bytes] = {
    "jpg": _jpeg(),
    "png": files.png(1, 16, 16),
    "gif": files.GIF,
    "webp": base64.b64decode(_WEBP),
    "avif": base64.b64decode(_AVIF),
    "avif among heic": base64.b64decode(_AVIF).replace(b"ftypavif", b"ftypmif1"),
    "heic": base64.b64decode(_AVIF).replace(b"avif", b"heic"),
    "heic of many": base64.b64decode(_AVIF).replace(b"avif", b"heix"),
    "bmp": _bmp(),
    "tiff": _tiff(),
    "svg": _SVG.encode(),
    "svg behind a comment": b'<?xml version="1.0"?>\n<!-- drawn by hand -->\n' + _SVG.encode(),
    "psd": b"8BPS\x00\x01" + bytes(6) + _ODD,
    "jxl": b"\x00\x00\x00\x0cJXL \r\n\x87\n" + _box(b"ftyp", b"jxl " + bytes(4) + b"jxl ") + _ODD,
    "ico": b"\x00\x00\x01\x00\x01\x00\x08\x08" + _ODD,
    "mp3": b"ID3\x03\x00\x00\x00\x00\x00\x00" + files.FRAME * 4,
    "mp3 without a tag": files.FRAME * 4,
    "aac": b"\xff\xf1\x50\x80\x02\x1f\xfc" + _ODD,
    "opus": _ogg(b"OpusHead\x01\x02" + bytes(9)),
    "ogg": _ogg(b"\x01vorbis" + bytes(23)),
    "ogv": _ogg(b"\x80theora" + bytes(35)),
    "flac": b"fLaC\x80\x00\x00\x22" + _ODD,
    "wav": _wav(),
    "aiff": b"FORM" + struct.pack(">I", len(_ODD) + 4) + b"AIFF" + _ODD,
    "m4a": _film(b"M4A "),
    "webm": _matroska(b"webm"),
    "mkv": _matroska(b"matroska"),
    "mp4": _film(b"isom"),
    "mov": _film(b"qt  "),
    "mov of old": _film(b""),
    "avi": b"RIFF" + struct.pack("<I", len(_ODD) + 4) + b"AVI " + _ODD,
    "pdf": _PDF.encode(),
    "zip": _zip(),
    "bin": _ODD,
}
#: How files are called that are not called as above.
ENDINGS = {name: name.split()[0] for name in FILES}
