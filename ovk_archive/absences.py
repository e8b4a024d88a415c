"""Rows that a list no longer has: missed once, gone when a later run misses them again."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.rows import Table

#: As many rows may vanish from a list at once, however short it is.
FEW = 20


@dataclass(frozen=True, slots=True)
class Losses:
    """What a finished walk did not meet.

    Attributes:
        gone: rows that an earlier run had missed already, and that are marked now.
        withheld: so many are missing that a mistake is likelier: nothing was noted.
    """

    gone: int = 0
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one list in its table.

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
        parts = " || '_' || ".join(f'"{name}"' for name in self.table.key)
        return f"cast({parts} as text)"


def compare(
    db: sqlite3.Connection, rows: Rows, *, walk_began: str, run_began: str, now: str
) -> Losses:
    """Note which rows a walk over the whole list has not met, and which are back.

    `walk_began`: rows seen before then have not been met by it. `run_began`: what an earlier run
    has missed is gone; within one run nothing is confirmed.
    """
    name = rows.table.name
    _note_back(db, rows, walk_began, now)
    present = f"{rows.where} and gone_at is null"
    missing = [
        row[0]
        for row in db.execute(
            f'select {rows.key} from "{name}" where {present} and last_seen_at < ?',
            (*rows.values, walk_began),
        )
    ]
    held = db.execute(f'select count(*) from "{name}" where {present}', rows.values).fetchone()[0]
    if len(missing) > FEW and 2 * len(missing) > held:
        return Losses(withheld=len(missing))
    missed = _missed(db, name)
    for key in missing:
        if key not in missed:
            db.execute("insert into _absences values (?, ?, ?, null, null)", (name, key, now))
    confirmed = [key for key in missing if missed.get(key, run_began) < run_began]
    for key in confirmed:
        db.execute(
            "update _absences set gone_at = ? where resource = ? and record_key = ? "
            "and gone_at is null and back_at is null",
            (now, name, key),
        )
        db.execute(f'update "{name}" set gone_at = ? where {rows.key} = ?', (missed[key], key))
    return Losses(gone=len(confirmed))


def are_open(db: sqlite3.Connection, rows: Rows) -> bool:
    """A row of the list was missed once, and waits for another walk to confirm it."""
    if not _missed(db, rows.table.name):
        return False
    found = db.execute(
        f'select 1 from "{rows.table.name}" where {rows.where} and {rows.key} in '
        "(select record_key from _absences "
        "where resource = ? and gone_at is null and back_at is null)",
        (*rows.values, rows.table.name),
    )
    return found.fetchone() is not None


def _missed(db: sqlite3.Connection, table: str) -> dict[str, str]:
    """Rows that were missed and have neither been confirmed nor come back: key -> when."""
    return dict(
        db.execute(
            "select record_key, missed_at from _absences "
            "where resource = ? and gone_at is null and back_at is null",
            (table,),
        )
    )


def _note_back(db: sqlite3.Connection, rows: Rows, walk_began: str, now: str) -> None:
    db.execute(
        "update _absences set back_at = ? where resource = ? and back_at is null and record_key in "
        f'(select {rows.key} from "{rows.table.name}" where {rows.where} and last_seen_at >= ?)',
        (now, rows.table.name, *rows.values, walk_began),
    )
