"""Rows that a list no longer has: missed once, gone when a later run misses them again."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ovk_archive import cursors
from ovk_archive.checkpoints import Moment
from ovk_archive.resource import Resource
from ovk_archive.resources import RESOURCES
from ovk_archive.rows import Table
from ovk_archive.schema import has_key, key_as_sql, keys_as_json
from ovk_archive.store import mark_gone

#: As many rows may vanish at once, however short the list is.
FEW = 20
#: Seconds from one day's reading to the next: a daily sync is never earlier by more than hours.
ANOTHER_DAY = 20 * 3600
#: Every table from whose lists rows may vanish.
_TABLES = tuple(dict.fromkeys(r.table.name for r in RESOURCES if r.compared))
#: Missed, and neither confirmed nor back.
_OPEN = "gone_at is null and back_at is null and hidden is not 1"


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
        return f"{self.where} and gone_at is null and {self.is_own}"

    @property
    def is_own(self) -> str:
        """The condition that a list of its own kind has shown a row."""
        return f"exists ({self._own_versions('1')})"

    def seen_since(self, number: int) -> tuple[str, Sequence[Any]]:
        """The condition that a row was seen in that checkpoint or later; and what is bound."""
        return self._seen(">=", number)

    def not_seen_since(self, number: int) -> tuple[str, Sequence[Any]]:
        """The condition that a row is present, and was last seen before that checkpoint."""
        return self._seen("<", number)

    def _seen(self, compared: str, number: int) -> tuple[str, Sequence[Any]]:
        # A row that no list of its own kind has shown has no such number, and is neither.
        last = self._own_versions("max(v.last_seen_in)")
        return f"{self.where} and gone_at is null and ({last}) {compared} ?", [*self.values, number]

    def _own_versions(self, what: str) -> str:
        return (
            f"select {what} from _versions v where v.resource = '{self.table.name}' "
            f"and v.record_key = {self.key} and v.embedded = 0"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A reading that is to be compared.

    Attributes:
        since: rows seen in that checkpoint or later have been met by it.
        run_began: the checkpoint with which the run began. What an earlier run has missed is gone;
            within one run nothing is confirmed.
        now: when it ended.
        accept: however many are missing, it is believed.
        empty: it was shown nothing at all.
    """

    since: int
    run_began: int
    now: Moment
    accept: bool = False
    empty: bool = False


def rows_of(resource: Resource, partition: Mapping[str, Any], *more: str) -> Rows:
    """The rows of a list; `more` are further conditions, without anything to be bound."""
    held = {column: partition[param] for column, param in resource.held.items()}
    held |= resource.only
    where = [*(f'"{column}" = ?' for column in held), *more]
    return Rows(resource.table, " and ".join(where) or "1", list(held.values()))


def comparable(resource: Resource, partition: Mapping[str, Any], *more: str) -> Rows:
    """Those of them that are gone if the list does not show them."""
    elsewhere = [not_elsewhere(resource)] if resource.elsewhere else []
    return rows_of(resource, partition, *more, *elsewhere)


def not_elsewhere(resource: Resource) -> str:
    """The condition that no row of another table says that the thing is there."""
    assert resource.elsewhere is not None  # noqa: S101 - the caller looked
    other, columns = resource.elsewhere
    same = " and ".join(f'o."{theirs}" = "{resource.table.name}"."{ours}"'
                        for ours, theirs in columns.items())  # fmt: skip
    return (
        f'not exists (select 1 from "{other.name}" o where {same} and o.gone_at is null '
        f"and {not_missed(other, 'o')})"
    )


def compare(db: sqlite3.Connection, looked_for: Rows, whole: Rows, look: Look) -> Losses:
    """Note which rows a reading has not met, and which are back; mark those missed before.

    `looked_for` are the rows that the reading would have met; `whole` is the list that they are of.
    """
    table = looked_for.table
    _note_back(db, looked_for, look)
    for resource in RESOURCES:
        if resource.elsewhere and table in (resource.table, resource.elsewhere[0]):
            _hide_shown(db, resource)
    where, values = looked_for.not_seen_since(look.since)
    missing = [
        row[0]
        for row in db.execute(f'select {looked_for.key} from "{table.name}" where {where}', values)
    ]
    if not missing:
        return Losses()
    missed = _missed(db, table.name)
    note_missed(db, table, [key for key in missing if key not in missed], look.now)
    if not look.accept and (_is_most_of(db, whole, look) or _is_wiped(db)):
        return Losses(withheld=_missing_of(db, whole))
    confirmed = {key: missed[key] for key in missing if _is_confirmed(missed.get(key), look)}
    if not look.accept and (look.empty or _vanished(db, whole)):
        # Nothing is left of the list: a server in trouble says so, too, for hours.
        confirmed = {k: one for k, one in confirmed.items() if is_another_day(one.at, look.now.at)}
    since: dict[str, list[str]] = defaultdict(list)
    for key, one in confirmed.items():
        since[one.at].append(key)
    for at, keys in since.items():
        _confirm(db, table, keys, at, look.now)
    return Losses(gone=len(confirmed))


