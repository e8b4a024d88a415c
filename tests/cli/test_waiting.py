"""A run waits when a server asks for it, no longer than that, and says so."""

import asyncio
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from contextlib import suppress
from dataclasses import replace
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from asking import ask_and_count, log_in, new_client
from conftest import Cli
from fetching import fetch, name_files, picture, states
from scripted import Reply, Request, ScriptedServer, ok
from toy import DemoInstance, generate

from ovk_archive.api.pace import ForgetfulMemory, Pace
from ovk_archive.api.wire.retry_after import seconds_of
from ovk_archive.api.wire.waits import Wait, spelt
from ovk_archive.cli.words.waiting import Forecast, told
from ovk_archive.errors import RateLimitedError, TransportError
from ovk_archive.resources import RESOURCES
from ovk_archive.resources.vocabulary.resource import Resource

BUSY = pytest.mark.parametrize("status", [429, 503])
#: What is said while the pace of an older server is kept.
PACE = r"this server allows 5 (photo|board) requests in 20 s: (about|at least) \d+ \w+ left"
NAMED = {one.name: one for one in RESOURCES}


def busy(status: int, after: object) -> Reply:
    """A server that wants to be left alone."""
    return Reply(status, headers={"Retry-After": str(after)})


@BUSY
def test_what_a_server_asks_for_is_waited(status: int) -> None:
    """`Retry-After` is honoured, and then the answer counts."""
    began = time.monotonic()
    with ScriptedServer(busy(status, 1), ok("calm")) as server:
        value, requests, failures = ask_and_count(server)

    assert (value, requests, failures) == ("calm", 2, 1)
    assert 1 <= time.monotonic() - began < 4


def test_a_date_is_by_the_servers_clock() -> None:
    """`Retry-After` may be a date: a moment of the server's own time."""
    head = "HTTP/1.1 429 Busy\r\nContent-Length: 0\r\nDate: {}\r\nRetry-After: {}\r\n\r\n"
    text = head.format(formatdate(1e9, usegmt=True), formatdate(1e9 + 2, usegmt=True)).encode()
    began = time.monotonic()
    with ScriptedServer(Reply(raw=lambda write: write(text)), ok("calm")) as server:
        assert ask_and_count(server)[0] == "calm"

    assert 1 <= time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("0", 0), (" 7 ", 7), ("9999999999", 9999999999), ("-1", None), ("soon", None), (None, None)],
)
def test_nonsense_asks_for_nothing(said: str | None, seconds: float | None) -> None:
    """Only whole seconds and dates say how long to wait."""
    assert seconds_of(said, 0.0) == seconds


def test_a_date_that_has_passed_asks_for_nothing() -> None:
    """No wait is of less than no time."""
    assert seconds_of(formatdate(1e9, usegmt=True), 1e9 + 5) == 0


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimitedError), (503, TransportError)])
@pytest.mark.parametrize("after", [3600, 9999999999])
def test_nobody_waits_for_hours(status: int, kind: type[Exception], after: int) -> None:
    """Who asks for a pause of longer than ten minutes is, and the error says how long."""
    with ScriptedServer(busy(status, after)) as server:
        error, requests, _ = ask_and_count(server)

    assert (type(error), requests) == (kind, 1)
    assert f"asks for a pause of {spelt(after)}" in str(error)


def test_all_calls_wait() -> None:
    """What one call is told, the others heed too."""

    async def run(server: ScriptedServer) -> None:
        async with new_client(server.instance) as client:
            first = asyncio.create_task(client.call("wall.get"))
            await asyncio.sleep(0.3)
            await client.call("users.get")
            await first

    with ScriptedServer(busy(503, 1), ok(1)) as server:
        asyncio.run(run(server))
        refused, *later = server.requests

    assert all(request.at - refused.at >= 1 for request in later)


def test_too_many_requests_end_a_run(cli: Cli, archive_path: Path) -> None:
    """HTTP 429 again and again ends with 13; each time what was asked for is waited."""

    def answer(request: Request) -> Reply:
        return ok({"id": 1}) if request.method == "account.getProfileInfo" else busy(429, 1)

    with ScriptedServer(by=answer) as server:
        log_in(cli, server)
        said = cli.run("wall", archive_path)

    assert said.returncode == 13
    assert "got too many requests (HTTP 429)" in said.stderr
    assert "asks for a pause of 1 s" in said.stderr
    assert "Wait some minutes" in said.stderr
    times = [request.at for request in server.requests if request.method == "wall.get"]
    assert len(times) >= 2
    assert all(later - sooner >= 0.9 for sooner, later in pairwise(times))


def test_too_many_requests_teach_no_pace() -> None:
    """HTTP 429 is no word of the instance's counter of photo requests, which is for ever."""
    memory = ForgetfulMemory()

    async def run(server: ScriptedServer) -> Any:
        pace = Pace(window=0.05, memory=memory)
        async with new_client(server.instance, pace=pace) as client:
            return await client.call("photos.getAlbums")

    with ScriptedServer(Reply(429), ok("calm")) as server:
        assert asyncio.run(run(server)) == "calm"

    assert memory.load() == {}


@BUSY
def test_files_wait_too(status: int, archive_path: Path) -> None:
    """A server of files that wants to be left alone is, and then gives its files."""
    with ScriptedServer(busy(status, 1), Reply(body=picture())) as server:
        address = f"{server.instance.url}/1.png"
        name_files(archive_path, server.instance.url, address)
        fetch(server.instance, archive_path)
        first, second = server.requests

    assert second.at - first.at >= 1
    assert states(archive_path)[address] == ("stored", None)


