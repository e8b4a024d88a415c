"""A folder for what is being made, beside the place where it will be.

Who is killed leaves one behind; the next who makes the same thing removes it.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ovk_archive.disk import WITHOUT_LOCKS


@contextmanager
def workshop(target: Path) -> Iterator[Path]:
    """A new folder beside a target, to make it in; nothing of it is left at the end."""
    new = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
    descriptor = os.open(new, os.O_RDONLY)
    try:
        try:
            _lock(descriptor)
        except OSError as error:
            # Without locks nobody removes what a killed run leaves, which is all.
            if error.errno not in WITHOUT_LOCKS:
                raise
        yield new
    finally:
        shutil.rmtree(new, ignore_errors=True)
        os.close(descriptor)


def left_over(target: Path) -> Iterator[Path]:
    """Such folders in which nobody works any more; nobody takes one while it is looked at here."""
    for folder in target.parent.iterdir():
        if not folder.name.startswith(_prefix(target)) or folder.is_symlink():
            continue
        # Another run works there, or nobody can tell.
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                _lock(descriptor)
                yield folder
            finally:
                os.close(descriptor)


def sweep(target: Path) -> None:
    """Remove them."""
    for folder in left_over(target):
        shutil.rmtree(folder, ignore_errors=True)


def _prefix(target: Path) -> str:
    return f".{target.name}.unfinished-"


def _lock(descriptor: int) -> None:
    """Say that somebody works in a folder; a process that is killed says so no more."""
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
