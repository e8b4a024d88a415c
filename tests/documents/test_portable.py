"""Where a system has no fcntl and its loop takes no signal handlers, as Windows, nothing breaks."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli
from toy import DemoInstance

#: What Windows does not have.
HIDDEN = ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "readline", "_curses")
WINDOWS = f"""
import asyncio, sys
for name in {HIDDEN!r}:
    sys.modules[name] = None
def none(self, *_):
    raise NotImplementedError
asyncio.SelectorEventLoop.add_signal_handler = none
asyncio.SelectorEventLoop.remove_signal_handler = none
from ovk_archive.cli import main
"""


def on_windows(cli: Cli, *arguments: object, cwd: Path | None = None, code: str = "main()") -> Any:
    """Run a command in a process that lacks what Windows lacks."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WINDOWS + code, *map(str, arguments)],
        capture_output=True, encoding="utf-8", env=_plain(cli), cwd=cwd, timeout=100, check=False,
    )  # fmt: skip


def _plain(cli: Cli) -> dict[str, str]:
    return {name: value for name, value in cli.environment.items() if name != "PYTHONWARNINGS"}


#: Commands, one a line, in one process: what one of them needed is missing for all of them.
EACH = """
for command in sys.argv.pop().splitlines():
    sys.argv[1:] = command.split()
    try:
        main()
    except SystemExit as end:
        sys.stderr.write(f"{command}: {end.code}\\n")
"""


def test_help_starts_anywhere(cli: Cli) -> None:
    """`--help` of every kind of command needs nothing of the system."""
    commands = ["--help", *(f"{one} --help" for one in ("sync", "export", "browse", "login"))]
    said = on_windows(cli, "\n".join(commands), code=EACH)

    assert said.stderr.splitlines() == [f"{one}: 0" for one in commands]
    assert said.returncode == 0
    assert said.stdout.count("Usage: ") == len(commands)


def test_what_is_made_elsewhere(cli: Cli, tmp_path: Path) -> None:
    """The demo with its files, status, export twice and verify work without these modules."""
    commands = (
        "demo --quiet",
        "status demo/archive.db",
        "export demo/archive.db out --format csv --quiet",
        "export demo/archive.db out --format csv --quiet --force",
        "verify demo/archive.db --quiet",
    )
    said = on_windows(cli, "\n".join(commands), cwd=tmp_path, code=EACH)

    assert [line for line in said.stderr.splitlines() if line.endswith(": 0")] == [
        f"{one}: 0" for one in commands
    ]
    assert said.returncode == 0
    assert "Traceback" not in said.stderr
    left = {path.name for path in tmp_path.iterdir()} - {"config"}
    assert left == {"demo", "out"}


def test_interrupts_without_a_loop_that_listens(
    user: Cli, toy: DemoInstance, archive_path: Path
) -> None:
    """Ctrl-C ends a run at a checkpoint there too."""
    toy.latency = 0.1
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", WINDOWS + "main()",
         "sync", str(archive_path), "--no-media"],
        stderr=subprocess.PIPE, encoding="utf-8", env=_plain(user),
    )  # fmt: skip
    until = time.monotonic() + 60
    while toy.count("messages.getHistory") == 0 and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(child.pid, signal.SIGINT)
    _, said = child.communicate(timeout=60)

    assert child.returncode == 130
    assert "Traceback" not in said
    assert "Stopping (press Ctrl-C again to stop at once)." in said


def test_archives_are_no_part_of_a_repository() -> None:
    """Git leaves out archives, what SQLite puts beside them, locks, and folders of files."""
    root = Path(__file__).parents[2]
    names = ["a.db", "a.db-wal", "a.db-shm", ".a.db.lock", "a.media/aa/file.jpg"]
    done = subprocess.run(
        ["git", "check-ignore", *names], cwd=root, capture_output=True, text=True, check=False
    )

    if not (root / ".git").exists():
        pytest.skip("no checkout")
    assert done.stdout.split() == names
