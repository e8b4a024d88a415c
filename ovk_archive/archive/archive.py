"""An open archive: opened and closed, asked, and written to in transactions."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from filelock import FileLock

from ovk_archive import __version__
from ovk_archive.archive.file.journaling import take_in, tell_of_rest
from ovk_archive.archive.file.location import real, tell_of_other_names
from ovk_archive.archive.opening import (
    SNAPSHOT,
    Identity,
    check_is_filled,
    connect_for_writing,
    connect_up_to_date,
    inspect,
    locked,
    translated,
)
from ovk_archive.archive.search.index import catch_up, tidy
from ovk_archive.archive.soundness import damaged
from ovk_archive.archive.tables.last_seen import catch_up as catch_up_rows
from ovk_archive.archive.versions.checkpoints import timestamp
from ovk_archive.errors import StorageError


class Archive:
    """An open archive. One process writes at a time; the lock is held until `close`."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: FileLock | None) -> None:
        self.path = path
        self._db = connection
        self._lock = lock
        # Pages are saved in a thread while the event loop asks for the next ones.
        self._alone = threading.RLock()
        self._is_shared = False

    @classmethod
    def open(cls, path: Path, identity: Identity) -> Self:
        """Open for writing, or create.

        Raises:
            StorageError: the path cannot be an archive; it is left as it was.
            SchemaTooNewError: a newer program made it.
            WrongArchiveError: it belongs to another instance or account.
            ArchiveLockedError: another sync is running.
        """
        path = real(path)
        inspect(path, identity)
        tell_of_other_names(path)
        lock = locked(path)
        try:
            connection = connect_for_writing(path)
        except BaseException:
            lock.release()
            raise
        archive = cls(path, connection, lock)
        try:
            archive._sign(identity)
            # Whoever copies the file during a first sync, or after a kill, has an archive.
            take_in(connection)
        except BaseException:
            archive.close()
            raise
        return archive

    @classmethod
    def read(cls, path: Path) -> Self:
        """Open for reading only; what an older program made gets the tables it lacks.

        Raises:
            StorageError: there is no archive there, or it is older and cannot be written.
        """
        path = real(path)
        inspect(path, None)
        if not path.exists():
            raise StorageError(
                f"There is no archive at {path}: `ovk-archive sync {path}` makes one."
            )
        connection = connect_up_to_date(path)
        with translated(path):
            try:
                check_is_filled(path, connection)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, let others write."""
        with self._alone:
            if self._lock:
                # Nothing is lost if it cannot be done now.
                with suppress(sqlite3.Error):
                    self._tell_rows()
                    tidy(self._db)
                take_in(self._db)
            self._db.close()
        if self._lock:
            tell_of_rest(self.path)
            self._lock.release()

    def _tell_rows(self) -> None:
        self._db.execute("begin immediate")
        try:
            catch_up_rows(self._db)
        except BaseException:
            self._db.rollback()
            raise
        self._db.execute("commit")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it, or nothing.

        Raises:
            StorageError: the disk is full, or the file cannot be written.
        """
        with self._alone, translated(self.path):
            if self._is_shared:
                yield self._db
                return
            with self._whole():
                yield self._db

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several transactions as one: all of them, or none if one fails.

        Raises:
            StorageError: the disk is full, or the file cannot be written.
        """
        with self._alone, translated(self.path), self._whole():
            self._is_shared = True
            try:
                yield
            finally:
                self._is_shared = False

    @contextmanager
    def _whole(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
            # What is written can be searched from the moment on in which it can be read.
            catch_up(self._db)
        except BaseException:
            self._db.rollback()
            raise
        self._db.execute("commit")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, to be asked several things that nothing comes between.

        Raises:
            StorageError: the file cannot be read.
        """
        with self._alone, translated(self.path):
            yield self._db

    def identity(self) -> Identity:
        """Whose archive it is."""
        facts = dict(self.query("select name, value from _archive"))
        try:
            return Identity(facts["instance"], int(facts["account_id"]), facts["url"])
        except (KeyError, TypeError, ValueError):
            raise damaged(self.path, "it does not say whose it is") from None

    def query(
        self, sql: str, parameters: Iterable[Any] | Mapping[str, Any] = ()
    ) -> list[tuple[Any, ...]]:
        """The rows of a query; what is bound has places, or names."""
        bound = parameters if isinstance(parameters, Mapping) else tuple(parameters)
        with self._alone, translated(self.path):
            return self._db.execute(sql, bound).fetchall()

    def stream(self, sql: str, parameters: Iterable[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, one after another, so that memory stays flat."""
        with translated(self.path):
            yield from self._db.execute(sql, tuple(parameters))

    def _sign(self, identity: Identity) -> None:
        facts = {
            "instance": identity.instance,
            "account_id": str(identity.account_id),
            "url": identity.url,
            "made_by": __version__,
            "made_at": timestamp(),
        }
        with self.transaction() as db:
            db.executemany(
                "insert into _archive (name, value) values (?, ?) on conflict (name) do nothing",
                facts.items(),
            )
            # A snapshot that is written to is an archive of its own.
            db.execute("delete from _archive where name = ?", (SNAPSHOT,))
            # An instance may have moved to https, or a toy to another port.
            db.execute(
                "update _archive set value = ? where name = 'url' and value <> ?",
                (identity.url, identity.url),
            )
