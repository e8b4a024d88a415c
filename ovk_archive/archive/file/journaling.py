"""How changes reach an archive's file: through a -wal beside it, or in place where none can be."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ovk_archive.archive.file.location import beside, unfinished

#: SQLite's names of what happens where a file system has no shared memory for a -wal's index.
_WITHOUT_SHARED_MEMORY = (
    "SQLITE_IOERR_SHM",
    "SQLITE_PROTOCOL",
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
)
#: Bytes of a page of a new archive. Of SQLite's own 4096 a ninth stays empty, as records are long
#: and few fit; twice as large, a file is 3 % smaller, and it is no smaller in larger ones.
PAGE = 8192
#: Bytes that the -wal has before it is taken in. Rows of one list lie all over a table and its
#: indexes: the longer it waits, the fewer pages are written twice.
_WAITING = 16_000_000
#: Kilobytes of pages in memory: what does not fit is written before its transaction ends.
_KILOBYTES = 8_000
#: Milliseconds that readers have to come to an end before a -wal is left as it is.
_PATIENCE = 2000

_log = logging.getLogger("ovk_archive")


def lacks_shared_memory(error: sqlite3.Error) -> bool:
    """It may be why SQLite cannot open a file that has, or is to have, a -wal."""
    return str(getattr(error, "sqlite_errorname", "")).startswith(_WITHOUT_SHARED_MEMORY)


def open_to_write(
    path: Path, connect: Callable[[Path, str], sqlite3.Connection]
) -> sqlite3.Connection:
    """Open an archive so that others may read it meanwhile, if the file system lets them."""
    connection = connect(path, "rw")
    try:
        # Says nothing to a file that has pages already.
        connection.execute(f"pragma page_size = {PAGE}")
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        size = connection.execute("pragma page_size").fetchone()[0]
        connection.execute(f"pragma wal_autocheckpoint = {_WAITING // size}")
        connection.execute(f"pragma cache_size = -{_KILOBYTES}")
        # Only who reads needs the memory.
        connection.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.Error as error:
        connection.close()
        if not lacks_shared_memory(error):
            raise
        return _without_wal(path, connect)
    return connection


@contextmanager
def sorting(connection: sqlite3.Connection) -> Iterator[None]:
    """Within this rows are put in order on the disk, not in memory. Not for what writes much.

    A sort takes as much memory as pages may (https://sqlite.org/pragma.html#pragma_cache_size).
    """
    before = connection.execute("pragma cache_size").fetchone()[0]
    connection.execute("pragma cache_size = -1000")
    try:
        yield
    finally:
        connection.execute(f"pragma cache_size = {before}")


def _without_wal(
    path: Path, connect: Callable[[Path, str], sqlite3.Connection]
) -> sqlite3.Connection:
    """Open it with a rollback journal; what an earlier -wal has is taken in."""
    connection = connect(path, "rw")
    try:
        # Who is alone needs no shared memory, not even for a -wal that is there.
        connection.execute("pragma locking_mode = exclusive")
        connection.execute(f"pragma page_size = {PAGE}")
        mode = connection.execute("pragma journal_mode = delete").fetchone()[0]
        if mode == "delete":
            # Nobody needs what the attempt before has left.
            with suppress(OSError):
                beside(path, "-shm").unlink()
        connection.execute("pragma locking_mode = normal")
        connection.execute("select count(*) from sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    _log.warning(
        "%s is on a file system without shared memory: while a sync saves a page, no other program "
        "can read the archive.",
        path,
    )
    return connection


def take_in(connection: sqlite3.Connection) -> None:
    """Bring what the -wal has into the file, so that the file alone is the archive.

    What somebody reads at this moment stays there; it is as safe there, but has to be copied too.
    """
    # Nothing is lost if it fails: the next who opens the file does it.
    with suppress(sqlite3.Error):
        before = connection.execute("pragma busy_timeout").fetchone()[0]
        connection.execute(f"pragma busy_timeout = {_PATIENCE}")
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.execute(f"pragma busy_timeout = {before}")


def tell_of_rest(path: Path) -> None:
    """Warn if the file alone is not the whole archive."""
    if left := unfinished(path):
        _log.warning(
            "A part of %s is still in %s, because another program is reading it or the disk is "
            "full: copy both, or use `ovk-archive snapshot`.",
            path,
            left.name,
        )
