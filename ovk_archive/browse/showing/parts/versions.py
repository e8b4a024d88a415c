"""What records said at other times: their versions, read as the columns of their tables are."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ovk_archive.archive.tables import replay
from ovk_archive.archive.versions.layout import record_of
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.values import words
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.records import UNREADABLE
from ovk_archive.resources.vocabulary.rows import Table

BY_NAME = {table.name: table for table in TABLES}
#: Versions of one record that are looked through.
_MOST = 50
_SEVERAL = f"""
with several as (
    select record_key from _records where resource = ?1 and not embedded
    and record_key in (select value from json_each(?2)) group by record_key having count(*) > 1
)
select v.record_key, {record_of("v")}, v.state from several cross join _records v
on v.resource = ?1 and v.record_key = several.record_key and not v.embedded
order by v.record_key, v.id
"""


@dataclass(frozen=True, slots=True)
class Said:
    """A text that a record had, and when."""

    text: str
    first_seen_at: str
    last_seen_at: str


def said(
    table: Table, record: str, state: str | None, *, embedded: bool = False
) -> dict[str, Any] | None:
    """What a version says, by column; None if this program cannot read it.

    A profile that leaves a field out hides it, so nobody knows what it says: there is no such
    column then. In all other records a field that is left out is empty.
    """
    try:
        told = json.loads(record)
        row = replay.read(table, told, json.loads(state or "{}"), embedded=embedded)
        return {name: value for name, value in row.values.items() if not _hides(table, told, name)}
    except (*UNREADABLE, RecursionError):
        return None


def _hides(table: Table, record: dict[str, Any], name: str) -> bool:
    fields = table.by_name[name].fields
    return "is_closed" in table.by_name and bool(fields) and not record.keys() & {*fields}


def texts(db: Reading, table: Table, key: str) -> list[Said]:
    """What the text of a record was, the newest first, and whatever it is now before that."""
    rows = db.execute(
        "select record, state, first_seen_at, last_seen_at from _versions "
        "where resource = ? and record_key = ? and not embedded order by id desc limit ?",
        (table.name, key, _MOST),
    ).fetchall()
    read = [(_text(table, *row[:2]), *row[2:]) for row in rows]
    runs = groupby((row for row in read if row[0] is not None), key=lambda row: row[0])
    ends = [(list(run), text) for text, run in runs]
    return [Said(text or "", run[-1][1], run[0][2]) for run, text in ends]


def edits(db: Reading, table: Table, keys: Sequence[str]) -> dict[str, int]:
    """How many times the texts of these records were edited, of those of which any was."""
    rows = db.execute(_SEVERAL, (table.name, json.dumps(list(keys))))
    counts = {key: _runs(table, some) for key, some in groupby(rows, key=lambda row: row[0])}
    return {key: number - 1 for key, number in counts.items() if number > 1}


def _runs(table: Table, versions: Iterator[tuple[str, str, str | None]]) -> int:
    found = [_text(table, record, state) for _, record, state in versions]
    return sum(1 for _ in groupby(text for text in found if text is not None))


def _text(table: Table, record: str, state: str | None) -> str | None:
    """Its text; None if it cannot be read."""
    values = said(table, record, state)
    return None if values is None else words(values.get("text"))
