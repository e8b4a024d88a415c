"""Bad input: one sentence, what to do, the exit code of its class, and nothing changed on disk."""

import json
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest
from conftest import Cli
from sentences import assert_one_sentence
from toy import DemoInstance, generate

from ovk_archive.api.address import parse_instance
from ovk_archive.archive.file.journaling import PAGE
from ovk_archive.archive.tables.schema import APPLICATION_ID, SCHEMA_VERSION


def snapshot(directory: Path) -> dict[str, bytes]:
    """Every file below a directory and what is in it."""
    return {str(p): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()}


@pytest.fixture
def closed_port() -> str:
    """An address where nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


@pytest.fixture
def other_site() -> Iterator[str]:
    """A web server that has never heard of OpenVK."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Quiet) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_wrong_password(cli: Cli, any_toy: DemoInstance) -> None:
    """A wrong password is refused with 11, is not repeated, and nothing is saved."""
    answers = f"{any_toy.login}\nsesame-open\n"
    said = cli.run("login", "--instance", any_toy.url, stdin=answers)
    assert_one_sentence(said, 11, "does not accept this login and password")
    assert "sesame-open" not in said.stderr
    assert not cli.config.exists()


def test_wrong_second_factor(cli: Cli, any_toy: DemoInstance) -> None:
    """A wrong 2FA code is refused with 11, and nothing is saved."""
    any_toy.two_factor = "123456"
    answers = f"{any_toy.login}\n{any_toy.password}\n654321\n"
    said = cli.run("login", "--instance", any_toy.url, stdin=answers)
    assert_one_sentence(said, 11, "does not accept this 2FA code", "try a fresh one")
    assert any_toy.password not in said.stderr
    assert not cli.config.exists()


@pytest.mark.parametrize("text", ["", "ftp://x", "http://u:p@host", "host name", "http://h:0"])
def test_login_at_no_address(cli: Cli, text: str) -> None:
    """What cannot be an instance is a usage error."""
    said = cli.run("login", "--instance", text or "://")
    assert_one_sentence(said, 2, "instance")


def test_login_at_dead_host(cli: Cli, closed_port: str) -> None:
    """A host that does not answer is 20, said with its address."""
    said = cli.run("login", "--instance", closed_port, stdin="a\nb\n")
    assert_one_sentence(said, 20, "cannot be reached", "check the address")


@pytest.mark.parametrize("command", ["login", "whoami", "sync"])
def test_host_that_is_not_openvk(
    cli: Cli, other_site: str, archive_path: Path, command: str
) -> None:
    """A web server without the API is 20."""
    arguments: dict[str, list[object]] = {
        "login": ["--instance", other_site],
        "whoami": [],
        "sync": [archive_path],
    }
    if command != "login":
        cli.environment |= {"OVK_INSTANCE": other_site, "OVK_TOKEN": "1-2-jill"}
    said = cli.run(command, *arguments[command], stdin="a\nb\n")
    assert_one_sentence(said, 20, "127.0.0.1")
    assert not archive_path.exists()


@pytest.mark.parametrize("command", ["whoami", "call", "sync"])
def test_without_login(cli: Cli, archive_path: Path, command: str) -> None:
    """Without a token the answer is 11 and the name of the command that gets one."""
    arguments: dict[str, list[object]] = {
        "whoami": [],
        "call": ["users.get"],
        "sync": [archive_path],
    }
    assert_one_sentence(cli.run(command, *arguments[command]), 11, "ovk-archive login")


@pytest.mark.parametrize("command", ["whoami", "call", "sync"])
def test_revoked_token(cli: Cli, any_toy: DemoInstance, archive_path: Path, command: str) -> None:
    """A revoked token is 11 before anything is written."""
    cli.log_in(any_toy)
    any_toy.revoke()
    arguments: dict[str, list[object]] = {
        "whoami": [],
        "call": ["account.getProfileInfo"],
        "sync": [archive_path],
    }
    said = cli.run(command, *arguments[command])
    assert_one_sentence(said, 11, "does not accept the token", "ovk-archive login")
    assert not archive_path.exists()


