"""Open an archive, save a page together with its cursor, read what the next request needs."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from filelock import FileLock

from ovk_archive import __version__, absences, cursors, skips
from ovk_archive.absences import Losses
from ovk_archive.cursors import Cursor, partition_key
from ovk_archive.errors import StorageError
from ovk_archive.opening import (
    Identity,
    connect_for_reading,
    connect_for_writing,
    inspect,
    locked,
    timestamp,
    translated,
)
from ovk_archive.resource import Lookup, Parent, Resource
from ovk_archive.resources import TABLES
from ovk_archive.rows import Row, Table, Trim
from ovk_archive.skips import Skip
from ovk_archive.store import Stored, store


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A page and the cursor behind it, saved together.

    Attributes:
        position: the paginator's position after the page, as JSON.
        counted: rows of the list by the server's count.
        skips: records of the page that could not be had.
        began: when the run began; a record skipped twice in one run was tried once.
        whole: this walk reads the whole list, so at its end every record skipped by an earlier run,
            and not by this one, has been had after all.
        fresh: a walk begins with this page, at the beginning of the list.
    """

    resource: Resource
    partition: Mapping[str, Any]
    owner_id: int | None
    parts: Iterable[Row | Trim]
    position: Mapping[str, Any]
    stamp: str | None = None
    counted: int | None = None
    skips: tuple[Skip, ...] = ()
    began: str = ""
    whole: bool = False
    fresh: bool = False


