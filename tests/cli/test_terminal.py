"""What a terminal shows of texts that others wrote: nothing that it would obey."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import Cli
from scripted import Reply, Request, ScriptedServer, one_by_one
from syncing import query
from terminal import at_terminal
from toy import DemoInstance
from visiting import NO_TLS
from worlds import LISTS, made

from ovk_archive.cli.account import credentials
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.words.output import visible, visible_json, visible_lines

#: What a terminal obeys: colours, the window's title, a cleared screen, C1, backspaces, DEL, BEL;
#: what turns a line around; what ends one.
OBEYED = (
    *("\x1b", "\x07", "\x08", "\x0b", "\x0c", "\x7f", "\x9b", "\x90", "\x9d", "\x85"),
    *("\u202e", "\u202d", "\u2066", "\u2067", "\u2068", "\u2069", "\u202c", "\u200f", "\u061c"),
    *("\u2028", "\u2029"),
)
FORGED = "Error: forged."
EVIL = (
    "\x1b]0;owned\x07\x1b[2J\x9b31m\x08\x08\x7f\x0b\x0c\x85\x90\x9d\u202e\u202d\u2066\u2067\u2068"
    f"\u2069\u202c\u200f\u061c\u2028\u2029{FORGED}\n{FORGED}\r{FORGED}\r\n{FORGED} "
)
#: What is no trick looks as it did.
HONEST = "Анна Архивова 👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ё שלום"
SPOILT = {"first_name", "name", "title", "text", "status", "description", "body", "message"}
REFUSED = {"notes.get", "docs.get", "groups.get"}


def spoilt(value: Any, name: str = "") -> Any:
    """The value with evil texts in it."""
    if isinstance(value, dict):
        return {key: spoilt(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [spoilt(inner, name) for inner in value]
    if isinstance(value, str) and name in SPOILT:
        return f"{EVIL}{HONEST}{value}"
    # Nothing is fetched from there.
    return f"http://ok.example/{EVIL}.jpg" if isinstance(value, str) and name == "url" else value


@contextmanager
def lying(toy: DemoInstance) -> Iterator[ScriptedServer]:
    """The toy, of which each text is evil, and each refusal."""

    def ask(request: Request) -> Reply:
        if request.method == "execute":
            return one_by_one(request, ask)
        if request.method in REFUSED:
            error = {"error_code": 15, "error_msg": EVIL + HONEST}
            return Reply(400, json.dumps(error).encode())
        if request.method.lower() == "ovk.version":
            return Reply(body=json.dumps({"response": EVIL}).encode())
        answer = client.post(toy.url + request.path, data=request.form)
        if answer.status_code != 200 or request.method == "token":
            return Reply(answer.status_code, answer.content)
        # As UTF-8, and as \uXXXX, by turns.
        text = json.dumps(spoilt(answer.json()), ensure_ascii=len(request.body) % 2 > 0)
        return Reply(body=text.encode())

    with httpx.Client(timeout=30, verify=NO_TLS) as client, ScriptedServer(by=ask) as server:
        yield server


@pytest.fixture
def toy() -> Iterator[DemoInstance]:
    """A toy instance with a little of everything."""
    with DemoInstance(made(1, dict.fromkeys(LISTS, 2), dialogs=1), "B") as instance:
        yield instance


@pytest.fixture
def victim(cli: Cli, toy: DemoInstance) -> Iterator[Cli]:
    """The command line, logged in to a lying server."""
    with lying(toy) as server:
        mine = Credentials(server.instance.url, toy.account_id, toy.token)
        credentials.save(mine, cli.environment)
        yield cli


def check(shown: str, *, bars: bool = False) -> None:
    """Nothing that was shown is obeyed, or looks like an error of ours."""
    # Bars move up and down by themselves.
    shown = shown.replace("\x1b[A", "") if bars else shown
    found = [repr(one) for one in OBEYED if one in shown]
    assert not found, (found, shown[-2000:])
    lines = re.split(r"[\r\n]", shown)
    assert not [line for line in lines if line.lstrip().startswith(FORGED)], shown


@pytest.mark.slow
def test_a_whole_evening(victim: Cli, archive_path: Path) -> None:
    """Sync, files, audit, status, verify: each shows a lying server's texts, and obeys none."""
    path = archive_path
    for command in (
        ("sync", path, "--media"),
        ("notes", path, "-v"),
        ("media", path, "--retry-gone"),
        ("audit", path),
        ("status", path),
        ("status", path, "--json"),
        ("verify", path, "--server"),
        ("verify", path, "--server", "--json"),
        ("rebuild", path),
    ):
        code, shown = at_terminal(victim, *command)
        assert code in (0, 3), (command, shown)
        check(shown, bars=command[0] in ("sync", "media", "audit"))
        assert "\\x1b[2J" in shown or command[0] != "sync", command
    key = query(path, "select owner_id || '_' || id from posts")[0][0]
    told: tuple[tuple[object, ...], ...] = (
        ("history", path, "post", key),
        ("history", path, "post", key, "--json"),
        ("export", path, "-", "--table", "posts", "--format", "ndjson"),
        ("export", path, "-", "--table", "posts", "--format", "csv"),
        ("export", path, "-", "--table", "posts", "--format", "csv", "--excel"),
    )
    for one in told:
        code, shown = at_terminal(victim, *one)
        assert code == 0, (one, shown)
        assert re.search(r"\\(x|u00)1b\[2J", shown), one
        assert HONEST in shown, one
        # History shows the lines of a text, further to the right.
        check(shown.replace(f"\n    {FORGED}", ""))


