"""Files: all of them, each once, whole, and nothing but files."""

import gzip
import hashlib
import socket
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import drawn
import pytest
from archives import SMALL, already_synced, small
from fetching import (
    fetch,
    name_documents,
    name_files,
    name_tracks,
    on_disk,
    picture,
    state,
    states,
    unfinished,
    wrongly_named,
)
from scripted import Reply, Request, ScriptedServer
from syncing import query, run
from toy import DemoInstance, generate
from truth import files_of

from ovk_archive.api.budget import Budget
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.location import folder_of
from ovk_archive.checks.verify import Part, check_files
from ovk_archive.demo.world import files
from ovk_archive.media.catalogue import survey
from ovk_archive.media.vault import Vault

BOTH = pytest.mark.parametrize("dialect", ["A", "B"])
STORAGES = pytest.mark.parametrize("storage", ["php", "nginx"])


def stored_hashes(path: Path) -> dict[str, set[str]]:
    """Kind -> hashes of what the archive says is stored; previews are files of videos."""
    found: dict[str, set[str]] = {}
    for kind, sha256 in query(path, "select kind, sha256 from media where state = 'stored'"):
        found.setdefault("videos" if kind == "previews" else kind, set()).add(sha256)
    return found


@BOTH
@STORAGES
def test_every_file_of_the_world_once(dialect: str, storage: str, archive_path: Path) -> None:
    """All files that the records name are here, no other, each once; again costs nothing."""
    with already_synced(dialect, archive_path, small, storage) as instance:
        world = instance.world
        instance.reset_counts()
        report = fetch(instance.url, archive_path)
        asked = instance.fetched()
        headers = [headers for _, _, headers in instance.raw]
        instance.reset_counts()
        again = fetch(instance.url, archive_path)
        asked_again = instance.fetched()

    people = {row[0] for row in query(archive_path, "select id from users")}
    truth = {kind: hashes for kind, hashes in files_of(world, dialect, people).items() if hashes}
    everything = set().union(*truth.values())
    here = on_disk(archive_path)
    assert stored_hashes(archive_path) == truth
    assert {hashlib.sha256(content).hexdigest() for content in here.values()} == everything
    assert len(here) == len(everything)
    assert wrongly_named(archive_path) == []
    assert unfinished(archive_path) == []
    assert (report.exit_code, report.stored) == (0, sum(report.states.values()) - 3)
    assert len(set(asked)) == len(asked)
    assert not any({"cookie", "referer", "authorization"} & set(one) for one in headers)
    assert not any(instance.token in address for address in asked)
    assert asked_again == []
    assert (again.exit_code, again.stored, again.found) == (0, 0, 0)


@BOTH
def test_records_lead_to_their_files(dialect: str, archive_path: Path) -> None:
    """The views go from posts, comments, photos, tracks and people to the very bytes."""
    with already_synced(dialect, archive_path, small) as instance:
        world = instance.world
        fetch(instance.url, archive_path)
    folder = folder_of(archive_path)

    def size(view: str, key: str) -> list[Any]:
        paths = query(archive_path, f"select path from {view} where {key}")
        return [(folder / path).stat().st_size for (path,) in paths]

    for (owner, number), photo in world.photos.items():
        if owner == 1 and not photo.deleted:
            assert size("photos_media", f"owner_id = {owner} and id = {number}") == [
                len(_bytes(photo))
            ]
    hung = [
        (post, key)
        for post in world.wall(1)
        for kind, key in post.attachments
        if kind == "photo" and not world.photos[key].deleted
    ]
    assert hung
    for post, key in hung:
        found = query(
            archive_path,
            "select sha256 from posts_media where reposted = 0 and type = 'photo' "
            f"and owner_id = 1 and id = {post.id} and of_id = {key[1]} and of_owner_id = {key[0]}",
        )
        expected = hashlib.sha256(_bytes(world.photos[key])).hexdigest()
        assert (expected,) in found
    for table in ("comments", "audio", "users", "videos", "gifts", "posts"):
        assert query(archive_path, f"select 1 from {table}_media where state = 'stored' limit 1")
    assert query(archive_path, "select count(*) from messages_media") == [(0,)]


def _bytes(record: Any) -> bytes:
    return files.content(record, "")[0]


