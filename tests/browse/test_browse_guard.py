"""Who may look at what `browse` serves: the right names and origins, and who knows the password."""

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from archives import SMALL
from conftest import PROGRAM, Cli
from syncing import run
from toy import DemoInstance, generate
from visiting import NO_TLS

#: Set by .ci/run, which installs a browser.
IN_CI = bool(os.environ.get("CI"))
SECRETS = "/anna.json?sql=select+text+from+messages"
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with letters in it."""
    path = tmp_path_factory.mktemp("browse") / "anna.db"
    with DemoInstance(generate(size=SMALL), "B") as toy:
        assert run(toy, path).exit_code == 0
    return path


@contextmanager
def serving(archive: Path, *options: object, password: str | None = None) -> Iterator[int]:
    """The port at which a child process serves the archive."""
    cli = Cli(archive.parent, {**os.environ, "NO_PROXY": "*"})
    if password is not None:
        cli.environment["OVK_BROWSE_PASSWORD"] = password
    child = cli.start("browse", archive, *options)
    assert child.stderr is not None
    lines = [child.stderr.readline()]
    while not (found := re.search(r"http://.*:(\d+)/", lines[-1])):
        assert lines[-1], lines
        lines.append(child.stderr.readline())
    try:
        yield int(found[1])
    finally:
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=20)


@pytest.fixture(scope="module")
def port(archive: Path) -> Iterator[int]:
    """An archive is served here, as it is without options."""
    with serving(archive) as port:
        yield port


def ask(port: int, *headers: str, version: str = "1.1", path: str = SECRETS) -> tuple[int, str]:
    """Status and answer to a request with just these headers."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        lines = (f"GET {path} HTTP/{version}", *headers, "Connection: close", "", "")
        connection.sendall("\r\n".join(lines).encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    return int(answer.split()[1]), answer.partition("\r\n\r\n")[2]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:{}",
        "127.0.0.1",
        "127.8.9.1:{}",
        "localhost:{}",
        "LocalHost:{}",
        "localhost.:{}",
        "[::1]:{}",
        "[0:0:0:0:0:0:0:1]:{}",
        "[::ffff:127.0.0.1]:{}",
        # Another port is a tunnel's, and no other site's.
        "localhost:8080",
    ],
)
def test_this_computer_is_answered(port: int, host: str) -> None:
    """Every name of this very computer shows the archive."""
    status, text = ask(port, f"Host: {host.format(port)}")
    assert status == 200
    assert '"rows"' in text


@pytest.mark.parametrize(
    "hosts",
    [
        ("evil.example",),
        ("evil.example:{}",),
        ("EVIL.EXAMPLE:{}",),
        ("evil.example.:{}",),
        ("127.0.0.1.evil.example:{}",),
        ("localhost.evil.example:{}",),
        ("notlocalhost:{}",),
        ("127.0.0.1@evil.example:{}",),
        ("evil.example#127.0.0.1",),
        ("192.168.0.1:{}",),
        ("0.0.0.0:{}",),
        ("[::]:{}",),
        ("[2001:db8::1]:{}",),
        ("[::ffff:8.8.8.8]:{}",),
        ("",),
        ("[",),
        ("127.0.0.1:{}", "evil.example:{}"),
    ],
)
def test_foreign_names_are_refused(port: int, hosts: tuple[str, ...]) -> None:
    """A `Host` that is not this computer gets one sentence and no letters (DNS rebinding)."""
    status, text = ask(port, *(f"Host: {host.format(port)}" for host in hosts))
    assert status in (400, 403)
    assert '"rows"' not in text
    assert len(text.splitlines()) == 1
    if len(hosts) == 1 and hosts[0] not in ("", "["):
        assert text.startswith("The archive is not shown under this name")


def test_a_request_without_a_host_is_refused(port: int) -> None:
    """Who names no host at all, as HTTP/1.0 allows, sees nothing."""
    assert ask(port, version="1.0")[0] == 403
    assert ask(port, version="1.1")[0] == 400


