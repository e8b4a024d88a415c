"""What became of records: deleted, come back, edited; the newest first."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.archive.versions.layout import record_of, time_of
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.values import beginning, words
from ovk_archive.browse.showing.parts.versions import BY_NAME, said
from ovk_archive.resources.vocabulary.rows import Table

#: Entries on one page.
PAGE = 50
#: Versions among which edits are looked for at once: some milliseconds.
_LOOKED_AT = 5000
#: Letters of a text that are shown.
_SHOWN = 200
_RELATIONS = json.dumps([name for name, table in BY_NAME.items() if table.relation])
#: What people read of a table that is not searched.
_NAMES = ("title", "name", "text")
#: Versions of a record's own list, each with the one before it.
_EDITS = f"""
select v.id, v.resource, v.record_key, {time_of("v.first_seen")},
{record_of("w")}, w.state, {record_of("v")}, v.state
from _records v cross join _records w on w.id = (
    select e.id from _records e where e.resource = v.resource and e.record_key = v.record_key
    and e.embedded = 0 and e.id < v.id order by e.id desc limit 1
)
where v.id < ? and v.id >= ? and not v.embedded order by v.id desc limit ?
"""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A record that was deleted on the instance.

    Attributes:
        title: what it is, for people.
        key: what names it in its table.
        missed_at: when it was not there any more, as its row says as well.
        back_at: when it was there again.
    """

    table: str
    title: str
    key: str
    text: str
    missed_at: str
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

    `before` is time, table and key of the last that was shown. That two things no longer belong
    together is not told here: it stands where they are.
    """
    rows = db.execute(
        "select missed_at, resource, record_key, back_at from _absences "
        "where gone_at is not null and (missed_at, resource, record_key) < (?, ?, ?) "
        "and resource not in (select value from json_each(?)) "
        "order by missed_at desc, resource desc, record_key desc limit ?",
        (*(before or ("z", "", "")), _RELATIONS, PAGE + 1),
    ).fetchall()
    return [
        Deleted(table, _title(table), key, _last_text(db, table, key), missed, back)
        for missed, table, key, back in rows
    ]


def edited(db: Reading, before: int | None = None) -> tuple[list[Edited], int | None]:
    """A page of edits, and the version before which older ones are to be looked for."""
    newest = db.execute("select max(id) from _records").fetchone()[0] or 0
    top = newest + 1 if before is None else before
    bottom = max(0, top - _LOOKED_AT)
    rows = db.execute(_EDITS, (top, bottom, PAGE)).fetchall()
    full = len(rows) == PAGE
    rest = rows[-1][0] if full else bottom
    return list(_edits(rows)), rest if rest > 1 else None


def _edits(rows: Sequence[tuple[Any, ...]]) -> Iterator[Edited]:
    for _, name, key, seen, *versions in rows:
        table = BY_NAME.get(name)
        if table is None:
            continue
        was, now = _texts(table, *versions[:2]), _texts(table, *versions[2:])
        differ = [one for one in was.keys() & now.keys() if was[one] != now[one]]
        if differ:
            in_order = [one for one in was if one in differ]
            before, after = (_line(one[name] for name in in_order) for one in (was, now))
            skipped = _same(before, after)
            yield Edited(
                name, table.title, key, _short(before, skipped), _short(after, skipped), seen
            )


def _last_text(db: Reading, name: str, key: str) -> str:
    row = db.execute(
        "select record, state, embedded from _versions where resource = ? and record_key = ? "
        "order by id desc limit 1",
        (name, key),
    ).fetchone()
    table = BY_NAME.get(name)
    if row is None or table is None:
        return ""
    record, state, embedded = row
    return beginning(_line(_texts(table, record, state, embedded=bool(embedded)).values()), _SHOWN)


def _texts(
    table: Table, record: str, state: str | None, *, embedded: bool = False
) -> dict[str, str]:
    """What people read of a version, by column; nothing of what it hides."""
    values = said(table, record, state, embedded=embedded) or {}
    reads = table.search.reads if table.search else {}
    names = table.search.columns if table.search else _NAMES
    told = {name: words(values[name]) for name in names if name in values}
    return {name: " ".join(reads.get(name, str)(one).split()) for name, one in told.items()}


def _line(texts: Iterable[str]) -> str:
    return " — ".join(one for one in texts if one)


def _same(one: str, other: str) -> int:
    """How many letters can be left out before two texts differ: only words that both have."""
    first = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    if first < _SHOWN // 2:
        return 0
    return one.rfind(" ", 0, first - _SHOWN // 4) + 1


def _short(text: str, skipped: int) -> str:
    shown = beginning(text[skipped:], _SHOWN)
    return f"…{shown}" if skipped else shown


def _title(name: str) -> str:
    known = BY_NAME.get(name)
    return known.title if known else name
