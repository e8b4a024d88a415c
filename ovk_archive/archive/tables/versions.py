"""The newest versions held of records, and whether a record comes as it is held."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.archive.tables.packing import packed
from ovk_archive.resources.vocabulary.rows import Row, Table, record_key

#: Keys per `in (…)`.
_CHUNK = 400


@dataclass(slots=True)
class Version:
    """The newest version held of a record, of its own list or as an attachment."""

    id: int
    content: bytes
    gone_at: str | None
    state: str
    rest: bytes | None


def versions_held(
    db: sqlite3.Connection, table: Table, rows: Sequence[Row]
) -> dict[tuple[str, bool], Version]:
    """The newest version held of each record, of its own list and as an attachment."""
    keys = list({record_key(row.key) for row in rows})
    held: dict[tuple[str, bool], Version] = {}
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        marks = ",".join("?" * len(chunk))
        # SQLite takes the bare columns from the row that has the maximum.
        for key, embedded, *version in db.execute(
            "select record_key, embedded, max(id), content, gone_at, ifnull(state, '{}'), rest "
            f"from _versions where resource = ? and record_key in ({marks}) "
            "group by record_key, embedded",
            (table.name, *chunk),
        ):
            held[key, bool(embedded)] = Version(*version)
    return held


def is_same(db: sqlite3.Connection, known: Version, row: Row, content: bytes) -> bool:
    """A record comes as it is held: with the same content, and naming the same files."""
    if known.content != content or known.gone_at is not None:
        return False
    if not row.table.addresses or packed(row.state) == known.state:
        return True
    if row.names_other_files(json.loads(known.state)):
        return False
    return not row.names_other_files(_first_addresses(db, known.id, row.table))


def _first_addresses(db: sqlite3.Connection, version: int, table: Table) -> dict[str, Any]:
    """The addresses that a version came with.

    The last one may be a thumbnail's, which tells nothing of the file that was there before it.
    """
    found = db.execute("select record from _versions where id = ?", (version,)).fetchone()
    return table.addresses_in(json.loads(found[0])) if found else {}


def merged(held: str, row: Row) -> str:
    """The state of a version that is seen again, as an upsert would change the row."""
    state = packed(row.state)
    if state == held:
        return held
    columns = row.table.by_name
    old: dict[str, Any] = json.loads(held)
    kept = {
        name: value
        for name, value in row.state.items()
        if value is not None or not (row.embedded or columns[name].keep) or name not in old
    }
    # An empty text that is none any more is not told by the new state.
    empties = {n for n, v in old.items() if v == "" and n not in kept and n in row.values}
    return packed({n: v for n, v in old.items() if n not in empties} | kept)