def note_missed(db: sqlite3.Connection, table: Table, keys: Sequence[str], now: Moment) -> None:
    """Note that a reading has not met these rows."""
    db.executemany(
        "insert into _absences (resource, record_key, missed_at, missed_in) values (?, ?, ?, ?)",
        [(table.name, key, now.at, now.number) for key in keys],
    )
    for resource in RESOURCES:
        if resource.elsewhere and resource.elsewhere[0] is table:
            _unhide(db, resource, keys, now)


def note_hidden(
    db: sqlite3.Connection, resource: Resource, partition: Mapping[str, Any], look: Look
) -> None:
    """Note which rows a reading has not met that another list goes on showing.

    They are missed as soon as that list misses them, too.
    """
    rows = rows_of(resource, partition)
    where, values = rows.not_seen_since(look.since)
    db.execute(
        "insert into _absences (resource, record_key, missed_at, missed_in, hidden) "
        f'select ?, {rows.key}, ?, ?, 1 from "{rows.table.name}" where {where} and {rows.key} '
        "not in (select record_key from _absences where resource = ? and back_at is null) "
        f"and not ({not_elsewhere(resource)})",
        (rows.table.name, look.now.at, look.now.number, *values, rows.table.name),
    )


def _unhide(db: sqlite3.Connection, resource: Resource, missed: Iterable[str], now: Moment) -> None:
    """The list that went on showing rows misses these now."""
    assert resource.elsewhere is not None  # noqa: S101 - the caller looked
    other, columns = resource.elsewhere
    theirs = " || '_' || ".join(f'"{columns[name]}"' for name in resource.table.key)
    db.executemany(
        "update _absences set hidden = 0, missed_at = ?, missed_in = ? where resource = ? "
        f"and hidden = 1 and back_at is null and record_key = (select {theirs} "
        f'from "{other.name}" where {key_as_sql(other)} = ?)',
        [(now.at, now.number, resource.table.name, key) for key in missed],
    )


def _hide_shown(db: sqlite3.Connection, resource: Resource) -> None:
    """Rows that were missed, and that the other list shows again, are there."""
    table = resource.table
    missed = _missed(db, table.name)
    if not missed:
        return
    shown = db.execute(
        f'select {key_as_sql(table)} from "{table.name}" where {has_key(table)} '
        f"and not ({not_elsewhere(resource)})",
        (keys_as_json(table, missed),),
    ).fetchall()
    db.executemany(
        f"update _absences set hidden = 1 where resource = ? and record_key = ? and {_OPEN}",
        [(table.name, key) for (key,) in shown],
    )


def _is_confirmed(missed: Moment | None, look: Look) -> bool:
    """An earlier run has missed it already."""
    return missed is not None and missed.number < look.run_began


def is_another_day(one: str, other: str) -> bool:
    """Two times are a night apart, whichever the clock says came first."""
    apart = datetime.fromisoformat(one) - datetime.fromisoformat(other)
    return abs(apart.total_seconds()) >= ANOTHER_DAY


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
    return (
        f"not exists (select 1 from _absences ab where ab.resource = '{table.name}' "
        f"and ab.record_key = {key_as_sql(table, alias or _quoted(table))} "
        "and ab.gone_at is null and ab.back_at is null and ab.hidden is not 1)"
    )


def listed(table: Table, alias: str = "") -> str:
    """The condition that a row was seen in a list of its own kind, not only as an attachment."""
    return (
        f"exists (select 1 from _versions own where own.resource = '{table.name}' "
        f"and own.record_key = {key_as_sql(table, alias or _quoted(table))} and own.embedded = 0)"
    )


def _quoted(table: Table) -> str:
    # The tables of the machinery have columns of the same names.
    return f'"{table.name}"'


def missed(
    db: sqlite3.Connection, resource: Resource, columns: Sequence[str]
) -> list[tuple[Any, ...]]:
    """These columns of all rows of a resource's lists that wait to be confirmed."""
    table = resource.table
    keys = _missed(db, table.name)
    if not keys:
        return []
    # Several kinds of lists may share a table: the columns of the others are null.
    where = [f'"{column}" is not null' for column in resource.held]
    where += [f'"{column}" = ?' for column in resource.only]
    names = ", ".join(f'"{column}"' for column in columns) or "1"
    return db.execute(
        f'select distinct {names} from "{table.name}" '
        f"where {' and '.join(where) or '1'} and {has_key(table)}",
        (*resource.only.values(), keys_as_json(table, keys)),
    ).fetchall()


def withheld(db: sqlite3.Connection, whole: Rows) -> int:
    """How many rows of a list wait because most of it is missing; 0 if it is not most."""
    missing = _missing_of(db, whole)
    return missing if is_most(missing, _present(db, whole)) else 0


def is_most(missing: int, held: int) -> bool:
    """More than a few and more than half of a list."""
    return missing > FEW and 2 * missing > held


def met(db: sqlite3.Connection, whole: Rows, since: int) -> int:
    """How many rows of a list were seen in that checkpoint or later."""
    where, values = whole.seen_since(since)
    found = db.execute(f'select count(*) from "{whole.table.name}" where {where}', values)
    return int(found.fetchone()[0])


