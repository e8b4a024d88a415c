"""What became of records: deleted, come back, edited; the newest first."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.rows import Table

#: Entries on one page.
PAGE = 50
#: Versions among which edits are looked for at once: some milliseconds.
_LOOKED_AT = 5000
#: Letters of a text that are shown.
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Deleted:
    """A record that was deleted on the instance.

    Attributes:
        title: what it is, for people.
        key: what names it in its table.
        back_at: when it was there again.
    """

    table: str
    title: str
    key: str
    text: str
    missed_at: str
    gone_at: str
    back_at: str | None


@dataclass(frozen=True, slots=True)
class Edited:
    """A record that said something else before."""

    table: str
    title: str
    key: str
    was: str
    now: str
    seen_at: str


def deleted(db: Reading, before: tuple[str, str, str] | None = None) -> list[Deleted]:
    """A page of what was deleted, and one more if there is more.

    `before` is time, table and key of the last that was shown.
    """
    rows = db.execute(
        "select gone_at, resource, record_key, missed_at, back_at from _absences "
        "where gone_at is not null and (gone_at, resource, record_key) < (?, ?, ?) "
        "order by gone_at desc, resource desc, record_key desc limit ?",
        (*(before or ("z", "", "")), PAGE + 1),
    ).fetchall()
    return [
        Deleted(table, _title(table), key, _last_text(db, table, key), missed, gone, back)
        for gone, table, key, missed, back in rows
    ]


def edited(db: Reading, before: int | None = None) -> tuple[list[Edited], int | None]:
    """A page of edits, and the version before which older ones are to be looked for."""
    newest = db.execute("select max(id) from _versions").fetchone()[0] or 0
    top = newest + 1 if before is None else before
    bottom = max(0, top - _LOOKED_AT)
    rows = db.execute(
        "select v.id, v.resource, v.record_key, v.record, v.first_seen_at, "
        "(select record from _versions e where e.resource = v.resource "
        "and e.record_key = v.record_key and e.id < v.id and e.embedded = 0 "
        "order by e.id desc limit 1) as was from _versions v "
        "where v.id < ? and v.id >= ? and not v.embedded and was is not null "
        "order by v.id desc limit ?",
        (top, bottom, PAGE),
    ).fetchall()
    found = list(_edits(rows))
    full = len(rows) == PAGE
    rest = rows[-1][0] if full else bottom
    return found, rest if rest > 1 else None


def _edits(rows: Sequence[tuple[int, str, str, str, str, str]]) -> Iterator[Edited]:
    for _, table, key, record, seen, was in rows:
        before, now = _text(table, was), _text(table, record)
        if before != now:
            yield Edited(table, _title(table), key, before, now, seen)


def _last_text(db: Reading, table: str, key: str) -> str:
    row = db.execute(
        "select record from _versions where resource = ? and record_key = ? order by id desc "
        "limit 1",
        (table, key),
    ).fetchone()
    return _text(table, row[0]) if row else ""


def _text(table: str, record: str) -> str:
    """What people read of a record: its texts."""
    try:
        told = json.loads(record)
    except ValueError:
        return ""
    known = _by_name().get(table)
    names = known.search.columns if known and known.search else ("title", "name", "text")
    parts = [told.get(name) for name in names] if isinstance(told, dict) else []
    words = " — ".join(" ".join(part.split()) for part in parts if isinstance(part, str) and part)
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"


def _title(table: str) -> str:
    known = _by_name().get(table)
    return known.title if known else table


@cache
def _by_name() -> dict[str, Table]:
    return {table.name: table for table in TABLES}
