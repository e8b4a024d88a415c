"""The files behind the addresses: small, real, and different for every record."""

import hashlib
import struct
import zlib
from functools import lru_cache

from ovk_archive.demo.world.owned import Audio, Doc, Photo, Video

#: A silent frame of MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 26 ms of nothing.
FRAME = b"\xff\xfb\x90\x64" + bytes(413)
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x5a\x86\xb5\xff\xff\xff"
    b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
_BRAND = b"isom\x00\x00\x02\x00isomiso2mp41"
#: The types of documents that are not text.
_TYPES = {"png": "image/png", "gif": "image/gif"}


@lru_cache(maxsize=512)
def png(seed: int, width: int, height: int) -> bytes:
    """Draw a sky of sixteen shades over a hill, in colours that the seed chooses."""
    tint = hashlib.sha256(str(seed).encode()).digest()
    shades = (
        bytes((tint[channel] * (16 - step) + 255 * step) // 16 for channel in range(3))
        for step in range(16)
    )
    ground = bytes(value // 3 for value in tint[3:6])
    rows = (_row(tint, line, width, height) for line in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", b"".join(shades) + ground),
            _chunk(b"IDAT", zlib.compress(b"".join(rows), 6)),
            _chunk(b"IEND", b""),
        )
    )


def mp3(audio: Audio) -> bytes:
    """Record a second of silence, with the track's names in an ID3 tag."""
    title, artist = audio.tags
    frames = _text_frame(b"TIT2", title) + _text_frame(b"TPE1", artist)
    size = len(frames)
    synchsafe = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    tag = b"ID3\x03\x00\x00" + synchsafe + frames
    return tag + FRAME * 40 + f"track {audio.id}".encode()


def mp4(video: Video) -> bytes:
    """Write the boxes that begin an MP4 file, and the video's title for content."""
    body = f"{video.global_id} {video.first_title}".encode()
    return _box(b"ftyp", _BRAND) + _box(b"mdat", body)


def gift(number: int) -> bytes:
    """Draw what is given."""
    return png(1000 + number, 256, 256)


def rendering() -> bytes:
    """Write what is played until a video has been converted."""
    return _box(b"ftyp", _BRAND) + _box(b"mdat", b"rendering")


def document(doc: Doc) -> bytes:
    """Draw a small picture, or write a short text, whatever the text calls itself."""
    if doc.ext == "png":
        return png(doc.id, 320, 240)
    if doc.ext == "gif":
        return GIF
    return f"{doc.first_title}\nДокумент {doc.id}\n".encode()


def content(record: object, suffix: str) -> tuple[bytes, str]:
    """Return the bytes of a record's file and their type."""
    match record:
        case Photo():
            half = 2 if "_cropped" in suffix else 1
            return png(record.global_id, record.width // half, record.height // half), "image/png"
        case Audio():
            return mp3(record), "audio/mpeg"
        case Video():
            return (GIF, "image/gif") if suffix == ".gif" else (mp4(record), "video/mp4")
        case Doc():
            return document(record), _TYPES.get(record.ext, "text/plain")
        case _:
            raise TypeError(f"no file is kept for {record!r}")


def etag(data: bytes) -> str:
    """Mark the content (real servers use snefru)."""
    return f'W/"{hashlib.sha256(data).hexdigest()}"'


def _row(tint: bytes, line: int, width: int, height: int) -> bytes:
    """Draw one line: its filter byte, then sky or hill."""
    shade = 15 - 15 * line // height
    top = height // 2 + tint[6] % (height // 4)
    half = width * max(line - top, 0) // height
    middle = width // 4 + tint[7] * width // 512
    left, right = max(middle - half, 0), min(middle + half, width)
    sky = bytes([shade])
    return b"\x00" + sky * left + b"\x10" * (right - left) + sky * (width - right)


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data


def _text_frame(name: bytes, text: str) -> bytes:
    data = b"\x01" + text.encode("utf-16")
    return name + struct.pack(">I", len(data)) + b"\x00\x00" + data
