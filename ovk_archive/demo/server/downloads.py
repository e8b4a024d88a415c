"""Everything that is not the API: files, pictures of the site, and pages."""

import re

from ovk_archive.demo.server import pages
from ovk_archive.demo.server.http import HTML, Reply, Request
from ovk_archive.demo.world import files
from ovk_archive.demo.world.records import blob_hash
from ovk_archive.demo.world.world import World

_BLOB = {
    "php": re.compile(r"/blob_[0-9a-f]{2}/([0-9a-f]{128})(\S*)$"),
    "nginx": re.compile(r"/openvk-datastore/([0-9a-f]{128})(\S*)$"),
}
_RANGE = re.compile(r"bytes=(\d+)-(\d*)$")
_THUMBNAIL = re.compile(r"/photos/thumbnails/(\d+)_([a-z]+)\.jpeg$")
_GIFT = re.compile(r"/gift(\d+)_\d+\.png$")
_IMAGE = "/assets/packages/static/openvk/img/"
_MODIFIED = "Wed, 01 Jan 2020 00:00:00 GMT"
_RENDERING = "/assets/packages/static/openvk/video/rendering.mp4"
_PAGES = {"/": pages.ROOT, "/maintenances/": pages.UPDATING}
_IMAGES = {"camera_200.png": 1, "banned.jpg": 2, "song.jpg": 3}


def find(world: World, request: Request, storage: str = "php") -> Reply:
    """Answer an address outside of the API; `storage` says who serves files."""
    if request.path in _PAGES:
        return Reply(200, _PAGES[request.path], HTML, sized=False)
    blob = _BLOB[storage].match(request.path)
    if blob:
        serve = _blob if storage == "php" else _static
        return serve(world, request, blob.group(1), blob.group(2))
    thumbnail = _THUMBNAIL.match(request.path)
    if thumbnail:
        host = request.headers.get("host", "127.0.0.1")
        name = blob_hash("photo", int(thumbnail.group(1)))
        made = _thumbnail(world, name, thumbnail.group(2), _place(storage, host, name))
        if made.status == 308:
            world.make_thumbnail(int(thumbnail.group(1)), thumbnail.group(2))
        return made
    gift = _GIFT.match(request.path)
    if gift:
        return _gift(world, int(gift.group(1)))
    return _asset(request)


def _asset(request: Request) -> Reply:
    """Serve what belongs to the site."""
    if request.path == _RENDERING:
        return Reply(200, files.rendering(), "video/mp4")
    name = request.path.removeprefix(_IMAGE)
    if name in _IMAGES:
        return Reply(200, files.png(_IMAGES[name], 200, 200), "image/png")
    words = f"No routes for {request.path}."
    return Reply(404, pages.chandler(pages.NO_ROUTE, words), HTML, sized=False)


def _gift(world: World, number: int) -> Reply:
    """Serve the picture of a gift; without commerce it leads away (help/openvk-api.md, Gifts)."""
    if not world.commerce:
        return Reply(302, b"", HTML, {"location": "/"}, sized=False)
    return Reply(200, files.gift(number), "image/png")


def _blob(world: World, request: Request, name: str, suffix: str) -> Reply:
    """Serve a file as OpenVK's own server does (help/openvk-api.md, Files and thumbnails)."""
    kind, record = world.blobs.get(name, ("", None))
    if not kind:
        return Reply(404, pages.MISSING_FILE, HTML, sized=False)
    if "if-none-match" in request.headers:
        return Reply(304, b"", HTML)
    data, mime = files.content(record, suffix)
    headers = {
        "content-size": str(len(data)),
        "cache-control": "public, max-age=1210000",
        "etag": files.etag(data),
    }
    return Reply(200, data, mime, headers, sized=False)


def _static(world: World, request: Request, name: str, suffix: str) -> Reply:
    """Serve a file as nginx does: with its length, in parts if asked, 304 only if unchanged."""
    kind, record = world.blobs.get(name, ("", None))
    if not kind:
        return Reply(404, pages.MISSING_FILE, HTML)
    data, mime = files.content(record, suffix)
    tag = files.etag(data).removeprefix("W/")
    headers = {"accept-ranges": "bytes", "etag": tag, "last-modified": _MODIFIED}
    if request.headers.get("if-none-match") == tag:
        return Reply(304, b"", HTML, headers)
    part = _RANGE.match(request.headers.get("range", ""))
    if part is None or request.headers.get("if-range", tag) not in {tag, _MODIFIED}:
        return Reply(200, data, mime, headers)
    first, last = int(part.group(1)), int(part.group(2) or len(data) - 1)
    if first >= len(data):
        return Reply(416, b"", HTML, {**headers, "content-range": f"bytes */{len(data)}"})
    body = data[first : last + 1]
    told = f"bytes {first}-{first + len(body) - 1}/{len(data)}"
    return Reply(206, body, mime, {**headers, "content-range": told})


def _thumbnail(world: World, name: str, size: str, place: str) -> Reply:
    """Send to the cropped file, as real servers do once they have made it."""
    if name not in world.blobs:
        return Reply(404, pages.MISSING_FILE, HTML, sized=False)
    target = f"{place}_cropped/{size}.png"
    return Reply(308, b"", HTML, {"location": target}, sized=False)


def _place(storage: str, host: str, name: str) -> str:
    """Where a file is, without its ending."""
    folder = f"blob_{name[:2]}" if storage == "php" else "openvk-datastore"
    return f"http://{host}/{folder}/{name}"