class Archive:
    """An open archive. One process writes at a time; the lock is held until `close`."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: FileLock | None) -> None:
        self.path = path
        self._db = connection
        self._lock = lock
        # Pages are saved in a thread while the event loop asks for the next ones.
        self._alone = threading.RLock()

    @classmethod
    def open(cls, path: Path, identity: Identity) -> Self:
        """Open for writing, or create.

        Raises:
            StorageError: the path cannot be an archive; it is left as it was.
            SchemaTooNewError: a newer program made it.
            WrongArchiveError: it belongs to another instance or account.
            ArchiveLockedError: another sync is running.
        """
        inspect(path, identity)
        lock = locked(path)
        try:
            connection = connect_for_writing(path)
        except BaseException:
            lock.release()
            raise
        archive = cls(path, connection, lock)
        try:
            archive._sign(identity)
        except BaseException:
            archive.close()
            raise
        return archive

    @classmethod
    def read(cls, path: Path) -> Self:
        """Open for reading only.

        Raises:
            StorageError: there is no archive there.
        """
        if not path.exists():
            raise StorageError(
                f"There is no archive at {path}: `ovk-archive sync {path}` makes one."
            )
        inspect(path, None)
        with translated(path):
            return cls(path, connect_for_reading(path), None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, let others write."""
        with self._alone:
            self._db.close()
        if self._lock:
            self._lock.release()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it, or nothing.

        Raises:
            StorageError: the disk is full, or the file cannot be written.
        """
        with self._alone, translated(self.path):
            self._db.execute("begin immediate")
            try:
                yield self._db
            except BaseException:
                self._db.rollback()
                raise
            self._db.execute("commit")

    def identity(self) -> Identity:
        """Whose archive it is."""
        facts = dict(self.query("select name, value from _archive"))
        return Identity(facts["instance"], int(facts["account_id"]), facts["url"])

    def query(self, sql: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._alone, translated(self.path):
            return self._db.execute(sql, tuple(parameters)).fetchall()

    def checkpoint(self, page: Checkpoint) -> Stored:
        """Save a page and the cursor that follows it: both, or neither."""
        now = timestamp()
        key = partition_key(page.partition)
        with self.transaction() as db:
            stored = store(db, page.parts, now)
            cursors.save(
                db,
                resource=page.resource.name,
                partition=key,
                owner_id=page.owner_id,
                position=page.position,
                stamp=page.stamp,
                counted=page.counted,
                fresh=page.fresh,
                now=now,
            )
            for skip in page.skips:
                skips.note(db, page.resource.name, key, skip, page.began)
            if page.whole and page.position.get("done"):
                skips.resolve_walked(db, page.resource.name, key, page.began, now)
            losses = self._losses(db, page, now)
        return replace(stored, gone=losses.gone, withheld=losses.withheld)

    def _losses(self, db: sqlite3.Connection, page: Checkpoint, now: str) -> Losses:
        """What a walk over the whole list has not met, if it is to be believed."""
        resource, key = page.resource, partition_key(page.partition)
        doubtful = not page.position.get("done") or page.position.get("short")
        if not resource.compared or doubtful or skips.are_open(db, resource.name, key):
            return Losses()
        began = cursors.walk_began(db, resource.name, key)
        rows = absences.Rows(resource.table, *_of_list(resource, page.partition))
        if began is None:
            return Losses()
        return absences.compare(db, rows, walk_began=began, run_began=page.began, now=now)

    def save_rows(
        self, parts: Iterable[Row | Trim], had: tuple[str, Mapping[str, Any], Iterable[int]]
    ) -> Stored:
        """Save rows that no cursor follows, asked for by number.

        Args:
            parts: the rows.
            had: list, partition and the numbers asked for, which are skipped no more.
        """
        name, partition, numbers = had
        now = timestamp()
        with self.transaction() as db:
            skips.resolve_numbers(db, name, partition_key(partition), numbers, now)
            return store(db, parts, now)

    def resolve_known(self, lookup: Lookup) -> None:
        """Nobody is missing any more whom some list has shown meanwhile."""
        with self.transaction() as db:
            skips.resolve_known(db, lookup.name, lookup.table.name, timestamp())

    def skip(self, name: str, partition: Mapping[str, Any], skip: Skip, began: str) -> None:
        """Record a single record, asked for by its number, that could not be had."""
        with self.transaction() as db:
            skips.note(db, name, partition_key(partition), skip, began)

    def skipped_since(self, name: str, partition: Mapping[str, Any], began: str) -> bool:
        """A walk of this run met a record of a list that could not be had."""
        with self._alone, translated(self.path):
            return bool(partition) and skips.met_since(
                self._db, name, partition_key(partition), began
            )

    def refuse(
        self, resource: Resource, partition: Mapping[str, Any], owner_id: int | None,
        why: str, code: int | None,
    ) -> None:  # fmt: skip
        """Record that the instance would not show a list."""
        with self.transaction() as db:
            cursors.refuse(
                db,
                resource=resource.name,
                partition=partition_key(partition),
                owner_id=owner_id,
                why=why,
                code=code,
                now=timestamp(),
            )

    def cursor(self, resource: Resource, partition: Mapping[str, Any]) -> Cursor:
        """Where a list stands."""
        key = partition_key(partition)
        with self._alone, translated(self.path):
            return cursors.load(self._db, resource.name, [key]).get(key, cursors.NEW)

    def open_skips(self, resource: Resource, partition: Mapping[str, Any]) -> bool:
        """A record of the list is missing and due for another try: after 1, 2, 4 … days."""
        with self._alone, translated(self.path):
            return skips.is_due(self._db, resource.name, partition_key(partition), timestamp())

    def misses(self, resource: Resource, partition: Mapping[str, Any]) -> bool:
        """A walk missed a row of the list, and another has not confirmed it yet."""
        if not resource.compared:
            return False
        with self._alone, translated(self.path):
            return absences.are_open(
                self._db, absences.Rows(resource.table, *_of_list(resource, partition))
            )

    def children(self, parent: Parent, owners: Iterable[int], after: int) -> list[tuple[Any, ...]]:
        """The next parents whose lists may be due: (rowid, partition values…, stamp values…).

        A chunk at a time, in the order of rowid, so that memory stays flat.
        """
        columns = [*parent.params.values(), *parent.stamp]
        names = ", ".join(f'"{name}"' for name in columns)
        where = ["rowid > ?", "gone_at is null"]
        if parent.listed:
            where.append(listed(parent.table, parent.table.name))
        if parent.owner:
            where.append(f'"{parent.owner}" in ({", ".join(str(int(owner)) for owner in owners)})')
        if parent.where:
            where.append(f'"{parent.where}" is not null')
        return self.query(
            f'select rowid, {names} from "{parent.table.name}" '
            f"where {' and '.join(where)} order by rowid limit 500",
            (after,),
        )

    def cursors_of(
        self, resource: Resource, partitions: Iterable[Mapping[str, Any]]
    ) -> dict[str, Cursor]:
        """The cursors of several lists, by partition key."""
        with self._alone, translated(self.path):
            return cursors.load(self._db, resource.name, map(partition_key, partitions))

    def referred(self, lookup: Lookup, limit: int, after: int) -> list[int]:
        """Ids that some record refers to and that are unknown, or were last read long ago."""
        table = lookup.table.name
        sources = [
            f'select "{column.name}" as id from "{t.name}" where "{column.name}" is not null'
            for t in TABLES
            for column in t.columns
            if column.references == table
        ]
        rows = self.query(
            f"select distinct id from ({' union '.join(sources)}) where id > ? and id not in "
            f"(select id from {table} where julianday(last_seen_at) > julianday(?) - ? / 86400.0 "
            # Who was merely shown in part is not known.
            f"and {listed(lookup.table, table)}) order by id limit ?",
            (after, timestamp(), lookup.refresh_after, limit),
        )
        return [row[0] for row in rows]

    def held_numbers(
        self, resource: Resource, partition: Mapping[str, Any], column: str
    ) -> set[int]:
        """The numbers held of one list."""
        where, parameters = _of_list(resource, partition)
        rows = self.query(
            f'select "{column}" from "{resource.table.name}" where {where}', parameters
        )
        return {row[0] for row in rows}

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
            # An instance may have moved to https, or a toy to another port.
            db.execute(
                "update _archive set value = ? where name = 'url' and value <> ?",
                (identity.url, identity.url),
            )


def listed(table: Table, alias: str) -> str:
    """The condition that a row was seen in a list of its own kind, not only as an attachment."""
    key = " || '_' || ".join(f'{alias}."{column}"' for column in table.key)
    return (
        f"cast({key} as text) in (select record_key from _versions "
        f"where resource = '{table.name}' and embedded = 0)"
    )


def _of_list(resource: Resource, partition: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The condition that picks a list's rows out of its table."""
    values = {column: partition[param] for column, param in resource.held.items()}
    values |= resource.only
    return " and ".join(f'"{column}" = ?' for column in values) or "1", list(values.values())
