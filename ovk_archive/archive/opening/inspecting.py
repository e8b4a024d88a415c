"""Whether a path can be this archive: looked at before anything is touched."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ovk_archive.archive.file.location import beside, is_writable, real
from ovk_archive.archive.file.needs import check_sqlite
from ovk_archive.archive.opening.connecting import peek
from ovk_archive.archive.opening.explaining import cannot, translated
from ovk_archive.archive.tables import schema
from ovk_archive.errors import StorageError, WrongArchiveError

#: What a snapshot says of itself in `_archive`, until something is saved in it.
SNAPSHOT = "snapshot_at"
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


def _check_parent(path: Path) -> None:
    parent = path.absolute().parent
    if not parent.is_dir():
        raise StorageError(f"There is no directory {parent}: make it, or name another path.")
    if not os.access(parent, os.W_OK):
        raise StorageError(f"Nothing can be written in {parent}: name another path.")


def _inspect_database(path: Path, identity: Identity | None) -> None:
    with translated(path), closing(peek(path)) as connection:
        _check_maker(path, connection)
        schema.check_version(connection)
        if identity and schema.pragma(connection, "application_id"):
            _check_identity(path, connection, identity)
    if identity and not is_writable(path):
        raise StorageError(cannot(path, "it is read-only; check its permissions"))


def _check_maker(path: Path, connection: sqlite3.Connection) -> None:
    tables = connection.execute("select count(*) from sqlite_master").fetchone()[0]
    if tables and schema.pragma(connection, "application_id") != schema.APPLICATION_ID:
        raise StorageError(
            f"{path} is a database of another program: name another path for the archive."
        )


def _check_identity(path: Path, connection: sqlite3.Connection, identity: Identity) -> None:
    facts = dict(connection.execute("select name, value from _archive"))
    theirs = (facts.get("instance"), facts.get("account_id"))
    # A run that was killed while it made the file has not said yet whose it is.
    if theirs not in ((None, None), (identity.instance, str(identity.account_id))):
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
