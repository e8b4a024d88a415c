"""Proxies that the environment names are used, spared where it says so, and named if they fail."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator

import httpx
import pytest
from asking import TOKEN, ask, ask_and_count
from conftest import Cli
from scripted import Reply, ScriptedServer, ok

from ovk_archive.api.address import Instance
from ovk_archive.api.wire.proxies import proxies
from ovk_archive.errors import BadInputError, TransportError

#: Nobody listens there.
AWAY = Instance("http://[::1]:9")


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_is_used(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for goes to the proxy, with the whole address."""
    with ScriptedServer(ok("by proxy")) as proxy:
        monkeypatch.setenv(variable, proxy.instance.url)
        assert ask(Instance("http://openvk.example")) == "by proxy"

    assert proxy.requests[0].path == "http://openvk.example/method/wall.get"


SPARED = ["::1", "[::1]", "[::1]:9", "::/64", "fe80::/10, ::1/128", "*", "10.0.0.0/8,[::1]"]
OTHERS = ["::2", "[::1]:10", "fe80::/10", "10.0.0.0/8", "1", "", "nonsense[", "a b, :, /, ::1/999"]


@pytest.mark.parametrize(
    ("said", "is_spared"), [*((one, True) for one in SPARED), *((one, False) for one in OTHERS)]
)
def test_ipv6_is_spared(said: str, *, is_spared: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_PROXY knows IPv6 addresses in and out of brackets, and networks; nonsense spares none."""
    with ScriptedServer(ok("by proxy")) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.instance.url)
        monkeypatch.setenv("NO_PROXY", said)
        value = ask_and_count(type("Away", (), {"instance": AWAY})())[0]

    assert (type(value) is TransportError) == is_spared
    assert bool(proxy.requests) != is_spared


@pytest.mark.parametrize(
    ("said", "address", "is_spared"),
    [
        ("openvk.example", "https://openvk.example", True),
        ("openvk.example", "https://www.openvk.example/path", True),
        (".openvk.example", "https://cdn.openvk.example", True),
        ("*.openvk.example", "https://cdn.openvk.example", True),
        ("openvk.example:443", "https://openvk.example", True),
        ("openvk.example:80", "https://openvk.example", False),
        ("openvk.example", "https://notopenvk.example", False),
        ("OPENVK.example", "https://openvk.EXAMPLE.", True),
        ("192.168.0.0/16", "http://192.168.7.7:8080", True),
        ("192.168.0.0/16", "http://192.169.7.7", False),
        ("127.0.0.1", "http://127.0.0.1:1", True),
        ("https://openvk.example", "https://openvk.example", True),
    ],
)
def test_who_is_spared(
    said: str, address: str, *, is_spared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_PROXY names hosts with all that is below them, ports, and networks."""
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", said)

    assert (proxies().of(httpx.URL(address)) is None) == is_spared


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_PROXY", "gopher://secret@127.0.0.1"),
        ("ALL_PROXY", "http://secret@[::1"),
        ("all_proxy", "socks4://secret@127.0.0.1:1"),
        ("ALL_PROXY", "socks5://secret@xn--a:1"),
        ("HTTP_PROXY", "http://secret@127.0.0.1:port"),
    ],
)
def test_an_unusable_proxy_is_one_sentence(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that cannot be used is the user's to mend; its password is not shown."""
    monkeypatch.setenv(name, value)

    with pytest.raises((BadInputError, TransportError), match=name) as caught:
        ask(AWAY)

    assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_a_proxy_that_is_not_needed_may_be_unusable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Desktops name a SOCKS proxy for everything beside the one for http: only that is used."""
    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1")
    with ScriptedServer(ok("by proxy")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.instance.url)
        assert ask(AWAY) == "by proxy"


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_proxy_that_is_away_is_named(scheme: str, cli: Cli) -> None:
    """The error names the variable, and the instance that cannot be reached."""
    if scheme == "socks5":
        pytest.importorskip("socksio")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    cli.environment |= {"OVK_INSTANCE": "http://openvk.example", "OVK_TOKEN": TOKEN}
    cli.environment |= {"ALL_PROXY": f"{scheme}://:secret@127.0.0.1:{port}"}

    said = cli.run("whoami")

    words = "openvk.example cannot be reached through the proxy that ALL_PROXY names: "
    assert f"Error: {words}" in said.stderr
    assert (said.returncode, "secret" in said.stderr) == (20, False)


def test_a_proxy_that_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a proxy answers instead of a way is its own, and not the instance's."""
    with ScriptedServer(by=lambda _: Reply(407)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.instance.url)
        with pytest.raises(TransportError, match="the proxy that HTTPS_PROXY names"):
            ask(Instance("https://openvk.example"))


def test_socks_needs_a_package() -> None:
    """Without the extra, one sentence names the variable and the extra."""
    code = "import sys; sys.modules['socksio'] = None; from ovk_archive.cli import main; main()"
    said = subprocess.run(
        [sys.executable, "-c", code, "whoami"],
        env={
            **os.environ,
            "ALL_PROXY": "socks://127.0.0.1:1080/",
            "OVK_INSTANCE": "ovk.example",
            "OVK_TOKEN": TOKEN,
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.stderr == (
        "Error: ALL_PROXY names a SOCKS proxy, which needs one more package: "
        "install `ovk-archive[socks]`.\n"
    )
    assert said.returncode == 2


@pytest.mark.parametrize("scheme", ["socks", "socks5", "socks5h"])
def test_socks_works(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra, requests go through a SOCKS proxy, which looks up the name itself."""
    pytest.importorskip("socksio")
    with ScriptedServer(ok("by socks")) as server, socks(server.instance.url) as (port, asked):
        monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:{port}/")
        assert ask(Instance("http://openvk.example")) == "by socks"

    assert asked == ["openvk.example"]


@contextlib.contextmanager
def socks(target: str) -> Iterator[tuple[int, list[str]]]:
    """A SOCKS server that leads one connection to a target, whatever was asked for."""
    asked: list[str] = []
    host, _, port = target.rpartition("/")[2].partition(":")

    def lead(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            ours, _ = listener.accept()
            with ours, socket.create_connection((host, int(port))) as theirs:
                ours.recv(ours.recv(2)[1])
                ours.sendall(b"\x05\x00")
                ours.recv(4)
                asked.append(ours.recv(ours.recv(1)[0]).decode())
                ours.recv(2)
                ours.sendall(b"\x05\x00\x00\x01" + bytes(6))
                back = threading.Thread(target=pump, args=(theirs, ours))
                back.start()
                pump(ours, theirs)
                theirs.shutdown(socket.SHUT_RDWR)
                back.join()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lead, args=(listener,))
        thread.start()
        yield listener.getsockname()[1], asked
        thread.join()


def pump(one: socket.socket, other: socket.socket) -> None:
    """Pass on what comes, until nothing does."""
    with contextlib.suppress(OSError):
        while part := one.recv(65536):
            other.sendall(part)