def _is_most_of(db: sqlite3.Connection, whole: Rows, look: Look) -> bool:
    """More than a few and more than half of a list at once: a mistake is likelier.

    What this run has marked already counts: a list is asked for in many parts.
    """
    if _lost_at_most(db, whole.table, look) <= FEW:
        return False
    marked = _marked_by(db, whole, look)
    lost = _missing_of(db, whole) + marked
    return lost > FEW and 2 * lost > _present(db, whole) + marked


def _lost_at_most(db: sqlite3.Connection, table: Table, look: Look) -> int:
    """Rows of all lists of a table that are missing, or were marked by this run."""
    found = db.execute(
        "select count(*) from _absences where resource = ? and back_at is null "
        "and (gone_at is null or gone_in >= ?)",
        (table.name, look.run_began),
    )
    return int(found.fetchone()[0])


def _missing_of(db: sqlite3.Connection, whole: Rows) -> int:
    """Rows of a list that were missed, and have neither been confirmed nor come back."""
    return _count(
        db,
        whole,
        f"gone_at is null and {whole.key} in "
        f"(select record_key from _absences where resource = ? and {_OPEN})",
        whole.table.name,
    )


def _marked_by(db: sqlite3.Connection, whole: Rows, look: Look) -> int:
    """Rows of a list that this run has marked."""
    return _count(
        db,
        whole,
        f"gone_at is not null and {whole.key} in "
        "(select record_key from _absences where resource = ? and gone_in >= ?)",
        whole.table.name,
        look.run_began,
    )


def _present(db: sqlite3.Connection, whole: Rows) -> int:
    found = db.execute(
        f'select count(*) from "{whole.table.name}" where {whole.present}', whole.values
    )
    return int(found.fetchone()[0])


def _count(db: sqlite3.Connection, rows: Rows, more: str, *values: Any) -> int:
    found = db.execute(
        f'select count(*) from "{rows.table.name}" where {rows.where} and {more}',
        (*rows.values, *values),
    )
    return int(found.fetchone()[0])


def _vanished(db: sqlite3.Connection, whole: Rows) -> bool:
    """No row of a list is left that was not missed."""
    left = db.execute(
        f'select 1 from "{whole.table.name}" where {whole.present} and {whole.key} not in '
        f"(select record_key from _absences where resource = ? and {_OPEN}) limit 1",
        (*whole.values, whole.table.name),
    )
    return left.fetchone() is None


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


def _missed(db: sqlite3.Connection, table: str) -> dict[str, Moment]:
    """Rows that were missed and have neither been confirmed nor come back: key -> when."""
    found = db.execute(
        "select record_key, missed_at, ifnull(missed_in, 0) from _absences "
        f"where resource = ? and {_OPEN}",
        (table,),
    )
    return {key: Moment(at, number) for key, at, number in found}


def _note_back(db: sqlite3.Connection, rows: Rows, look: Look) -> None:
    # A row that was marked is noted where it is stored again.
    if not _missed(db, rows.table.name):
        return
    where, values = rows.seen_since(look.since)
    db.execute(
        f"update _absences set back_at = ? where resource = ? and {_OPEN} and record_key in "
        f'(select {rows.key} from "{rows.table.name}" where {where})',
        (look.now.at, rows.table.name, *values),
    )


def _confirm(
    db: sqlite3.Connection, table: Table, keys: Sequence[str], at: str, now: Moment
) -> None:
    db.executemany(
        "update _absences set gone_at = ?, gone_in = ? "
        f"where resource = ? and record_key = ? and {_OPEN}",
        [(now.at, now.number, table.name, key) for key in keys],
    )
    mark_gone(db, table, keys, at)
    for resource in RESOURCES:
        parent = resource.parent
        if parent and parent.table is table and not parent.outlived:
            for key in keys:
                _close(db, resource, key, at, now)


def _close(db: sqlite3.Connection, resource: Resource, key: str, at: str, now: Moment) -> None:
    """What hangs on a thing can be read no more: its list has ended with it."""
    parent = resource.parent
    assert parent is not None  # noqa: S101 - the caller looked
    columns = ", ".join(f'"{column}"' for column in parent.params.values())
    row = db.execute(
        f'select {columns} from "{parent.table.name}" where {has_key(parent.table)}',
        (keys_as_json(parent.table, [key]),),
    ).fetchone()
    partition = dict(zip(parent.params, row, strict=True))
    named = (resource.name, cursors.partition_key(partition))
    if not db.execute("delete from _cursors where resource = ? and partition = ?", named).rowcount:
        return
    db.execute("delete from _rounds where resource = ? and partition = ?", named)
    db.execute(
        "update _skipped set resolved_at = ? where resource = ? and partition = ? "
        "and resolved_at is null",
        (now.at, *named),
    )
    rows = rows_of(resource, partition)
    found = db.execute(
        f'select {rows.key} from "{rows.table.name}" where {rows.present}', rows.values
    )
    gone = [one[0] for one in found]
    missed = _missed(db, rows.table.name)
    note_missed(db, rows.table, [one for one in gone if one not in missed], Moment(at, now.number))
    _confirm(db, rows.table, gone, at, now)
