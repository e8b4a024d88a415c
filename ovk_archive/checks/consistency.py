"""Whether an archive agrees with itself: rows with their versions, cursors with what they say.

Nothing is asked of anybody, and nothing is changed. The tables for people are derived once more
from their versions, in a database of SQLite's own that is gone when this ends.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.intervals import WalkPosition
from ovk_archive.api.paging.numbered import Numbered
from ovk_archive.archive.archive import SWEEPING, Archive
from ovk_archive.archive.file.location import address
from ovk_archive.archive.opening import mode_of_reading, translated
from ovk_archive.archive.tables.replay import replay
from ovk_archive.archive.tables.schema import sql_columns
from ovk_archive.errors import StorageError
from ovk_archive.resources import DERIVED, RESOURCES
from ovk_archive.resources.vocabulary.resource import Parent, Resource
from ovk_archive.resources.vocabulary.rows import UNREADABLE, Table, record_key

#: Of each table so many rows are named that are not as they should be.
EXAMPLES = 3
#: Cursors read at a time.
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows of a table that refer to something that is not here; the server often lacks it too."""

    table: str
    refers_to: str
    rows: int


@dataclass(frozen=True, slots=True)
class Strange:
    """A list whose saved position cannot be.

    Attributes:
        list: a saved position of which table: `_cursors` or `_rounds`.
    """

    list: str
    resource: str
    partition: str
    why: str


@dataclass(frozen=True, slots=True)
class Unlike:
    """A row that is not what its versions say.

    Attributes:
        why: `changed`; `unknown`, if no version tells of it; `missing`, if it is not here.
        columns: what differs.
    """

    key: str
    why: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deviation:
    """A table that does not follow from its versions.

    Attributes:
        rows: how many rows are not as the versions say.
        examples: some of them.
        unreadable: why the versions cannot be read, if so.
    """

    table: str
    rows: int
    examples: tuple[Unlike, ...] = ()
    unreadable: str | None = None


@dataclass(slots=True)
class Consistency:
    """How far an archive agrees with itself.

    Attributes:
        references: what is referred to and not here; no damage.
        positions: saved positions that cannot be.
        rows: tables that do not follow from their versions.
    """

    references: list[Reference] = field(default_factory=list)
    positions: list[Strange] = field(default_factory=list)
    rows: list[Deviation] = field(default_factory=list)

    @property
    def is_given(self) -> bool:
        """Nothing contradicts anything."""
        return not (self.positions or self.rows)

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return asdict(self)


def check_consistency(archive: Archive, tell: Callable[[], object]) -> Consistency:
    """Compare an archive with itself; `tell` is called after each table."""
    return Consistency(
        references=dangling(archive),
        positions=[*strange_positions(archive), *orphaned(archive)],
        rows=list(deviations(archive, tell)),
    )


def dangling(archive: Archive) -> list[Reference]:
    """How many rows of which table refer to something that is not here."""
    found = archive.query(
        'select "table", parent, count(*) from pragma_foreign_key_check '
        'group by "table", parent order by "table", parent'
    )
    return [Reference(*row) for row in found]


# Cursors and rounds


def strange_positions(archive: Archive) -> Iterator[Strange]:
    """Saved positions that cannot be; those of lists that this program does not know are left."""
    known = {resource.name: resource for resource in RESOURCES}
    for table, done in (("_cursors", "done"), ("_rounds", "0")):
        for name, partition, saved, is_done in _positions(archive, table, done):
            resource = known.get(name)
            for why in _faults(resource, partition, saved, done=bool(is_done)) if resource else ():
                yield Strange(table, name, partition, why)


def _positions(archive: Archive, table: str, done: str) -> Iterator[tuple[Any, ...]]:
    """A chunk at a time: positions are long."""
    after = 0
    while rows := archive.query(
        f"select rowid, resource, partition, position, {done} from {table} "
        f"where rowid > ? and position is not null order by rowid limit {_CHUNK}",
        (after,),
    ):
        after = rows[-1][0]
        yield from (row[1:] for row in rows)


def _faults(resource: Resource, partition: str, saved: str, *, done: bool) -> Iterator[str]:
    """What is wrong with a saved position."""
    try:
        parameters, position = json.loads(partition), json.loads(saved)
        if not isinstance(parameters, dict) or not isinstance(position, dict):
            yield "it cannot be read"
        elif resource.sweep and "next" in position:
            yield from _faults_of_sweep(position)
        else:
            yield from _faults_of_position(resource.paginator, position)
            if bool(position.get("done")) != done:
                yield "its cursor does not agree with it on whether all was read"
    except UNREADABLE:
        yield "it cannot be read"


def _faults_of_sweep(position: Mapping[str, Any]) -> Iterator[str]:
    """A list that is asked for by number says only which number is next."""
    # A run may end between the walk and the first of the numbers.
    if position == SWEEPING:
        return
    if not _is_count(position["next"]) or not isinstance(position.get("done"), bool):
        yield "it says no number to go on from"


def _faults_of_position(paginator: Any, saved: Mapping[str, Any]) -> Iterator[str]:
    position = paginator.loaded(saved)
    if not _is_count(position.read):
        yield "it does not say how many rows were read"
    if isinstance(paginator, Numbered) and saved.get("listing"):
        yield from _faults_of_position(paginator.listing, saved["listing"])
    if isinstance(position, WalkPosition) and isinstance(paginator, Anchored):
        if position.done and position.below:
            yield "it is at the end, with rows below"
        if paginator.order == "newest":
            yield from _faults_of_stack(position)


