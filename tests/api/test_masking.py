"""A token that a server repeats is nowhere: not in the archive, not at the terminal."""

import html
import itertools
import json
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import Cli
from effort import examples
from fetching import name_files, picture, unfinished
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import Reply, Request, ScriptedServer, one_by_one
from syncing import query
from toy import DemoInstance
from visiting import NO_TLS
from worlds import LISTS, made

from ovk_archive.api.wire.answers import HttpAnswer
from ovk_archive.api.wire.masking import PASSWORD, Mask
from ovk_archive.archive.file.location import folder_of
from ovk_archive.cli.account import credentials
from ovk_archive.cli.account.credentials import Credentials

TOKEN = "1-0a1b2c3d-4e5f6071-8a9b0c1d-2e3f4a5b-6c7d8e9f-0a1b2c3d-4e5f6a7b-8c9d0e1f-2a3b4c5d-jill"
#: A part of it that is long enough to be looked for.
PIECE = TOKEN[2:30]


def by_letter(form: str) -> str:
    """Each letter of the token in another form."""
    return "".join(form.format(ord(one)) for one in TOKEN)


#: As text inside of JSON: JSON's own escapes in both cases, of some letters and of all, twice over;
#: as addresses and pages write it.
WRITTEN = (
    TOKEN,
    TOKEN.replace("-", "\\u002d"),
    TOKEN.replace("-", "\\u002D"),
    by_letter("\\u{:04x}"),
    by_letter("\\u{:04X}"),
    TOKEN.replace("1", "\\u0031", 1),
    TOKEN.replace("-", "\\\\u002d"),
    TOKEN.replace("-", "\\\\-"),
    TOKEN.replace("-", "%2d"),
    by_letter("%{:02X}"),
    TOKEN.replace("-", "%252d"),
    TOKEN.replace("-", "&#45;"),
    html.escape(TOKEN.replace("-", "&#x2D;")),
    by_letter("&#{:03d};"),
)


def read(text: str) -> str:
    """A text as the most patient reader sees it."""
    for _ in range(3):
        try:
            text = json.loads(f'"{text}"')
        except ValueError:
            text = text.replace("\\", "")
        text = html.unescape(urllib.parse.unquote(text))
    return text


@pytest.mark.parametrize("written", WRITTEN)
def test_however_it_is_written(written: str) -> None:
    """Each way to write the token is found in a body and in a text, and the JSON stays JSON."""
    assert TOKEN in read(written)
    body = b'{"error_code": 15, "error_msg": "no: %b", "list": [1, "\\u0430%%\\u002d"]}'
    body = body.replace(b"%b", written.encode())
    masked = HttpAnswer("x", 200, body).masked(Mask(TOKEN))
    content = masked.json()
    assert content["list"] == [1, "а%%-"]
    assert content["error_msg"] == "no: <token>"
    assert Mask(TOKEN).text(f"no: {written}!") == "no: <token>!"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])
def test_in_other_encodings(encoding: str) -> None:
    """JSON that comes in another encoding hides no token."""
    body = json.dumps({"response": f"a{TOKEN}"}).encode(encoding)
    assert HttpAnswer("x", 200, body).masked(Mask(TOKEN)).json() == {"response": "a<token>"}


def test_what_is_no_token_is_left() -> None:
    """A body without the token is the same, byte for byte, and so is one of a word that is none."""
    for body in (b"", b'{"a": "%D0%B0\\u002d\\/&#45;"}', b"\x00\xff\xfe", TOKEN[:-1].encode()):
        assert Mask(TOKEN).body(body) is body
        assert Mask(None).body(body) is body
    assert Mask("1").body(b"[1, 11]") == b"[1, 11]"