def test_what_is_no_file_is_not_asked_for(archive_path: Path) -> None:
    """Placeholders are known by their names, and another platform's video stays a link."""
    with already_synced("B", archive_path, small) as instance:
        instance.reset_counts()
        fetch(instance.url, archive_path)
        asked = instance.fetched()

    placeholders = {url for url, (name, _) in states(archive_path).items() if name == "unavailable"}
    assert {url.rpartition("/")[2] for url in placeholders} == {
        "camera_200.png",
        "song.jpg",
        "rendering.apng",
    }
    assert not any("youtu" in url for url in states(archive_path))
    assert query(archive_path, "select count(*) from videos where platform = 'youtube'")[0][0]
    assert not any(name.rpartition("/")[2] in asked for name in placeholders)


@pytest.mark.parametrize(
    "address",
    [
        "/assets/packages/static/openvk/audio/nomusic.mp3",
        "http://127.0.0.1:/assets/packages/static/openvk/audio/api_unallowed.mp3",
        "/assets/packages/static/openvk/video/rendering.mp4?x=1",
        "https://files.example/img/banned.jpg#top",
    ],
)
def test_placeholders_of_every_form(address: str, archive_path: Path) -> None:
    """Relative, malformed, with query or fragment: no request is made for a placeholder."""
    with ScriptedServer(Reply(body=picture())) as server:
        name_tracks(archive_path, server.instance.url, address)
        report = fetch(server.instance, archive_path)

    assert state(archive_path)[0] == "unavailable"
    assert server.requests == []
    assert report.exit_code == 0


def test_a_redirect_to_a_placeholder(archive_path: Path) -> None:
    """An avatar that leads to the picture of nobody is not stored as somebody's."""
    to = {"Location": "/assets/packages/static/openvk/img/camera_200.png"}
    with ScriptedServer(Reply(302, headers=to)) as server:
        name_files(archive_path, server.instance.url, "/photos/thumbnails/5_original.jpeg")
        fetch(server.instance, archive_path)

    assert state(archive_path)[0] == "unavailable"
    assert len(server.requests) == 1


# What comes instead of a file

PNG = picture()
HTML = b"<!DOCTYPE html><html><body>OpenVK is updating</body></html>"


