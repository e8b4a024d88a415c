"""Rows that a list no longer has: missed once, gone when a later run misses them again."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive import cursors
from ovk_archive.resource import Resource
from ovk_archive.resources import RESOURCES
from ovk_archive.rows import Table
from ovk_archive.schema import key_as_sql
from ovk_archive.store import mark_gone

#: As many rows may vanish at once, however short the list is.
FEW = 20
#: Every table from whose lists rows may vanish.
_TABLES = tuple(dict.fromkeys(r.table.name for r in RESOURCES if r.compared))
#: Missed, and neither confirmed nor back.
_OPEN = "gone_at is null and back_at is null"


@dataclass(frozen=True, slots=True)
class Losses:
    """What a reading of a list did not meet.

    Attributes:
        gone: rows that an earlier run had missed already, and that are marked now.
        withheld: so many are missing that a mistake is likelier: none is marked.
    """

    gone: int = 0
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one list in its table, or some of them.

    Attributes:
        where: a condition on the table's columns.
        values: what is bound in it.
    """

    table: Table
    where: str
    values: Sequence[Any]

    @property
    def key(self) -> str:
        """The key as `_versions` writes it, as SQL."""
        # By its full name: `_versions` has an `id` of its own.
        return key_as_sql(self.table, f'"{self.table.name}"')

    @property
    def present(self) -> str:
        """The condition that a row is in the list as far as we know: seen there, and not gone."""
        return (
            f"{self.where} and gone_at is null and exists (select 1 from _versions v "
            f"where v.resource = '{self.table.name}' and v.record_key = {self.key} "
            "and v.embedded = 0)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A reading that is to be compared.

    Attributes:
        since: rows seen from then on have been met by it.
        run_began: what an earlier run has missed is gone; within one run nothing is confirmed.
        now: when it ended.
        accept: however many are missing, it is believed.
    """

    since: str
    run_began: str
    now: str
    accept: bool = False


def rows_of(resource: Resource, partition: Mapping[str, Any], *more: str) -> Rows:
    """The rows of a list; `more` are further conditions, without anything to be bound."""
    held = {column: partition[param] for column, param in resource.held.items()}
    held |= resource.only
    where = [*(f'"{column}" = ?' for column in held), *more]
    return Rows(resource.table, " and ".join(where) or "1", list(held.values()))


def comparable(resource: Resource, partition: Mapping[str, Any], *more: str) -> Rows:
    """Those of them that are gone if the list does not show them."""
    elsewhere = [_not_elsewhere(resource)] if resource.elsewhere else []
    return rows_of(resource, partition, *more, *elsewhere)


def _not_elsewhere(resource: Resource) -> str:
    """The condition that no row of another table says that the thing is there."""
    assert resource.elsewhere is not None  # noqa: S101 - the caller looked
    other, columns = resource.elsewhere
    same = " and ".join(f'o."{theirs}" = "{resource.table.name}"."{ours}"'
                        for ours, theirs in columns.items())  # fmt: skip
    return (
        f'not exists (select 1 from "{other.name}" o where {same} and o.gone_at is null '
        f"and {not_missed(other, 'o')})"
    )


def compare(db: sqlite3.Connection, rows: Rows, look: Look) -> Losses:
    """Note which rows a reading has not met, and which are back; mark those missed before."""
    name = rows.table.name
    _note_back(db, rows, look)
    missing = [
        row[0]
        for row in db.execute(
            f'select {rows.key} from "{name}" where last_seen_at < ? and {rows.present}',
            (look.since, *rows.values),
        )
    ]
    if not missing:
        return Losses()
    missed = _missed(db, name)
    db.executemany(
        "insert into _absences (resource, record_key, missed_at) values (?, ?, ?)",
        [(name, key, look.now) for key in missing if key not in missed],
    )
    if not look.accept and _is_implausible(db, rows, len(missing)):
        return Losses(withheld=len(missing))
    confirmed = [key for key in missing if missed.get(key, look.run_began) < look.run_began]
    if confirmed and not look.accept and _is_wiped(db):
        return Losses(withheld=len(missing))
    since: dict[str, list[str]] = defaultdict(list)
    for key in confirmed:
        since[missed[key]].append(key)
    for at, keys in since.items():
        _confirm(db, rows.table, keys, at, look.now)
    return Losses(gone=len(confirmed))


def are_open(db: sqlite3.Connection, rows: Rows) -> bool:
    """A row of the list was missed once, and waits for another reading to confirm it."""
    if not _missed(db, rows.table.name):
        return False
    found = db.execute(
        f'select 1 from "{rows.table.name}" where {rows.where} and {rows.key} in '
        f"(select record_key from _absences where resource = ? and {_OPEN})",
        (*rows.values, rows.table.name),
    )
    return found.fetchone() is not None


def not_missed(table: Table, alias: str = "") -> str:
    """The condition that the last reading of its list has met a row."""
    missed_rows = f"select record_key from _absences where resource = '{table.name}' and {_OPEN}"
    return f"{key_as_sql(table, alias)} not in ({missed_rows})"


def missed(
    db: sqlite3.Connection, resource: Resource, columns: Sequence[str]
) -> list[tuple[Any, ...]]:
    """These columns of all rows of a resource's lists that wait to be confirmed."""
    table = resource.table
    if not _missed(db, table.name):
        return []
    # Several kinds of lists may share a table: the columns of the others are null.
    where = [f'"{column}" is not null' for column in resource.held]
    where += [f'"{column}" = ?' for column in resource.only]
    names = ", ".join(f'"{column}"' for column in columns) or "1"
    return db.execute(
        f'select distinct {names} from "{table.name}" where {" and ".join(where) or "1"} and '
        f"{key_as_sql(table)} in (select record_key from _absences where resource = ? and {_OPEN})",
        (*resource.only.values(), table.name),
    ).fetchall()


def _is_implausible(db: sqlite3.Connection, rows: Rows, missing: int) -> bool:
    """More than a few and more than half of a list at once: a mistake is likelier."""
    if missing <= FEW:
        return False
    held = db.execute(
        f'select count(*) from "{rows.table.name}" where {rows.present}', rows.values
    ).fetchone()[0]
    return 2 * missing > int(held)


def _is_wiped(db: sqlite3.Connection) -> bool:
    """More than half of all lists together is missing: however short each of them may be."""
    missing = int(db.execute(f"select count(*) from _absences where {_OPEN}").fetchone()[0])
    if missing <= FEW:
        return False
    held = sum(
        int(db.execute(f'select count(*) from "{name}" where gone_at is null').fetchone()[0])
        for name in _TABLES
    )
    return 2 * missing > held


def _missed(db: sqlite3.Connection, table: str) -> dict[str, str]:
    """Rows that were missed and have neither been confirmed nor come back: key -> when."""
    return dict(
        db.execute(
            f"select record_key, missed_at from _absences where resource = ? and {_OPEN}", (table,)
        )
    )


def _note_back(db: sqlite3.Connection, rows: Rows, look: Look) -> None:
    db.execute(
        "update _absences set back_at = ? where resource = ? and back_at is null and record_key in "
        f'(select {rows.key} from "{rows.table.name}" where last_seen_at >= ? and {rows.where} '
        "and gone_at is null)",
        (look.now, rows.table.name, look.since, *rows.values),
    )


def _confirm(db: sqlite3.Connection, table: Table, keys: Sequence[str], at: str, now: str) -> None:
    db.executemany(
        f"update _absences set gone_at = ? where resource = ? and record_key = ? and {_OPEN}",
        [(now, table.name, key) for key in keys],
    )
    mark_gone(db, table, keys, at)
    for resource in RESOURCES:
        parent = resource.parent
        if parent and parent.table is table and not parent.outlived:
            for key in keys:
                _close(db, resource, key, at, now)


def _close(db: sqlite3.Connection, resource: Resource, key: str, at: str, now: str) -> None:
    """What hangs on a thing can be read no more: its list has ended with it."""
    parent = resource.parent
    assert parent is not None  # noqa: S101 - the caller looked
    columns = ", ".join(f'"{column}"' for column in parent.params.values())
    row = db.execute(
        f'select {columns} from "{parent.table.name}" where {key_as_sql(parent.table)} = ?', (key,)
    ).fetchone()
    partition = dict(zip(parent.params, row, strict=True))
    named = (resource.name, cursors.partition_key(partition))
    if not db.execute("delete from _cursors where resource = ? and partition = ?", named).rowcount:
        return
    db.execute("delete from _rounds where resource = ? and partition = ?", named)
    db.execute(
        "update _skipped set resolved_at = ? where resource = ? and partition = ? "
        "and resolved_at is null",
        (now, *named),
    )
    rows = rows_of(resource, partition)
    found = db.execute(
        f'select {rows.key} from "{rows.table.name}" where {rows.present}', rows.values
    )
    gone = [one[0] for one in found]
    missed = _missed(db, rows.table.name)
    db.executemany(
        "insert into _absences (resource, record_key, missed_at) values (?, ?, ?)",
        [(rows.table.name, one, at) for one in gone if one not in missed],
    )
    _confirm(db, rows.table, gone, at, now)
