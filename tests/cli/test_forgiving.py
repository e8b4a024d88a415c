"""What people type and paste is taken as they mean it; what cannot be meant is a sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli
from syncing import query, run
from toy import DemoInstance, generate

from ovk_archive.api.address import parse_instance
from ovk_archive.cli.account import credentials
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.account.pasted_token import decoded, token_in
from ovk_archive.cli.options import duration
from ovk_archive.errors import BadInputError

TOKEN = "7-5ec2e75e-ca7-jill"


# Login


def test_a_code_with_a_blank_and_a_login_with_blanks(cli: Cli, any_toy: DemoInstance) -> None:
    """Apps show a code in two halves, and copied logins have blanks around them."""
    any_toy.two_factor = "123456"
    answers = f"  {any_toy.login} \n{any_toy.password}\n 123 456 \n"
    said = cli.run("login", "--instance", any_toy.url, stdin=answers)

    assert said.returncode == 0, said.stderr


def test_three_tries_for_password_and_code(cli: Cli, any_toy: DemoInstance) -> None:
    """A wrong password and a wrong code are asked for again, each up to three times."""
    any_toy.two_factor = "123456"
    wrong = f"{any_toy.login}\nsesame\n"
    right = f"{any_toy.login}\n{any_toy.password}\n"
    said = cli.run(
        "login", "--instance", any_toy.url, stdin=f"{wrong}{wrong}{right}111\n222\n123456\n"
    )
    gave_up = cli.run("login", "--instance", any_toy.url, stdin=wrong * 4)
    code = cli.run("login", "--instance", any_toy.url, stdin=f"{right}1\n2\n3\n123456\n")

    assert said.returncode == 0, said.stderr
    assert said.stderr.count("3 tries") == 4
    assert (gave_up.returncode, code.returncode) == (11, 11)
    assert "sesame" not in said.stderr + gave_up.stderr


@pytest.mark.parametrize(
    "pasted",
    [
        f"  {TOKEN}\r\n",
        f"\ufeff{TOKEN}\n",
        f'"{TOKEN}"',
        f"«{TOKEN}»",
        json.dumps({"access_token": TOKEN, "user_id": 7}, indent=2),
        json.dumps({"instance_url": "https://x.example", "user_id": 7, "token": TOKEN}),
        f"https://ovk.to/blank.html#access_token={TOKEN}&user_id=7",
        f"access_token={TOKEN}&user_id=7",
        f"'https://ovk.to/blank.html?access_token={TOKEN}'",
    ],
)
def test_a_token_however_it_is_pasted(cli: Cli, pasted: str) -> None:
    """Blanks, a BOM, quotes, JSON and the address of a login are taken off."""
    assert token_in(pasted) == TOKEN
    found = credentials.load({"OVK_INSTANCE": "x.example", "OVK_TOKEN": pasted, **_own(cli)})
    assert found
    assert found.token == TOKEN


def _own(cli: Cli) -> dict[str, str]:
    return {"OVK_CONFIG_DIR": str(cli.config)}


@pytest.mark.parametrize(
    "raw", [TOKEN.encode("utf-16"), b"\xef\xbb\xbf" + TOKEN.encode(), TOKEN.encode()]
)
def test_a_token_file_of_any_editor(raw: bytes) -> None:
    """With the marks that Notepad puts before a text, it is the same text."""
    assert token_in(decoded(raw)) == TOKEN


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe\xff", b"\xd0\xff\xd0", b"", b"{" * 100_000, b'{"x": "jill"}', b"two jill"]
)
def test_what_is_no_token_is_a_sentence(
    cli: Cli, toy: DemoInstance, tmp_path: Path, raw: bytes
) -> None:
    """A file that is no text, is empty or broken ends with 2, and nothing of it is repeated."""
    file = tmp_path / "token"
    file.write_bytes(raw)
    with file.open("rb") as given:
        child = cli.start("login", "--instance", toy.url, "--token-stdin", stdin=given)
    _, said = child.communicate(timeout=60)

    assert child.returncode == 2
    assert "Traceback" not in said
    assert said.count("Error: ") == 1
    assert "jill" not in said.replace("1-2ab34c-jill", "")
    assert toy.raw == []


@pytest.mark.parametrize(
    "text",
    [
        "ovk.to/id12", "https://ovk.to/", "HTTPS://OVK.TO/ID12/", "ovk.to/wall-5_7", "ovk.to/club3",
        "https://ovk.to/feed", "ovk.to/login?jReturnTo=/", "https://ovk.to/id12?w=wall12_3#x",
        " ovk.to// ", "https://ovk.to/blank.html#access_token=x",
    ],
)  # fmt: skip
def test_an_instance_by_any_of_its_pages(text: str) -> None:
    """Whoever copies an address from the browser means the instance."""
    assert parse_instance(text).url == "https://ovk.to"


def test_a_path_stays_a_part_of_an_instance() -> None:
    """An instance below a path keeps it, also where a page of it was copied."""
    assert parse_instance("x.example/ovk").url == "https://x.example/ovk"
    assert parse_instance("x.example/ovk/id12").url == "https://x.example/ovk"
    assert parse_instance("https://id12").url == "https://id12"
    with pytest.raises(BadInputError):
        parse_instance("https://x.example?a=b")


# Options and arguments


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("2h", 7200), ("1h30m", 5400), ("1.5", 1.5),
     (" 10 M ", 600), ("5min", 300)],
)  # fmt: skip
def test_times(text: str, seconds: float) -> None:
    """Seconds, minutes and hours, alone or together."""
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["0", "", "-5", "5x", "m", "inf", "nan", "1m1h", "0h"])
def test_no_times(user: Cli, archive_path: Path, text: str) -> None:
    """What is no time, or none at all, is a mistake, and no archive is made."""
    said = user.run("sync", archive_path, f"--max-duration={text}")

    assert said.returncode == 2
    assert "10m" in said.stderr
    assert not archive_path.exists()


def test_sections_with_commas(user: Cli, archive_path: Path) -> None:
    """`wall,notes` and `wall notes` are the same."""
    said = user.run("sync", archive_path, "notes,Gifts", "docs", "--json", "--no-media")
    read = set(json.loads(said.stdout)["lists"])

    assert said.returncode == 0
    assert {"notes", "gifts", "documents"} <= read
    assert "posts" not in read


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("mesages", "a.db"), "messages"), (("sycn", "a.db"), "sync"),
        (("sync", "a.db", "wal"), "wall"), (("sync", "a.db", "notes,foto,photoz"), "photos"),
        (("media", "a.db", "--kinds", "photo"), "photos"),
        (("call", "user.get"), "users.get"), (("history", "a.db", "pots", "1_1"), "posts"),
        (("export", "a.db", "out", "--format", "csv", "--table", "mesages"), "messages"),
    ],
)  # fmt: skip
def test_did_you_mean(user: Cli, tmp_path: Path, arguments: tuple[str, ...], meant: str) -> None:
    """A mistyped command, section, kind, table or method is answered with the nearest one."""
    said = user.run(*arguments, cwd=tmp_path)

    assert said.returncode == 2
    if "foto" not in arguments[-1]:
        assert f"Did you mean {meant}" in said.stderr or f" or {meant}?" in said.stderr
    assert not (tmp_path / "a.db").exists()


@pytest.mark.parametrize(
    "arguments", [("sync", "wall"), ("sync", "wall,messages"), ("sync", "wall", "notes"),
                  ("sync", "wall", "a.db"), ("wall", "wall"), ("audit", "messages")]
)  # fmt: skip
def test_a_forgotten_archive(
    user: Cli, toy: DemoInstance, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Where a section stands in the archive's place, no file of that name is made."""
    before = set(tmp_path.iterdir())
    said = user.run(*arguments, cwd=tmp_path)

    assert said.returncode == 2
    assert "name the archive first" in said.stderr
    assert set(tmp_path.iterdir()) == before
    assert toy.raw == []


