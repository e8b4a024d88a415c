"""Records that could not be read: where they stand, and when they are tried again."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.versions import checkpoints
from ovk_archive.archive.versions.checkpoints import Moment, timestamp
from ovk_archive.archive.versions.packing import packed
from ovk_archive.resources.vocabulary.records import MISSING
from ovk_archive.resources.vocabulary.resource import Lookup

#: What tells one record of a list from the others, in `_skipped`. Of one that came and cannot be
#: read there may be several forms: counters change, and by number it is answered otherwise.
_IDENTITY = (
    "case when json_extract(record, '$.id') is null then place "
    "else json_array(json_extract(record, '$.id'), json_extract(record, '$.owner_id'), "
    "json_extract(record, '$.source_id')) end"
)
#: How many records some of its rows are, of one list.
RECORDS = f"count(distinct {_IDENTITY})"
#: The same, of several lists: all, and those that came.
RECORDS_OF_LISTS = (
    f"count(distinct partition || ' ' || {_IDENTITY}), "
    f"count(distinct case when record is not null then partition || ' ' || {_IDENTITY} end)"
)


@dataclass(frozen=True, slots=True)
class Skip:
    """A record that could not be read.

    Attributes:
        place: its number, if it was asked for by number; else its place in the list.
        after_key: the key read before it, which tells where it is when places have shifted.
        record: what came, if it is not that the server crashes: no row can be made of it.
        before_key: the key read behind it.
        row: its row in the list, if it is known that this very row crashes the server.
        nth: how many others stand between the key before it and this one.
        tried: it was asked for now; else it was known, and left out.
    """

    place: int
    after_key: str | None
    reason: str
    by_number: bool = False
    record: Any = MISSING
    before_key: str | None = None
    row: int | None = None
    nth: int = 0
    tried: bool = True

    @property
    def named(self) -> str:
        """What tells it from the others of its list, and stays when places have shifted."""
        if self.record is not MISSING:
            return f"record {blake2b(packed(self.record).encode(), digest_size=8).hexdigest()}"
        if self.by_number:
            return str(self.place)
        return f"after {self.after_key or 'the top'}{f', {self.nth + 1}' if self.nth else ''}"


@dataclass(frozen=True, slots=True)
class Met:
    """What it means that a record could not be read.

    Attributes:
        first: this run has not met it before.
        new: no earlier run has met it either, or it had been had since.
        came: the server did not crash on it, and this version cannot read it.
    """

    first: bool
    new: bool
    came: bool


def skip(archive: Archive, named: tuple[str, str], one: Skip, began: int) -> Met:
    """Note a single record that was asked for by its number and could not be read."""
    with archive.transaction() as db:
        return note(db, named, one, began, checkpoints.now(db))


def note(
    db: sqlite3.Connection, named: tuple[str, str], skip: Skip, since: int, now: Moment
) -> Met:
    """Note a record that cannot be read; the key before it, which stays, tells its place.

    `since` is the checkpoint with which the run began: twice in one run is one try.
    """
    came = skip.record is not MISSING
    record = packed(skip.record) if came else None
    (identity,) = db.execute(
        f"select {_IDENTITY} from (select ? as record, ? as place)", (record, skip.named)
    ).fetchone()
    is_open, in_this_run = db.execute(
        "select max(resolved_at is null), max(ifnull(last_in, 0) >= ?) from _skipped where "
        f"resource = ? and partition = ? and (place = ? or record is not null and {_IDENTITY} = ?)",
        (since, *named, skip.named, identity),
    ).fetchone()
    db.execute(
        "insert into _skipped (resource, partition, place, after_key, before_key, row, reason, "
        "record, tries, first_at, last_at, last_in) values (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?) "
        "on conflict (resource, partition, place) do update set tries = tries + (? and "
        "ifnull(last_in, 0) < ?), last_at = case when ? then excluded.last_at else last_at end, "
        "last_in = excluded.last_in, before_key = excluded.before_key, row = excluded.row, "
        "reason = excluded.reason, resolved_at = null",
        (
            *named, skip.named, skip.after_key, skip.before_key, skip.row, skip.reason,
            record, now.at, now.at, now.number, skip.tried, since, skip.tried,
        ),
    )  # fmt: skip
    return Met(first=not in_this_run, new=not (is_open or in_this_run), came=came)


def crash_rows(archive: Archive, named: tuple[str, str]) -> list[tuple[Any, ...]]:
    """Rows of a list that crash the server: (row, key before, key behind, why, due again).

    Each row once: what walks without an end have noted of it before stays open beside the newest.
    """
    found = archive.query(
        f"select row, after_key, before_key, reason, {due_again('last_at')}, "
        "max(ifnull(last_in, 0)) from _skipped where resource = ? and partition = ? "
        "and resolved_at is null and row is not null group by row",
        (timestamp(), *named),
    )
    return [one[:-1] for one in found]


def crash_numbers(archive: Archive, named: tuple[str, str]) -> dict[int, tuple[str, bool]]:
    """Records that crash the server and are asked for by number: number -> why, due again."""
    found = archive.query(
        f"select place, reason, {due_again('last_at')} from _skipped where resource = ? "
        "and partition = ? and resolved_at is null and place not like 'after %'",
        (timestamp(), *named),
    )
    return {int(number): (why, bool(due)) for number, why, due in found if number.isdigit()}


def resolve_walked(
    db: sqlite3.Connection, named: tuple[str, str], before: int, now: Moment
) -> None:
    """A walk of the whole list met no crash where it skipped before: the record has been read."""
    db.execute(
        "update _skipped set resolved_at = ?, last_in = ? where resource = ? and partition = ? "
        "and resolved_at is null and ifnull(last_in, 0) < ?",
        (now.at, now.number, *named, before),
    )


def resolve_numbers(
    db: sqlite3.Connection, named: tuple[str, str], numbers: Iterable[int], now: Moment
) -> None:
    """These numbers were asked for, and the server did not crash."""
    db.executemany(
        "update _skipped set resolved_at = ?, last_in = ? where resource = ? and partition = ? "
        "and place = ? and resolved_at is null",
        [(now.at, now.number, *named, str(number)) for number in numbers],
    )


def are_open(db: sqlite3.Connection, named: tuple[str, str]) -> bool:
    """A record of the list is missing."""
    found = db.execute(
        "select 1 from _skipped where resource = ? and partition = ? and resolved_at is null",
        named,
    )
    return found.fetchone() is not None


def resolve_lookup(archive: Archive, lookup: Lookup, began: int) -> None:
    """Nobody is missing any more whom some list has shown meanwhile.

    Nor are strange records that a run, which began with that checkpoint, has not met again.
    """
    with archive.transaction() as db:
        now = checkpoints.now(db)
        _resolve_known(db, lookup.name, lookup.table.name, now)
        _resolve_unmet(db, lookup.name, began, now)


def _resolve_known(db: sqlite3.Connection, resource: str, table: str, now: Moment) -> None:
    """Records that could not be read by number, and that some list has shown since."""
    db.execute(
        "update _skipped set resolved_at = ? where resource = ? and resolved_at is null and exists "
        "(select 1 from _records v join _sightings s on s.id = v.id where v.resource = ? "
        "and v.record_key = place and v.embedded = 0 and s.last_seen_in > last_in)",
        (now.at, resource, table),
    )


def _resolve_unmet(db: sqlite3.Connection, resource: str, before: int, now: Moment) -> None:
    """All unknown people were asked for, and these strange records did not come again."""
    db.execute(
        "update _skipped set resolved_at = ? where resource = ? and resolved_at is null "
        "and record is not null and last_in < ?",
        (now.at, resource, before),
    )


def due_again(last: str, now: str = "?") -> str:
    """The condition that another try is due: a second one at once, then after 1, 2, 4 … 32 days.

    `last` is the column with the time of the last try; the time now is bound as `now`.
    """
    # A clock that was wrong once must not put a try off for years.
    waited = f"abs(julianday({now}) - julianday({last}))"
    return f"(tries <= 1 or {waited} >= (1 << min(tries - 2, 5)))"


def is_due_again(tries: int, last: str | None) -> bool:
    """The same for something that was tried this often, the last time at that moment."""
    if tries <= 1 or last is None:
        return True
    waited = abs(datetime.now(UTC) - datetime.fromisoformat(last))
    return waited >= timedelta(days=1 << min(tries - 2, 5))


def is_due(archive: Archive, named: tuple[str, str]) -> bool:
    """A record of the list is missing and due for another try: after 1, 2, 4 … days."""
    due = archive.query(
        "select 1 from _skipped where resource = ? and partition = ? and resolved_at is null "
        f"and {due_again('last_at')} limit 1",
        (*named, timestamp()),
    )
    return bool(due)


def met_since(archive: Archive, named: tuple[str, str], since: int) -> bool:
    """A walk of this run met a record of the list that could not be read."""
    met = archive.query(
        "select 1 from _skipped where resource = ? and partition = ? and last_in >= ? "
        "and resolved_at is null limit 1",
        (*named, since),
    )
    return bool(met)
