"""A server that is silent, or drips, holds nobody up: not a request, not a stop, not a budget."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from archives import SMALL
from asking import ask_and_count, log_in
from clocks import wait_for
from conftest import Cli
from fetching import fetch, name_files, picture, states
from scripted import Reply, Request, ScriptedServer, ok
from syncing import ACCOUNT, differences, query
from toy import DemoInstance, World, generate
from truth import truth_of
from worlds import few_things

from ovk_archive.api import client
from ovk_archive.api.retries import Retries
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.backup.sync_run import Job, Settings, run_sync
from ovk_archive.errors import TransportError
from ovk_archive.media import download

if TYPE_CHECKING:
    import subprocess

#: Seconds within which a process has to end, on a machine that is busy.
AT_ONCE = 2.0


def drip(text: bytes) -> Reply:
    """An answer that begins and never ends: a byte from time to time."""

    def write(out: Callable[[bytes], object]) -> None:
        with suppress(OSError):
            out(text)
            for _ in range(600):
                out(b" ")
                time.sleep(0.1)

    return Reply(raw=write)


HEAD = b"HTTP/1.1 200 OK\r\nX-Slow:"
BODY = b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{"response":'
SLOW = {"silent": Reply(delay=60), "head": drip(HEAD), "body": drip(BODY)}
#: Whether calls travel together: then a wall and the others are what is in flight.
WAYS = pytest.mark.parametrize("way", [((), 2), (("--no-execute",), 3)], ids=["together", "alone"])
KINDS = pytest.mark.parametrize("kind", list(SLOW))


def but_for_the_first(kind: str) -> Callable[[Request], Reply]:
    """Says whose token it is, and nothing else."""

    def answer(request: Request) -> Reply:
        return ok({"id": 1}) if request.method == "account.getProfileInfo" else SLOW[kind]

    return answer


@KINDS
def test_a_request_has_a_total_time(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes meanwhile, a request ends in time, and is tried again as any other."""
    monkeypatch.setattr(client, "TOTAL", 0.2)
    began = time.monotonic()
    with ScriptedServer(SLOW[kind]) as server:
        error, requests, failures = ask_and_count(server)

    assert type(error) is TransportError
    assert "did not answer within 0.2 s" in str(error)
    assert (requests, failures) == (3, 2)
    assert 0.6 <= time.monotonic() - began < 3


@pytest.mark.parametrize(("kind", "words"), [("head", "did not answer"), ("body", "too slowly")])
def test_a_file_has_a_total_time(
    kind: str, words: str, archive_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that drips is given up, and the others are fetched."""
    monkeypatch.setattr(download, "PATIENCE", 0.5)

    def answer(request: Request) -> Reply:
        return SLOW[kind] if request.path == "/slow.png" else Reply(body=picture())

    with ScriptedServer(by=answer) as server:
        slow, good = (f"{server.instance.url}/{name}.png" for name in ("slow", "good"))
        name_files(archive_path, server.instance.url, slow, good)
        fetch(server.instance, archive_path)

    found = states(archive_path)
    assert found[good] == ("stored", None)
    assert found[slow][0] == "failed"
    assert words in str(found[slow][1])


def test_a_file_that_comes_steadily_is_waited_for(
    archive_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The total time of a file grows with what has come of it."""
    monkeypatch.setattr(download, "PATIENCE", 0.5)
    monkeypatch.setattr(download, "SLOWEST", 1000)
    content = picture() + bytes(4000)

    def write(out: Callable[[bytes], object]) -> None:
        out(f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n".encode())
        for start in range(0, len(content), 400):
            out(content[start:][:400])
            time.sleep(0.15)

    with ScriptedServer(Reply(raw=write)) as server:
        name_files(archive_path, server.instance.url, f"{server.instance.url}/1.png")
        began = time.monotonic()
        fetch(server.instance, archive_path)

    assert time.monotonic() - began > 1
    assert "too slowly" not in str(states(archive_path))


@KINDS
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@WAYS
def test_a_stop_ends_what_is_in_flight(
    cli: Cli, archive_path: Path, kind: str, number: signal.Signals, way: tuple[Any, int]
) -> None:
    """Ctrl-C and SIGTERM end a sync within two seconds, whatever the server does."""
    with ScriptedServer(by=but_for_the_first(kind)) as server:
        log_in(cli, server)
        child = cli.start("sync", archive_path, *way[0])
        wait_for(lambda: len(server.requests) > way[1])
        began = time.monotonic()
        child.send_signal(number)
        out, err = child.communicate(timeout=30)
        took = time.monotonic() - began

    assert (child.returncode, out) == (130, "")
    assert took < AT_ONCE
    assert "Traceback" not in err
    assert query(archive_path, "select exit_code from _runs") == [(130,)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_files_in_flight(cli: Cli, archive_path: Path, number: signal.Signals) -> None:
    """The same is true of a run over files."""
    with ScriptedServer(drip(HEAD)) as server:
        name_files(archive_path, server.instance.url, f"{server.instance.url}/1.png")
        child = cli.start("media", archive_path)
        wait_for(lambda: bool(server.requests))
        began = time.monotonic()
        child.send_signal(number)
        _, err = child.communicate(timeout=30)
        took = time.monotonic() - began

    assert child.returncode == 130
    assert took < AT_ONCE
    assert "Traceback" not in err


@pytest.mark.parametrize("gap", [0.0, 0.02, 0.1, 0.3])
@WAYS
def test_a_second_stop_is_as_good(
    cli: Cli, archive_path: Path, gap: float, way: tuple[Any, int]
) -> None:
    """Who presses Ctrl-C twice, however quickly, sees no traceback."""
    with ScriptedServer(by=but_for_the_first("silent")) as server:
        log_in(cli, server)
        child = cli.start("sync", archive_path, *way[0])
        wait_for(lambda: len(server.requests) > way[1])
        child.send_signal(signal.SIGINT)
        time.sleep(gap)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)

    assert child.returncode == 130
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [(), ("--max-duration", 2)], ids=["stop", "time"])
def test_a_name_that_is_never_found_holds_nobody_up(
    cli: Cli, archive_path: Path, tmp_path: Path, arguments: tuple[Any, ...]
) -> None:
    """A look-up that hangs ends with the run, though nothing can break it off."""
    asked = tmp_path / "asked"
    (tmp_path / "sitecustomize.py").write_text(
        "import pathlib, socket, time\n"
        f"socket.getaddrinfo = lambda *_, **__: pathlib.Path({str(asked)!r}).touch() or "
        "time.sleep(60)\n",
        "utf-8",
    )
    path = os.pathsep.join(filter(None, [str(tmp_path), cli.environment.get("PYTHONPATH")]))
    cli.environment |= {"PYTHONPATH": path, "OVK_INSTANCE": "ovk.example", "OVK_TOKEN": "x"}
    child = cli.start("sync", archive_path, *arguments)
    wait_for(asked.exists)
    time.sleep(0.2)
    began = time.monotonic()
    if not arguments:
        child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=90)

    assert child.returncode == (75 if arguments else 130)
    assert time.monotonic() - began < 2 * AT_ONCE
    assert "Traceback" not in err
    assert "exception" not in err


