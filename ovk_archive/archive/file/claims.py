"""That a folder is being written: said by a lock, which a process that is killed gives back."""

import os
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

try:
    import fcntl
except ImportError:  # Windows has no locks of folders.
    fcntl = None  # type: ignore[assignment]


def claim(folder: Path) -> Callable[[], None]:
    """Say that a folder is being written; the result ends that.

    Raises:
        BlockingIOError: another process writes there.
    """
    return _beside(folder) if fcntl is None else _of_folder(folder)


def _of_folder(folder: Path) -> Callable[[], None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return lambda: os.close(descriptor)


def _beside(folder: Path) -> Callable[[], None]:
    file = folder.with_name(f"{folder.name}.lock")
    lock = FileLock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BlockingIOError(f"{folder} is being written") from None

    def release() -> None:
        lock.release()
        file.unlink(missing_ok=True)

    return release
