"""What kind of file some bytes are, whatever their sender calls them. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Type:
    """A kind of file.

    Attributes:
        name: the MIME type.
        ending: of a file's name, without the dot.
    """

    name: str
    ending: str


UNKNOWN = Type("application/octet-stream", "bin")
TEXT = Type("text/plain", "txt")
HTML = Type("text/html", "html")
XML = Type("text/xml", "xml")

#: Bytes that are looked at, at the beginning and at the end.
HEAD, TAIL = 1024, 8
#: How files of some types always end.
_ENDS = {"image/jpeg": b"\xff\xd9", "image/png": b"IEND\xaeB`\x82", "image/gif": b";"}

#: (place, signature) -> type. OpenVK itself makes JPEG, GIF, PNG, MP3 and MP4 (openvk-api.md
#: section 7); the rest is what people upload as documents.
_SIGNATURES: tuple[tuple[int, bytes, Type], ...] = (
    (0, b"\xff\xd8\xff", Type("image/jpeg", "jpg")),
    (0, b"\x89PNG\r\n\x1a\n", Type("image/png", "png")),
    (0, b"GIF87a", Type("image/gif", "gif")),
    (0, b"GIF89a", Type("image/gif", "gif")),
    (0, b"ID3\x02", Type("audio/mpeg", "mp3")),
    (0, b"ID3\x03", Type("audio/mpeg", "mp3")),
    (0, b"ID3\x04", Type("audio/mpeg", "mp3")),
    (0, b"II*\x00", Type("image/tiff", "tiff")),
    (0, b"MM\x00*", Type("image/tiff", "tiff")),
    (0, b"OggS", Type("audio/ogg", "ogg")),
    (0, b"fLaC", Type("audio/flac", "flac")),
    (0, b"\x1aE\xdf\xa3", Type("video/webm", "webm")),
    (0, b"FLV\x01", Type("video/x-flv", "flv")),
    (0, b"%PDF-", Type("application/pdf", "pdf")),
    (0, b"PK\x03\x04", Type("application/zip", "zip")),
    (0, b"PK\x05\x06", Type("application/zip", "zip")),
    (0, b"Rar!\x1a\x07", Type("application/vnd.rar", "rar")),
    (0, b"7z\xbc\xaf\x27\x1c", Type("application/x-7z-compressed", "7z")),
    (0, b"\x1f\x8b\x08", Type("application/gzip", "gz")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Type("application/x-ole-storage", "ole")),
    (0, b"AT&TFORM", Type("image/vnd.djvu", "djvu")),
    (8, b"WEBP", Type("image/webp", "webp")),
    (8, b"WAVE", Type("audio/wav", "wav")),
    (8, b"AVI ", Type("video/x-msvideo", "avi")),
)
#: Brands of the ISO family (`ftyp`), of which MP4 is the common one.
_BRANDS = {
    b"avif": Type("image/avif", "avif"),
    b"heic": Type("image/heic", "heic"),
    b"mif1": Type("image/heic", "heic"),
    b"M4A ": Type("audio/mp4", "m4a"),
    b"qt  ": Type("video/quicktime", "mov"),
}
_MP4 = Type("video/mp4", "mp4")
_MP3 = Type("audio/mpeg", "mp3")
#: Eleven bits of synchronisation and the layer, III; version and protection in between vary.
_FRAME_MASK, _FRAME = 0xFFE6, 0xFFE2
_TAGS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<title", b"<meta")
#: Control characters that no text has.
_BINARY = frozenset(range(32)) - frozenset(b"\t\n\r\x0c\x1b")


def sniff(head: bytes) -> Type:
    """The type of a file that begins with these bytes, `HEAD` of them or all."""
    for place, signature, kind in _SIGNATURES:
        if head.startswith(signature, place) and (place == 0 or head.startswith(b"RIFF")):
            return kind
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], _MP4)
    if int.from_bytes(head[:2]) & _FRAME_MASK == _FRAME:
        return _MP3
    return _text(head)


def is_cut(kind: Type, tail: bytes) -> bool:
    """A file of this type that ends with these bytes (the last `TAIL`) lacks its end."""
    return not tail.endswith(_ENDS.get(kind.name, b""))


def _text(head: bytes) -> Type:
    if not head or _BINARY.intersection(head):
        return UNKNOWN
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_TAGS) or (start.startswith((b"<?xml", b"<!--")) and b"<html" in start):
        return HTML
    return XML if start.startswith(b"<?xml") else TEXT
