"""Records of which no row could be made: a later version may know better, so they are tried again.

Each is kept, as it came, in `_skipped.record`.
"""

import json
import sqlite3

from ovk_archive.archive.tables.store import store
from ovk_archive.archive.versions import checkpoints
from ovk_archive.resources import LOOKUPS, RESOURCES
from ovk_archive.resources.vocabulary.records import UNREADABLE
from ovk_archive.resources.vocabulary.resource import Lookup, Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, Trim

_KNOWN: dict[str, Lookup | Resource] = {one.name: one for one in RESOURCES}
_KNOWN |= {one.name: one for one in LOOKUPS}


def try_again(db: sqlite3.Connection) -> int:
    """Make rows of what could not be read before; of how many records that went well."""
    kept = db.execute(
        "select rowid, resource, partition, record from _skipped "
        "where record is not null and resolved_at is null"
    ).fetchall()
    read = 0
    for number, resource, partition, record in kept:
        parts = _parts(resource, partition, record)
        if not parts:
            continue
        now = checkpoints.now(db)
        store(db, parts, now)
        db.execute("update _skipped set resolved_at = ? where rowid = ?", (now.at, number))
        read += 1
    return read


def _parts(resource: str, partition: str, record: str) -> list[Row | Trim]:
    """The rows of a record, if this version knows how to read it; its place is not known."""
    known, found = _KNOWN.get(resource), json.loads(record)
    if known is None or (isinstance(known, Resource) and not known.can_place(found)):
        return []
    try:
        return list(known.rows(found, Context(partition=json.loads(partition), place=None)))
    except UNREADABLE:
        return []
