"""A file that may be written: made where there is none, and brought up to date where it is old."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from ovk_archive.archive import soundness
from ovk_archive.archive.file.journaling import open_to_write, take_in
from ovk_archive.archive.file.location import is_writable
from ovk_archive.archive.opening.connecting import connect, connect_for_reading
from ovk_archive.archive.opening.explaining import translated
from ovk_archive.archive.opening.locking import locked
from ovk_archive.archive.search import index
from ovk_archive.archive.search.telling import listener
from ovk_archive.archive.tables import schema
from ovk_archive.archive.tables.replay import fill
from ovk_archive.archive.versions import moving
from ovk_archive.errors import ArchiveError, StorageError


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
        if not (schema.is_current(connection) and schema.is_indexed(connection)):
            _make_tables(connection)
            # Whoever copies the file from now on has an archive.
            take_in(connection)
        if not index.is_current(connection):
            _make_index(connection)
            take_in(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    from ovk_archive.archive.tables.migrations import prepare

    noted = index.notes_older_versions(connection)
    with listener.get()() as progress:
        if moving.has_any(connection):
            progress.begin(lambda: moving.count(connection))
        prepare(connection, fill, progress.rows)
    if noted:
        index.note_versions(connection)


def _make_index(connection: sqlite3.Connection) -> None:
    with listener.get()() as progress:
        connection.execute("begin immediate")
        try:
            index.bring_up(connection, progress)
        except BaseException:
            connection.rollback()
            raise
        connection.execute("commit")


def connect_up_to_date(path: Path) -> sqlite3.Connection:
    """Open it to be read; one of an older program is given what tables, columns and index it lacks.

    Raises:
        StorageError: it cannot be written, and lacks more than the index.
        ArchiveLockedError: a sync of it is running, and it lacks more than the index.
    """
    with translated(path):
        connection = connect_for_reading(path)
        try:
            is_archive = bool(schema.pragma(connection, "application_id"))
            is_whole = not is_archive or schema.is_current(connection)
            if is_whole and (not is_archive or index.is_current(connection)):
                return connection
        except BaseException:
            connection.close()
            raise
        connection.close()
        _bring_up_to_date(path, is_whole=is_whole)
        return connect_for_reading(path)


def _bring_up_to_date(path: Path, *, is_whole: bool) -> None:
    if is_whole:
        # Without its index all but searching goes on.
        with suppress(ArchiveError):
            _open_once(path)
        return
    if not is_writable(path):
        raise StorageError(
            f"{path} was made by an older version and is read-only: let it be written once, or "
            "copy it."
        )
    _open_once(path)


def _open_once(path: Path) -> None:
    if is_writable(path):
        lock = locked(path)
        try:
            connect_for_writing(path).close()
        finally:
            lock.release()