def test_an_archive_may_be_called_as_a_section(user: Cli, tmp_path: Path) -> None:
    """With its whole path it is no section, nor once it is there."""
    assert user.run("notes", tmp_path / "wall", "--quiet", "--no-media").returncode == 0
    assert user.run("notes", "wall", "--quiet", "--no-media", cwd=tmp_path).returncode == 0


# Several accounts


def test_an_archive_finds_its_own_account(cli: Cli, tmp_path: Path) -> None:
    """With two saved accounts each archive is read with the token of its own."""
    with DemoInstance(generate(), "A") as one, DemoInstance(generate(2), "B") as other:
        cli.log_in(one)
        first = cli.run("notes", tmp_path / "one.db", "--quiet", "--no-media")
        cli.log_in(other)
        second = cli.run("notes", tmp_path / "other.db", "--quiet", "--no-media")
        one.reset_counts()
        other.reset_counts()
        again = cli.run("notes", tmp_path / "one.db", "--quiet", "--no-media")
        asked = one.count("notes.get"), other.count("notes.get")
        verified = cli.run("verify", tmp_path / "one.db", "--server", "--quiet")
        named = cli.run("whoami", "--json", "--account", f"1@{parse_instance(one.url).key}")
        last = cli.run("whoami", "--json")
        unclear = cli.run("whoami", "--account", "1")
        refused = cli.run("logout")
        gone = cli.run("logout", "--account", parse_instance(other.url).key)
        left = cli.run("whoami", "--json")

    assert [first.returncode, second.returncode, again.returncode] == [0, 0, 0], again.stderr
    assert asked[0] > 0
    assert asked[1] == 0
    assert verified.returncode in (0, 3)
    assert json.loads(named.stdout)["instance"] == one.url
    assert json.loads(last.stdout)["instance"] == other.url
    assert f"Other saved accounts: 1@{parse_instance(one.url).key}" in last.stderr
    assert (unclear.returncode, refused.returncode, gone.returncode) == (2, 2, 0)
    assert "Several saved accounts are '1'" in unclear.stderr
    assert json.loads(left.stdout)["instance"] == one.url
    assert "token" not in last.stderr


