"""Commands in processes that are forked from a warm one, which has imported everything already.

A new interpreter takes half a second and more to import what a command needs. What is forked is a
process of its own as well: with its own arguments, environment, folder, streams and exit code, and
it ends as any other.
"""

import gc
import importlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # Else the modules of tests come before those of the standard library and of the program.
    sys.path[0] = str(Path(__file__).parents[1])

import ovk_archive

#: What Python or C read when they start: a process for which it differs is started anew.
_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "DYLD_", "MALLOC_")
#: What commands import when they are called.
_ROOMS = ("api", "archive", "browse", "checks", "cli", "demo", "export", "media", "sync")
_OTHERS = ("tqdm", "uvicorn", "datasette.app", "sqlite_utils.migrations", "concurrent.futures")


class WarmProcess:
    """The process that is forked; it runs one command at a time.

    `environment` is what it sees beside our own, `before` what starts it, and `more` how: all that
    it forks is in the same place, where it may be allowed less.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        before: tuple[str, ...] = (),
        **more: Any,
    ) -> None:
        self._environment = {**os.environ, "PYTHONWARNINGS": "error", **(environment or {})}
        self._before = before
        self._more = more
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: socket.socket | None = None

    def can(self, environment: Mapping[str, str], folder: Path) -> bool:
        """Whether a command would find all in it as in a new process."""
        package = folder / "ovk_archive"
        return (
            _at_start(environment) == _at_start(self._environment)
            and (not package.exists() or str(package.resolve()) in ovk_archive.__path__)
            and hasattr(os, "fork")
        )

    def seen(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Add to an environment what this process has read when it started."""
        return {**environment, **_at_start(self._environment)}

    def run(
        self,
        arguments: Iterable[str],
        environment: Mapping[str, str],
        folder: Path,
        *,
        stdin: str = "",
        timeout: float = 60,
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        command = ["ovk-archive", *arguments]
        with self._turn:
            pipe = self._started()
            streams = [_Stream(stdin), _Stream(), _Stream()]
            umask = os.umask(0o077)
            os.umask(umask)
            job = {
                "arguments": command,
                "environment": dict(environment),
                "folder": str(folder),
                "umask": umask,
            }
            line = json.dumps(job).encode() + b"\n"
            ends = [one.end for one in streams]
            socket.send_fds(pipe, [line[:1]], ends)
            pipe.sendall(line[1:])
            for one in streams:
                one.begin()
            pid = int(_line(pipe))
            pipe.settimeout(timeout)
            try:
                code = int(_line(pipe))
            except TimeoutError:
                os.kill(pid, 9)
                pipe.settimeout(None)
                _line(pipe)
                raise subprocess.TimeoutExpired(command, timeout) from None
            finally:
                pipe.settimeout(None)
            _, out, err = [one.all() for one in streams]
        return subprocess.CompletedProcess(command, code, out, err)

    def close(self) -> None:
        """End it."""
        if self._pipe is not None and self._process is not None:
            self._pipe.close()
            self._process.wait()

    def _started(self) -> socket.socket:
        if self._pipe is None:
            self._pipe, other = socket.socketpair()
            self._process = subprocess.Popen(
                [*self._before, sys.executable, __file__, str(other.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=self._environment,
                pass_fds=[other.fileno()],
                **self._more,
            )
            other.close()
        return self._pipe


class _Stream:
    """One standard stream of a command: what goes in, or all that comes out."""

    def __init__(self, text: str | None = None) -> None:
        reading, writing = os.pipe()
        self._text = text
        self.end, self._own = (writing, reading) if text is None else (reading, writing)
        self._read = b""
        self._thread = threading.Thread(target=self._go, daemon=True)

    def begin(self) -> None:
        """The other end has been given away."""
        os.close(self.end)
        self._thread.start()

    def all(self) -> str:
        """All that came out, with the line ends of text."""
        self._thread.join()
        return self._read.decode().replace("\r\n", "\n").replace("\r", "\n")

    def _go(self) -> None:
        with open(self._own, "rb" if self._text is None else "wb", buffering=0) as file:  # noqa: PTH123 - it is no path
            if self._text is None:
                self._read = file.readall()
            else:
                try:
                    file.write(self._text.encode())
                except BrokenPipeError:
                    return


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: one for name, one in environment.items() if name.startswith(_AT_START)}


def _line(pipe: socket.socket) -> bytes:
    read = b""
    while not read.endswith(b"\n"):
        more = pipe.recv(1)
        if not more:
            raise ChildProcessError("the warm process has ended")
        read += more
    return read


# In the warm process


def _serve(pipe: socket.socket) -> None:
    """Fork for each command that is asked for; return in the forked process."""
    while True:
        first, ends, _, _ = socket.recv_fds(pipe, 1, 3)
        if not first:
            sys.exit()
        job = json.loads(first + _line(pipe))
        pid = os.fork()
        if not pid:
            pipe.close()
            _become(job, ends)
            return
        for end in ends:
            os.close(end)
        pipe.sendall(b"%d\n" % pid)
        _, status = os.waitpid(pid, 0)
        pipe.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(job: Mapping[str, Any], ends: Iterable[int]) -> None:
    for number, end in enumerate(ends):
        os.dup2(end, number)
        os.close(end)
    # The old ones remember of which kind their files were.
    sys.stdin, sys.stdout, sys.stderr = map(_reopened, (sys.stdin, sys.stdout, sys.stderr))
    os.environ.clear()
    os.environ.update(job["environment"])
    time.tzset()
    os.chdir(job["folder"])
    os.umask(job["umask"])
    sys.argv[:] = job["arguments"]


def _reopened(stream: Any) -> Any:
    return open(
        stream.fileno(),
        stream.mode,
        encoding=stream.encoding,
        errors=stream.errors,
        newline=None if stream.mode == "r" else "\n",
        buffering=1 if stream.line_buffering else -1,
        closefd=False,
    )


def _warm_up() -> None:
    import pkgutil  # noqa: PLC0415

    # sqlite-utils imports it where it is installed, and uses it for its own command line only.
    sys.modules["pandas"] = None  # type: ignore[assignment]
    for room in _ROOMS:
        package = importlib.import_module(f"ovk_archive.{room}")
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not one.name.endswith("__main__"):
                importlib.import_module(one.name)
    for name in _OTHERS:
        importlib.import_module(name)
    del sys.modules["pandas"]
    gc.freeze()


if __name__ == "__main__":
    _warm_up()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    importlib.import_module("ovk_archive.cli").main()
