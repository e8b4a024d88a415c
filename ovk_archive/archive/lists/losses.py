"""Whether to believe that rows were deleted: if many are missing at once, a fault is likelier."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ovk_archive.archive.lists.list_rows import OPEN, Rows
from ovk_archive.archive.versions.checkpoints import Moment
from ovk_archive.resources import RESOURCES
from ovk_archive.resources.vocabulary.rows import Table

#: As many rows may vanish at once, however short the list is.
FEW = 20
#: Seconds from one day's reading to the next: a daily sync is never earlier by more than hours.
ANOTHER_DAY = 20 * 3600
#: Every table from whose lists rows may vanish.
_TABLES = tuple(dict.fromkeys(r.table.name for r in RESOURCES if r.compared))


@dataclass(frozen=True, slots=True)
class Losses:
    """What a reading of a list did not meet.

    Attributes:
        gone: rows that an earlier run had missed already, and that are marked now.
        withheld: too many are missing to believe it, so none is marked.
    """

    gone: int = 0
    withheld: int = 0


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


def is_most(missing: int, held: int) -> bool:
    """More than a few and more than half of a list."""
    return missing > FEW and 2 * missing > held


def is_another_day(one: str, other: str) -> bool:
    """Two times are a night apart, in whichever order the clock has them."""
    apart = datetime.fromisoformat(one) - datetime.fromisoformat(other)
    return abs(apart.total_seconds()) >= ANOTHER_DAY


def is_most_of(db: sqlite3.Connection, whole: Rows, look: Look) -> bool:
    """More than a few and more than half of a list at once: a mistake is likelier.

    What this run has marked already counts: a list is asked for in many parts.
    """
    if _lost_at_most(db, whole.table, look) <= FEW:
        return False
    marked = _marked_by(db, whole, look)
    lost = missing_of(db, whole) + marked
    return lost > FEW and 2 * lost > _present(db, whole) + marked


def is_wiped(db: sqlite3.Connection) -> bool:
    """More than half of all lists together is missing: however short each of them may be."""
    missing = int(db.execute(f"select count(*) from _absences where {OPEN}").fetchone()[0])
    if missing <= FEW:
        return False
    held = sum(
        int(db.execute(f'select count(*) from "{name}" where gone_at is null').fetchone()[0])
        for name in _TABLES
    )
    return 2 * missing > held


def has_vanished(db: sqlite3.Connection, whole: Rows) -> bool:
    """No row of a list is left that was not missed."""
    left = db.execute(
        f'select 1 from "{whole.table.name}" where {whole.present} and {whole.key} not in '
        f"(select record_key from _absences where resource = ? and {OPEN}) limit 1",
        (*whole.values, whole.table.name),
    )
    return left.fetchone() is None


def missing_of(db: sqlite3.Connection, whole: Rows) -> int:
    """Rows of a list that were missed, and have neither been confirmed nor come back."""
    return _count(
        db,
        whole,
        f"gone_at is null and {whole.key} in "
        f"(select record_key from _absences where resource = ? and {OPEN})",
        whole.table.name,
    )


def _lost_at_most(db: sqlite3.Connection, table: Table, look: Look) -> int:
    """Rows of all lists of a table that are missing, or were marked by this run."""
    found = db.execute(
        "select count(*) from _absences where resource = ? and back_at is null "
        "and (gone_at is null or gone_in >= ?)",
        (table.name, look.run_began),
    )
    return int(found.fetchone()[0])


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