def test_a_search_takes_no_time() -> None:
    """Bodies that look like the beginning of something everywhere are searched all the same."""
    mask = Mask(TOKEN)
    for piece in (b"\\", b"%25", b"&amp;", b"&#0", b"1-0a", b"\\u0031", b"%31"):
        body = piece * (300_000 // len(piece)) + b"\\u00%31&#"
        assert mask.body(body) == body


#: How somebody may write one letter, and how something else.
LETTERS = (
    "{0}", "{0}", "{0}", "\\u{1:04x}", "\\u{1:04X}", "\\\\\\u{1:04x}", "%{1:02x}", "%2525{1:02X}",
    "&#{1};", "&amp;#{1:04d}", "&amp;amp;#x{1:x};", "&#X0{1:X}", "\\u00{1:02x}", "\\{0}", "&{1};",
)  # fmt: skip
#: Tokens and passwords: with long parts of plain letters and digits, short ones or none.
SECRETS = (TOKEN, "abcdef", "Zz9Zz9Zz9", "0a-1b-2c-3d", "пароль123456", "a b.c\\d&e", "------")


@st.composite
def mentions(draw: st.DrawFn) -> tuple[str, str]:
    """A secret, and a text in which it is written anyhow, or nearly."""
    secret = draw(st.sampled_from(SECRETS))
    # One way for all letters, or another one for each.
    some_form = st.sampled_from(LETTERS)
    forms = draw(st.one_of(st.just(some_form), some_form.map(st.just)))
    some = range(draw(st.sampled_from([0, 1, len(secret), len(secret)])))
    written = [
        (draw(forms) if at in some else "{0}").format(one, ord(one))
        for at, one in enumerate(secret)
    ]
    if draw(st.integers(0, 3)) == 0:
        written[draw(st.integers(0, len(written) - 1))] = "!"
    around = st.sampled_from(["", "\\u00ab%2F&#039;#1 ", "\\u04300 ", "%", "\\", secret[:7]])
    return secret, draw(around) + "".join(written) + draw(around)


@given(mention=mentions())
@settings(max_examples=examples(3000), deadline=None)
def test_what_is_quick_hides_nothing(mention: tuple[str, str]) -> None:
    """A body, most of which are only glanced at, is masked as a text is, which is searched."""
    secret, text = mention
    mask = Mask(secret)

    assert mask.body(text.encode()).decode() == mask.text(text)


# A server that repeats it everywhere


#: What a method answers instead of what the toy says: API, proxies and crashes repeat it.
REFUSED = {"notes.get": 15, "docs.get": 100, "groups.get": 3}
BROKEN = {
    "video.get": Reply(502, f"<html>Bad gateway {TOKEN}</html>".encode(), {"X-Token": TOKEN}),
    "photos.getAlbums": Reply(301, TOKEN.encode(), {"Location": f"http://x.test/{TOKEN}/method/a"}),
    "gifts.get": Reply(body=TOKEN.encode()),
}
ELSEWHERE = f"http://{TOKEN}.127.0.0.1.example/{TOKEN}?access_token={TOKEN}"
#: What files answer, by turns.
FILES = (
    Reply(302, headers={"Location": ELSEWHERE}),
    Reply(body=picture(), headers={"ETag": f'"{TOKEN}"', "Accept-Ranges": "bytes"}),
    Reply(body=picture(), headers={"ETag": f'"{TOKEN}"', "Accept-Ranges": "bytes"}, cut=True),
)


@contextmanager
def repeating(toy: DemoInstance, written: str) -> Iterator[ScriptedServer]:
    """The toy, which says the token in each text, refusal, page, redirect and header."""
    files = itertools.cycle(FILES)
    # So that JSON takes it as it is written.
    sign = f"\0{written}"

    def ask(request: Request) -> Reply:
        if request.method == "execute":
            return one_by_one(request, ask)
        if request.verb == "GET":
            return next(files)
        if request.method in REFUSED:
            params = [{"key": "access_token", "value": sign}, {"key": sign, "value": sign}]
            error = {"error_code": REFUSED[request.method], "error_msg": f"no {sign}"}
            return Reply(400, _json({**error, "request_params": params}, written))
        if request.method in BROKEN:
            return BROKEN[request.method]
        form = {**request.form, "access_token": toy.token}
        answer = client.post(toy.url + request.path, data=form)
        if answer.status_code != 200:
            return Reply(answer.status_code, answer.content)
        return Reply(body=_json(_with(answer.json(), sign), written))

    with httpx.Client(timeout=30, verify=NO_TLS) as client, ScriptedServer(by=ask) as server:
        yield server


def _with(value: Any, sign: str) -> Any:
    if isinstance(value, dict):
        more = {"access_token": sign, sign: sign} if "id" in value else {}
        return {key: _with(inner, sign) for key, inner in value.items()} | more
    if isinstance(value, list):
        return [_with(inner, sign) for inner in value]
    return f"{value} {sign}" if isinstance(value, str) and not value.startswith("http") else value


def _json(value: Any, written: str) -> bytes:
    marked = json.dumps(f"\0{written}")[1:-1]
    return json.dumps(value).replace(marked, written).encode()


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of all files, archive, WAL and files of others."""
    for file in folder.rglob("*"):
        yield str(file.relative_to(folder)), file.read_bytes() if file.is_file() else b""


@pytest.mark.slow
@pytest.mark.parametrize("written", [TOKEN, TOKEN.replace("-", "\\u002d")])
def test_it_is_nowhere(written: str, cli: Cli, tmp_path: Path) -> None:
    """No byte of archive, files, stdout and stderr has the token, whatever a server repeats."""
    world = made(1, dict.fromkeys(LISTS, 2), dialogs=1)
    path, told = tmp_path / "a" / "archive.db", ""
    path.parent.mkdir()
    with DemoInstance(world, "B") as toy, repeating(toy, written) as server:
        mine = Credentials(server.instance.url, toy.account_id, TOKEN)
        credentials.save(mine, cli.environment)
        for command in (
            ("sync", path, "notes", "docs", "groups", "wall", "-v", "--json"),
            ("media", path, "-v", "--json"),
            ("status", path, "--json"),
            ("whoami",),
            ("verify", path, "--server", "--media", "--json"),
            ("history", path, "user", "1", "--json"),
            ("call", "notes.get", "--raw"),
            *(("call", method, "--raw") for method in BROKEN),
            ("call", "friends.get", "--paginate"),
            ("login", "--instance", server.instance.url, "--token-stdin"),
        ):
            done = cli.run(*command, stdin=f"{TOKEN}\n")
            assert "Traceback" not in done.stderr
            told += done.stdout + done.stderr
    assert told.count("<token>") > 10
    for name, content in [("terminal", told.encode()), *everything(path.parent)]:
        seen = read(content.decode("utf-8", "replace"))
        assert PIECE not in seen, (name, seen[seen.index(PIECE) - 200 :][:400])
        assert PIECE not in name
    assert b"<token>" in path.read_bytes()
    assert list(folder_of(path).rglob("*"))


def test_the_way_to_a_file_does_not_tell_it(cli: Cli, tmp_path: Path) -> None:
    """Redirects and marks of versions of files become addresses, errors and names without it."""
    path = tmp_path / "a" / "archive.db"
    path.parent.mkdir()
    blob = f"/blob_ab/{'ab' * 64}.png"
    replies = {
        "/x.png": Reply(302, headers={"Location": f"{blob}?t={TOKEN}"}),
        "/y.png": Reply(302, headers={"Location": f"http://{TOKEN}.invalid/"}),
        blob: Reply(body=picture()),
        "/cut.png": Reply(
            body=picture(2), headers={"ETag": f'"{TOKEN}"', "Accept-Ranges": "bytes"}, cut=True
        ),
    }
    with ScriptedServer(by=lambda request: replies[urllib.parse.urlsplit(request.path).path]) as it:
        credentials.save(Credentials(it.instance.url, 1, TOKEN), cli.environment)
        name_files(path, it.instance.url, "/x.png", "/y.png", "/cut.png")
        done = cli.run("media", path, "-v", "--json")
    assert done.returncode == 40, done.stderr
    assert query(path, "select found_at from media where state = 'stored'")[0][0].endswith(
        "?t=<token>"
    )
    # Half a file has its version in its name; one whose version is no name does not stay.
    assert not unfinished(path)
    for name, content in [("", (done.stdout + done.stderr).encode()), *everything(path.parent)]:
        assert PIECE.encode() not in content + name.encode(), name


@pytest.mark.parametrize("password", ["пароль & слово", 'q"w\\e/r', "correct horse battery"])
def test_a_password_is_nowhere(cli: Cli, password: str) -> None:
    """Why a login is refused does not repeat the password, as text, JSON or address, or half."""
    forms = (
        password,
        urllib.parse.quote_plus(password),
        urllib.parse.quote(password),
        json.dumps(password)[1:-1],
    )
    for told in (" - ".join(forms), "x" * 185 + password):
        error = {"error_code": 7, "error_msg": told}
        with ScriptedServer(Reply(400, json.dumps(error).encode())) as server:
            where = server.instance.url
            done = cli.run("login", "--instance", where, stdin=f"anna@x.test\n{password}\n")
        said = done.stderr.partition("refused the login: ")[2]
        assert done.returncode == 11
        assert password[:7] not in read(said)
        assert said.count(PASSWORD) == (4 if " - " in said else 1)


def test_a_password_is_no_place_to_move_to(cli: Cli) -> None:
    """Where a login is redirected to is not told if the password is in it."""
    for secret, told in (("correct-horse", False), ("another", True)):
        where = {"Location": "http://x.test/correct-horse/token"}
        with ScriptedServer(Reply(301, headers=where)) as server:
            done = cli.run(
                "login", "--instance", server.instance.url, stdin=f"anna@x.test\n{secret}\n"
            )
        assert done.returncode == 20
        assert ("correct-horse" in done.stderr) is told