def test_the_file_of_older_programs(tmp_path: Path) -> None:
    """An old file is read, and an old program finds the last login in a new one."""
    env = {"OVK_CONFIG_DIR": str(tmp_path)}
    first, second = (
        Credentials("https://a.example", 1, "1-a"),
        Credentials("https://b.example", 2, "2-b"),
    )
    old: dict[str, Any] = {"instance_url": "https://a.example", "user_id": 1, "token": "1-a"}
    credentials.path(env).write_text(json.dumps(old))
    assert credentials.every(env) == [first]
    credentials.save(second, env)
    content = json.loads(credentials.path(env).read_text())

    assert {name: content[name] for name in old} == {
        "instance_url": "https://b.example", "user_id": 2, "token": "2-b"
    }  # fmt: skip
    assert credentials.every(env) == [second, first]
    credentials.save(first, env)
    assert credentials.every(env) == [first, second], "each is there once, the last login first"
    assert credentials.load({**env, "OVK_INSTANCE": "b.example"}) == second
    assert credentials.path(env).stat().st_mode & 0o777 == 0o600


# The machine


@pytest.mark.parametrize("content", ["[" * 200_000, '{"others": 5}', '{"a":' * 100_000])
def test_damaged_credentials(cli: Cli, toy: DemoInstance, archive_path: Path, content: str) -> None:
    """Whatever is in the file, it is one sentence, and a new login writes it anew."""
    cli.config.mkdir()
    (cli.config / "credentials.json").write_text(content)
    said = cli.run("whoami")

    assert said.returncode == 30
    assert said.stderr.count("\n") == 1
    assert "is broken" in said.stderr
    given = {"OVK_INSTANCE": toy.url, "OVK_TOKEN": toy.token}
    cli.environment |= given
    assert cli.run("whoami").returncode == 0, "the environment wins"
    assert cli.run("notes", archive_path, "--quiet", "--no-media").returncode == 0
    assert cli.run("notes", archive_path, "--quiet", "--no-media").returncode == 0
    cli.environment = {name: cli.environment[name] for name in cli.environment.keys() - given}
    assert cli.run("logout", "--all").returncode == 0


@pytest.mark.parametrize("command", [("status",), ("status", "--json"), ("history", "post", "1_1")])
def test_a_full_stdout(
    cli: Cli, toy: DemoInstance, archive_path: Path, command: tuple[str, ...]
) -> None:
    """Where the output cannot be written that is a sentence and 1; a closed pipe is silence."""
    run(toy, archive_path, sections=("wall",))
    words = (command[0], archive_path, *command[1:])
    with Path("/dev/full").open("w") as full:
        done = cli.start(*words, stdout=full)
    _, said = done.communicate(timeout=60)
    read, write = os.pipe()
    os.close(read)
    broken = cli.start(*words, stdout=write)
    os.close(write)

    assert (done.returncode, said.count("\n")) == (1, 1)
    assert "The output cannot be written" in said
    assert broken.communicate(timeout=60)[1] == ""


def test_a_full_stderr_ends_no_sync(user: Cli, archive_path: Path) -> None:
    """A run whose words nobody can hear saves all the same."""
    with Path("/dev/full").open("w") as full:
        child = user.start(
            "notes", archive_path, "--no-media", stdout=subprocess.DEVNULL, stderr=full
        )

    assert child.wait(timeout=60) == 0
    assert query(archive_path, "select count(*) > 0 from notes") == [(1,)]


@pytest.mark.skipif(os.getuid() != 0, reason="it becomes a user without a home")
def test_no_home(cli: Cli) -> None:
    """Where there is no home directory, that is said, and no folder `~` is made."""
    hidden = {"HOME", "OVK_CONFIG_DIR", "XDG_CONFIG_HOME"}
    code = (
        "import os, sys, asyncio; "
        "from ovk_archive.cli.account import current_account, whoami; "
        "from ovk_archive.cli import main; os.setuid(54321); "
        "sys.argv = ['ovk-archive', 'whoami']; main()"
    )
    env = {name: value for name, value in cli.environment.items() if name not in hidden}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd="/", env=env, check=False
    )

    assert done.returncode == 30, done.stderr
    assert "set HOME, or OVK_CONFIG_DIR" in done.stderr
    assert not Path("/~").exists()