@pytest.mark.parametrize(
    "command",
    [
        ("whoami",),
        ("whoami", "--json"),
        ("call", "account.getProfileInfo"),
        ("call", "account.getProfileInfo", "--raw"),
        ("call", "friends.get", "--paginate", "fields=status"),
        ("call", "notes.get"),
        ("call", "notes.get", "--raw"),
        ("call", "notes.get", EVIL),
        (EVIL,),
        (f"--{EVIL}",),
        ("sync", f"/none{EVIL}/x.db"),
        ("history", "x.db", EVIL, "1"),
    ],
)
def test_one_question(victim: Cli, command: tuple[str, ...]) -> None:
    """What a lying server answers to one question, or a person repeats of it, is spelt out."""
    _, shown = at_terminal(victim, *command)
    assert re.search(r"\\(x|u00)1b|\\n", shown), shown
    # What a person typed may have lines: nobody else did.
    check(shown.replace(f"\n{FORGED}", "") if EVIL in "".join(command) else shown)


@pytest.mark.parametrize("typed", ["token", "password"])
def test_a_login(cli: Cli, toy: DemoInstance, typed: str) -> None:
    """The name of the account, and why a login is refused, are spelt out."""
    with lying(toy) as server:
        arguments = ["login", "--instance", server.instance.url]
        if typed == "token":
            code, shown = at_terminal(
                cli, *arguments, "--token-stdin", typed=[toy.token], asked=False
            )
        else:
            code, shown = at_terminal(cli, *arguments, typed=[toy.login, toy.password])
    assert code == 0, shown
    assert "\\x1b[2J" in shown
    assert HONEST in shown
    check(shown)
    error = json.dumps({"error_code": 7, "error_msg": EVIL}).encode()
    with ScriptedServer(Reply(400, error)) as server:
        arguments = ["login", "--instance", server.instance.url]
        code, shown = at_terminal(cli, *arguments, typed=["anna@example.test", "secret"])
    assert code == 11
    assert "refused the login: \\x1b" in shown
    check(shown)


def test_a_file_gets_what_was_written(victim: Cli, archive_path: Path) -> None:
    """Where stdout is no terminal, `--raw` is as it came, and an export as people wrote it."""
    done = victim.run("wall", archive_path)
    assert done.returncode == 0, done.stderr
    done = victim.run("export", archive_path, "-", "--table", "posts", "--format", "ndjson")
    text = done.stdout
    assert done.returncode == 0, done.stderr
    assert "\u202e" in text
    assert HONEST in text
    raw = victim.run("call", "account.getProfileInfo", "--raw").stdout
    assert json.loads(raw)["response"]["first_name"].startswith(EVIL)


def test_json_means_what_it_meant(victim: Cli) -> None:
    """Of JSON that is printed nothing changes but how it is written."""
    said = victim.run("call", "account.getProfileInfo").stdout
    assert json.loads(said)["first_name"].startswith(EVIL)
    assert not [one for one in OBEYED if one in said]


def test_every_character() -> None:
    """No character that a terminal obeys is left, and none that can be seen is touched."""
    for code in (*range(0x3000), *range(0xD800, 0xE000), *range(0xFE00, 0x10000)):
        one = chr(code)
        risky = (
            (code < 0x20 and one != "\t")
            or 0x7F <= code < 0xA0
            or code in (0x61C, 0x200E, 0x200F)
            or 0x2028 <= code <= 0x202E
            or 0x2066 <= code <= 0x206F
            or 0xD800 <= code < 0xE000
            or 0xFFF9 <= code <= 0xFFFB
        )
        assert (visible(one) != one) == risky, hex(code)
        assert (visible_lines(one) != one) == (risky and one != "\n"), hex(code)
        assert json.loads(visible_json(json.dumps(one, ensure_ascii=False))) == one
    assert visible(HONEST) == HONEST


def test_only_one_place_prints() -> None:
    """No command writes to a terminal past `output.py`, whatever it has to say."""
    cli = Path(__file__).parents[2] / "ovk_archive" / "cli"
    writes = re.compile(r"click\.s?echo|\bprint\(|sys\.(stdout|stderr)\.(write|buffer)|tqdm\.write")
    found = {
        (file.name, line.strip())
        for file in cli.rglob("*.py")
        if file.name != "output.py"
        for line in file.read_text(encoding="utf-8").splitlines()
        if writes.search(line) and "visible(" not in line
    }
    assert found == set()
