"""Files of an archive as browsers get them: whole, in parts, or not at all."""

import asyncio
import io
import random
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import platformdirs
import pytest
from PIL import Image

from ovk_archive.browse.files import Stored, answer
from ovk_archive.browse.thumbnails import small

SOUND = bytes(range(256)) * 300
HASH = sha256(SOUND).hexdigest()
PLACE = f"{HASH[:2]}/{HASH}.mp3"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files with one in it, and a secret beside it."""
    place = tmp_path / "archive.db.media" / PLACE
    place.parent.mkdir(parents=True)
    place.write_bytes(SOUND)
    (tmp_path / "secret.mp3").write_bytes(b"secret")
    return tmp_path / "archive.db.media"


def ask(
    folder: Path,
    path: str | None = PLACE,
    kind: str | None = "audio/mpeg",
    *,
    small: bool = False,
    **headers: str,
) -> httpx.Response:
    """Ask for a file over ASGI."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(folder, Stored(path, kind), scope, as_small=small)(scope, receive, send)

    async def get() -> httpx.Response:
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            return await client.get("http://127.0.0.1/", headers=asked)

    return asyncio.run(get())


def test_a_whole_file(folder: Path) -> None:
    """A file comes with its own type, its hash, and the word that nothing else is to be guessed."""
    got = ask(folder)
    assert (got.status_code, got.content) == (200, SOUND)
    assert got.headers["content-type"] == "audio/mpeg"
    assert got.headers["etag"] == f'"{HASH}"'
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-0", 0, 1), ("bytes=1000-1999", 1000, 2000), ("bytes=-5", -5, None),
     ("bytes=70000-", 70_000, None)],
)  # fmt: skip
def test_a_part_of_it(folder: Path, asked: str, start: int, end: int | None) -> None:
    """Who seeks in a track gets just that part, and is told which it is."""
    got = ask(folder, range=asked)
    assert (got.status_code, got.content) == (206, SOUND[start:end])
    assert got.headers["content-range"].endswith(f"/{len(SOUND)}")


def test_beyond_its_end(folder: Path) -> None:
    """A part that is not there is refused, with the size."""
    got = ask(folder, range="bytes=999999-")
    assert got.status_code == 416
    assert str(len(SOUND)) in got.headers["content-range"]


def test_what_the_browser_has(folder: Path) -> None:
    """A file that the browser has already is not sent again; another one is."""
    assert ask(folder, if_none_match=f'W/"x", "{HASH}"').status_code == 304
    assert ask(folder, if_none_match='"other"').status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "text/xml", "application/pdf", None]
)
def test_what_could_run_is_saved_only(folder: Path, kind: str | None) -> None:
    """What a browser would run is given to be saved, with a policy that lets nothing run."""
    got = ask(folder, kind=kind)
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in got.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", [None, "", "../secret.mp3", "/etc/passwd", f"{HASH[:2]}/{'0' * 64}.mp3", f"{PLACE}\n"]
)
def test_what_is_not_there(folder: Path, path: str | None) -> None:
    """What is not in the folder is not given out, whatever its place is called."""
    got = ask(folder, path)
    assert got.status_code == 404
    assert b"secret" not in got.content


