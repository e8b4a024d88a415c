"""The numbers of checkpoints: which of two things came first, whatever clocks said.

A computer without a battery wakes up in 1970, and another is set back by an hour twice a year. So
each transaction that saves what was read has a number, one higher than the last, and columns
named `…_in` hold it. Times (`…_at`) are for people.
"""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

_FACT = "checkpoints"


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is saved.

    Attributes:
        at: the time, for people.
        number: the checkpoint, for the order of things.
    """

    at: str
    number: int


def today() -> datetime:
    """Now, by this computer's clock, which may be wrong."""
    return datetime.now(UTC)


def timestamp() -> str:
    """Now, as the archive writes times: UTC, ISO 8601, with microseconds."""
    return as_written(today())


def as_written(moment: datetime) -> str:
    """A time as the archive writes it."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def now(db: sqlite3.Connection) -> Moment:
    """The moment of the checkpoint that this transaction saves."""
    return Moment(timestamp(), following(db))


def following(db: sqlite3.Connection) -> int:
    """The number of the checkpoint that this transaction saves."""
    changed = db.execute(
        "update _archive set value = cast(value as integer) + 1 where name = ?", (_FACT,)
    ).rowcount
    if not changed:
        db.execute("insert into _archive (name, value) values (?, '1')", (_FACT,))
    return latest(db)


def latest(db: sqlite3.Connection) -> int:
    """The number of the last checkpoint; 0 before the first."""
    row = db.execute("select value from _archive where name = ?", (_FACT,)).fetchone()
    return int(row[0]) if row else 0
