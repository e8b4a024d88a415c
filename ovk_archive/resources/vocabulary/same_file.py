"""Whether two addresses lead to the same file, as far as the addresses themselves tell. Pure.

An instance calls its own files by several addresses (help/openvk-api.md, Files and thumbnails):
with and without its host, by http and https, by the thumbnail that it makes on demand or by the
blob that it made.
"""

import re
from urllib.parse import urlsplit

#: A blob's name is the hash of the bytes that were uploaded.
_BLOB = re.compile(r"/([0-9a-f]{128}[^/]*(?:/[^?#]+)?)")
_HASH = 128
_THUMBNAIL = re.compile(r"/photos/thumbnails/(\d+)_")


def are_other_files(one: object, other: object) -> bool:
    """Two addresses name different files; of a thumbnail and a blob nobody can say that."""
    if one == other or not (isinstance(one, str) and isinstance(other, str) and one and other):
        return False
    thumbnails = _THUMBNAIL.search(one), _THUMBNAIL.search(other)
    if any(thumbnails):
        # The number is the photo's.
        return all(thumbnails) and len({found[1] for found in thumbnails if found}) > 1
    return _named(one) != _named(other)


def blob_name(url: str) -> str | None:
    """The name under which an instance keeps a file, wherever it says that it is; or None.

    Renderings of one upload have different names.
    """
    found = _BLOB.search(url)
    return found[1] if found else None


def _named(url: str) -> str:
    """What of an address says which upload it is: not the host, and of a blob the hash alone."""
    name = blob_name(url)
    if name:
        return name[:_HASH]
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.path}?{parts.query}"
