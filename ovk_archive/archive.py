"""Open an archive, save a page together with its cursor, read what the next request needs."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from filelock import FileLock

from ovk_archive import __version__, cursors
from ovk_archive.cursors import Cursor, partition_key
from ovk_archive.errors import EXIT_REFUSED, StorageError
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
from ovk_archive.rows import Row, Trim
from ovk_archive.store import Stored, store


@dataclass(frozen=True, slots=True)
class Skip:
    """A record that crashes the server.

    Attributes:
        place: its number, if it was asked for by number; else its place in the list.
        after_key: the key read before it, which tells where it is when places have shifted.
    """

    place: int
    after_key: str | None
    reason: str
    by_number: bool = False


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
        with archive.transaction():
            archive._sign(identity)
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
                now=now,
            )
            for skip in page.skips:
                _skip(db, page.resource.name, key, skip, page.began)
            if page.whole and page.position.get("done"):
                _resolve(db, page.resource.name, key, page.began, now)
        return stored

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
            db.executemany(
                "update _skipped set resolved_at = ? where resource = ? and partition = ? "
                "and place = ? and resolved_at is null",
                [(now, name, partition_key(partition), str(number)) for number in numbers],
            )
            return store(db, parts, now)

    def skip(self, name: str, partition: Mapping[str, Any], skip: Skip, began: str) -> None:
        """Record a single record, asked for by its number, that could not be had."""
        with self.transaction() as db:
            _skip(db, name, partition_key(partition), skip, began)

    def skipped_since(self, name: str, partition: Mapping[str, Any], began: str) -> bool:
        """A walk of this run met a record of a list that could not be had."""
        return bool(
            partition
            and self.query(
                "select 1 from _skipped where resource = ? and partition = ? and last_at >= ?",
                (name, partition_key(partition), began),
            )
        )

    def last_saved(self) -> dict[str, str]:
        """When something was last saved of each resource's lists."""
        return dict(self.query("select resource, max(updated_at) from _cursors group by resource"))

    def was_stopped(self) -> bool:
        """The last run did not come to its end."""
        last = self.query("select exit_code from _runs order by id desc limit 1")
        return bool(last and last[0][0] not in (0, EXIT_REFUSED))

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
        due = self.query(
            "select 1 from _skipped where resource = ? and partition = ? and resolved_at is null "
            "and (tries <= 1 or julianday(?) >= julianday(last_at) + (1 << min(tries - 2, 5)))",
            (resource.name, partition_key(partition), timestamp()),
        )
        return bool(due)

    def children(self, parent: Parent, owners: Iterable[int], after: int) -> list[tuple[Any, ...]]:
        """The next parents whose lists may be due: (rowid, partition values…, stamp values…).

        A chunk at a time, in the order of rowid, so that memory stays flat.
        """
        columns = [*parent.params.values(), *parent.stamp]
        names = ", ".join(f'"{name}"' for name in columns)
        where = ["rowid > ?", "gone_at is null"]
        if "owner_id" in parent.params.values():
            where.append(f"owner_id in ({', '.join(str(int(owner)) for owner in owners)})")
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
            f"(select id from {table} where julianday(last_seen_at) > julianday(?) - ? / 86400.0) "
            "order by id limit ?",
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

    def held(self, resource: Resource, partition: Mapping[str, Any]) -> int:
        """How many rows of a list are here."""
        where, parameters = _of_list(resource, partition)
        return int(
            self.query(
                f'select count(*) from "{resource.table.name}" where {where} and gone_at is null',
                parameters,
            )[0][0]
        )

    def load(self) -> dict[str, Any]:
        """The pace learnt of this instance (`PaceMemory`)."""
        rows = self.query("select state from _pace where name = 'photos+board'")
        return dict(json.loads(rows[0][0])) if rows else {}

    def save(self, state: dict[str, Any]) -> None:
        """Keep the pace, at once (`PaceMemory`)."""
        with self.transaction() as db:
            db.execute(
                "insert into _pace (name, state) values ('photos+board', ?) "
                "on conflict (name) do update set state = excluded.state",
                (json.dumps(state),),
            )

    def begin_run(self, arguments: Mapping[str, Any]) -> int:
        """Note that a run begins; its number."""
        with self.transaction() as db:
            return int(
                db.execute(
                    "insert into _runs (started_at, version, arguments) values (?, ?, ?)",
                    (timestamp(), __version__, json.dumps(dict(arguments), ensure_ascii=False)),
                ).lastrowid
                or 0
            )

    def end_run(self, run: int, report: Mapping[str, Any]) -> None:
        """Note how a run ended."""
        with self.transaction() as db:
            db.execute(
                "update _runs set finished_at = ?, outcome = ?, exit_code = ?, requests = ?, "
                "failures = ?, report = ? where id = ?",
                (
                    timestamp(),
                    report["outcome"],
                    report["exit_code"],
                    report["requests"],
                    report["failures"],
                    json.dumps(dict(report), ensure_ascii=False),
                    run,
                ),
            )

    def _sign(self, identity: Identity) -> None:
        facts = {
            "instance": identity.instance,
            "account_id": str(identity.account_id),
            "url": identity.url,
            "made_by": __version__,
            "made_at": timestamp(),
        }
        self._db.executemany(
            "insert into _archive (name, value) values (?, ?) on conflict (name) do nothing",
            facts.items(),
        )


def _skip(db: sqlite3.Connection, resource: str, partition: str, skip: Skip, began: str) -> None:
    """Note a record that cannot be had; its place is told by the key before it, which stays."""
    now = timestamp()
    db.execute(
        "insert into _skipped (resource, partition, place, after_key, reason, tries, first_at, "
        "last_at) values (?, ?, ?, ?, ?, 1, ?, ?) "
        "on conflict (resource, partition, place) do update set "
        "tries = tries + (last_at < ?), last_at = excluded.last_at, "
        "reason = excluded.reason, resolved_at = null",
        (
            resource,
            partition,
            str(skip.place) if skip.by_number else f"after {skip.after_key or 'the top'}",
            skip.after_key,
            skip.reason,
            now,
            now,
            began,
        ),
    )


def _resolve(db: sqlite3.Connection, resource: str, partition: str, before: str, now: str) -> None:
    db.execute(
        "update _skipped set resolved_at = ? where resource = ? and partition = ? "
        "and resolved_at is null and last_at < ?",
        (now, resource, partition, before),
    )


def _of_list(resource: Resource, partition: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The condition that picks a list's rows out of its table."""
    where = [f'"{column}" = ?' for column in resource.held]
    return " and ".join(where) or "1", [partition[param] for param in resource.held.values()]
