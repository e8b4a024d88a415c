"""No answer can take more memory than allowed, and no address is one that crashes."""

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from asking import ask, ask_and_count
from conftest import Cli
from fetching import fetch, name_files, picture, states
from scripted import Reply, ScriptedServer, ok

from ovk_archive.errors import ServerFaultError, TransportError

#: Far more than a client takes, and it is little when packed.
HUGE = 200 << 20
#: What a client may need for 64 MB: the bytes, a copy, and the interpreter's own.
ALLOWED = 140

CALL = """
import asyncio, sys
from pathlib import Path
from ovk_archive.api.client import Client
from ovk_archive.api.retries import Retries
from ovk_archive.errors import TransportError
from ovk_archive.api.address import parse_instance

async def call():
    async with Client(parse_instance(sys.argv[1]), None, retries=Retries(attempts=1)) as client:
        await client.call("wall.get")

try:
    asyncio.run(call())
except TransportError as error:
    print(error)
# Not getrusage: what it tells of a process includes the one that has started it.
peak = next(one for one in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in one)
print(int(peak.split()[1]) // 1024)
"""


def packed(kind: int) -> bytes:
    """A large string of JSON, packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, kind)
    million = b"0" * (1 << 20)
    parts = [packer.compress(b'{"response": "')]
    parts += [packer.compress(million) for _ in range(HUGE >> 20)]
    return b"".join([*parts, packer.compress(b'"}'), packer.flush()])


def endless(write: Callable[[bytes], object]) -> None:
    """An answer that goes on as long as somebody listens."""
    with suppress(OSError):
        write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        million = b"100000\r\n" + b"0" * (1 << 20) + b"\r\n"
        for _ in range(HUGE >> 20):
            write(million)


def crowd(value: bytes) -> Reply:
    """An answer that fits, of as many values as there is room for."""
    body = b'{"response":[' + (value + b",") * ((60 << 20) // (len(value) + 1)) + b"0]}"
    headers = {"Content-Encoding": "gzip"}
    return Reply(body=zlib.compress(body, 1, wbits=31), headers=headers)


def bomb(coding: str, kind: int) -> Reply:
    """An answer that is small until it is unpacked."""
    return Reply(body=packed(kind), headers={"Content-Encoding": coding})


def called(server: ScriptedServer) -> list[str]:
    """What a call in a process of its own says, and the megabytes that it took."""
    said = subprocess.run(
        [sys.executable, "-c", CALL, server.instance.url],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
        timeout=120,
        check=False,
    )
    assert said.stderr == ""
    return said.stdout.splitlines()


@pytest.mark.parametrize(
    "reply",
    [lambda: bomb("gzip", 31), lambda: bomb("deflate", 15), lambda: Reply(raw=endless)],
    ids=["gzip", "deflate", "endless"],
)
def test_no_answer_takes_all_memory(reply: Callable[[], Reply]) -> None:
    """An answer of more than 64 MB is given up there, unpacked or not, and is one sentence."""
    with ScriptedServer(reply()) as server:
        sentence, megabytes = called(server)

    assert "sent an answer of more than 64 MB" in sentence
    assert int(megabytes) < ALLOWED


@pytest.mark.parametrize("value", [b"[]", b'{"a":1}', b'"ab"', b"1234"])
def test_no_answer_takes_all_memory_when_it_is_read(value: bytes) -> None:
    """Nor does one that is small enough, and would become many times larger as values."""
    with ScriptedServer(crowd(value)) as server:
        sentence, megabytes = called(server)

    assert "not the API's JSON" in sentence
    assert int(megabytes) < 2 * ALLOWED


def test_a_packed_answer_is_asked_for_and_read() -> None:
    """Answers come packed with gzip, the only way that is asked for."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = packer.compress(ok(["слово"] * 5000).body) + packer.flush()
    with ScriptedServer(Reply(body=body, headers={"Content-Encoding": "gzip"})) as server:
        assert ask(server.instance) == ["слово"] * 5000

        assert server.requests[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", b"\x0b\x02\x80{}\x03"),
        ("zstd", b"\x28\xb5\x2f\xfd"),
        ("gzip", zlib.compress(b"{}", wbits=31)[:-9]),
        ("gzip, gzip", b"{}"),
    ],
)
def test_what_cannot_be_unpacked_is_no_answer(coding: str, body: bytes) -> None:
    """An answer packed in another way, or cut within, is asked for again and then given up."""
    with ScriptedServer(Reply(body=body, headers={"Content-Encoding": coding})) as server:
        error, requests, _ = ask_and_count(server)

    assert (type(error), requests) == (TransportError, 3)


def test_a_crash_stays_a_crash_when_nothing_is_packed() -> None:
    """An empty body that is called packed hides no status."""
    with ScriptedServer(Reply(500, headers={"Content-Encoding": "gzip"})) as server:
        assert type(ask_and_count(server)[0]) is ServerFaultError


@pytest.mark.parametrize(("depth", "is_answer"), [(90, True), (200, False), (900, False)])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a": ', "}")])
def test_a_nest_is_no_answer(opening: str, closing: str, depth: int, *, is_answer: bool) -> None:
    """What is nested more deeply than a hundred levels is not the API's, half a pair or not."""
    nest = opening * depth + '"\\ud83d"' + closing * depth
    with ScriptedServer(Reply(body=f'{{"response": {nest}}}'.encode())) as server:
        value = ask_and_count(server)[0]

    if is_answer:
        assert json.dumps(value).count(opening) == depth
    else:
        assert type(value) is TransportError


#: What passes for a host name until somebody looks closely.
HOSTS = ("xn--a", "xn--i-7iq.example", "999.1.1.1")


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    "command",
    [("whoami",), ("call", "users.get"), ("sync", "archive.db"), ("login", "--token-stdin")],
    ids=lambda command: command[0],
)
def test_a_host_that_is_none_is_one_sentence(
    cli: Cli, tmp_path: Path, host: str, command: tuple[str, ...]
) -> None:
    """Every command that asks an instance says that the host is none, and ends with 20."""
    cli.environment |= {"OVK_INSTANCE": host, "OVK_TOKEN": "x"}

    said = cli.run(*command, stdin="token\n", cwd=tmp_path)

    assert said.stderr.startswith(f"Error: {host} ")
    assert (said.returncode, said.stderr.count("\n"), said.stdout) == (20, 1, "")


def test_an_address_that_is_none_stops_no_files(archive_path: Path) -> None:
    """Files at addresses that cannot be asked are marked, and all others are fetched."""
    bad = [f"https://{host}/1.png" for host in HOSTS]
    bad += [
        f"https://{'a' * 70}.example/1.png",
        "https://files.example:99999/1.png",
        "http://[::1/1.png",
        "http://a b/1.png",
    ]
    with ScriptedServer(Reply(body=picture())) as server:
        good = f"{server.instance.url}/good.png"
        name_files(archive_path, server.instance.url, *bad, good)
        report = fetch(server.instance, archive_path)

    found = states(archive_path)
    assert found.pop(good) == ("stored", None)
    assert {state for state, _ in found.values()} <= {"failed", "refused"}
    assert len(found) == len(bad)
    assert report.stored == 1
