"""Rows that a list no longer shows: missed once, and gone when a later run misses them again."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.list_rows import OPEN, Rows, comparable, not_elsewhere, rows_of
from ovk_archive.archive.lists.losses import (
    Look,
    Losses,
    has_vanished,
    is_another_day,
    is_most_of,
    is_wiped,
    missing_of,
)
from ovk_archive.archive.lists.names import list_key
from ovk_archive.archive.tables.gone import mark_gone
from ovk_archive.archive.tables.schema import has_key, key_as_sql, keys_as_json
from ovk_archive.archive.versions.checkpoints import Moment
from ovk_archive.resources import RESOURCES
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.resources.vocabulary.rows import Table


def compare(db: sqlite3.Connection, looked_for: Rows, whole: Rows, look: Look) -> Losses:
    """Note which rows a reading has not met, and which are back; mark those missed before.

    `looked_for` are the rows that the reading would have met; `whole` is the list that they are of.
    """
    table = looked_for.table
    _note_back(db, looked_for, look)
    for resource in RESOURCES:
        if resource.elsewhere and table in (resource.table, resource.elsewhere.table):
            _hide_shown(db, resource)
    missing = _missing(db, looked_for, look)
    if not missing:
        return Losses()
    missed = _missed(db, table.name)
    note_missed(db, table, [key for key in missing if key not in missed], look.now)
    if not look.accept and (is_most_of(db, whole, look) or is_wiped(db)):
        return Losses(withheld=missing_of(db, whole))
    confirmed = {key: missed[key] for key in missing if _is_confirmed(missed.get(key), look)}
    if not look.accept and (look.empty or has_vanished(db, whole)):
        # Nothing is left of the list: a server in trouble says so, too, for hours.
        confirmed = {k: one for k, one in confirmed.items() if is_another_day(one.at, look.now.at)}
    since: dict[str, list[str]] = defaultdict(list)
    for key, one in confirmed.items():
        since[one.at].append(key)
    for at, keys in since.items():
        _confirm(db, table, keys, at, look.now)
    return Losses(gone=len(confirmed))


def _missing(db: sqlite3.Connection, looked_for: Rows, look: Look) -> list[str]:
    """The keys of the rows that a reading has not met."""
    where, values = looked_for.not_seen_since(look.since)
    found = db.execute(
        f'select {looked_for.key} from "{looked_for.table.name}" where {where}', values
    )
    return [row[0] for row in found]


def note_missed(db: sqlite3.Connection, table: Table, keys: Sequence[str], now: Moment) -> None:
    """Note that a reading has not met these rows."""
    db.executemany(
        "insert into _absences (resource, record_key, missed_at, missed_in) values (?, ?, ?, ?)",
        [(table.name, key, now.at, now.number) for key in keys],
    )
    for resource in RESOURCES:
        if resource.elsewhere and resource.elsewhere.table is table:
            _unhide(db, resource, keys, now)


def note_hidden(
    db: sqlite3.Connection, resource: Resource, partition: Mapping[str, Any], look: Look
) -> None:
    """Note rows that a reading has not met, and that another list still shows.

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
    other, columns = resource.elsewhere.table, resource.elsewhere.columns
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
        f"update _absences set hidden = 1 where resource = ? and record_key = ? and {OPEN}",
        [(table.name, key) for (key,) in shown],
    )


def _is_confirmed(missed: Moment | None, look: Look) -> bool:
    """An earlier run has missed it already."""
    return missed is not None and missed.number < look.run_began


def misses(archive: Archive, resource: Resource, partition: Mapping[str, Any]) -> bool:
    """A walk missed a row of the list, and another has not confirmed it yet."""
    if not resource.compared or resource.paginator.incremental:
        return False
    rows = comparable(resource, partition)
    with archive.reading() as db:
        if not _missed(db, rows.table.name):
            return False
        found = db.execute(
            f'select 1 from "{rows.table.name}" where {rows.where} and {rows.key} in '
            f"(select record_key from _absences where resource = ? and {OPEN})",
            (*rows.values, rows.table.name),
        )
        return found.fetchone() is not None


def missed(archive: Archive, resource: Resource, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """These columns of all rows of a resource's lists that wait to be confirmed."""
    table = resource.table
    with archive.reading() as db:
        keys = _missed(db, table.name)
    if not keys:
        return []
    # Several kinds of lists may share a table: the columns of the others are null.
    where = [f'"{column}" is not null' for column in resource.held]
    where += [f'"{column}" = ?' for column in resource.only]
    names = ", ".join(f'"{column}"' for column in columns) or "1"
    return archive.query(
        f'select distinct {names} from "{table.name}" '
        f"where {' and '.join(where) or '1'} and {has_key(table)}",
        (*resource.only.values(), keys_as_json(table, keys)),
    )


def met(db: sqlite3.Connection, whole: Rows, since: int) -> int:
    """How many rows of a list were seen in that checkpoint or later."""
    where, values = whole.seen_since(since)
    found = db.execute(f'select count(*) from "{whole.table.name}" where {where}', values)
    return int(found.fetchone()[0])


def _missed(db: sqlite3.Connection, table: str) -> dict[str, Moment]:
    """Rows that were missed and have neither been confirmed nor come back: key -> when."""
    found = db.execute(
        "select record_key, missed_at, ifnull(missed_in, 0) from _absences "
        f"where resource = ? and {OPEN}",
        (table,),
    )
    return {key: Moment(at, number) for key, at, number in found}


def _note_back(db: sqlite3.Connection, rows: Rows, look: Look) -> None:
    # A row that was marked is noted where it is stored again.
    if not _missed(db, rows.table.name):
        return
    where, values = rows.seen_since(look.since)
    db.execute(
        f"update _absences set back_at = ? where resource = ? and {OPEN} and record_key in "
        f'(select {rows.key} from "{rows.table.name}" where {where})',
        (look.now.at, rows.table.name, *values),
    )


def _confirm(
    db: sqlite3.Connection, table: Table, keys: Sequence[str], at: str, now: Moment
) -> None:
    db.executemany(
        "update _absences set gone_at = ?, gone_in = ? "
        f"where resource = ? and record_key = ? and {OPEN}",
        [(now.at, now.number, table.name, key) for key in keys],
    )
    mark_gone(db, table, keys, at)
    for resource in RESOURCES:
        parent = resource.parent
        if parent and parent.table is table and not parent.outlived:
            for key in keys:
                _close(db, resource, key, at, now)


def _close(db: sqlite3.Connection, resource: Resource, key: str, at: str, now: Moment) -> None:
    """What belongs to a thing can no longer be read: its list has ended with it."""
    parent = resource.parent
    assert parent is not None  # noqa: S101 - the caller looked
    columns = ", ".join(f'"{column}"' for column in parent.params.values())
    row = db.execute(
        f'select {columns} from "{parent.table.name}" where {has_key(parent.table)}',
        (keys_as_json(parent.table, [key]),),
    ).fetchone()
    partition = dict(zip(parent.params, row, strict=True))
    named = list_key(resource.name, partition)
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
