"""Writes rows and their versions into an open archive; the caller owns the transaction.

Every row of a table for people follows from its versions alone (`rebuild.py`): what is written
there is written here beside it.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ovk_archive.archive.tables import last_seen
from ovk_archive.archive.tables.gone import trim
from ovk_archive.archive.tables.schema import has_key, keys_as_json
from ovk_archive.archive.tables.upserts import Stamps, stamp, upsert
from ovk_archive.archive.versions.changes import Changes
from ovk_archive.archive.versions.checkpoints import Moment
from ovk_archive.archive.versions.held import Version, is_same, listed_of, versions_held
from ovk_archive.archive.versions.states import Stored as AsStored
from ovk_archive.archive.versions.states import stored as as_stored
from ovk_archive.resources.vocabulary.rows import Row, Table, Trim, record_key


@dataclass(slots=True)
class Stored:
    """What a page changed.

    Attributes:
        new: records of lists never seen before.
        kinds: the new ones, by their tables.
        changed: records whose content differs from the newest version held, or that are back.
        gone: rows that the list has lost.
        skipped: records that could not be read, each once in a run.
        skipped_new: those of them that no earlier run has met.
        unreadable_new: those of these that came, and cannot be read.
        withheld: list -> rows that it seems to have lost, too many to be believed.
        misfits: values of new or changed records that their columns cannot keep.
    """

    new: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    gone: int = 0
    withheld: dict[str, int] = field(default_factory=dict)
    misfits: int = 0
    skipped: int = 0
    skipped_new: int = 0
    unreadable_new: int = 0


def store(
    db: sqlite3.Connection, parts: Iterable[Row | Trim], now: Moment, *, later: bool = False
) -> Stored:
    """Upsert rows, add a version for each new content, mark what a `Trim` says is gone.

    With `later`, rows that came as they are held get their `last_seen_at` when the archive is
    closed, all at once: else a reading of much that is known would write each page many times.
    """
    groups: dict[tuple[str, bool], list[Row]] = defaultdict(list)
    trims: list[Trim] = []
    for part in _told(db, list(parts)):
        if isinstance(part, Trim):
            trims.append(part)
        else:
            groups[part.table.name, part.embedded].append(part)
    stored = Stored()
    if later:
        last_seen.put_off(db, now)
    # A record of its own list before the same record as an attachment: it knows more.
    for name in sorted(groups, key=lambda name: name[1]):
        _store_group(db, groups[name], now, stored, later=later)
    for end in trims:
        trim(db, end, now.at)
    return stored


def _told(db: sqlite3.Connection, parts: list[Row | Trim]) -> Iterator[Row | Trim]:
    """All but what embedded records bring whose own lists have told of them: these know better."""
    embedded: dict[str, list[Row]] = defaultdict(list)
    for part in parts:
        if part.within is not None:
            embedded[part.within.table.name].append(part.within)
    known = {
        (name, key) for name, rows in embedded.items() for key in listed_of(db, rows[0].table, rows)
    }
    for part in parts:
        within = part.within
        if within is None or (within.table.name, record_key(within.key)) not in known:
            yield part


def _store_group(
    db: sqlite3.Connection, rows: list[Row], now: Moment, stored: Stored, *, later: bool
) -> None:
    """Store rows of one table, all of them embedded or none."""
    table = rows[0].table
    number = int(db.execute("select ifnull(max(id), 0) from _records").fetchone()[0])
    changes = Changes(table, now, versions_held(db, table, rows), number)
    other: list[Row] = []
    same: list[Row] = []
    for row in rows:
        key = record_key(row.key)
        known = changes.held.get((key, row.embedded))
        comes = as_stored(row)
        if known is not None and known.stored == comes and known.gone_at is None:
            changes.see(known)
            # What was seen in both forms may say what the other form said last.
            (other if (key, not row.embedded) in changes.held else same).append(row)
            continue
        _compare(row, known, comes, changes, stored)
        other.append(row)
    changes.write(db)
    told = len(same) if later else stamp(db, table, same, now.at)
    are_here = told == len(same) and (not later or _are_here(db, table, same))
    # Whatever has lost rows of which versions tell: they are written again, each as it came last.
    _upsert(db, other if are_here else rows, changes, now)


def _are_here(db: sqlite3.Connection, table: Table, rows: list[Row]) -> bool:
    """The table has a row for each of these."""
    keys = {record_key(row.key) for row in rows}
    sql = f'select count(*) from "{table.name}" where {has_key(table)}'
    return not keys or db.execute(sql, (keys_as_json(table, keys),)).fetchone()[0] == len(keys)


def _compare(
    row: Row, known: Version | None, comes: AsStored, changes: Changes, stored: Stored
) -> None:
    """Add a version for a row, or see again the one that says the same in other words."""
    content, rest = row.content, row.rest
    if row.misfits or rest is not None:
        changes.note_fields(row)
    if known is not None and is_same(known, row, content):
        changes.see_again(known, row, comes, rest)
        return
    if row.record is not None:
        _count(stored, row, known)
    changes.add(row, content, comes, rest)


def _count(stored: Stored, row: Row, known: Version | None) -> None:
    table = row.table
    is_new = known is None and not row.embedded and table.counted
    stored.new += is_new
    stored.kinds[table.name] += is_new
    stored.changed += known is not None and table.counted
    stored.misfits += len(row.misfits)


def _upsert(db: sqlite3.Connection, rows: list[Row], changes: Changes, now: Moment) -> None:
    table, stamps = changes.table, Stamps(now.at, now.at)
    if not rows or not rows[0].embedded:
        upsert(db, table, [(row, stamps) for row in rows], "own")
        return
    own = [(row, stamps) for row in rows if (record_key(row.key), False) in changes.held]
    other = [(row, stamps) for row in rows if (record_key(row.key), False) not in changes.held]
    upsert(db, table, own, "fill")
    upsert(db, table, other, "part")
