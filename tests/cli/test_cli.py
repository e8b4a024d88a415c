"""The command line: light to start, plain in its words, exact in its exit codes."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROGRAM, Cli
from toy import DemoInstance

from ovk_archive import __version__
from ovk_archive.resources import SECTIONS

HEAVY = ("httpx", "datasette", "sqlite_utils", "uvicorn", "asyncio")


def test_help_imports_nothing_heavy() -> None:
    """`--help` starts without HTTP, Datasette or sqlite-utils."""
    code = (
        "import sys\n"
        "sys.argv = ['ovk-archive', '--help']\n"
        "from ovk_archive.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    print('LOADED', *sorted(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.partition("LOADED")[2].split()
    assert "click" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_help_lists_every_command(cli: Cli) -> None:
    """The help names all commands, one per section among them."""
    said = cli.run("--help")
    commands = [line.split()[0] for line in said.stdout.partition("Commands:")[2].splitlines()[1:]]
    others = [
        *("audit", "media", "hydrate", "status", "search", "history", "verify", "rebuild", "move"),
        *("export", "snapshot", "browse", "call", "demo", "help"),
    ]
    assert commands == ["login", "logout", "whoami", "sync", *SECTIONS, *others]
    assert (said.returncode, said.stderr) == (0, "")


def test_version(cli: Cli) -> None:
    """`--version` tells the version."""
    assert __version__ in cli.run("--version").stdout


def test_unknown_section_is_a_usage_error(cli: Cli, archive_path: Path) -> None:
    """A section that does not exist is refused with the list of those that do."""
    said = cli.run("sync", archive_path, "gifs")
    assert said.returncode == 2
    assert all(section in said.stderr for section in SECTIONS)
    assert not archive_path.exists()


def test_login_saves_a_token_that_works(cli: Cli, any_toy: DemoInstance) -> None:
    """Login with password saves a token for its owner alone, and whoami uses it."""
    answers = f"{any_toy.url}\n{any_toy.login}\n{any_toy.password}\n"
    said = cli.run("login", stdin=answers)
    assert (said.returncode, said.stdout) == (0, "")
    file = cli.config / "credentials.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text())["user_id"] == any_toy.account_id
    assert any_toy.password not in said.stderr + file.read_text()

    who = cli.run("whoami", "--json")
    facts = json.loads(who.stdout)
    assert (who.returncode, facts["id"], facts["instance"]) == (0, 1, any_toy.url)
    assert facts["name"] == "Анна Архивова"
    assert "OpenVK" in cli.run("whoami").stdout


def test_login_twice_reuses_the_token(cli: Cli, toy: DemoInstance) -> None:
    """A second login gets the first one's token instead of a new one."""
    answers = f"{toy.login}\n{toy.password}\n"
    tokens = []
    for _ in range(2):
        assert cli.run("login", "--instance", toy.url, stdin=answers).returncode == 0
        tokens.append(json.loads((cli.config / "credentials.json").read_text())["token"])
    assert tokens[0] == tokens[1]


def test_login_asks_for_the_second_factor(cli: Cli, any_toy: DemoInstance) -> None:
    """Where the account wants a code, the code is asked for."""
    any_toy.two_factor = "123456"
    answers = f"{any_toy.login}\n{any_toy.password}\n123456\n"
    said = cli.run("login", "--instance", any_toy.url, stdin=answers)
    assert said.returncode == 0
    assert "2FA" in said.stderr


def test_login_takes_a_token(cli: Cli, toy: DemoInstance) -> None:
    """--token-stdin saves the token that comes in, under the id of its account."""
    said = cli.run("login", "--instance", toy.url, "--token-stdin", stdin=f"{toy.token}\n")
    saved = json.loads((cli.config / "credentials.json").read_text())
    assert said.returncode == 0
    assert (saved["token"], saved["user_id"]) == (toy.token, toy.account_id)


@pytest.mark.parametrize("stdin", ["", "\n", "1-no-such-token-jill\n"])
def test_login_saves_no_bad_token(cli: Cli, toy: DemoInstance, stdin: str) -> None:
    """A token that is empty or refused is not saved."""
    said = cli.run("login", "--instance", toy.url, "--token-stdin", stdin=stdin)
    assert said.returncode == (11 if "jill" in stdin else 2)
    assert not cli.config.exists()


def test_login_by_token_needs_an_instance(cli: Cli) -> None:
    """--token-stdin without --instance is a usage error, and reads nothing."""
    assert cli.run("login", "--token-stdin", stdin="secret\n").returncode == 2


def test_password_is_not_shown_on_a_terminal(cli: Cli, toy: DemoInstance) -> None:
    """What is typed as the password does not appear on the terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        command = [*PROGRAM, "login", "--instance", toy.url]
        os.execve(command[0], command, cli.environment)
    shown = b""
    for question, answer in ((b"Login", toy.login), (b"Password", toy.password)):
        while question not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, f"{answer}\n".encode())
    while b"Logged in" not in shown:
        shown += os.read(terminal, 1024)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)
    assert toy.login.encode() in shown
    assert toy.password.encode() not in shown


def test_logout_forgets(user: Cli) -> None:
    """After logout there is no token, and a second logout is no error."""
    assert user.run("logout").returncode == 0
    assert not (user.config / "credentials.json").exists()
    assert user.run("whoami").returncode == 11
    assert "no saved token" in user.run("logout").stderr


def test_environment_wins(user: Cli, any_toy: DemoInstance) -> None:
    """OVK_INSTANCE and OVK_TOKEN are used instead of the file."""
    user.environment |= {"OVK_INSTANCE": any_toy.url, "OVK_TOKEN": any_toy.token}
    assert json.loads(user.run("whoami", "--json").stdout)["instance"] == any_toy.url


def test_reader_that_closes_early_is_no_crash(user: Cli) -> None:
    """`ovk-archive call … | head -c1` ends without a traceback."""
    command = " ".join([*PROGRAM, "call", "users.get", "user_ids=1", "| true"])
    done = subprocess.run(
        ["bash", "-c", command], env=user.environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr


def test_bug_shows_its_traceback(cli: Cli) -> None:
    """An error that is not one of ours is not hidden."""
    code = (
        "from ovk_archive.cli.account import credentials\n"
        "credentials.every = lambda: 1 / 0\n"
        "import sys; sys.argv = ['ovk-archive', 'logout']\n"
        "from ovk_archive.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=cli.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ZeroDivisionError" in done.stderr
    assert done.returncode == 1
