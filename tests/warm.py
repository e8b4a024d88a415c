"""Commands in processes that are forked from a warm one, which has imported everything already.

A new interpreter takes half a second and more to import what a command needs. What is forked is a
process of its own as well: with its own arguments, environment, folder, streams and exit code.
"""

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from forked import Forked, next_line

if __name__ == "__main__":
    # Else the modules of tests come before those of the standard library and of the program.
    sys.path[0] = str(Path(__file__).parents[1])

import ovk_archive

#: What Python or C read when they start: a process for which it differs is started anew.
_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "DYLD_", "MALLOC_", "SSL_")
#: What commands import when they are called.
_ROOMS = ("api", "archive", "browse", "checks", "cli", "demo", "export", "media", "sync")
_OTHERS = (
    "tqdm", "uvicorn", "datasette.app", "sqlite_utils.migrations", "concurrent.futures",
    "httpcore", "anyio._backends._asyncio", "encodings.idna",
)  # fmt: skip


class WarmProcess:
    """The process that is forked, for as many commands at once as are wanted.

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
        with self.start(arguments, environment, folder, stdin=subprocess.PIPE) as child:
            try:
                out, err = child.communicate(stdin, timeout)
            except subprocess.TimeoutExpired:
                child.kill()
                raise
        return subprocess.CompletedProcess(child.args, child.returncode, out, err)

    def start(
        self,
        arguments: Iterable[str],
        environment: Mapping[str, str],
        folder: Path,
        *,
        stdin: Any = None,
        stdout: Any = subprocess.PIPE,
        stderr: Any = subprocess.PIPE,
        start_new_session: bool = False,
    ) -> Forked:
        """Start a command; the streams are as `subprocess.Popen` takes them."""
        command = ["ovk-archive", *arguments]
        umask = os.umask(0o077)
        os.umask(umask)
        job = {
            "arguments": command,
            "environment": dict(environment),
            "folder": str(folder),
            "umask": umask,
            "session": start_new_session,
        }
        ours, theirs = socket.socketpair()
        streams = [_stream(number, one) for number, one in enumerate((stdin, stdout, stderr))]
        with self._turn:
            pipe = self._started()
            text = json.dumps(job).encode() + b"\n"
            socket.send_fds(pipe, [text[:1]], [*(end for end, _ in streams), theirs.fileno()])
            pipe.sendall(text[1:])
        theirs.close()
        for end, _ in streams:
            os.close(end)
        return Forked(command, ours, [one for _, one in streams])

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


def hear_signals() -> None:
    """As in a terminal: the tests may have been started in the background, or by `nohup`."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


def _stream(number: int, what: Any) -> tuple[int, IO[str] | None]:
    """The end of a standard stream that a command gets, and the one that we keep, if any."""
    if what == subprocess.PIPE:
        reading, writing = os.pipe()
        if number == 0:
            return reading, open(writing, "w", encoding="utf-8")  # noqa: PTH123 - it is no path
        return writing, open(reading, encoding="utf-8")  # noqa: PTH123 - it is no path
    if what == subprocess.DEVNULL:
        return os.open(os.devnull, os.O_RDWR), None
    if what is None:
        return os.dup(number), None
    return os.dup(what if isinstance(what, int) else what.fileno()), None


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: one for name, one in environment.items() if name.startswith(_AT_START)}


# In the warm process


def _serve(pipe: socket.socket) -> None:
    """Fork for each command that is asked for; return in the forked process."""
    ended, waker = socket.socketpair()
    ended.setblocking(False)
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    lines: dict[int, socket.socket] = {}
    while True:
        ready = select.select([pipe, ended], [], [])[0]
        if ended in ready:
            ended.recv(4096)
            _tell_of_the_ended(lines)
        if pipe not in ready:
            continue
        first, ends, _, _ = socket.recv_fds(pipe, 1, 4)
        if not first:
            os._exit(0)
        job = json.loads(first + next_line(pipe))
        line = socket.socket(fileno=ends.pop())
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            hear_signals()
            for one in (pipe, ended, waker, line, *lines.values()):
                one.close()
            _become(job, ends)
            return
        for end in ends:
            os.close(end)
        lines[pid] = line
        line.sendall(b"%d\n" % pid)


def _tell_of_the_ended(lines: dict[int, socket.socket]) -> None:
    for pid in list(lines):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            line = lines.pop(pid)
            # Nobody may listen any more.
            with suppress(OSError):
                line.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
            line.close()


def _become(job: Mapping[str, Any], ends: Iterable[int]) -> None:
    if job["session"]:
        os.setsid()
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
        buffering=1 if stream.line_buffering or os.isatty(stream.fileno()) else -1,
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
    # To read the certificates takes longer than most commands take.
    importlib.import_module("ovk_archive.api.wire.connections").connect(1)
    gc.freeze()


def _end() -> None:
    """End at once: to take hundreds of modules down takes five times as long as a command.

    Threads have ended and all else that is to be done at the end is done by now. What nobody
    closed complains, and a stream that takes no more does so in the interpreter's own way.
    """
    # What measures coverage has begun earlier, and is not done yet.
    if isinstance(_CODE[-1], int) and "coverage" not in sys.modules:
        gc.collect()
        with suppress(OSError):
            for stream in filter(None, (sys.stdout, sys.stderr)):
                stream.flush()
            os._exit(_CODE[-1])


#: With what a command has ended, if it did so by itself.
_CODE: list[Any] = [None]

if __name__ == "__main__":
    # Before anything else, and so after all else.
    atexit.register(_end)
    _warm_up()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    try:
        importlib.import_module("ovk_archive.cli").main()
    except SystemExit as end:
        _CODE.append(end.code or 0)
        raise