def test_files_that_are_asked_for_too_often_end_a_run(archive_path: Path) -> None:
    """A server of files that says nothing but HTTP 429 is left alone, and the run ends with 13."""
    with ScriptedServer(Reply(429)) as server:
        addresses = [f"{server.instance.url}/{number}.png" for number in range(30)]
        name_files(archive_path, server.instance.url, *addresses)
        report = fetch(server.instance, archive_path)

    assert report.exit_code == 13
    assert report.unasked > 10
    assert "got too many requests (HTTP 429)" in (report.message or "")


# What is said


@pytest.mark.parametrize("quiet", [True, False])
def test_a_try_is_told_where_nothing_moves(cli: Cli, archive_path: Path, *, quiet: bool) -> None:
    """Without a terminal each reason to wait is told once, and with --quiet none."""
    replies = iter([Reply(503), Reply(503), ok({"id": 1})])

    def answer(_: Request) -> Reply:
        return next(replies, Reply(404))

    with ScriptedServer(by=answer) as server:
        log_in(cli, server)
        said = cli.run("wall", archive_path, *["--quiet"][: int(quiet)])

    for number in (2, 3):
        words = f"Waiting: no answer, trying again ({number} of 6)"
        assert said.stderr.count(words) == (not quiet)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        *[(0.2, "1 s"), (59, "59 s"), (60, "1 minute"), (89, "1 minute"), (400, "7 minutes")],
        *[(3600, "1 hour"), (5399, "1 hour"), (9000, "2 hours")],
    ],
)
def test_times_are_spelt(seconds: float, words: str) -> None:
    """No finer than anybody needs it."""
    assert spelt(seconds) == words


def test_what_a_pace_costs_is_foretold() -> None:
    """Lists and pages to come are requests; so many of them take so many windows."""
    forecast, wait = Forecast(), Wait("why", 10, window=21, calls=5)
    forecast.begin([NAMED["photos"], NAMED["posts"]])
    assert told(wait, 10, forecast) == "why: at least 10 s left"
    forecast.page(NAMED["photos"], 10, 10)
    assert told(wait, 10, forecast) == "why: about 10 s left"
    forecast.ahead(NAMED["album_photos"], 50)
    assert told(wait, 10, forecast) == "why: about 3 minutes left"
    forecast.ahead(NAMED["album_photos"], -49)
    forecast.page(NAMED["photos"], 100, 5000)
    assert told(wait, 10, forecast) == "why: about 3 minutes left"
    forecast.page(NAMED["posts"], 100, 90_000)
    assert told(wait, 10, forecast) == "why: about 3 minutes left"
    finish(forecast, NAMED["photos"], NAMED["album_photos"])
    assert told(wait, 10, forecast) == "why: about 10 s left"


def finish(forecast: Forecast, *resources: Resource) -> None:
    """All has been read."""
    for resource in resources:
        forecast.finished(resource)


def test_a_terminal_is_never_still(cli: Cli, archive_path: Path) -> None:
    """While the pace of an older server is kept, something moves, and it says how long it takes."""
    with DemoInstance(generate(), "A") as toy:
        toy.limiter.enabled = True
        cli.log_in(toy)
        # Some seconds more than it takes to come to the wait.
        shown = on_a_terminal(cli, ["sync", str(archive_path)], 25, until=PACE, more=6)

    text = plain(shown)
    assert re.search(PACE, text)
    assert re.search(r"all lists: +\d+%\|.*\| \d+/\d+ \[\d\d:\d\d, \d+ read\]", text)
    times = [at for at, _ in shown]
    assert max(later - sooner for sooner, later in pairwise(times)) < 4


def test_a_terminal_shows_why_nothing_comes(cli: Cli, archive_path: Path) -> None:
    """The line says which try it is, and for how long a server wants to be left alone."""
    pause = "asks for a pause of 2 minutes, in"
    with ScriptedServer(Reply(503), Reply(503), busy(503, 100)) as server:
        log_in(cli, server)
        parts = on_a_terminal(cli, ["sync", str(archive_path)], 10, until=pause)

    shown = "".join(part for _, part in parts)
    assert re.search(r"no answer, trying again \(\d of 6\)", shown)
    assert pause in shown


def plain(shown: list[tuple[float, str]]) -> str:
    """What was shown, without what moves the cursor."""
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", "".join(part for _, part in shown))


def on_a_terminal(
    cli: Cli, arguments: list[str], seconds: float, *, until: str, more: float = 0.5
) -> list[tuple[float, str]]:
    """What a command shows on a terminal, and when; then it is interrupted.

    That is so many seconds after it has shown what is waited for, or at last in so long.
    """
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    wide = cli.environment | {"COLUMNS": "100", "TERM": "xterm"}
    child = replace(cli, environment=wide).start(
        *arguments, stdout=subprocess.DEVNULL, stderr=slave
    )
    os.close(slave)
    shown: list[tuple[float, str]] = []
    end, seen = time.monotonic() + seconds, False
    # Reading from a terminal that nobody holds any more is an error on Linux.
    with suppress(OSError):
        while (left := end - time.monotonic()) > 0:
            if select.select([master], [], [], left)[0]:
                shown.append((time.monotonic(), os.read(master, 4096).decode("utf-8", "replace")))
            if not seen and re.search(until, plain(shown)):
                end, seen = min(end, time.monotonic() + more), True
    child.send_signal(signal.SIGINT)
    with suppress(OSError):
        while os.read(master, 4096):
            pass
    child.wait(timeout=30)
    os.close(master)
    return shown
