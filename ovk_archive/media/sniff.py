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

    @property
    def is_text(self) -> bool:
        """It is text: where a picture or a track was due, a message of the server."""
        return self.name.startswith("text/")


UNKNOWN = Type("application/octet-stream", "bin")
TEXT = Type("text/plain", "txt")
HTML = Type("text/html", "html")
XML = Type("text/xml", "xml")
SVG = Type("image/svg+xml", "svg")

#: Bytes that are looked at.
HEAD = 1024

#: (place, signature) -> type. OpenVK itself makes JPEG, GIF, PNG, MP3 and MP4 (help/openvk-api.md,
#: Files and thumbnails); the rest is what people upload, and what other platforms keep.
SIGNATURES: tuple[tuple[int, bytes, Type], ...] = (
    (0, b"\xff\xd8\xff", Type("image/jpeg", "jpg")),
    (0, b"\x89PNG\r\n\x1a\n", Type("image/png", "png")),
    (0, b"GIF87a", Type("image/gif", "gif")),
    (0, b"GIF89a", Type("image/gif", "gif")),
    (0, b"ID3\x02", Type("audio/mpeg", "mp3")),
    (0, b"ID3\x03", Type("audio/mpeg", "mp3")),
    (0, b"ID3\x04", Type("audio/mpeg", "mp3")),
    (0, b"II*\x00", Type("image/tiff", "tiff")),
    (0, b"MM\x00*", Type("image/tiff", "tiff")),
    (0, b"\x00\x00\x01\x00", Type("image/vnd.microsoft.icon", "ico")),
    (0, b"8BPS", Type("image/vnd.adobe.photoshop", "psd")),
    (0, b"\xff\x0a", Type("image/jxl", "jxl")),
    (0, b"\x00\x00\x00\x0cJXL ", Type("image/jxl", "jxl")),
    (0, b"\x00\x00\x00\x0cjP  ", Type("image/jp2", "jp2")),
    (0, b"fLaC", Type("audio/flac", "flac")),
    (0, b"MThd", Type("audio/midi", "mid")),
    (0, b"#!AMR", Type("audio/amr", "amr")),
    (0, b"FLV\x01", Type("video/x-flv", "flv")),
    (0, b"\x00\x00\x01\xba", Type("video/mpeg", "mpg")),
    (0, b"0&\xb2u\x8ef\xcf\x11", Type("video/x-ms-asf", "asf")),
    (0, b"%PDF-", Type("application/pdf", "pdf")),
    (0, b"{\\rtf", Type("application/rtf", "rtf")),
    (0, b"PK\x03\x04", Type("application/zip", "zip")),
    (0, b"PK\x05\x06", Type("application/zip", "zip")),
    (0, b"Rar!\x1a\x07", Type("application/vnd.rar", "rar")),
    (0, b"7z\xbc\xaf\x27\x1c", Type("application/x-7z-compressed", "7z")),
    (0, b"\x1f\x8b\x08", Type("application/gzip", "gz")),
    (0, b"\xfd7zXZ\x00", Type("application/x-xz", "xz")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Type("application/x-ole-storage", "ole")),
    (0, b"AT&TFORM", Type("image/vnd.djvu", "djvu")),
)
#: What is within a frame that several types have: (frame, place and signature) -> type.
FRAMED: tuple[tuple[bytes, int, bytes, Type], ...] = (
    (b"RIFF", 8, b"WEBP", Type("image/webp", "webp")),
    (b"RIFF", 8, b"WAVE", Type("audio/wav", "wav")),
    (b"RIFF", 8, b"AVI ", Type("video/x-msvideo", "avi")),
    (b"FORM", 8, b"AIF", Type("audio/aiff", "aiff")),
    # A bitmap says how many bytes it has, and then nothing in four.
    (b"BM", 6, bytes(4), Type("image/bmp", "bmp")),
    # The first page of Ogg has one packet, which begins with the codec's name.
    (b"OggS", 28, b"OpusHead", Type("audio/ogg", "opus")),
    (b"OggS", 28, b"\x80theora", Type("video/ogg", "ogv")),
    (b"OggS", 0, b"", Type("audio/ogg", "ogg")),
)
#: Brands of the ISO family (`ftyp`), of which MP4 is the common one.
_HEIC, _AVIF = Type("image/heic", "heic"), Type("image/avif", "avif")
BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), _AVIF),
    **dict.fromkeys(
        (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), _HEIC
    ),
    b"M4A ": Type("audio/mp4", "m4a"),
    b"M4B ": Type("audio/mp4", "m4b"),
    b"qt  ": Type("video/quicktime", "mov"),
}
_MP4 = Type("video/mp4", "mp4")
#: How films of QuickTime begin that are older than brands.
_OLD_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip")
_EBML = b"\x1aE\xdf\xa3"
#: (mask, bits) of the first two bytes: eleven of synchronisation, then the layer, III for MP3, none
#: for AAC, which has a twelfth.
FRAMES = (
    (0xFFE6, 0xFFE2, Type("audio/mpeg", "mp3")),
    (0xFFF6, 0xFFF0, Type("audio/aac", "aac")),
)
_TAGS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<title", b"<meta")
#: Control characters that no text has.
_BINARY = frozenset(range(32)) - frozenset(b"\t\n\r\x0c\x1b")


def sniff(head: bytes) -> Type:
    """The type of a file that begins with these bytes, `HEAD` of them or all."""
    return _by_signature(head) or _by_box(head) or _by_frame(head) or _text(head)


def _by_signature(head: bytes) -> Type | None:
    for place, signature, kind in SIGNATURES:
        if head.startswith(signature, place):
            return kind
    for frame, place, signature, kind in FRAMED:
        if head.startswith(frame) and head.startswith(signature, place):
            return kind
    return None


def _by_box(head: bytes) -> Type | None:
    if head.startswith(_EBML):
        return _matroska(head)
    if head[4:8] == b"ftyp":
        return _iso(head)
    return BRANDS[b"qt  "] if head[4:8] in _OLD_BOXES and head[0] == 0 else None


def _by_frame(head: bytes) -> Type | None:
    first = int.from_bytes(head[:2])
    return next((kind for mask, bits, kind in FRAMES if first & mask == bits), None)


def _matroska(head: bytes) -> Type:
    is_other = b"matroska" in head[:64]
    return Type("video/x-matroska", "mkv") if is_other else Type("video/webm", "webm")


def _iso(head: bytes) -> Type:
    """By its main brand; a picture of no kind in particular may say more among the others."""
    kind = BRANDS.get(head[8:12], _MP4)
    others = head[16 : int.from_bytes(head[:4])]
    return _AVIF if kind is _HEIC and b"avif" in others else kind


def _text(head: bytes) -> Type:
    if not head or _BINARY.intersection(head):
        return UNKNOWN
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    is_markup = start.startswith((b"<?xml", b"<!--"))
    if start.startswith(_TAGS) or (is_markup and b"<html" in start):
        return HTML
    if start.startswith((b"<svg", b"<!doctype svg")) or (is_markup and b"<svg" in start):
        return SVG
    return XML if start.startswith(b"<?xml") else TEXT