@pytest.mark.parametrize("path", ["/", "/anna/posts", "/-/static/app.css", "/anna.db", "/-/json"])
def test_every_page_is_guarded(port: int, path: str) -> None:
    """No page, file or API of Datasette is left out."""
    assert ask(port, "Host: evil.example", path=path)[0] == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:{}", 200),
        ("http://evil.example", 403),
        ("http://localhost:3000", 403),
        # Another name of the same place is another origin.
        ("http://localhost:{}", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_foreign_origins_are_refused(port: int, origin: str, status: int) -> None:
    """Only pages of the archive itself may ask, where a browser says whose page it is."""
    headers = f"Host: 127.0.0.1:{port}", f"Origin: {origin.format(port)}"
    assert ask(port, *headers)[0] == status


@pytest.mark.parametrize(
    ("site", "mode", "path", "status"),
    [
        ("none", "navigate", SECRETS, 200),
        ("same-origin", "no-cors", SECRETS, 200),
        # <img src=…> needs no answer: how long it takes tells one letter after the other.
        ("cross-site", "no-cors", SECRETS, 403),
        ("same-site", "no-cors", SECRETS, 403),
        ("cross-site", "navigate", SECRETS, 403),
        ("cross-site", "navigate", "/?sql=x", 403),
        ("cross-site", "no-cors", "/", 403),
        ("cross-site", "navigate", "/", 200),
    ],
)
def test_other_pages_cannot_measure(
    port: int, site: str, mode: str, path: str, status: int
) -> None:
    """What another page starts is refused, except that a link leads to the front page."""
    headers = f"Sec-Fetch-Site: {site}", f"Sec-Fetch-Mode: {mode}"
    assert ask(port, f"Host: 127.0.0.1:{port}", *headers, path=path)[0] == status


def test_browsers_are_told_to_keep_it_to_themselves(port: int) -> None:
    """Each answer, refusals too, says: no frames, nothing from elsewhere, no referrer, one type."""
    for host in ("127.0.0.1", "evil.example"):
        headers = httpx.get(
            f"http://127.0.0.1:{port}/anna/posts", headers={"Host": host}, verify=NO_TLS
        ).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_the_port_cannot_be_guessed(archive: Path, port: int) -> None:
    """Without --port each run has another one, and not Datasette's usual one."""
    with serving(archive) as other:
        assert len({port, other, 8001}) == 3


def test_the_port_is_the_one_that_is_asked_for(archive: Path) -> None:
    """--port is used as it is given."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        wished = free.getsockname()[1]
    with serving(archive, "--port", wished) as port:
        assert port == wished


def test_a_stop_at_once_is_heard(archive: Path) -> None:
    """Who sees the address can end it from that moment on."""
    cli = Cli(archive.parent, {**os.environ, "NO_PROXY": "*"})
    child = cli.start("browse", archive)
    assert child.stderr is not None
    while "http://" not in child.stderr.readline():
        assert child.poll() is None
    child.send_signal(signal.SIGINT)
    said = child.communicate(timeout=20)

    assert (child.returncode, said) == (0, ("", ""))


# Passwords


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.test", "127.0.0.1.nip.io"])
def test_another_address_needs_a_password(cli: Cli, archive: Path, host: str) -> None:
    """Without one nothing is served to others, and the sentence says how to give one."""
    done = cli.run("browse", archive, "--host", host)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Error: Everyone who reaches {host} could read this archive")
    assert "OVK_BROWSE_PASSWORD" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("way", ["variable", "stdin", "file", "no text", "no file", "two ways"])
def test_an_empty_password_is_none(cli: Cli, archive: Path, way: str) -> None:
    """Nothing is served where a password is meant and there is none, or which is unclear."""
    if way == "variable":
        cli.environment["OVK_BROWSE_PASSWORD"] = ""
    file = archive.parent / "password"
    options: tuple[str, ...] = ("--password-stdin",) if way in ("stdin", "two ways") else ()
    if way not in ("variable", "stdin"):
        options += ("--password-file", str(file))
    if way != "no file":
        content = {"no text": b"\xff\xfe", "two ways": b"secret"}.get(way, b"\nsecret")
        file.write_bytes(content)
    done = cli.run("browse", archive, *options, stdin="\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_the_password_opens_it(archive: Path) -> None:
    """At any address of this computer, with it: the archive. Without it, or with another: 401."""
    secret = "пароль: с двоеточием"
    with serving(archive, "--host", "0.0.0.0", password=secret) as port:
        address = f"http://127.0.0.1:{port}{SECRETS}"
        assert httpx.get(address, auth=("anna", secret), verify=NO_TLS).status_code == 200
        refused = httpx.get(address, verify=NO_TLS)
        assert (refused.status_code, refused.text) == (401, "This archive has a password.\n")
        assert refused.headers["www-authenticate"].startswith("Basic ")
        for wrong in ("", "пароль", f"{secret} ", secret.upper()):
            assert httpx.get(address, auth=("anna", wrong), verify=NO_TLS).status_code == 401
        for odd in ("Basic", "Basic ?", "Bearer x", f"Bearer {secret.encode().hex()}"):
            assert (
                httpx.get(address, headers={"Authorization": odd}, verify=NO_TLS).status_code == 401
            )
        # What others may know it by, and what rebinding would.
        for host, status in (("192.168.0.5:80", 200), ("evil.example", 403)):
            answer = httpx.get(address, auth=("", secret), headers={"Host": host}, verify=NO_TLS)
            assert answer.status_code == status, host


@pytest.mark.parametrize("way", ["--password-stdin", "--password-file"])
def test_a_password_also_keeps_others_of_this_computer_out(archive: Path, way: str) -> None:
    """A password counts at 127.0.0.1 too, and comes from standard input or a file."""
    cli = Cli(archive.parent, {**os.environ, "NO_PROXY": "*"})
    file = archive.parent / "password.txt"
    file.write_text("\ufeffsecret word\r\nmore\n", "utf-8")
    with started(cli, archive, way, *([str(file)] if way == "--password-file" else [])) as (
        port,
        arguments,
    ):
        address = f"http://127.0.0.1:{port}/"
        assert httpx.get(address, verify=NO_TLS).status_code == 401
        known = httpx.get(address, auth=("", "secret word"), verify=NO_TLS, follow_redirects=True)
        assert known.status_code == 200
        assert "secret" not in arguments


@contextmanager
def started(cli: Cli, archive: Path, *options: str) -> Iterator[tuple[int, str]]:
    """`browse` with a password, its port and the arguments that everyone can see."""
    arguments = [*PROGRAM, "browse", str(archive), *options]
    child = subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=cli.environment,
    )
    assert child.stdin is not None
    assert child.stderr is not None
    child.stdin.write("secret word\n")
    child.stdin.flush()
    found = re.search(r"http://127\.0\.0\.1:(\d+)/", child.stderr.readline())
    assert found
    try:
        yield int(found[1]), " ".join(arguments)
    finally:
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=20)


# A real browser


class Evil(BaseHTTPRequestHandler):
    """A page that tries to read the archive, and writes what it got into itself."""

    target = 0

    def do_GET(self) -> None:
        """The page."""
        asked = [
            f"http://{name}:{self.target}{SECRETS}"
            for name in ("evil.example", "127.0.0.1", "localhost")
        ]
        page = f"""<body>nothing yet<script>
        Promise.all({asked!r}.map(url => fetch(url).then(a => a.text()).catch(e => "error " + e)))
          .then(got => document.body.textContent = "GOT " + got.join(" | "));
        </script>""".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def evil(target: int) -> Iterator[int]:
    """The port of somebody's web site."""
    server = HTTPServer(("127.0.0.1", 0), type("Aimed", (Evil,), {"target": target}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def browser(address: str, profile: Path) -> tuple[str, str]:
    """What a real browser makes of a page, for which evil.example is this computer; its log."""
    if CHROMIUM is None:
        if IN_CI:
            pytest.fail("There is no chromium: .ci/run installs it.")
        pytest.skip("There is no chromium here: apt-get install chromium-headless-shell.")
    done = subprocess.run(
        [
            CHROMIUM,
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *("--no-proxy-server", "--enable-logging=stderr", f"--user-data-dir={profile}"),
            "--host-resolver-rules=MAP evil.example 127.0.0.1",
            *("--virtual-time-budget=5000", "--dump-dom", address),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={**os.environ, "HOME": str(profile)},
    )
    return done.stdout, done.stderr


def test_a_browser_is_not_deceived(port: int, tmp_path: Path) -> None:
    """Chromium, whose evil.example is this computer, shows no letters to it, by any name."""
    shown, _ = browser(f"http://evil.example:{port}{SECRETS}", tmp_path)
    assert "not shown under this name" in shown
    with evil(port) as site:
        shown, _ = browser(f"http://evil.example:{site}/", tmp_path)
    assert "GOT" in shown
    assert '"rows"' not in shown


def test_a_browser_shows_the_archive(port: int, tmp_path: Path) -> None:
    """Chromium shows pages, their scripts and styles, and nothing breaks the policy they have."""
    for path in ("/", "/anna/posts", "/anna?sql=select+1"):
        shown, log = browser(f"http://127.0.0.1:{port}{path}", tmp_path)
        assert "<footer" in shown, path
        assert "Content Security Policy" not in log, path
        assert "CONSOLE" not in log, path
    # The editor is made by a script.
    assert "CodeMirror" in shown
