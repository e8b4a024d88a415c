"""Open an archive, save a page together with its cursor, read what the next request needs."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from filelock import FileLock

from ovk_archive import __version__
from ovk_archive.api.paging.keyset import Shown
from ovk_archive.archive.file.journaling import take_in, tell_of_rest
from ovk_archive.archive.file.location import real, tell_of_other_names
from ovk_archive.archive.lists import absences, cursors, rounds, skips
from ovk_archive.archive.lists.cursors import Cursor, Trouble, partition_key
from ovk_archive.archive.lists.holes import Known
from ovk_archive.archive.lists.list_rows import Rows, comparable, rows_of
from ovk_archive.archive.lists.losses import Look, Losses
from ovk_archive.archive.lists.openings import openings
from ovk_archive.archive.lists.references import unknown
from ovk_archive.archive.lists.skips import Met, Skip
from ovk_archive.archive.opening import (
    SNAPSHOT,
    Identity,
    bring_up_to_date,
    check_is_filled,
    connect_for_reading,
    connect_for_writing,
    inspect,
    locked,
    translated,
)
from ovk_archive.archive.soundness import damaged
from ovk_archive.archive.tables import checkpoints
from ovk_archive.archive.tables.checkpoints import Moment, timestamp
from ovk_archive.archive.tables.store import Stored, store
from ovk_archive.errors import StorageError
from ovk_archive.resources import RESOURCES
from ovk_archive.resources.vocabulary.resource import Lookup, Parent, Resource
from ovk_archive.resources.vocabulary.rows import Row, Trim

#: The fact that lists all names of the instance, where it has had several.
_NAMES = "instances"
#: Where a round stands whose walk has ended: at the numbers that it did not meet, from the top.
SWEEPING = {"next": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A page and the cursor behind it, saved together.

    Attributes:
        position: the paginator's position after the page, as JSON.
        counted: rows of the list by the server's count.
        skips: records of the page that could not be read.
        began: the checkpoint with which the run began; a record skipped twice in one run was
            tried once.
        whole: this walk reads the whole list, so at its end every record skipped by an earlier run,
            and not by this one, has been had after all.
        fresh: a walk begins with this page, at the beginning of the list.
        round: the position is that of the list's round, not of its cursor.
        shown: of which rows the page shows all that there are, in a list that is read by number.
        lacks: the server counts more rows than it has shown.
        accept: however many rows are missing, it is believed.
    """

    resource: Resource
    partition: Mapping[str, Any]
    owner_id: int | None
    parts: Iterable[Row | Trim]
    position: Mapping[str, Any]
    stamp: str | None = None
    counted: int | None = None
    skips: tuple[Skip, ...] = ()
    began: int = 0
    whole: bool = False
    fresh: bool = False
    round: bool = False
    shown: Shown | None = None
    lacks: bool = False
    accept: bool = False

    @property
    def named(self) -> tuple[str, str]:
        """The list, as cursors name it."""
        return self.resource.name, partition_key(self.partition)

    @property
    def done(self) -> bool:
        """The list has been read to its end."""
        return bool(self.position.get("done"))

    @property
    def is_of_nothing(self) -> bool:
        """A walk through the whole list has been shown nothing."""
        rows = (self.position.get("read"), self.position.get("aside"))
        return self.whole and self.done and not any(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for by number, and answered without a crash.

    Attributes:
        name: the list, or the lookup.
        compared: the rows that would have been answered; one that was not is gone.
        whole: all rows of their list.
    """

    name: str
    partition: Mapping[str, Any]
    numbers: Sequence[int]
    compared: Rows | None = None
    whole: Rows | None = None
    began: int = 0
    accept: bool = False

    @property
    def named(self) -> tuple[str, str]:
        """The list, as cursors name it."""
        return self.name, partition_key(self.partition)


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
        bring_up_to_date(path)
        with translated(path):
            connection = connect_for_reading(path)
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
                take_in(self._db)
            self._db.close()
        if self._lock:
            tell_of_rest(self.path)
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
        try:
            return Identity(facts["instance"], int(facts["account_id"]), facts["url"])
        except (KeyError, TypeError, ValueError):
            raise damaged(self.path, "it does not say whose it is") from None

    def names(self) -> tuple[Identity, ...]:
        """All names that its instance has had, the first one first."""
        identity = self.identity()
        try:
            known = json.loads(self.fact(_NAMES) or "[]")
            names = [Identity(one["instance"], identity.account_id, one["url"]) for one in known]
        except (KeyError, TypeError, ValueError):
            raise damaged(self.path, "the instance's former names cannot be read") from None
        is_among = any(one.instance == identity.instance for one in names)
        return tuple(names) if is_among else (*names, identity)

    def former(self) -> tuple[str, ...]:
        """The addresses that its instance had under other names."""
        now = self.identity().instance
        return tuple(one.url for one in self.names() if one.instance != now)

    def mirrors(self) -> tuple[str, ...]:
        """Other names of its instance, by the word that this had given under one of them."""
        found = self.query("select value from instance where name = 'mirrors'")
        try:
            told = json.loads(found[0][0]) if found and found[0][0] else []
        except ValueError:
            return ()
        return tuple(one for one in told if isinstance(one, str)) if isinstance(told, list) else ()

    def move(self, to: Identity) -> None:
        """Note that its instance has another name; the names it had stay known."""
        names = list(self.names())
        if all(one.instance != to.instance for one in names):
            names.append(to)
        told = json.dumps([{"instance": one.instance, "url": one.url} for one in names])
        with self.transaction() as db:
            db.executemany(
                "insert into _archive (name, value) values (?, ?) "
                "on conflict (name) do update set value = excluded.value",
                [(_NAMES, told), ("instance", to.instance), ("url", to.url)],
            )

    def query(
        self, sql: str, parameters: Iterable[Any] | Mapping[str, Any] = ()
    ) -> list[tuple[Any, ...]]:
        """The rows of a query; what is bound has places, or names."""
        bound = parameters if isinstance(parameters, Mapping) else tuple(parameters)
        with self._alone, translated(self.path):
            return self._db.execute(sql, bound).fetchall()

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, one after another, so that memory stays flat."""
        with translated(self.path):
            yield from self._db.execute(sql)

    def checkpoint(self, page: Checkpoint) -> Stored:
        """Save a page and the position that follows it: both, or neither."""
        with self.transaction() as db:
            now = checkpoints.now(db)
            stored = store(db, page.parts, now)
            began = _save_position(db, page, now)
            met = [skips.note(db, page.named, skip, page.began, now) for skip in page.skips]
            stored.skipped = sum(one.first for one in met)
            stored.skipped_new = sum(one.new for one in met)
            stored.unreadable_new = sum(one.new and one.came for one in met)
            if page.whole and page.done:
                skips.resolve_walked(db, *page.named, (page.round and began) or page.began, now)
            losses = _losses(db, page, began, now)
            # What a list with a sweep has is known only when the numbers were asked for, too.
            if page.whole and page.done and began and not page.resource.sweep:
                _measure(db, page.resource, page.partition, began)
        return _with(stored, losses, page.named)

    def end_round(self, named: tuple[str, str], owner: int | None) -> None:
        """Note that a list's turn is over, though it could not be read."""
        with self.transaction() as db:
            rounds.end(db, named, owner, checkpoints.now(db))

    def save_rows(self, parts: Iterable[Row | Trim], asked: Asked) -> Stored:
        """Save rows that no cursor follows, asked for by number."""
        name, partition = asked.named
        with self.transaction() as db:
            now = checkpoints.now(db)
            skips.resolve_numbers(db, name, partition, asked.numbers, now)
            stored = store(db, parts, now)
            losses = Losses()
            if asked.compared is not None:
                look = Look(since=now.number, run_began=asked.began, now=now, accept=asked.accept)
                losses = absences.compare(db, asked.compared, asked.whole or asked.compared, look)
            return _with(stored, losses, asked.named)

    def resolve_known(self, lookup: Lookup, began: int) -> None:
        """Nobody is missing any more whom some list has shown meanwhile.

        Nor are strange records that a run, which began with that checkpoint, has not met again.
        """
        with self.transaction() as db:
            now = checkpoints.now(db)
            skips.resolve_known(db, lookup.name, lookup.table.name, now)
            skips.resolve_unmet(db, lookup.name, began, now)

    def skip(self, name: str, partition: Mapping[str, Any], skip: Skip, began: int) -> Met:
        """Note a single record that was asked for by its number and could not be read."""
        with self.transaction() as db:
            now = checkpoints.now(db)
            return skips.note(db, (name, partition_key(partition)), skip, began, now)

    def crash_rows(self, resource: Resource, partition: Mapping[str, Any]) -> list[Known]:
        """The rows of a list that are known to crash the server."""
        with self._alone, translated(self.path):
            found = skips.crash_rows(self._db, resource.name, partition_key(partition), timestamp())
        return [Known(row, after, before, why, bool(due)) for row, after, before, why, due in found]

    def crash_numbers(self, name: str, partition: Mapping[str, Any]) -> dict[int, tuple[str, bool]]:
        """Records that are known to crash the server: number -> why, and whether a try is due."""
        with self._alone, translated(self.path):
            found = skips.crash_numbers(self._db, name, partition_key(partition), timestamp())
        return {int(number): (why, bool(due)) for number, why, due in found if number.isdigit()}

    def skipped_since(self, name: str, partition: Mapping[str, Any], began: int) -> bool:
        """A walk of this run met a record of a list that could not be read."""
        with self._alone, translated(self.path):
            return bool(partition) and skips.met_since(
                self._db, name, partition_key(partition), began
            )

    def refuse(self, named: tuple[str, str], owner_id: int | None, trouble: Trouble) -> None:
        """Record that a list could not be read."""
        with self.transaction() as db:
            cursors.refuse(db, named, owner_id, trouble, checkpoints.now(db))

    def fail_round(self, named: tuple[str, str], owner_id: int | None, trouble: Trouble) -> None:
        """Record that a list could not be read again."""
        with self.transaction() as db:
            rounds.fail(db, named, owner_id, trouble, checkpoints.now(db))

    def forgive(self, named: tuple[str, str]) -> None:
        """Record that a list was read after all."""
        with self.transaction() as db:
            cursors.forgive(db, named)

    def cursor(self, resource: Resource, partition: Mapping[str, Any]) -> Cursor:
        """Where a list stands."""
        return self.cursor_of(resource.name, partition)

    def cursor_of(self, name: str, partition: Mapping[str, Any]) -> Cursor:
        """Where a list stands, or something else that is asked for under a name."""
        key = partition_key(partition)
        with self._alone, translated(self.path):
            return cursors.load(self._db, name, [key]).get(key, cursors.NEW)

    def open_skips(self, resource: Resource, partition: Mapping[str, Any]) -> bool:
        """A record of the list is missing and due for another try: after 1, 2, 4 … days."""
        with self._alone, translated(self.path):
            return skips.is_due(self._db, resource.name, partition_key(partition), timestamp())

    def missed(self, resource: Resource, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """These columns of all rows that lists of a resource have missed."""
        with self._alone, translated(self.path):
            return absences.missed(self._db, resource, columns)

    def owners(self) -> tuple[int, ...]:
        """Whose own lists are held."""
        roots = ", ".join(f"'{r.name}'" for r in RESOURCES if r.parent is None and r.owner_param)
        found = self.query(
            f"select distinct owner_id from _cursors where resource in ({roots}) "
            "and owner_id is not null and finished_at is not null order by owner_id"
        )
        return tuple(row[0] for row in found)

    def rows_between(self, resource: Resource, partition: Mapping[str, Any], shown: Shown) -> Rows:
        """The rows of a list that an answer would have shown."""
        return _between(resource, partition, shown)

    def save_round(
        self,
        resource: Resource,
        partition: Mapping[str, Any],
        owner: int | None,
        position: Mapping[str, Any],
    ) -> None:
        """Save where the round of a list stands."""
        with self.transaction() as db:
            named = (resource.name, partition_key(partition))
            began = rounds.save(db, named, owner, position, checkpoints.now(db))
            if position.get("done"):
                _measure(db, resource, partition, began)

    def parent_row(self, parent: Parent, partition: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """What the parent of a list says of it (partition values…, stamp values…), if present."""
        names = ", ".join(f'"{name}"' for name in (*parent.params.values(), *parent.stamp))
        where = " and ".join(f'"{column}" = ?' for column in parent.params.values())
        found = self.query(
            f'select {names} from "{parent.table.name}" where {where} and gone_at is null',
            [partition[param] for param in parent.params],
        )
        return found[0] if found else None

    def fact(self, name: str) -> str | None:
        """Something that the archive remembers of itself."""
        found = self.query("select value from _archive where name = ?", (name,))
        return str(found[0][0]) if found else None

    def note_fact(self, name: str, value: str | None) -> None:
        """Remember something of the archive itself; None forgets it."""
        with self.transaction() as db:
            db.execute("delete from _archive where name = ?", (name,))
            if value is not None:
                db.execute("insert into _archive (name, value) values (?, ?)", (name, value))

    def misses(self, resource: Resource, partition: Mapping[str, Any]) -> bool:
        """A walk missed a row of the list, and another has not confirmed it yet."""
        if not resource.compared or resource.paginator.incremental:
            return False
        with self._alone, translated(self.path):
            return absences.are_open(self._db, comparable(resource, partition))

    def children(
        self, resource: Resource, owners: Iterable[int], after: int, *, everything: bool = False
    ) -> list[tuple[Any, ...]]:
        """The next parents whose lists may be due: (rowid, partition values…, stamp values…).

        A chunk at a time, in the order of rowid, so that memory stays flat.
        """
        owing = json.dumps(self.missed(resource, tuple(resource.held)))
        sql = openings(resource, owners, everything=everything)
        return self.query(sql, {"after": after, "owing": owing})

    def cursors_of(
        self, resource: Resource, partitions: Iterable[Mapping[str, Any]]
    ) -> dict[str, Cursor]:
        """The cursors of several lists, by partition key."""
        with self._alone, translated(self.path):
            return cursors.load(self._db, resource.name, map(partition_key, partitions))

    def referred(self, lookup: Lookup, limit: int, after: int) -> list[int]:
        """Ids that some record refers to and that are unknown, or were last read long ago."""
        bound = {"after": after, "now": timestamp(), "limit": limit}
        return [row[0] for row in self.query(unknown(lookup), bound)]

    def held_numbers(
        self, resource: Resource, partition: Mapping[str, Any], column: str, since: int = 0
    ) -> set[int]:
        """The numbers held of one list; those seen in that checkpoint or later."""
        rows = rows_of(resource, partition)
        where, values = rows.seen_since(since) if since else (rows.where, rows.values)
        sql = f'select "{column}" from "{rows.table.name}" where {where}'
        return {row[0] for row in self.query(sql, values)}

    def round(self, resource: Resource, partition: Mapping[str, Any]) -> rounds.Round:
        """Where the round of a list stands."""
        with self._alone, translated(self.path):
            return rounds.load(self._db, (resource.name, partition_key(partition)))

    def newer(self, resource: Resource, partition: Mapping[str, Any], since: float) -> int:
        """How many rows of a list are newer than a unix time, where they tell."""
        if "date" not in resource.table.by_name:
            return 0
        rows = rows_of(resource, partition)
        sql = f'select count(*) from "{rows.table.name}" where {rows.where} and date >= ?'
        return int(self.query(sql, (*rows.values, since))[0][0])

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


def _save_position(db: sqlite3.Connection, page: Checkpoint, now: Moment) -> int | None:
    """Save where the list stands, or its round; the checkpoint in which this walk began."""
    resource = page.resource
    if page.round:
        # Numbers that the walk has not met are asked for after it: the round is not over yet.
        position = SWEEPING if page.done and resource.sweep else page.position
        if page.done:
            cursors.note_count(db, page.named, page.counted)
        return rounds.save(db, page.named, page.owner_id, position, now, fresh=page.fresh)
    cursors.save(
        db,
        *page.named,
        owner_id=page.owner_id,
        position=page.position,
        stamp=page.stamp,
        counted=page.counted,
        fresh=page.fresh,
        now=now,
    )
    began = cursors.walk_began(db, *page.named)
    if page.whole and page.done and resource.in_rounds:
        _end_round(db, page, began, now)
    return began


def _measure(
    db: sqlite3.Connection, resource: Resource, partition: Mapping[str, Any], began: int
) -> None:
    """Note how many rows a whole reading has met, where rows can be told to be of a list."""
    if resource.compared:
        met = absences.met(db, rows_of(resource, partition), began)
        cursors.note_met(db, (resource.name, partition_key(partition)), met)


def _end_round(db: sqlite3.Connection, page: Checkpoint, began: int | None, now: Moment) -> None:
    """A list was read whole: that was its round, or the first part of it."""
    if page.resource.sweep and began:
        rounds.save(db, page.named, page.owner_id, SWEEPING, now, began=began)
    else:
        rounds.end(db, page.named, page.owner_id, now)


def _losses(db: sqlite3.Connection, page: Checkpoint, began: int | None, now: Moment) -> Losses:
    """What a page or a whole walk has not met, if it is to be believed."""
    resource = page.resource
    seen_all = page.shown is not None or (page.whole and page.done)
    # Rows of a list with a sweep are asked for by number: a list may hide what is there still.
    if not (resource.compared and seen_all and began) or resource.sweep:
        return Losses()
    # Who counts more than was shown has not shown all.
    if page.lacks or skips.are_open(db, *page.named):
        return Losses()
    since, run_began = began, page.began
    whole = rows_of(resource, page.partition)
    looked_for = comparable(resource, page.partition)
    if page.shown is not None:
        looked_for = _between(resource, page.partition, page.shown)
        if page.shown.walked:
            # What a page of this very walk has missed is not missed a second time.
            run_began = min(began, run_began)
        else:
            since = now.number
    look = Look(
        since=since, run_began=run_began, now=now, accept=page.accept, empty=page.is_of_nothing
    )
    if resource.elsewhere:
        absences.note_hidden(db, resource, page.partition, look)
    return absences.compare(db, looked_for, whole, look)


def _with(stored: Stored, losses: Losses, named: tuple[str, str]) -> Stored:
    withheld = {named[1]: losses.withheld} if losses.withheld else {}
    return replace(stored, gone=losses.gone, withheld=withheld)


def _between(resource: Resource, partition: Mapping[str, Any], shown: Shown) -> Rows:
    """The rows of a list that an answer would have shown."""
    only = [f'"id" > {int(shown.above)}']
    if shown.to is not None:
        only.append(f'"id" <= {int(shown.to)}')
    if shown.before is not None:
        only.append(f'"{resource.moment}" < {int(shown.before)}')
    return comparable(resource, partition, *only)
