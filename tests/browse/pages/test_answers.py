"""What comes with a page: JSON of the same, headers, addresses; and nothing for others."""

import asyncio
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from datasette.app import Datasette
from datasette.database import Database
from pasts import ME, Past, past
from visitor import Visitor

from ovk_archive.archive.file.location import folder_of
from ovk_archive.browse.guard import Guard
from ovk_archive.browse.pages.answers import POLICY
from ovk_archive.browse.serving import application, guarded

#: A name with what addresses are made of.
NAME = "Мой архив.v2 ~50%+&#?"


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """An archive with a past."""
    return past(tmp_path_factory.mktemp("answers"))


@pytest.fixture(scope="module")
def visitor(life: Past) -> Visitor:
    """Who looks at it."""
    return Visitor(life.path)


@pytest.fixture(scope="module")
def named(life: Past, tmp_path_factory: pytest.TempPathFactory) -> Visitor:
    """Who looks at an archive of an odd name."""
    copy = tmp_path_factory.mktemp("named") / f"{NAME}.db"
    shutil.copy(life.path, copy)
    shutil.copytree(folder_of(life.path), folder_of(copy))
    return Visitor(copy)


def paths(life: Past) -> Iterator[str]:
    """A page of each kind, behind `/-/`."""
    record = f"{ME}_{life.pinned}"
    yield from ("", "dialogs", "documents", "polls", "notifications", "changes", "health")
    yield from ("search", "search?q=%D0%BA%D0%BE%D1%82", f"dialog/{life.talk}", "board/1")
    yield from (
        f"{kind}/{ME}" for kind in ("wall", "photos", "notes", "audio", "videos", "gifts", "likes")
    )
    yield from (f"friends/{ME}", f"groups/{ME}", "user/2", "group/1", f"post/{record}", "track/1")
    yield from (f"photo/{ME}_1", f"note/{ME}_2", f"video/{ME}_1", "topic/1_1", "album/1")
    yield from ("playlist/1", f"comments/post/{ME}_{life.much}")


def texts(told: Any) -> Iterator[str]:
    """What people wrote, in the JSON of a page."""
    if isinstance(told, dict):
        if isinstance(told.get("kind"), str) and isinstance(told.get("text"), str):
            yield told["text"]
        for name, value in told.items():
            # Of albums and playlists lists show only the titles.
            yield from texts(value) if name != "description" else ()
    elif isinstance(told, list):
        for value in told:
            yield from texts(value)


def test_every_page_as_json(life: Past, visitor: Visitor) -> None:
    """Each page is there for programs, too, and says the same words."""
    said = 0
    for path in paths(life):
        words = visitor.page(path).words
        for text in texts(visitor.json(path)):
            assert " ".join(text.split()) in words, (path, text)
            said += 1
    assert said > 200


def test_headers(life: Past, visitor: Visitor) -> None:
    """Each page allows nothing but its own style sheet, script and files; also behind the guard."""
    behind = httpx.ASGITransport(guarded(visitor.datasette, "127.0.0.1"))

    async def ask(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=behind, base_url="http://127.0.0.1:8001") as client:
            return await client.get(visitor.at + path)

    assert "unsafe" not in POLICY
    for path in (*paths(life), "nowhere", "search?q=a&sort=b"):
        for answer in (visitor.get(path), asyncio.run(ask(path))):
            assert answer.headers.get_list("content-security-policy") == [POLICY], path
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"], path
        assert answer.headers["x-frame-options"] == "DENY"
        name, _, asked = path.partition("?")
        told = asyncio.run(ask(f"{name}.json?{asked}"))
        assert told.headers["content-type"] == "application/json"
        assert told.headers["x-content-type-options"] == "nosniff"


def test_without_the_guard_nothing_is_guessed_either(visitor: Visitor) -> None:
    """What a page is, is not guessed, also where Datasette is started without the guard."""
    for path in ("", f"wall/{ME}.json", f"wall/{ME}", "nowhere", "nowhere.json"):
        assert visitor.get(path).headers["x-content-type-options"] == "nosniff", path
    for name in ("pages.css", "pages.js"):
        answer = visitor.get(f"/-/ovk-archive/{name}")
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["nowhere", "wall/", "wall/x", "wall/1/2", "post/1", "post/1_99999", "photo/1_999", "note/9_9",
     "user/99999", "group/99999", "album/99999", "playlist/99999", "track/99999", "topic/1_999",
     "video/1_999", "comments/user/1_1", "comment/99999", "comment/x", "post/1_%D9%A1%00",
     "wall/99999999999999999999", "media/0", "media/%2e%2e%2farchive.db", "%2e%2e%2f",
     "called/", "wall/1%0a", "%2f%2fevil.example/"],
)  # fmt: skip
def test_what_is_not_there(path: str, visitor: Visitor) -> None:
    """An unknown page says so, in the look of the others; no path leads out of the archive."""
    answer = visitor.get(path)
    if path.startswith("media"):
        assert (answer.status_code, len(answer.content) < 100) == (404, True), answer.text[:300]
    elif path == "called/":
        visitor.read(answer)
    else:
        page = visitor.read(answer, 404)
        assert page.one("h1").words == "There is no such page"
        assert page.one("nav").links


