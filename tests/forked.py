"""A command that was forked from the warm process: to its test it is as one that was started."""

import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any


class Forked(subprocess.Popen[str]):
    """A process that is a child of the warm one, which says on a line how it ended."""

    def __init__(
        self, args: Sequence[str], line: socket.socket, pipes: Sequence[IO[str] | None]
    ) -> None:
        # Popen's own is not called: nothing is started here.
        self.args = args
        self.stdin, self.stdout, self.stderr = pipes
        self.returncode: Any = None
        self._line = line
        self._readers: dict[IO[str], _Reader] = {}
        self.pid = int(self._said())

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, sig: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def communicate(
        self,
        input: str | None = None,  # noqa: A002 - Popen's name
        timeout: float | None = None,
    ) -> tuple[Any, Any]:
        """Give it all of its input; what it says until it ends."""
        until = None if timeout is None else time.monotonic() + timeout
        writer = None
        if self.stdin is not None and not self.stdin.closed:
            writer = threading.Thread(target=_write, args=(self.stdin, input or ""), daemon=True)
            writer.start()
        told = [self._all(one, until) for one in (self.stdout, self.stderr)]
        self.wait(_left(until))
        if writer is not None:
            # Nobody reads any more. Else whoever closes the stream may find the text still in it.
            writer.join(_left(until))
        return told[0], told[1]

    def _all(self, file: IO[str] | None, until: float | None) -> str | None:
        if file is None:
            return None
        reader = self._readers.get(file) or self._readers.setdefault(file, _Reader(file))
        reader.join(_left(until))
        if reader.is_alive():
            raise subprocess.TimeoutExpired(self.args, 0)
        file.close()
        return reader.text

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._line], [], [], timeout)[0]:
            self.returncode = int(self._said())
            self._line.close()
        code: int | None = self.returncode
        return code

    def _said(self) -> bytes:
        return next_line(self._line)


class _Reader(threading.Thread):
    """Reads a stream to its end; begins at once."""

    def __init__(self, file: IO[str]) -> None:
        super().__init__(daemon=True)
        self.text = ""
        self._file = file
        self.start()

    def run(self) -> None:
        self.text = "" if self._file.closed else self._file.read()


def _write(file: IO[str], text: str) -> None:
    with suppress(BrokenPipeError), file:
        file.write(text)


def _left(until: float | None) -> float | None:
    return None if until is None else max(until - time.monotonic(), 0)


def next_line(line: socket.socket) -> bytes:
    """What the warm process says next."""
    read = b""
    while not read.endswith(b"\n"):
        more = line.recv(1)
        if not more:
            raise ChildProcessError("the warm process has ended")
        read += more
    return read
