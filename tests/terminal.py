"""Runs a command at a terminal of its own, and keeps every byte that the terminal got."""

import os
import pty
import struct
import termios
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from fcntl import ioctl

from conftest import Cli


def at_terminal(
    cli: Cli,
    *arguments: object,
    typed: Sequence[str] = (),
    asked: bool = True,
    size: tuple[int, int] | None = None,
) -> tuple[int, str]:
    """The exit code, and all that was shown, stdout and stderr as a person sees them.

    Args:
        cli: whose settings are seen.
        arguments: of the command.
        typed: lines that the person types.
        asked: each of them after a question, which ends with a colon.
        size: rows and columns of the terminal; without it, it is wide enough for anything.
    """
    ours, theirs = _opened(size)
    wide = {"TERM": "xterm"} | ({} if size else {"COLUMNS": "200"})
    child = replace(cli, environment=cli.environment | wide).start(
        *arguments, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown = bytearray()
    reader = threading.Thread(target=_read, args=(ours, shown))
    reader.start()
    try:
        for line in typed:
            _until(lambda: not asked or shown.endswith(b": "))
            # The blank, so that the same question does not count twice.
            del shown[-1:]
            os.write(ours, f"{line}\n".encode())
        code = child.wait(timeout=60)
    finally:
        child.kill()
        child.wait()
        reader.join()
        os.close(ours)
    return code, shown.decode("utf-8", "surrogateescape")


def _opened(size: tuple[int, int] | None) -> tuple[int, int]:
    """Both ends of a new terminal."""
    ours, theirs = pty.openpty()
    settings = termios.tcgetattr(theirs)
    # What is typed is not shown, and lines end as the program ends them.
    settings[1] &= ~termios.OPOST
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, settings)
    if size:
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    return ours, theirs


def _until(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.01)


def _read(end: int, shown: bytearray) -> None:
    # A terminal that nobody writes to any more ends with an error.
    with suppress(OSError):
        while more := os.read(end, 65536):
            shown.extend(more)