def test_a_name_is_looked_up(life: Past, visitor: Visitor) -> None:
    """A short name leads to who has it; one that nobody has leads to what was said of it."""
    me = life.world.users[ME]
    assert visitor.get(f"called/{me.screen_name}").url.path == f"{visitor.at}user/{ME}"
    assert visitor.get("called/nobody").url.path == f"{visitor.at}search"
    for name in (
        "a/b",
        "https:%2f%2fevil.example",
        "%5c%5cevil.example",
        "%0d%0aX-Evil:%201",
        "<b>",
    ):
        answer = visitor.get(f"called/{name}")
        assert answer.url.host == "localhost"
        assert "x-evil" not in answer.headers


def test_an_archive_of_any_name(life: Past, named: Visitor) -> None:
    """Whatever the file is called, each link of each page leads to a page, a table or a file."""
    followed = set()
    for path in paths(life):
        page = named.page(path)
        shown = [one.attributes["src"] for one in page if "src" in one.attributes]
        forms = [one.attributes["action"] for one in page.all("form")]
        for link in {*page.links, *shown, *forms}:
            address = link.partition("#")[0]
            if address.startswith("/") and address.partition("?")[0] not in followed:
                assert re.fullmatch(r"[\x21-\x7e]*", address), link
                followed.add(address.partition("?")[0])
                if len(followed) < 60:
                    assert named.get(address).status_code in (200, 404), link
                    is_ours = address.startswith((f"/{named.database}", "/-/ovk-archive/"))
                    assert is_ours, link
    assert len(followed) > 100
    assert unquote(named.get("").url.path) == f"/{named.database}/-/"
    assert named.page(f"wall/{ME}").one("article.card")


def test_the_language_of_a_page(visitor: Visitor) -> None:
    """A page says in which language it is."""
    assert visitor.page("").one("html").attributes["lang"] == "en"
    assert visitor.get("?language=xx").headers.get("set-cookie") is None


@pytest.fixture
def with_other(life: Past, tmp_path: Path) -> Datasette:
    """Datasette on an archive and on a database of somebody else."""
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as db, db:
        db.execute("create table posts (owner_id, id, date integer, text)")
        db.execute("insert into posts values (1, 1, 1577836800, 'чужое')")
    datasette = application(life.path)
    datasette.add_database(Database(datasette, str(other)), "other")
    return datasette


def test_other_databases_are_left_alone(
    with_other: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of somebody else has no pages of ours, no style sheet, and its own numbers."""
    # It prints what was on the way to each error, which takes seconds.
    monkeypatch.setattr("datasette.handle_exception.rich", None)

    async def ask(path: str) -> httpx.Response:
        client = with_other.client
        answer: httpx.Response = await client.get(path, follow_redirects=True)
        return answer

    for path in (
        "/other/-/",
        "/other/-/wall/1",
        "/other/-/x",
        "/nowhere/-/",
        "/other/-/wall/1.json",
    ):
        answer = asyncio.run(ask(path))
        assert answer.status_code == 404, path
        assert "pages.css" not in answer.text
    for path in ("/other", "/other/posts"):
        answer = asyncio.run(ask(path))
        assert answer.status_code == 200
        assert "ovk-archive" not in answer.text
        assert "content-security-policy" not in answer.headers
    assert "1577836800" in asyncio.run(ask("/other/posts")).text
    assert "pages.css" in asyncio.run(ask("/archive/-/wall/1")).text


def test_the_guard_keeps_the_stricter_policy() -> None:
    """A policy that a page has of its own is not replaced, nor another one added."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del receive
        own = (
            [(b"Content-Security-Policy", b"default-src 'none'")] if scope["path"] == "/own" else []
        )
        await send({"type": "http.response.start", "status": 200, "headers": own})
        await send({"type": "http.response.body", "body": json.dumps({}).encode()})

    async def ask(path: str) -> httpx.Response:
        transport = httpx.ASGITransport(Guard(app, "127.0.0.1"))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path)

    assert asyncio.run(ask("/own")).headers.get_list("content-security-policy") == [
        "default-src 'none'"
    ]
    (general,) = asyncio.run(ask("/other")).headers.get_list("content-security-policy")
    assert "default-src 'none'" in general