def _faults_of_stack(position: WalkPosition) -> Iterator[str]:
    """What is known of a list that grows at its top: stretches, the newest first.

    A row may be in two of them: it has moved to the top, or its neighbours have vanished, so that
    a walk read past it without knowing the stretch again.
    """
    below = position.below
    for one in below:
        # A list that was found empty in the middle of a walk is remembered with no rows.
        if not one.head or not one.tail or (one.rows and one.rows < len(one.head)):
            yield "a stretch of it has fewer rows than are known of it"
    # An older program gave no numbers.
    if any(one.floor <= other.floor for one, other in pairwise(below) if one.floor or other.floor):
        yield "its stretches are not in order"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def orphaned(archive: Archive) -> Iterator[Strange]:
    """Lists that a row opens which never was here: not even as gone."""
    for resource in RESOURCES:
        # What was named by its owner needs no row that opens it.
        if resource.parent is None or resource.owner_param is not None:
            continue
        for (partition,) in _without_parent(archive, resource, resource.parent):
            why = f"there is no row of {resource.parent.table.name} that opens it"
            yield Strange("_cursors", resource.name, partition, why)


def _without_parent(archive: Archive, resource: Resource, parent: Parent) -> list[tuple[Any, ...]]:
    # Other columns of the parent's may have changed since.
    columns = {p: column for p, column in parent.params.items() if column in parent.table.key}
    if not columns:
        return []
    given = ", ".join(f"json_extract(partition, '$.{param}')" for param in columns)
    names = ", ".join(f'"{column}"' for column in columns.values())
    known = " and ".join(f'"{column}" is not null' for column in columns.values())
    return archive.query(
        "select partition from _cursors where resource = ? and json_valid(partition) and "
        f'({given}) not in (select {names} from "{parent.table.name}" where {known})',
        (resource.name,),
    )


# Rows and their versions


def deviations(archive: Archive, tell: Callable[[], object]) -> Iterator[Deviation]:
    """Tables that are not what their versions say, derived from these once more."""
    with translated(archive.path), _beside(archive) as db:
        for table in DERIVED:
            found = _deviation(db, table)
            if found is not None:
                yield found
            tell()


@contextmanager
def _beside(archive: Archive) -> Iterator[sqlite3.Connection]:
    """A database on disk that nobody else sees, with the archive beside it as `held`."""
    mode = mode_of_reading(archive.path).replace("rw", "ro")
    with closing(sqlite3.connect("", uri=True, isolation_level=None)) as db:
        db.execute("pragma journal_mode = off")
        db.execute("pragma synchronous = off")
        db.execute("attach ? as held", (address(archive.path, mode),))
        # One moment of the archive, though a sync may go on meanwhile.
        db.execute("begin")
        yield db
        db.execute("rollback")


def _deviation(db: sqlite3.Connection, table: Table) -> Deviation | None:
    made = db.execute("select sql from held.sqlite_master where name = ?", (table.name,)).fetchone()
    db.execute(made[0])
    try:
        replay(db, table, "held._versions")
    except StorageError as error:
        return Deviation(table.name, 0, unreadable=str(error))
    changed, here = _changed(db, table)
    missing, told = _missing(db, table)
    db.execute(f'drop table main."{table.name}"')
    if not here + told:
        return None
    return Deviation(table.name, here + told, tuple([*changed, *missing][:EXAMPLES]))


def _changed(db: sqlite3.Connection, table: Table) -> tuple[list[Unlike], int]:
    """Rows that are not as their versions say, or of which these do not tell; and how many."""
    columns = [name for name in sql_columns(table) if name not in table.key]
    flags = ", ".join(f'h."{name}" is not t."{name}"' for name in columns)
    same = " and ".join(f'h."{name}" is t."{name}"' for name in columns)
    rows = db.execute(
        f"select {_key(table, 'h')}, t.rowid is null, {flags}, count(*) over () "
        f'from held."{table.name}" h left join main."{table.name}" t on {_same_key(table)} '
        f"where t.rowid is null or not ({same}) limit {EXAMPLES}"
    ).fetchall()
    width = len(table.key)
    found = []
    for row in rows:
        names = tuple(n for n, differs in zip(columns, row[width + 1 : -1], strict=True) if differs)
        is_unknown, key = row[width], record_key(row[:width])
        found.append(Unlike(key, "unknown") if is_unknown else Unlike(key, "changed", names))
    return found, rows[0][-1] if rows else 0


def _missing(db: sqlite3.Connection, table: Table) -> tuple[list[Unlike], int]:
    """Rows of which versions tell, and that are not here; and how many."""
    rows = db.execute(
        f'select {_key(table, "t")}, count(*) over () from main."{table.name}" t '
        f'left join held."{table.name}" h on {_same_key(table)} '
        f"where h.rowid is null limit {EXAMPLES}"
    ).fetchall()
    return [Unlike(record_key(row[:-1]), "missing") for row in rows], rows[0][-1] if rows else 0


def _key(table: Table, alias: str) -> str:
    return ", ".join(f'{alias}."{name}"' for name in table.key)


def _same_key(table: Table) -> str:
    return " and ".join(f'h."{name}" is t."{name}"' for name in table.key)
