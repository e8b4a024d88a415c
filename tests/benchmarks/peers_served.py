"""The served world as the benchmark holds it, and one job after another against it.

Nothing of the package is imported here: a child's peak begins with its parent's size (Linux).
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CONCURRENCY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What one job took.

    Attributes:
        seconds: from the first line of work to the last, imports left out.
        cpu: seconds of processor time in between, `user` those that the system did not use.
        peak: bytes of memory the process had at most, imports included.
        written: bytes given to write calls, sockets left out (`wchar`).
        size: bytes of the archive, with whatever lies beside it.
        served: seconds of processor time that the server took.
        lacks: by kind: how many records exist, are missing, are outdated.
    """

    requests: int
    seconds: float
    cpu: float
    user: float
    peak: float
    written: float
    size: float
    served: float
    lacks: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One of those who are compared.

    Attributes:
        script: the job.
        python: whose packages are used.
        ours: it is this program, so an audit means something to it.
        replays: the name of the one whose requests it makes again, and nothing else.
        singly: it makes them each alone, where the other lets calls travel together.
    """

    name: str
    script: str
    python: str = sys.executable
    ours: bool = False
    replays: str = ""
    singly: bool = False


class FailedError(Exception):
    """A job did not come to its end."""


class Served:
    """A world, what was recorded of it, and the archives that come of it."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._where = self._answer()

    def change(self, share: float) -> dict[str, Any]:
        """Let things happen on the instance; what happened."""
        return self.ask("change", share=share)

    def run(self, peer: Peer, latency: float, *, audit: bool = False) -> Took:
        """One job; its archive is kept, and the next job of this one goes on from there.

        Raises:
            FailedError: it did not end well.
        """
        place = self._folder / peer.name
        place.mkdir(exist_ok=True)
        task = {
            **self._where,
            "file": str(place / "archive.db"),
            "calls": str(self._calls(peer.replays)),
            "concurrency": CONCURRENCY,
            "audit": audit,
            "singly": peer.singly,
        }
        self.ask("listen", latency=latency)
        took = _child(peer.python, peer.script, task)
        told = self.ask("told", file=None if peer.replays else str(self._calls(peer.name)))
        lacks = {} if peer.replays else self._lacks(peer, task["file"])
        size = sum(one.stat().st_size for one in place.glob("archive*"))
        return Took(**told, **took, size=size, lacks=lacks)

    def ask(self, command: str, **parameters: Any) -> dict[str, Any]:
        """Give the server a command; its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": command, **parameters}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def _calls(self, name: str) -> Path:
        return self._folder / f"{name or 'nobody'}.calls.json"

    def _lacks(self, peer: Peer, file: str) -> dict[str, Any]:
        truth = str(self._folder / "truth.json")
        self.ask("truth", file=truth)
        maker = "ovk-archive" if peer.ours else peer.name
        return _child(sys.executable, "peers_held.py",
                      {"truth": truth, "file": file, "maker": maker})  # fmt: skip


@contextmanager
def served(
    sizes: Mapping[str, int], dialect: str, *, alone: bool = False, scattered: bool = False
) -> Iterator[Served]:
    """A world of these sizes in a process of its own; `Life` says what the others are."""
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, str(HERE / "peers_world.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdin is not None
        try:
            wanted = {"sizes": sizes, "dialect": dialect, "alone": alone, "scattered": scattered}
            process.stdin.write(json.dumps(wanted) + "\n")
            process.stdin.flush()
            yield Served(process, Path(folder))
        finally:
            process.terminate()


def scaled(took: Took, times: int) -> Took:
    """What it would take for a world so many times as large; memory is told as it was."""
    grown = {
        name: getattr(took, name) * times
        for name in ("requests", "seconds", "cpu", "user", "written", "size", "served")
    }
    return replace(took, **grown)


def _child(python: str, script: str, task: Mapping[str, Any]) -> dict[str, Any]:
    # On stdin, where no other process sees the token. Run by its path, so that what is imported
    # is what that Python has, and not what lies in the present folder.
    done = subprocess.run(
        [python, str(HERE / script)],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        # A negative code is the signal that ended it, of which it could say nothing.
        raise FailedError(f"{script} ended with {done.returncode}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