def picture(folder: Path, size: tuple[int, int], kind: str = "JPEG") -> tuple[str, bytes]:
    """A picture of noise, which no format makes small: its place, and its bytes."""
    content = io.BytesIO()
    noise = Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3))
    noise.save(content, kind)
    name = sha256(content.getvalue()).hexdigest()
    place = f"{name[:2]}/{name}.jpg"
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_bytes(content.getvalue())
    return place, content.getvalue()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where small pictures are kept."""
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda _: str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_large_picture_has_a_small_one(folder: Path, cache: Path) -> None:
    """In a grid a large photo is shown small; it is made once, and again if it was thrown away."""
    place, content = picture(folder, (1600, 900))
    got = ask(folder, place, "image/jpeg", small=True)
    with Image.open(io.BytesIO(got.content)) as shown:
        assert shown.size == (720, 405)
    assert len(got.content) < len(content)
    assert ask(folder, place, "image/jpeg").content == content
    kept = [one for one in cache.rglob("*") if one.is_file()]
    assert len(kept) == 1
    kept[0].unlink()
    assert ask(folder, place, "image/jpeg", small=True).content == got.content


def test_a_damaged_picture_is_shown_as_it_is(folder: Path, cache: Path) -> None:
    """Of what cannot be opened, or need not be smaller, the file itself is given out."""
    place, content = picture(folder, (1600, 900))
    (folder / place).write_bytes(b"\xff\xd8\xff" + content[1000:])
    damaged = ask(folder, place, "image/jpeg", small=True)
    assert damaged.content == b"\xff\xd8\xff" + content[1000:]
    place, content = picture(folder, (100, 100))
    assert ask(folder, place, "image/jpeg", small=True).content == content
    assert not [one for one in cache.rglob("*") if one.is_file()]


def drawn(folder: Path, kind: str, **how: Any) -> str:
    """A large picture that one can see through: its place."""
    content = io.BytesIO()
    noise = Image.frombytes("L", (800, 800), random.Random(2).randbytes(640_000))
    # What cannot be seen is black.
    clear = Image.merge("LA", (Image.new("L", noise.size), Image.new("L", noise.size)))
    seen = Image.merge("LA", (noise, Image.new("L", noise.size, 255)))
    half = Image.new("LA", noise.size)
    half.paste(clear, (0, 0))
    half.paste(seen.crop((0, 0, 400, 800)), (400, 0))
    half.convert("RGBA").save(content, kind, **how)
    name = sha256(content.getvalue()).hexdigest()
    place = f"{name[:2]}/{name}.{kind.lower()}"
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_bytes(content.getvalue())
    assert len(content.getvalue()) > 150_000
    return place


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(("kind", "how"), [("PNG", {}), ("WEBP", {"lossless": True})])
def test_what_shines_through_is_white(folder: Path, kind: str, how: dict[str, Any]) -> None:
    """Where a picture is transparent, its small one is white, as on paper."""
    got = ask(folder, drawn(folder, kind, **how), f"image/{kind.lower()}", small=True)
    with Image.open(io.BytesIO(got.content)) as shown:
        assert shown.size == (720, 720)
        assert shown.convert("L").getpixel((100, 300)) > 250  # type: ignore[operator]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_moves_is_not_stilled(folder: Path, cache: Path, kind: str) -> None:
    """Of an animation there is no small one: the file itself goes on moving."""
    others = [Image.effect_noise((800, 800), 90.0 + n).convert("RGB") for n in range(2)]
    place = drawn(folder, kind, save_all=True, append_images=others, duration=100)
    got = ask(folder, place, f"image/{kind.lower()}", small=True)

    assert got.content == (folder / place).read_bytes()
    assert not [one for one in cache.rglob("*") if one.is_file()]


def test_several_ask_for_one_small_picture(folder: Path, cache: Path) -> None:
    """Who asks at the same time gets the small picture, each; one file is kept."""
    place, _ = picture(folder, (1600, 900))
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(small, [folder / place] * 8))
    kept = [one for one in cache.rglob("*") if one.is_file()]

    assert found == {*kept}
    assert len(kept) == 1


def test_a_small_picture_is_made_when_it_is_sent(folder: Path, cache: Path) -> None:
    """Whoever has asked the archive does not wait for it."""
    place, _ = picture(folder, (1600, 900))
    scope = {"type": "http", "method": "GET", "headers": []}
    answer(folder, Stored(place, "image/jpeg"), scope, as_small=True)
    assert not cache.exists()
    ask(folder, place, "image/jpeg", small=True)
    assert cache.exists()
