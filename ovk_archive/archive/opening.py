"""Whether a path can be an archive, and how its file is opened, locked and spoken of in errors."""

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from ovk_archive.archive import soundness
from ovk_archive.archive.file.disk import WITHOUT_LOCKS, WITHOUT_PERMISSIONS
from ovk_archive.archive.file.journaling import lacks_shared_memory, open_to_write, take_in
from ovk_archive.archive.file.location import (
    address,
    beside,
    is_writable,
    reading_mode,
    real,
    unfinished,
)
from ovk_archive.archive.file.needs import check_sqlite
from ovk_archive.archive.tables import schema
from ovk_archive.archive.tables.replay import fill
from ovk_archive.errors import ArchiveLockedError, StorageError, WrongArchiveError

#: Seconds to wait for a reader that holds the file; syncs exclude each other by the lock file.
BUSY_TIMEOUT = 30.0
#: What a snapshot says of itself in `_archive`, until something is saved in it.
SNAPSHOT = "snapshot_at"
_SQLITE_HEADER = b"SQLite format 3\x00"
#: What nobody changes, for SQLite: it makes no file beside it, and takes no locks.
_UNCHANGING = "ro&immutable=1"

_log = logging.getLogger("ovk_archive")


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose archive it is.

    Attributes:
        instance: host, port and path; the scheme may change.
        account_id: the user whose token reads.
        url: the instance's address, to be used again.
    """

    instance: str
    account_id: int
    url: str


def inspect(path: Path, identity: Identity | None) -> None:
    """Refuse a path that cannot be this archive, without touching it.

    Raises:
        StorageError: a directory, not SQLite, another program's database, or not readable.
        WrongArchiveError: it belongs to another instance or account.
    """
    check_sqlite()
    path = real(path)
    if path.is_dir():
        raise StorageError(
            f"{path} is a directory: name a file, for example {path / 'archive.db'}."
        )
    if not path.exists():
        _check_parent(path)
        return
    with translated(path), path.open("rb") as file:
        head = file.read(len(_SQLITE_HEADER))
    if head and head != _SQLITE_HEADER:
        raise StorageError(f"{path} is not an SQLite file: name another path for the archive.")
    if head:
        _inspect_database(path, identity)


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
        StorageError: a part of it is in its -wal, and cannot be had here.
    """
    connection, _ = _opened(path)
    connection.execute("pragma query_only = 1")
    return connection