def chunked(*parts: bytes, ended: bool = True, headers: str = "") -> Reply:
    """A body in chunks, without a length."""

    def write(send: Any) -> None:
        send(f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{headers}\r\n".encode())
        for part in parts:
            send(b"%x\r\n%s\r\n" % (len(part), part))
        send(b"0\r\n\r\n" if ended else b"")

    return Reply(raw=write)


def plain(head: str, body: bytes) -> Reply:
    """A body behind these headers, whatever they say."""
    return Reply(raw=lambda send: send(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body))


def endless(send: Any) -> None:
    """A body that does not end by itself."""
    send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(10_000):
        send(b"10000\r\n" + PNG.ljust(65_536, b"x") + b"\r\n")


HALF = PNG[: len(PNG) // 2]
PACKED = "Content-Encoding: gzip\r\n"
SIZE = f"Content-Size: {len(PNG)}\r\n"
BAD = {
    "cut in the middle": (Reply(body=PNG, cut=True), "failed"),
    "cut in a chunk": (chunked(HALF, ended=False), "failed"),
    "shorter than its Content-Size": (chunked(HALF, headers=SIZE), "failed"),
    "longer than its Content-Size": (chunked(PNG, b"more", headers=SIZE), "failed"),
    "two lengths": (plain(f"Content-Length: {len(HALF)}\r\n{SIZE}", HALF), "failed"),
    "half an image, and no end of the answer": (plain("Connection: close\r\n", HALF), "failed"),
    "half an image with other bytes behind it": (chunked(HALF, bytes(500)), "failed"),
    "half a packed image": (chunked(gzip.compress(HALF), headers=PACKED), "failed"),
    "a cut packed image": (
        plain(f"{PACKED}Content-Length: {len(gzip.compress(PNG))}\r\n", gzip.compress(PNG)[:-40]),
        "failed",
    ),
    "an error in XML": (
        Reply(body=b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>'),
        "failed",
    ),
    "a web page": (Reply(body=HTML), "failed"),
    "a web page that calls itself an image": (
        Reply(body=HTML, headers={"Content-Type": "image/jpeg"}),
        "failed",
    ),
    "an empty body": (Reply(body=b""), "failed"),
    "no bytes in chunks": (chunked(), "failed"),
    "half an image, and no word of its length": (chunked(HALF), "failed"),
    "text": (Reply(body=b"Not found"), "failed"),
    "another part than was asked for": (
        Reply(206, PNG, {"Content-Range": f"bytes 5-{len(PNG) + 4}/{len(PNG) + 5}"}),
        "failed",
    ),
    "304": (Reply(304), "failed"),
    "500": (Reply(500, HTML), "failed"),
    "503": (Reply(503, HTML), "failed"),
    "a closed connection": (Reply(closed=True), "failed"),
    "endless": (Reply(raw=endless), "refused"),
    "a length beyond all measure": (plain("Content-Length: 99999999999\r\n", PNG), "refused"),
    "401": (Reply(401, HTML), "refused"),
    "403": (Reply(403, HTML), "refused"),
    "404": (Reply(404, HTML), "gone"),
    "410": (Reply(410), "gone"),
    "588": (Reply(588), "gone"),
}


@pytest.mark.parametrize(("reply", "expected"), BAD.values(), ids=BAD)
def test_what_is_not_the_file_is_not_stored(
    reply: Reply, expected: str, archive_path: Path
) -> None:
    """No answer that is not the whole file ends in a file that counts as stored."""
    with ScriptedServer(reply) as server:
        name_files(archive_path, server.instance.url, "/blob_ab/photo.jpeg")
        report = fetch(server.instance, archive_path, max_file_bytes=1_000_000)

    assert state(archive_path)[0] == expected
    assert state(archive_path)[1]
    assert on_disk(archive_path) == {}
    assert unfinished(archive_path) == []
    assert report.stored == 0
    assert report.exit_code == {"failed": 40}.get(expected, 3)
    assert [one["state"] for one in report.troubles] == [expected]


#: Ways to send a file of which all comes.
SENT: dict[str, Callable[[bytes], Reply]] = {
    "with its length": lambda body: Reply(body=body),
    "in chunks": lambda body: chunked(body[:10], body[10:]),
    "to the end of the connection": lambda body: plain("Connection: close\r\n", body),
    "packed, with the length of the packed": lambda body: Reply(
        body=gzip.compress(body), headers={"Content-Encoding": "gzip"}
    ),
    "packed, in chunks": lambda body: chunked(gzip.compress(body), headers=PACKED),
    "packed, with its own length too": lambda body: Reply(
        body=gzip.compress(body),
        headers={"Content-Encoding": "gzip", "Content-Size": str(len(body))},
    ),
}
KINDS: dict[str, Callable[..., None]] = {
    "photos": name_files,
    "audio": name_tracks,
    "documents": lambda path, url, *addresses: name_documents(
        path, url, *((address, None) for address in addresses)
    ),
}


@pytest.mark.parametrize("sent", SENT)
@pytest.mark.parametrize("kind", KINDS)
def test_whole_files_are_kept_whatever_they_are(sent: str, kind: str, archive_path: Path) -> None:
    """Every kind of file is stored byte for byte where a photo, a track or a document was due."""
    bodies = {f"/{number}": body for number, body in enumerate(drawn.FILES.values())}
    with ScriptedServer(by=lambda request: SENT[sent](bodies[request.path])) as server:
        KINDS[kind](archive_path, server.instance.url, *bodies)
        report = fetch(server.instance, archive_path)

    assert (report.exit_code, report.troubles) == (0, [])
    assert sorted(on_disk(archive_path).values()) == sorted(bodies.values())
    with Archive.read(archive_path) as archive:
        vault = Vault(folder_of(archive_path))
        assert check_files(archive, vault, Part(), lambda: None) == (len(bodies), [])


@pytest.mark.parametrize("sent", SENT)
def test_bytes_behind_a_picture_are_kept(sent: str, archive_path: Path) -> None:
    """A film behind a photo, or a note of the camera, makes no cut file of it."""
    behind = b"\x00\x00\x00\x18ftypmp42" + bytes(range(200))
    bodies = {f"/{name}": drawn.FILES[name] + behind for name in ("jpg", "png", "gif", "webp")}
    with ScriptedServer(by=lambda request: SENT[sent](bodies[request.path])) as server:
        name_files(archive_path, server.instance.url, *bodies)
        report = fetch(server.instance, archive_path)

    assert (report.exit_code, report.troubles) == (0, [])
    assert sorted(on_disk(archive_path).values()) == sorted(bodies.values())


def test_a_length_that_nobody_told_is_noted(archive_path: Path) -> None:
    """What came until the connection ended is kept, with a word: its end may be lacking."""
    with ScriptedServer(plain("Connection: close\r\n", drawn.FILES["opus"])) as server:
        name_tracks(archive_path, server.instance.url, "/x.ogg")
        fetch(server.instance, archive_path)

    assert state(archive_path) == ("stored", "The server did not say how long the file is.")


def test_a_document_that_is_packed_itself(archive_path: Path) -> None:
    """A packed file that its server calls packed on the way is stored as its record says it."""
    body = gzip.compress(b"words " * 100)
    reply = Reply(body=body, headers={"Content-Encoding": "gzip"})
    with ScriptedServer(reply) as server:
        name_documents(archive_path, server.instance.url, ("/x.gz", len(body)))
        fetch(server.instance, archive_path)

    assert list(on_disk(archive_path).values()) == [body]


#: Addresses to which nothing may lead.
PRIVATE = (
    "http://localhost:9/x.png",
    "http://127.0.0.1:9/x.png",
    "http://127.1:9/x.png",
    "http://2130706433/x.png",
    "http://[::1]/x.png",
    "http://[::ffff:127.0.0.1]/x.png",
    "http://10.0.0.1/x.png",
    "http://192.168.1.1/x.png",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/x.png",
    "http://0.0.0.0/x.png",
    "http://router.local/x.png",
    "file:///etc/passwd",
    "ftp://files.example/x.png",
    "gopher://127.0.0.1:70/",
    "http://me:secret@files.example/x.png",
    "http://127.0.0.1:9\\@files.example/x.png",
    "//localhost/x.png",
    "http://[broken/x.png",
    "javascript:alert(1)",
)


@pytest.mark.parametrize("directly", [True, False])
def test_no_address_of_a_private_network(directly: bool, archive_path: Path) -> None:
    """Neither a record nor a redirect leads to this machine, its neighbours or its disk."""
    redirects = {f"/photos/thumbnails/{n}.jpeg": where for n, where in enumerate(PRIVATE)}

    def redirect(request: Request) -> Reply:
        return Reply(302, headers={"Location": redirects[request.path]})

    with ScriptedServer(by=redirect) as server:
        name_files(archive_path, server.instance.url, *(PRIVATE if directly else redirects))
        report = fetch(server.instance, archive_path)

    found = {address: name for address, (name, _) in states(archive_path).items()}
    assert len(found) == len(PRIVATE)
    assert {address: name for address, name in found.items() if name != "refused"} == {}
    asked = [] if directly else sorted(redirects)
    assert sorted(request.path for request in server.requests) == asked
    assert report.exit_code == 3


def test_a_name_that_means_this_machine(
    archive_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A public name that is looked up as a private address gets a connection, and no request."""
    look_up = socket.getaddrinfo

    def lie(host: Any, port: Any, *more: Any, **and_more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return look_up("127.0.0.1" if name == "files.example" else host, port, *more, **and_more)

    monkeypatch.setattr(socket, "getaddrinfo", lie)
    with ScriptedServer(Reply(body=PNG)) as server, ScriptedServer(Reply(body=PNG)) as victim:
        port = victim.instance.url.rpartition(":")[2]
        name_files(archive_path, server.instance.url, f"http://files.example:{port}/x.png")
        fetch(server.instance, archive_path)

    assert state(archive_path)[0] == "refused"
    assert "private network" in state(archive_path)[1]
    assert victim.requests == []


def test_redirects_in_circles(archive_path: Path) -> None:
    """A few redirects are followed, a loop is left."""
    with ScriptedServer(Reply(302, headers={"Location": "/again"})) as server:
        name_files(archive_path, server.instance.url, "/photos/thumbnails/1_original.jpeg")
        fetch(server.instance, archive_path)

    assert state(archive_path) == ("failed", "The address redirects in a circle.")
    assert len(server.requests) == 6


def test_maintenance_is_no_file(archive_path: Path) -> None:
    """A redirect to the page of maintenance says nothing of the file: it is tried again."""
    with ScriptedServer(Reply(302, headers={"Location": "/maintenances/"})) as server:
        name_files(archive_path, server.instance.url, "/blob_ab/x.jpeg")
        fetch(server.instance, archive_path)

    assert state(archive_path)[0] == "failed"
    assert "maintenance" in state(archive_path)[1]
    assert {request.path for request in server.requests} == {"/blob_ab/x.jpeg"}


@pytest.mark.parametrize(
    "address",
    [
        "/blob_ab/../../../../etc/cron.d/evil.png",
        "/blob_ab/%2e%2e%2f%2e%2e%2fevil.png",
        "/blob_ab/" + "x" * 3000 + ".png",
        "/blob_ab/\u202egnp.exe.png",
        "/blob_ab/фото.png?name=../../evil.png",
    ],
)
def test_no_part_of_an_address_reaches_the_disk(address: str, archive_path: Path) -> None:
    """Whatever an address holds, the file's name is the hash of its bytes."""
    with ScriptedServer(Reply(body=PNG)) as server:
        name_files(archive_path, server.instance.url, address)
        fetch(server.instance, archive_path)
    digest = hashlib.sha256(PNG).hexdigest()

    assert list(on_disk(archive_path)) == [f"{digest[:2]}/{digest}.png"]
    names = {file.name for file in archive_path.parent.rglob("*")}
    assert not [name for name in names if "evil" in name or ("png" in name and digest not in name)]


def test_headers_name_no_file(archive_path: Path) -> None:
    """Content-Disposition and an ETag full of slashes change nothing on the disk."""
    headers = {
        "Content-Disposition": 'attachment; filename="../../evil.sh"',
        "ETag": '"../../evil"',
        "Accept-Ranges": "bytes",
    }
    with ScriptedServer(Reply(body=PNG, headers=headers, cut=True)) as server:
        name_files(archive_path, server.instance.url, "/x.png")
        fetch(server.instance, archive_path)
    (left,) = unfinished(archive_path)

    assert left.parent == folder_of(archive_path) / ".unfinished"
    assert not list(archive_path.parent.rglob("*evil*"))


# Documents

TEXT = "Письмо\n".encode() * 40


@pytest.mark.parametrize(
    ("body", "size", "expected"),
    [
        (TEXT, len(TEXT), "stored"),
        (TEXT, None, "stored"),
        (TEXT, len(TEXT) + 1, "failed"),
        (HTML, len(HTML), "stored"),
        (HTML, 15_000, "failed"),
        (HTML, None, "failed"),
    ],
)
def test_documents_are_of_any_type(
    body: bytes, size: int | None, expected: str, archive_path: Path
) -> None:
    """A document is what has the size that its record tells; a web page needs that proof."""
    with ScriptedServer(Reply(body=body)) as server:
        name_documents(archive_path, server.instance.url, ("/blob_ab/letter.html", size))
        fetch(server.instance, archive_path)

    assert state(archive_path)[0] == expected
    assert list(on_disk(archive_path).values()) == ([body] if expected == "stored" else [])


# Going on with what has begun


def resuming(body: bytes, tag: str = '"v1"') -> Any:
    """A server that sends half of a file once, and then honours Range."""

    def answer(request: Request) -> Reply:
        headers = {"ETag": tag, "Accept-Ranges": "bytes"}
        asked = request.headers.get("range")
        if asked is None:
            return Reply(body=body, headers=headers, cut=True)
        first = int(asked.removeprefix("bytes=").removesuffix("-"))
        told = {"Content-Range": f"bytes {first}-{len(body) - 1}/{len(body)}"}
        return Reply(206, body[first:], headers | told)

    return answer


def test_a_cut_file_is_continued(archive_path: Path) -> None:
    """What has come is not asked for again, and the version is named."""
    body = PNG + bytes(100_000)
    with ScriptedServer(by=resuming(body)) as server:
        name_files(archive_path, server.instance.url, "/x.png")
        report = fetch(server.instance, archive_path)

    first, second = server.requests
    assert "range" not in first.headers
    assert second.headers["range"] == f"bytes={len(body) // 2}-"
    assert second.headers["if-range"] == '"v1"'
    assert not any("if-none-match" in request.headers for request in server.requests)
    assert list(on_disk(archive_path).values()) == [body]
    assert report.exit_code == 0


def test_a_later_run_goes_on(archive_path: Path) -> None:
    """What a run could not finish is continued by the next."""
    body = PNG + bytes(100_000)
    cut = Reply(body=body, headers={"ETag": '"v1"', "Accept-Ranges": "bytes"}, cut=True)
    with ScriptedServer(cut, Reply(503)) as server:
        name_files(archive_path, server.instance.url, "/x.png")
        assert fetch(server.instance, archive_path).exit_code == 40
    with ScriptedServer(by=resuming(body)) as server:
        fetch(server.instance, archive_path)

    assert [r.headers.get("range") for r in server.requests] == [f"bytes={len(body) // 2}-"]
    assert list(on_disk(archive_path).values()) == [body]


def test_another_version_is_fetched_whole(archive_path: Path) -> None:
    """If the file has changed meanwhile, its halves are not sewn together."""
    old, new = PNG + bytes(100_000), picture(2) + b"y" * 90_000
    cut = Reply(body=old, headers={"ETag": '"v1"', "Accept-Ranges": "bytes"}, cut=True)
    with ScriptedServer(cut, Reply(body=new, headers={"ETag": '"v2"'})) as server:
        name_files(archive_path, server.instance.url, "/x.png")
        fetch(server.instance, archive_path)

    assert list(on_disk(archive_path).values()) == [new]


@pytest.mark.parametrize(("told", "expected"), [(0, "stored"), (7, "stored")])
def test_a_part_that_does_not_fit(told: int, expected: str, archive_path: Path) -> None:
    """416 or another part than was asked for: the file is fetched anew."""
    body = PNG + bytes(50_000)
    headers = {"ETag": '"v1"', "Accept-Ranges": "bytes"}
    odd = {"Content-Range": f"bytes {told}-{len(body) - 1}/{len(body)}"}
    wrong = Reply(206, body[told:], headers | odd) if told else Reply(416)
    with ScriptedServer(Reply(body=body, headers=headers, cut=True), wrong, Reply(body=body)) as s:
        name_files(archive_path, s.instance.url, "/x.png")
        fetch(s.instance, archive_path)

    assert state(archive_path)[0] == expected
    assert list(on_disk(archive_path).values()) == [body]


def test_all_had_come(archive_path: Path) -> None:
    """A file that had come to its end when the program died is not fetched again."""
    body = PNG + bytes(50_000)
    headers = {"ETag": '"v1"', "Accept-Ranges": "bytes"}
    with ScriptedServer(Reply(body=body, headers=headers, cut=True), Reply(503)) as server:
        name_files(archive_path, server.instance.url, "/x.png")
        fetch(server.instance, archive_path)
    (left,) = unfinished(archive_path)
    left.write_bytes(body)
    with ScriptedServer(Reply(416, headers={"Content-Range": f"bytes */{len(body)}"})) as server:
        fetch(server.instance, archive_path)

    assert list(on_disk(archive_path).values()) == [body]
    assert len(server.requests) == 1


def test_servers_without_ranges_begin_anew(archive_path: Path) -> None:
    """The PHP server knows no ranges: nothing is kept of what it did not finish."""
    headers = {"ETag": 'W/"v1"', "Content-Size": str(len(PNG))}
    with ScriptedServer(Reply(body=PNG, headers=headers, cut=True), Reply(body=PNG)) as server:
        name_files(archive_path, server.instance.url, "/x.png")
        fetch(server.instance, archive_path)

    assert [request.headers.get("range") for request in server.requests] == [None, None]
    assert state(archive_path)[0] == "stored"


@STORAGES
def test_cut_connections_of_the_toy(storage: str, archive_path: Path) -> None:
    """Connections cut in the middle cost a further try each, whoever serves the files."""
    world = generate(43, replace(SMALL, photos=60))
    with DemoInstance(world, "B", storage=storage) as instance:
        run(instance, archive_path)
        instance.faults.order("cut_body", after=3, times=2, method="blob")
        instance.faults.order("truncated", after=30, times=2, method="blob")
        report = fetch(instance.url, archive_path)
        people = {row[0] for row in query(archive_path, "select id from users")}

    truth = {kind: hashes for kind, hashes in files_of(world, "B", people).items() if hashes}
    assert report.exit_code == 0
    assert stored_hashes(archive_path) == truth
    assert wrongly_named(archive_path) == []


# Which files, and how many


def serve_pictures(request: Request) -> Reply:
    """Answers each address with a picture of its own."""
    return Reply(body=picture(sum(request.path.encode())))


def test_the_newest_come_first(archive_path: Path) -> None:
    """Files of the newest records are fetched first."""
    with ScriptedServer(by=serve_pictures) as server:
        name_files(archive_path, server.instance.url, *(f"/{n}.png" for n in "abcdef"))
        fetch(server.instance, archive_path, concurrency=1)

    assert [request.path for request in server.requests] == [f"/{n}.png" for n in "fedcba"]


def test_kinds(archive_path: Path) -> None:
    """Only the kinds that were named are fetched, and the exit code speaks of them only."""
    with already_synced("B", archive_path, small) as instance:
        report = fetch(instance.url, archive_path, kinds=("gifts", "audio"))

    kinds = query(archive_path, "select distinct kind from media where state = 'stored' order by 1")
    assert kinds == [("audio",), ("gifts",)]
    assert set(report.states) == {"stored"}


def test_a_budget_of_bytes(archive_path: Path) -> None:
    """Runs end within `--max-bytes` each, and together they bring everything."""
    size = len(picture())
    with ScriptedServer(by=serve_pictures) as server:
        name_files(archive_path, server.instance.url, *(f"/{n}.png" for n in "abcdefghij"))
        codes, counts = [], []
        for _ in range(6):
            budget = Budget(max_bytes=3 * size + size // 2)
            report = fetch(server.instance, archive_path, budget=budget, concurrency=1)
            codes.append(report.exit_code)
            counts.append(report.stored)
            assert report.bytes <= 3 * size + size // 2

    assert sum(counts) == 10
    assert codes[0] == 75
    assert codes[-1] == 0
    assert max(counts) <= 3


def test_a_file_larger_than_the_limit(archive_path: Path) -> None:
    """It is refused and told once, its size is known, and a larger limit brings it."""
    big = PNG + bytes(200_000)
    with ScriptedServer(by=lambda r: Reply(body=big if "big" in r.path else PNG)) as server:
        name_files(archive_path, server.instance.url, "/big.png", "/small.png")
        first = fetch(server.instance, archive_path, max_file_bytes=100_000)
        again = fetch(server.instance, archive_path, max_file_bytes=100_000)
        asked = len(server.requests)
        last = fetch(server.instance, archive_path, max_file_bytes=300_000)

    assert (first.exit_code, again.exit_code, last.exit_code) == (3, 0, 0)
    assert asked == 2
    assert first.troubles[0]["state"] == "refused"
    assert "--max-file-bytes" in first.troubles[0]["why"]
    assert sorted(on_disk(archive_path).values()) == sorted([big, PNG])


def test_a_budget_of_requests(archive_path: Path) -> None:
    """`--max-requests` ends a run between two files."""
    with ScriptedServer(by=serve_pictures) as server:
        name_files(archive_path, server.instance.url, *(f"/{n}.png" for n in "abcdef"))
        report = fetch(server.instance, archive_path, budget=Budget(max_requests=4), concurrency=1)

    assert (report.exit_code, report.stored) == (75, 4)
    assert report.states == {"stored": 4, "pending": 2}


def test_a_budget_of_time(archive_path: Path) -> None:
    """`--max-duration` ends a run in the middle of a slow answer; the file stays pending."""
    with ScriptedServer(Reply(body=PNG, delay=3)) as server:
        name_files(archive_path, server.instance.url, "/slow.png")
        report = fetch(server.instance, archive_path, budget=Budget(max_duration=0.2))

    assert report.exit_code == 75
    assert "--max-duration" in report.message
    assert state(archive_path) == ("pending", "")


def test_gone_files(archive_path: Path) -> None:
    """A file that is gone is told once, left alone, and asked for again if that is wanted."""
    with ScriptedServer(Reply(404), Reply(body=PNG)) as server:
        name_files(archive_path, server.instance.url, "/x.png")
        first = fetch(server.instance, archive_path)
        gone_at = query(archive_path, "select gone_at from media")[0][0]
        again = fetch(server.instance, archive_path)
        asked = len(server.requests)
        last = fetch(server.instance, archive_path, retry_gone=True)

    assert (first.exit_code, again.exit_code, last.exit_code) == (3, 0, 0)
    assert (asked, gone_at is None) == (1, False)
    assert query(archive_path, "select state, gone_at from media") == [("stored", None)]


def test_a_gone_file_is_looked_for_once_more(archive_path: Path) -> None:
    """A day later it is asked for again by itself, and if it is gone then, no more."""
    with ScriptedServer(Reply(404)) as server:
        name_files(archive_path, server.instance.url, "/x.png")
        asked = []
        for _ in range(4):
            fetch(server.instance, archive_path)
            asked.append(len(server.requests))
            _let_a_day_pass(archive_path)

    assert asked == [1, 2, 2, 2]


def test_failed_files_are_tried_again(archive_path: Path) -> None:
    """The next run tries again; after that, a day has to pass. Only the first failure is news."""
    with ScriptedServer(Reply(500)) as server:
        name_files(archive_path, server.instance.url, "/x.png")
        asked, codes = [], []
        for run in range(4):
            if run == 3:
                _let_a_day_pass(archive_path)
            report = fetch(server.instance, archive_path)
            asked.append(len(server.requests))
            codes.append(report.exit_code)

    assert asked == [2, 4, 4, 6]
    assert codes == [40, 0, 0, 0]


def test_another_loss_of_a_file_is_news(archive_path: Path) -> None:
    """A file that failed, and is gone the next time, is told again."""
    with ScriptedServer(Reply(500), Reply(500), Reply(404)) as server:
        name_files(archive_path, server.instance.url, "/x.png")
        reports = [fetch(server.instance, archive_path) for _ in range(2)]

    assert [one.exit_code for one in reports] == [40, 3]
    assert [one.troubles[0]["new"] for one in reports] == [True, True]


def _let_a_day_pass(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("update media set last_tried_at = datetime(last_tried_at, '-25 hours') || 'Z'")
    db.close()


# Servers that do not answer


def test_a_dead_server_is_left_alone(archive_path: Path) -> None:
    """After ten files without an answer the rest is left as it was, with exit code 20."""
    with ScriptedServer(Reply(503)) as server:
        name_files(archive_path, server.instance.url, *(f"/{n}.png" for n in range(100, 140)))
        report = fetch(server.instance, archive_path, concurrency=1)

    assert report.exit_code == 20
    assert report.states == {"failed": 10, "pending": 30}
    assert report.unasked == 30
    assert len(server.requests) == 30


def test_a_page_for_every_file(archive_path: Path) -> None:
    """The same web page for one file after another is no reason to ask for all of them."""
    with ScriptedServer(Reply(body=HTML)) as server:
        name_files(archive_path, server.instance.url, *(f"/{n}.png" for n in range(100, 140)))
        report = fetch(server.instance, archive_path, concurrency=1)

    assert report.exit_code == 20
    assert len(server.requests) == 10


def test_single_failures_stop_nothing(archive_path: Path) -> None:
    """Files that fail between others are each tried, and the others are stored."""

    def answer(request: Request) -> Reply:
        number = int(request.path[1:4])
        return Reply(503) if number % 4 else Reply(body=picture(number))

    with ScriptedServer(by=answer) as server:
        name_files(archive_path, server.instance.url, *(f"/{n}.png" for n in range(100, 140)))
        report = fetch(server.instance, archive_path, concurrency=1)

    assert report.exit_code == 40
    assert report.states == {"failed": 30, "stored": 10}


# The same bytes, and the same name again


def test_one_content_with_many_addresses(archive_path: Path) -> None:
    """Equal bytes are one file, to which each address leads."""
    with ScriptedServer(Reply(body=PNG)) as server:
        name_files(archive_path, server.instance.url, "/a.png", "/b.png", "/c.png")
        report = fetch(server.instance, archive_path)

    assert report.stored == 3
    assert len(on_disk(archive_path)) == 1
    assert len(query(archive_path, "select distinct path from media")) == 1


def test_an_instance_that_speaks_https_by_now(archive_path: Path) -> None:
    """Old records that say http:// of the own host are asked for as the instance is now."""
    with ScriptedServer(Reply(body=PNG)) as server:
        name_files(archive_path, server.instance.url, server.instance.url + "/x.png#vkuservideo")
        fetch(server.instance, archive_path)

    assert [request.path for request in server.requests] == ["/x.png"]
    assert state(archive_path)[0] == "stored"


def test_a_record_that_is_seen_again_names_its_file_again(archive_path: Path) -> None:
    """The newest date, and the time when it was last seen, go over to the file; older ones not."""
    with DemoInstance(generate(), "B") as instance:
        assert run(instance, archive_path, sections=("docs",)).exit_code == 0
    same = "update documents set date = date where id % 2"
    later = "update documents set last_seen_at = '2099-01-01', date = date + 5 where id % 2"
    older = "update documents set last_seen_at = '2098-01-01', date = date - 9 where id % 2"
    told = "select m.date - d.date, m.last_seen_at from documents d join media m using (url)"
    with Archive.read(archive_path) as held:
        identity = held.identity()
    with Archive.open(archive_path, identity) as held:
        seen = []
        for change in (same, later, older):
            with held.transaction() as db:
                db.execute(change)
            survey(held)
            seen.append(set(held.query(f"{told} where id % 2")))
        rows = held.query("select count(*) from media")

    assert len(seen[0]) == 1
    assert seen[1:] == [{(0, "2099-01-01")}, {(9, "2099-01-01")}]
    assert rows == [(13,)]
