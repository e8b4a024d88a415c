"""Places where not everything is allowed: read-only disks, permissions, poor file systems."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from conftest import Cli
from visiting import NO_TLS

#: Of Linux: what lets root ignore permissions, and the call that takes it away for good.
_PR_CAPBSET_DROP, _IGNORING_PERMISSIONS = 24, (1, 2, 3)
_SMALL = 'mount -t tmpfs -o "size=$2" none "$1" && shift 2 && exec "$@"'
_MOUNT = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'


def on_read_only_disk(folder: Path) -> tuple[str, ...]:
    """What to put before a command, for which a folder is then a disk mounted read-only."""
    return _mounted(_MOUNT, str(folder))


def on_small_disk(folder: Path, size: str) -> tuple[str, ...]:
    """What to put before a command, for which a folder is then an empty disk of some size."""
    return _mounted(_SMALL, str(folder), size)


def _mounted(script: str, *arguments: str) -> tuple[str, ...]:
    prefix = ("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", *arguments)
    try:
        tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if tried.returncode:
        pytest.skip(f"nothing can be mounted here: {tried.stderr!r}")
    return prefix


def bound_by_permissions() -> dict[str, Any]:
    """How to start a process that permissions stop, though it may be root's."""
    return {"preexec_fn": _drop} if os.geteuid() == 0 else {}


def _drop() -> None:
    libc = ctypes.CDLL(None)
    for capability in _IGNORING_PERMISSIONS:
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def on_poor_file_system(folder: Path, code: str) -> dict[str, str]:
    """The environment of a process for which some calls of C fail, as `code` says."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler here")
    source, library = folder / "poor.c", folder / "poor.so"
    source.write_text(code)
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True, timeout=60
    )
    return {"LD_PRELOAD": str(library)}


class Browsed:
    """`browse` in a process of its own, while a test goes on; fetches pages.

    Attributes:
        said: what it has said on stderr, once it has ended.
        end: the signal that ends it.
    """

    end = signal.SIGINT

    def __init__(self, cli: Cli, archive: Path, **more: Any) -> None:
        self._child = cli.start("browse", archive, "--port", "0", **more)
        self.said = ""

    def __enter__(self) -> Self:
        assert self._child.stderr is not None
        line = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", line)):
            line = self._child.stderr.readline()
            self.said += line
            assert line, f"it has ended: {self.said}"
        self.address = found[0]
        return self

    def page(self, path: str) -> str:
        """A page."""
        answer = httpx.get(
            f"{self.address}{path}", timeout=30, verify=NO_TLS, follow_redirects=True
        )
        assert answer.status_code == 200, path
        return answer.text

    def __exit__(self, *_: object) -> None:
        self._child.send_signal(self.end)
        self.said += self._child.communicate(timeout=30)[1]
        assert self._child.returncode == 0, self.said
