"""The numbers of checkpoints: which of two things came first, whatever clocks said.

A computer without a battery wakes up in 1970, and another is set back by an hour twice a year. So
each transaction that saves what was read has a number, one higher than the last, and columns
named `…_in` hold it. Times (`…_at`) are for people.
"""

import sqlite3

_FACT = "checkpoints"


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