def test_banned_account(cli: Cli, any_toy: DemoInstance, archive_path: Path) -> None:
    """The token of a banned account is 11 too, and nobody is told to log in again."""
    cli.log_in(any_toy)
    any_toy.ban()
    said = cli.run("sync", archive_path)
    assert_one_sentence(said, 11, "is banned or deleted", "another login does not help")
    assert "ovk-archive login" not in said.stderr
    assert not archive_path.exists()


def test_token_revoked_on_the_way(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """A token revoked in the middle of a sync ends it with 11; what was read stays readable."""
    seen = []

    def revoke(one: Any) -> None:
        seen.append(one.method)
        if len(seen) == 20:
            toy.revoke()

    toy.between = revoke
    said = user.run("sync", archive_path)
    assert said.returncode == 11
    assert "Error: " in said.stderr
    assert "Traceback" not in said.stderr
    with closing(sqlite3.connect(archive_path)) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        assert db.execute("select exit_code from _runs").fetchall() == [(11,)]


@pytest.mark.parametrize(
    ("owner", "code"),
    [
        ("nobody_at_all", 10),
        ("id404404", 10),
        ("-404404", 10),
        ("https://elsewhere.example/id1", 2),
        ("0", 2),
        ("no such name", 2),
    ],
)
def test_unknown_owner(
    cli: Cli, any_toy: DemoInstance, archive_path: Path, owner: str, code: int
) -> None:
    """An owner who is not there is refused, and no archive is made."""
    cli.log_in(any_toy)
    said = cli.run("sync", archive_path, f"--owner={owner}")
    assert_one_sentence(said, code)
    assert not archive_path.exists()


def _directory(path: Path) -> Path:
    path.mkdir()
    return path


def _missing_directory(path: Path) -> Path:
    return path / "no" / "archive.db"


def _below_a_file(path: Path) -> Path:
    path.write_text("a file")
    return path / "archive.db"


def _where_nothing_is_written(_: Path) -> Path:
    # Tests may run as root, whom permissions do not stop; the kernel does.
    return Path("/proc/archive.db")


def _text(path: Path) -> Path:
    path.write_text("Dear diary, this is longer than the header of a database.")
    return path


def _other_database(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as db:
        db.execute("create table recipes (name)")
    return path


def _newer(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as db:
        db.execute("create table _archive (name, value)")
        db.execute(f"pragma application_id = {APPLICATION_ID}")
        db.execute(f"pragma user_version = {SCHEMA_VERSION + 1}")
    return path


class BadPath(NamedTuple):
    """A path, the exit code it deserves, and words of the error."""

    make: Callable[[Path], Path]
    code: int
    words: str


BAD_PATHS = [
    BadPath(_directory, 30, "is a directory"),
    BadPath(_missing_directory, 30, "there is no directory"),
    BadPath(_below_a_file, 30, "archive.db"),
    BadPath(_where_nothing_is_written, 30, "/proc"),
    BadPath(_text, 30, "is not an SQLite file"),
    BadPath(_other_database, 30, "database of another program"),
    BadPath(_newer, 31, "install a newer ovk-archive"),
]


@pytest.mark.parametrize("bad", BAD_PATHS, ids=lambda bad: bad.make.__name__)
def test_bad_archive_path(
    user: Cli,
    toy: DemoInstance,
    archive_path: Path,
    bad: BadPath,
) -> None:
    """A path that cannot be the archive is refused before anything is asked or touched."""
    path = bad.make(archive_path)
    before = snapshot(archive_path.parent)
    assert_one_sentence(user.run("sync", path), bad.code, bad.words)
    assert snapshot(archive_path.parent) == before
    if bad.make is not _where_nothing_is_written:
        assert toy.raw == []


@pytest.mark.parametrize("command", ["status", "browse"])
@pytest.mark.parametrize("bad", BAD_PATHS, ids=lambda bad: bad.make.__name__)
def test_bad_path_to_read(cli: Cli, archive_path: Path, command: str, bad: BadPath) -> None:
    """Commands that only read refuse the same paths, and make nothing."""
    path = bad.make(archive_path)
    before = snapshot(archive_path.parent)
    assert_one_sentence(cli.run(command, path), bad.code)
    assert snapshot(archive_path.parent) == before


def test_status_of_nothing(cli: Cli, archive_path: Path) -> None:
    """There is no status of an archive that does not exist, and none is made."""
    assert_one_sentence(cli.run("status", archive_path), 30, "ovk-archive sync")
    assert not archive_path.exists()


def test_archive_of_another(cli: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """An archive of another instance is refused with 33 and stays as it was, byte for byte."""
    cli.log_in(toy)
    assert cli.run("notes", archive_path, "--quiet").returncode == 0
    before = snapshot(archive_path.parent)
    with DemoInstance(generate(), "B") as other:
        cli.log_in(other)
        # Left to itself, the archive takes the account that is its own.
        said = cli.run("sync", archive_path, "--account", parse_instance(other.url).key)
    assert_one_sentence(said, 33, "is the archive of account 1", "name another path")
    after = snapshot(archive_path.parent)
    config = str(cli.config)
    assert {k: v for k, v in after.items() if not k.startswith(config)} == {
        k: v for k, v in before.items() if not k.startswith(config)
    }


def test_archive_of_another_account(user: Cli, archive_path: Path) -> None:
    """An archive of another account of the same instance is refused as well."""
    assert user.run("notes", archive_path, "--quiet").returncode == 0
    with closing(sqlite3.connect(archive_path)) as db:
        db.execute("update _archive set value = '77' where name = 'account_id'")
        db.commit()
    before = archive_path.read_bytes()
    assert_one_sentence(user.run("sync", archive_path), 33, "account 77")
    assert archive_path.read_bytes() == before


def test_damaged_archive(user: Cli, archive_path: Path) -> None:
    """An archive with a damaged page is an error of its own kind, never a traceback."""
    assert user.run("notes", archive_path, "--quiet").returncode == 0
    content = bytearray(archive_path.read_bytes())
    assert len(content) > PAGE * 40
    content[PAGE : PAGE * 40] = b"\xff" * (PAGE * 39)
    archive_path.write_bytes(content)
    assert_one_sentence(user.run("sync", archive_path), 30)
    assert_one_sentence(user.run("status", archive_path), 30)


def test_plain_http_abroad_warns_before_sending(cli: Cli) -> None:
    """Before a token goes unencrypted over a network there is a warning."""
    cli.environment |= {"OVK_INSTANCE": "http://192.0.2.1", "OVK_TOKEN": "1-2-jill"}
    # A proxy on loopback that refuses at once stands for the network.
    cli.environment |= {"http_proxy": "http://127.0.0.1:9"}
    said = cli.run("whoami")
    assert said.returncode == 20
    assert said.stderr.startswith("Warning: http://192.0.2.1 is not encrypted")
    assert "1-2-jill" not in said.stderr


def test_broken_credentials(cli: Cli) -> None:
    """A broken credentials file is refused without a word of what is in it."""
    cli.config.mkdir()
    (cli.config / "credentials.json").write_text(json.dumps({"token": "1-2-jill"}))
    said = cli.run("whoami")
    assert_one_sentence(said, 30, "ovk-archive login")
    assert "jill" not in said.stderr


def test_port_that_is_taken(user: Cli, archive_path: Path) -> None:
    """Browsing on a taken port says so, and what to do."""
    assert user.run("notes", archive_path, "--quiet").returncode == 0
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        said = user.run("browse", archive_path, "--port", taken.getsockname()[1])
    assert_one_sentence(said, 2, "--port")


@pytest.mark.parametrize(
    "options",
    [
        ["--concurrency", "0"],
        ["--concurrency", "17"],
        ["--max-requests", "0"],
        ["--max-duration", "0"],
    ],
)
def test_numbers_out_of_range(user: Cli, archive_path: Path, options: list[str]) -> None:
    """Numbers that make no sense are usage errors."""
    assert user.run("sync", archive_path, *options).returncode == 2
    assert not archive_path.exists()
