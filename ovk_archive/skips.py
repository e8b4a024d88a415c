"""Records that could not be had: where they stand, and when they are tried again."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from ovk_archive.checkpoints import Moment
from ovk_archive.rows import MISSING
from ovk_archive.store import packed


@dataclass(frozen=True, slots=True)
class Skip:
    """A record that crashes the server.

    Attributes:
        place: its number, if it was asked for by number; else its place in the list.
        after_key: the key read before it, which tells where it is when places have shifted.
        record: what came, if it is not that the server crashes: no row can be made of it.
    """

    place: int
    after_key: str | None
    reason: str
    by_number: bool = False
    record: Any = MISSING

    @property
    def named(self) -> str:
        """What tells it from the others of its list, and stays when places have shifted."""
        if self.record is not MISSING:
            return f"record {blake2b(packed(self.record).encode(), digest_size=8).hexdigest()}"
        return str(self.place) if self.by_number else f"after {self.after_key or 'the top'}"


def note(
    db: sqlite3.Connection, named: tuple[str, str], skip: Skip, since: int, now: Moment
) -> None:
    """Note a record that cannot be had; its place is told by the key before it, which stays.

    `since` is the checkpoint with which the run began: twice in one run is one try.
    """
    db.execute(
        "insert into _skipped (resource, partition, place, after_key, reason, tries, first_at, "
        "last_at, last_in, record) values (?, ?, ?, ?, ?, 1, ?, ?, ?, ?) "
        "on conflict (resource, partition, place) do update set "
        "tries = tries + (last_in < ?), last_at = excluded.last_at, last_in = excluded.last_in, "
        "reason = excluded.reason, resolved_at = null",
        (
            *named,
            skip.named,
            skip.after_key,
            skip.reason,
            now.at,
            now.at,
            now.number,
            None if skip.record is MISSING else packed(skip.record),
            since,
        ),
    )


def resolve_walked(
    db: sqlite3.Connection, resource: str, partition: str, before: int, now: Moment
) -> None:
    """A walk of the whole list ended without meeting what was skipped before: it has been had."""
    db.execute(
        "update _skipped set resolved_at = ? where resource = ? and partition = ? "
        "and resolved_at is null and last_in < ?",
        (now.at, resource, partition, before),
    )


def resolve_numbers(
    db: sqlite3.Connection, resource: str, partition: str, numbers: Iterable[int], now: Moment
) -> None:
    """These numbers were asked for, and the server did not crash."""
    db.executemany(
        "update _skipped set resolved_at = ? where resource = ? and partition = ? "
        "and place = ? and resolved_at is null",
        [(now.at, resource, partition, str(number)) for number in numbers],
    )


def are_open(db: sqlite3.Connection, resource: str, partition: str) -> bool:
    """A record of the list is missing."""
    found = db.execute(
        "select 1 from _skipped where resource = ? and partition = ? and resolved_at is null",
        (resource, partition),
    )
    return found.fetchone() is not None


def resolve_known(db: sqlite3.Connection, resource: str, table: str, now: Moment) -> None:
    """Records asked for by number, which some list has shown since they could not be had."""
    db.execute(
        "update _skipped set resolved_at = ? where resource = ? and resolved_at is null and exists "
        "(select 1 from _versions v where v.resource = ? and v.record_key = place "
        "and v.embedded = 0 and v.last_seen_in > last_in)",
        (now.at, resource, table),
    )


def resolve_unmet(db: sqlite3.Connection, resource: str, before: int, now: Moment) -> None:
    """Everybody who is not known was asked for, and these strange records did not come again."""
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


def is_due(db: sqlite3.Connection, resource: str, partition: str, now: str) -> bool:
    """A record of the list is missing and due for another try: after 1, 2, 4 … days."""
    due = db.execute(
        "select 1 from _skipped where resource = ? and partition = ? and resolved_at is null "
        f"and {due_again('last_at')}",
        (resource, partition, now),
    )
    return due.fetchone() is not None


def met_since(db: sqlite3.Connection, resource: str, partition: str, since: int) -> bool:
    """A walk of this run met a record of the list that could not be had."""
    met = db.execute(
        "select 1 from _skipped where resource = ? and partition = ? and last_in >= ?",
        (resource, partition, since),
    )
    return met.fetchone() is not None
