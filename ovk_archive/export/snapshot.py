"""One moment of an archive, whatever a sync writes meanwhile; rows are streamed from it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.location import real
from ovk_archive.archive.opening import connect_for_reading, translated
from ovk_archive.export.view import Values

#: Rows that are in memory at once.
_CHUNK = 512


class Snapshot:
    """One moment of an archive.

    Attributes:
        archive: for what else is asked of it: the ledger, whose it is. It sees the same moment.
        path: where the archive is.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.archive = Archive(path, connection, None)
        self._db = connection

    def stream(self, sql: str, values: tuple[Any, ...] = ()) -> Iterator[Values]:
        """The rows of a query, so that memory stays flat."""
        return chain.from_iterable(self._chunks(sql, values))

    def first(self, sql: str, values: tuple[Any, ...] = ()) -> Values | None:
        """The first row of a query."""
        with translated(self.path):
            found: Values | None = self._db.execute(sql, values).fetchone()
        return found

    def add_function(self, name: str, function: Callable[[Any], Any]) -> None:
        """Let queries call a function of one value."""
        self._db.create_function(name, 1, function, deterministic=True)

    def _chunks(self, sql: str, values: tuple[Any, ...]) -> Iterator[list[Values]]:
        with translated(self.path):
            cursor = self._db.execute(sql, values)
        while True:
            # Only what SQLite says is an error of the archive: not what a reader of rows says.
            with translated(self.path):
                chunk = cursor.fetchmany(_CHUNK)
            if not chunk:
                return
            yield chunk


@contextmanager
def snapshot(path: Path) -> Iterator[Snapshot]:
    """Hold one moment of an archive; what an older program made gets the tables it lacks.

    Raises:
        StorageError: there is no archive, or it cannot be read.
    """
    path = real(path)
    Archive.read(path).close()
    with translated(path):
        connection = connect_for_reading(path)
    try:
        with translated(path):
            # The moment is that of the first reading, not of `begin`.
            connection.execute("begin")
            connection.execute("select count(*) from sqlite_master").fetchone()
        yield Snapshot(path, connection)
    finally:
        connection.close()
