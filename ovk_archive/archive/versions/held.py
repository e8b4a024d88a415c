"""The newest versions held of records, and whether a record comes as it is held."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.archive.versions import states
from ovk_archive.archive.versions.folding import unfolded
from ovk_archive.archive.versions.packing import packed
from ovk_archive.archive.versions.states import Stored
from ovk_archive.resources.vocabulary.records import UNREADABLE
from ovk_archive.resources.vocabulary.rows import Row, Table, record_key

#: Keys per `in (…)`.
_CHUNK = 400


@dataclass(slots=True)
class Version:
    """The newest version held of a record, of its own list or as an attachment.

    Attributes:
        stored: its record, which texts this repeats, and its state.
    """

    id: int
    content: bytes
    gone_at: str | None
    rest: bytes | None
    stored: Stored

    def record(self) -> Any:
        """The record; one without anything in it, if somebody has damaged it."""
        record, repeats, _ = self.stored
        try:
            sent = unfolded(record, repeats)
        except UNREADABLE:
            return {}
        return sent if isinstance(sent, dict) else {}

    def state(self, table: Table, *, embedded: bool) -> dict[str, Any]:
        """What its row says beside its content."""
        try:
            state = states.read(self.stored[2])
        except UNREADABLE:
            state = {}
        return states.whole(table, self.record(), state, embedded=embedded)


def versions_held(
    db: sqlite3.Connection, table: Table, rows: Sequence[Row]
) -> dict[tuple[str, bool], Version]:
    """The newest version held of each record, of its own list and as an attachment."""
    held: dict[tuple[str, bool], Version] = {}
    for chunk, marks in _chunks(rows):
        # SQLite takes the bare columns from the row that has the maximum.
        for key, embedded, number, content, gone_at, rest, *stored in db.execute(
            "select r.record_key, r.embedded, max(r.id), r.content, s.gone_at, r.rest, r.record, "
            "r.repeats, r.state from _records r left join _sightings s on s.id = r.id "
            f"where r.resource = ? and r.record_key in ({marks}) group by r.record_key, r.embedded",
            (table.name, *chunk),
        ):
            record, repeats, state = stored
            version = Version(number, content, gone_at, rest, (record, repeats, state))
            held[key, bool(embedded)] = version
    return held


def listed_of(db: sqlite3.Connection, table: Table, rows: Sequence[Row]) -> set[str]:
    """The keys of those records that their own list has told of."""
    found: set[str] = set()
    for chunk, marks in _chunks(rows):
        known = db.execute(
            f"select record_key from _records where resource = ? and record_key in ({marks}) "
            "and embedded = 0",
            (table.name, *chunk),
        )
        found.update(key for (key,) in known)
    return found


def _chunks(rows: Sequence[Row]) -> list[tuple[list[str], str]]:
    keys = list({record_key(row.key) for row in rows})
    chunks = [keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK)]
    return [(chunk, ",".join("?" * len(chunk))) for chunk in chunks]


def is_same(known: Version, row: Row, content: bytes) -> bool:
    """A record comes with the content that is held, and names the same files."""
    if known.content != content or known.gone_at is not None:
        return False
    table = row.table
    if not table.addresses:
        return True
    state = known.state(table, embedded=row.embedded)
    if packed(row.state) == packed(state):
        return True
    # The last address may be a thumbnail's, which tells nothing of the file that was there before.
    first = table.addresses_in(known.record())
    return not row.names_other_files(state) and not row.names_other_files(first)


def merged(held: dict[str, Any], row: Row) -> dict[str, Any]:
    """The state of a version that is seen again, as an upsert would change the row."""
    columns, state = row.table.by_name, row.state
    kept = {
        name: value
        for name, value in state.items()
        if value is not None or not (row.embedded or columns[name].keep) or name not in held
    }
    # An empty text that is none any more is not told by the new state.
    empties = {n for n, v in held.items() if v == "" and n not in kept and n in row.values}
    return {n: v for n, v in held.items() if n not in empties} | kept
