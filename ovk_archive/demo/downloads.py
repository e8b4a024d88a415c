"""Everything that is not the API: files, pictures of the site, and pages."""

import re

from ovk_archive.demo import files, pages
from ovk_archive.demo.http import HTML, Reply, Request
from ovk_archive.demo.records import blob_hash
from ovk_archive.demo.world import World

_BLOB = re.compile(r"/blob_([0-9a-f]{2})/([0-9a-f]{128})(\S*)$")
_THUMBNAIL = re.compile(r"/photos/thumbnails/(\d+)_([a-z]+)\.jpeg$")
_GIFT = re.compile(r"/gift(\d+)_\d+\.png$")
_IMAGE = "/assets/packages/static/openvk/img/"
_RENDERING = "/assets/packages/static/openvk/video/rendering.mp4"
_PAGES = {"/": pages.ROOT, "/maintenances/": pages.UPDATING}
_IMAGES = {"camera_200.png": 1, "banned.jpg": 2, "song.jpg": 3}


def find(world: World, request: Request) -> Reply:
    """Answer an address outside of the API."""
    if request.path in _PAGES:
        return Reply(200, _PAGES[request.path], HTML, sized=False)
    blob = _BLOB.match(request.path)
    if blob:
        return _blob(world, request, blob.group(2), blob.group(3))
    thumbnail = _THUMBNAIL.match(request.path)
    if thumbnail:
        return _thumbnail(world, request, int(thumbnail.group(1)), thumbnail.group(2))
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
    """Serve the picture of a gift; without commerce it leads away (section 7)."""
    if not world.commerce:
        return Reply(302, b"", HTML, {"location": "/"}, sized=False)
    return Reply(200, files.png(1000 + number, 256, 256), "image/png")


def _blob(world: World, request: Request, name: str, suffix: str) -> Reply:
    """Serve a file: no length, no ranges, and 304 to any If-None-Match (section 7)."""
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


def _thumbnail(world: World, request: Request, number: int, size: str) -> Reply:
    """Send to the cropped file, as real servers do once they have made it."""
    name = blob_hash("photo", number)
    if name not in world.blobs:
        return Reply(404, pages.MISSING_FILE, HTML, sized=False)
    host = request.headers.get("host", "127.0.0.1")
    target = f"http://{host}/blob_{name[:2]}/{name}_cropped/{size}.png"
    return Reply(308, b"", HTML, {"location": target}, sized=False)
