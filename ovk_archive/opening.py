"""Whether a path can be an archive, and how its file is opened, locked and spoken of in errors."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from ovk_archive import schema, soundness
from ovk_archive.errors import ArchiveLockedError, StorageError, WrongArchiveError
from ovk_archive.replay import fill

#: Seconds to wait for a reader that holds the file; syncs exclude each other by the lock file.
BUSY_TIMEOUT = 30.0
_SQLITE_HEADER = b"SQLite format 3\x00"


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
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(
        uri, uri=True, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
    )


def connect_for_reading(path: Path) -> sqlite3.Connection:
    """Open the file to be read only.

    SQLite's own read-only mode would leave its `-wal` and `-shm` files behind, so that is kept for
    files that cannot be written.
    """
    connection = connect(path, "rw" if os.access(path, os.W_OK) else "ro")
    connection.execute("pragma query_only = 1")
    return connection


def connect_for_writing(path: Path) -> sqlite3.Connection:
    """Open or create the file, readable by its owner only, with every declared table."""
    with translated(path):
        is_new = not path.exists()
        if is_new:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = connect(path, "rw")
        try:
            if not is_new:
                soundness.check(connection, path)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
            _make_tables(connection)
        except BaseException:
            connection.close()
            if is_new:
                path.unlink()
            raise
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    if schema.is_current(connection):
        return
    from ovk_archive.migrations import prepare

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
    if not os.access(path, os.W_OK):
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
    lock = FileLock(file, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not file.exists():
            # FileLock says the same of a directory in which no file can be made.
            raise StorageError(_cannot(path, f"no file can be made in {file.parent}")) from None
        raise ArchiveLockedError(
            f"Another sync of {path} is running: wait for it to end, or stop it."
        ) from None
    except OSError as error:
        raise StorageError(_cannot(path, error.strerror or str(error))) from error
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
        return "another program holds it; close that program and run the same command again"
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
    with translated(path):
        # Without a -wal nobody has it open, and SQLite need not put its own files beside it.
        is_alone = not path.with_name(f"{path.name}-wal").exists()
        connection = connect(path, "ro&immutable=1" if is_alone else "ro")
        try:
            _check_maker(path, connection)
            schema.check_version(connection)
            if identity and schema.pragma(connection, "application_id"):
                _check_identity(path, connection, identity)
        finally:
            connection.close()
    if identity and not os.access(path, os.W_OK):
        raise StorageError(_cannot(path, "it is read-only; check its permissions"))


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