@pytest.mark.parametrize("from_the_start", [True, False])
def test_the_end_of_the_time_ends_what_is_in_flight(
    cli: Cli, tmp_path: Path, *, from_the_start: bool
) -> None:
    """--max-duration is kept, wherever the server falls silent, and however."""
    silent = [(lambda _, kind=kind: SLOW[kind]) if from_the_start else but_for_the_first(kind)
              for kind in SLOW]  # fmt: skip
    with ExitStack() as stack:
        servers = [stack.enter_context(ScriptedServer(by=by)) for by in silent]
        children = [
            _limited(cli, tmp_path / kind, it) for kind, it in zip(SLOW, servers, strict=True)
        ]
        wait_for(lambda: all(server.requests for server in servers))
        began = time.monotonic()
        said = [child.communicate(timeout=30)[1] for child in children]
        took = time.monotonic() - began

    assert [child.returncode for child in children] == [75, 75, 75]
    # The archive is made first, and the time counts from then.
    assert took < 2 + 2 * AT_ONCE
    assert [err for err in said if "--max-duration (2 s) is used up" not in err] == []


def _limited(cli: Cli, path: Path, server: ScriptedServer) -> "subprocess.Popen[str]":
    """A sync under way, for which there are two seconds."""
    given = {"OVK_INSTANCE": server.instance.url, "OVK_TOKEN": "token"}
    one = replace(cli, environment=cli.environment | given)
    return one.start("sync", path, "--max-duration", 2)


def of_several_pages() -> World:
    """Lists that take more requests than a moment has, and files that take two."""
    few = dict.fromkeys(
        ("dialogs", "playlists", "albums", "notes", "friends", "videos", "gifts", "topics"), 1
    )
    return generate(size=replace(SMALL, posts=12, comments=4, messages_per_dialog=4, **few))


@pytest.mark.parametrize(
    ("dialect", "make", "latency", "moment"),
    [
        ("A", few_things, 0.4, 1.1),
        ("B alone", few_things, 0.4, 1.1),
        ("B", few_things, 0.8, 1.3),
        ("A alone", of_several_pages, 0.25, 1.0),
    ],
    ids=["A", "B, each call alone", "B", "A, lists of several pages"],
)
def test_a_short_time_moves_on_each_time(
    dialect: str, make: Callable[[], World], latency: float, moment: float, archive_path: Path
) -> None:
    """Runs of a moment, too short for what a page or a file takes, complete an archive."""
    world = make()
    settings = Settings(retries=Retries(attempts=1))
    dialect, _, alone = dialect.partition(" ")
    how: dict[str, Any] = {"max_duration": moment, "execute": not alone}
    codes: list[int] = []
    saved = [0]
    with DemoInstance(world, dialect) as instance:
        instance.latency = latency
        mine = Credentials(instance.url, ACCOUNT, instance.token)
        while (not codes or codes[-1] == 75) and len(codes) < 60:
            report = run_sync(Job(path=archive_path, **how), mine, settings=settings)
            codes.append(report.exit_code)
            saved += query(archive_path, "select max(updated_in) from _cursors")[0]

    assert codes[-1] == 0
    # Of calls that travel together even a moment brings many.
    assert len(codes) > (2 if dialect == "B" and not alone else 3)
    assert all(now > before for before, now in pairwise(saved[:-1]))
    assert differences(truth_of(world, dialect), archive_path) == {}
