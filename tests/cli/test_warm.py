"""A command that is forked from the warm process is what a new one is."""

import os
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Cli
from terminal import at_terminal
from warm import WarmProcess

#: Of every command at least one call that needs no server; `ARCHIVE` is an archive with notes.
CALLS = (
    ("--version",),
    ("nonsense",),
    ("login", "--instance", "no address", "--token-stdin"),
    ("logout",),
    ("whoami",),
    ("sync", "ARCHIVE"),
    ("notes", "ARCHIVE", "--since", "yesterday-ish"),
    ("audit", "ARCHIVE"),
    ("media", "none.db"),
    ("status", "ARCHIVE"),
    ("history", "ARCHIVE", "note", "1_1"),
    ("verify", "ARCHIVE"),
    ("rebuild", "ARCHIVE", "--json"),
    ("move", "none.db"),
    ("export", "ARCHIVE", "-", "--format", "csv", "--table", "notes"),
    ("snapshot", "ARCHIVE", "ARCHIVE"),
    ("browse", "none.db"),
    ("call", "users.get"),
    ("demo", "--dialect", "c"),
)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call[0])
def test_it_says_and_ends_as_a_new_process(
    call: tuple[str, ...], cli: Cli, made: Path, tmp_path: Path
) -> None:
    """The exit code, the data and the words of a command are those of the real entry point."""
    archive = tmp_path / "archive.db"
    told = []
    for one in (cli, replace(cli, warm=None)):
        shutil.copy(made, archive)
        arguments = [str(archive) if word == "ARCHIVE" else word for word in call]
        done = one.run(*arguments, cwd=tmp_path, stdin="1-2-jill\n")
        told.append((done.returncode, done.stdout, done.stderr))

    assert told[0] == told[1]


def test_a_started_one_is_a_process(cli: Cli, tmp_path: Path) -> None:
    """It waits for its input, is there meanwhile, and ends with the signal it is sent."""
    waits = ("login", "--instance", "http://127.0.0.1:9", "--token-stdin")
    for one in (cli, replace(cli, warm=None)):
        with one.start(*waits, stdin=subprocess.PIPE, cwd=tmp_path) as child:
            assert child.poll() is None
            os.kill(child.pid, 0)
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(timeout=0.01)
            child.send_signal(signal.SIGKILL)
            assert child.wait(timeout=20) == -signal.SIGKILL
        with one.start("nonsense", cwd=tmp_path) as child:
            out, err = child.communicate(timeout=20)
        assert (child.returncode, child.poll(), out) == (2, 2, "")
        assert "There is no command 'nonsense'" in err


def test_two_at_once_know_nothing_of_each_other(cli: Cli, tmp_path: Path) -> None:
    """Of two that run, each has its own input, and ends when it is done."""
    arguments = ("login", "--instance", "http://127.0.0.1:9", "--token-stdin")
    both = [cli.start(*arguments, stdin=subprocess.PIPE, cwd=tmp_path) for _ in range(2)]
    first, second = both
    said = second.communicate("\n", timeout=20)
    assert first.poll() is None
    assert first.communicate("\n", timeout=20) == said == ("", "Error: The input holds no token.\n")
    assert (first.returncode, second.returncode) == (2, 2)


def test_it_sees_a_terminal(cli: Cli, made: Path) -> None:
    """At a terminal it shows what a new one shows there."""
    shown = [at_terminal(one, "status", made) for one in (cli, replace(cli, warm=None))]

    assert shown[0] == shown[1]
    assert shown[0][0] == 0


def test_it_has_its_own_environment_folder_and_input(cli: Cli, tmp_path: Path) -> None:
    """What one command was given is not there for the next."""
    cli.environment["OVK_INSTANCE"] = "https://example.org/path"
    first = cli.run("login", "--token-stdin", stdin="token\n", cwd=tmp_path)
    del cli.environment["OVK_INSTANCE"]
    second = cli.run("login", "--token-stdin", stdin="token\n", cwd=tmp_path)

    assert "example.org/path" in first.stderr
    assert "example.org/path" not in second.stderr
    assert not cli.run("status", "none.db", cwd=tmp_path).stdout


def test_what_python_reads_at_its_start_takes_a_new_process(cli: Cli, warm: WarmProcess) -> None:
    """A command is not forked if it would find another Python, or another package."""
    here = Path(__file__).parent

    assert warm.can(cli.environment, here)
    assert warm.can(cli.environment | {"OVK_TOKEN": "1"}, here)
    for name in ("PYTHONIOENCODING", "LC_ALL", "LD_PRELOAD"):
        assert not warm.can(cli.environment | {name: "something else"}, here)


def test_another_package_takes_a_new_process(cli: Cli, warm: WarmProcess, tmp_path: Path) -> None:
    """In a folder with a package of the same name, that one is what `python -m` runs."""
    (tmp_path / "ovk_archive").mkdir()

    assert not warm.can(cli.environment, tmp_path)