def mode_of_reading(path: Path) -> str:
    """How this file can be opened here to be read only, as SQLite says it.

    Raises:
        StorageError: a part of it is in its -wal, and cannot be had here.
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


def check_is_filled(path: Path, connection: sqlite3.Connection) -> None:
    """Refuse a file that has nothing of an archive.

    Raises:
        StorageError: it has no tables, or does not say whose it is.
    """
    if not connection.execute("select count(*) from sqlite_master").fetchone()[0]:
        raise StorageError(
            f"{path} is empty: it is no archive yet, or what it has is in "
            f"{beside(path, '-wal').name}, which was left behind when it was copied."
        )
    if not connection.execute("select 1 from _archive where name = 'instance'").fetchone():
        raise StorageError(
            f"{path} was only just made when its sync was stopped: `ovk-archive sync {path}` "
            "fills it."
        )


def connect_for_writing(path: Path) -> sqlite3.Connection:
    """Open or create the file, readable by its owner only, with every declared table."""
    with translated(path):
        is_new = not path.exists()
        if is_new:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        try:
            return _ready(path)
        except BaseException:
            if is_new:
                path.unlink()
            raise


def _ready(path: Path) -> sqlite3.Connection:
    connection = open_to_write(path, connect)
    try:
        soundness.check(connection, path)
        if not schema.is_current(connection):
            _make_tables(connection)
            # Whoever copies the file from now on has an archive.
            take_in(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    from ovk_archive.archive.tables.migrations import prepare

    prepare(connection, fill)


def bring_up_to_date(path: Path) -> None:
    """Give an archive of an older program the tables and columns that it lacks.

    Raises:
        StorageError: it cannot be written.
        ArchiveLockedError: a sync of it is running.
    """
    with translated(path):
        connection = connect_for_reading(path)
        try:
            made = schema.pragma(connection, "application_id") and not schema.is_current(connection)
        finally:
            connection.close()
    if not made:
        return
    if not is_writable(path):
        raise StorageError(
            f"{path} was made by an older version and is read-only: let it be written once, or "
            "copy it."
        )
    lock = locked(path)
    try:
        connect_for_writing(path).close()
    finally:
        lock.release()


def locked(path: Path) -> FileLock:
    """The lock that a second sync of this archive cannot have.

    Raises:
        ArchiveLockedError: another one holds it.
    """
    file = path.with_name(f".{path.name}.lock")
    try:
        return _acquired(file)
    except Timeout:
        if not file.exists():
            # FileLock says the same of a directory in which no file can be made.
            raise StorageError(_cannot(path, f"no file can be made in {file.parent}")) from None
        raise ArchiveLockedError(
            f"Another sync of {path} is running: wait for it to end, or stop it."
        ) from None
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno in WITHOUT_LOCKS:
            raise StorageError(
                f"The file system of {file.parent} has no locks ({why}), and two syncs at once "
                "would spoil the archive: keep it on a disk of this computer, and copy it there "
                "with `ovk-archive snapshot`."
            ) from error
        raise StorageError(_cannot(path, why)) from error


def _acquired(file: Path) -> FileLock:
    # Marks instead of locks would stay behind when a sync is killed.
    lock = FileLock(file, mode=0o600, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except OSError as error:
        if error.errno not in WITHOUT_PERMISSIONS:
            raise
        # It may be the mode that is refused, and not the lock.
        lock = FileLock(file, fallback_to_soft=False)
        lock.acquire(timeout=0)
    return lock


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's and the file system's errors as ours, with the path and what to do.

    Raises:
        StorageError: instead of them.
    """
    try:
        yield
    except sqlite3.Error as error:
        if what := soundness.explained(error):
            raise soundness.damaged(path, what) from error
        raise StorageError(_cannot(path, _explained(error))) from error
    except OSError as error:
        raise StorageError(_cannot(path, error.strerror or str(error))) from error


def _explained(error: sqlite3.Error) -> str:
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


def _cannot(path: Path, why: str) -> str:
    return f"The archive {path} cannot be read or written: {why}."


def _check_parent(path: Path) -> None:
    parent = path.absolute().parent
    if not parent.is_dir():
        raise StorageError(f"There is no directory {parent}: make it, or name another path.")
    if not os.access(parent, os.W_OK):
        raise StorageError(f"Nothing can be written in {parent}: name another path.")


def _inspect_database(path: Path, identity: Identity | None) -> None:
    with translated(path), closing(_peek(path)) as connection:
        _check_maker(path, connection)
        schema.check_version(connection)
        if identity and schema.pragma(connection, "application_id"):
            _check_identity(path, connection, identity)
    if identity and not is_writable(path):
        raise StorageError(_cannot(path, "it is read-only; check its permissions"))


def _peek(path: Path) -> sqlite3.Connection:
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


def _check_maker(path: Path, connection: sqlite3.Connection) -> None:
    tables = connection.execute("select count(*) from sqlite_master").fetchone()[0]
    if tables and schema.pragma(connection, "application_id") != schema.APPLICATION_ID:
        raise StorageError(
            f"{path} is a database of another program: name another path for the archive."
        )


def _check_identity(path: Path, connection: sqlite3.Connection, identity: Identity) -> None:
    facts = dict(connection.execute("select name, value from _archive"))
    theirs = (facts.get("instance"), facts.get("account_id"))
    if facts and theirs != (identity.instance, str(identity.account_id)):
        raise of_another(path, theirs, identity)


def of_another(
    path: Path, theirs: tuple[str | None, str | None], we: Identity
) -> WrongArchiveError:
    """What is said where an archive is not of the account that asks."""
    moved = ""
    if theirs[1] == str(we.account_id):
        moved = f" If that instance has a new name: `ovk-archive move {path} {we.instance}`."
    return WrongArchiveError(
        f"{path} is the archive of account {theirs[1]} on {theirs[0]}, not of account "
        f"{we.account_id} on {we.instance}: name another path, or log in as that account.{moved}"
    )
