"""How errors of SQLite and of the file system are told: with the path, and what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ovk_archive.archive import soundness
from ovk_archive.errors import StorageError


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's and the file system's errors as ours, with the path and what to do.

    Raises:
        StorageError: instead of them.
    """
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if what := soundness.explained(error):
            raise soundness.damaged(path, what) from error
        raise StorageError(cannot(path, _explained(error))) from error
    except OSError as error:
        raise StorageError(cannot(path, error.strerror or str(error))) from error


def _explained(error: sqlite3.Error | UnicodeDecodeError) -> str:
    said = str(error)
    if "full" in said:
        return "the disk is full; make room and run the same command again, nothing saved is lost"
    if "locked" in said:
        return (
            "another program holds it; close that program and run the same command again (a file "
            "system without locks says the same: then move it to a disk of this computer)"
        )
    if "readonly" in said or "unable to open" in said:
        return f"{said}; check the permissions of the file and its directory"
    return said


def cannot(path: Path, why: str) -> str:
    """What is said of an archive that cannot be used."""
    return f"The archive {path} cannot be read or written: {why}."
