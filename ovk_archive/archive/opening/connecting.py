"""Connections to the file: how it can be opened here, and what SQLite is told."""

import logging
import sqlite3
from pathlib import Path

from ovk_archive.archive.file.journaling import lacks_shared_memory
from ovk_archive.archive.file.location import address, beside, reading_mode, unfinished
from ovk_archive.errors import StorageError

#: Seconds to wait for a reader that holds the file; syncs exclude each other by the lock file.
BUSY_TIMEOUT = 30.0
#: What nobody changes, for SQLite: it makes no file beside it, and takes no locks.
_UNCHANGING = "ro&immutable=1"
_log = logging.getLogger("ovk_archive")


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open the file; `mode` is SQLite's: `ro`, `rw` or `rwc`."""
    return sqlite3.connect(
        address(path, mode),
        uri=True,
        timeout=BUSY_TIMEOUT,
        isolation_level=None,
        check_same_thread=False,
    )


def connect_for_reading(path: Path) -> sqlite3.Connection:
    """Open the file to be read only; if that is not as usual, it is said.

    Raises:
        StorageError: a part of it is in its -wal, and cannot be read here.
    """
    connection, _ = _opened(path)
    connection.execute("pragma query_only = 1")
    return connection


def mode_of_reading(path: Path) -> str:
    """How this file can be opened here to be read only, as SQLite says it.

    Raises:
        StorageError: a part of it is in its -wal, and cannot be read here.
    """
    connection, mode = _opened(path)
    connection.close()
    return mode


def _opened(path: Path) -> tuple[sqlite3.Connection, str]:
    mode = reading_mode(path)
    connection = connect(path, mode)
    try:
        connection.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.Error as error:
        connection.close()
        if not lacks_shared_memory(error):
            raise
        if rest := unfinished(path):
            raise StorageError(
                f"A part of {path} is in {rest.name} beside it, which cannot be taken in here: "
                "copy both to a disk where they can be written, and open that copy."
            ) from error
        mode = _UNCHANGING
        connection = connect(path, mode)
    if mode == _UNCHANGING:
        _log.warning("%s cannot be written here: it is read as it stands.", path)
    return connection, mode


def peek(path: Path) -> sqlite3.Connection:
    """The file as it is, before it is known to be an archive: nothing of it may change."""
    # Without a -wal nobody has it open, and SQLite need not put its own files beside it.
    if beside(path, "-wal").exists():
        connection = connect(path, "ro")
        try:
            connection.execute("select count(*) from sqlite_master").fetchone()
        except sqlite3.Error as error:
            connection.close()
            if not lacks_shared_memory(error):
                raise
        else:
            return connection
    return connect(path, _UNCHANGING)
