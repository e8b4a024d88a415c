"""What is found: the best, newest or oldest rows of all kinds, and overwritten texts."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nsmallest
from typing import Any

from ovk_archive.archive.search.declared import BELOW, SEARCHED, index_of, search_of
from ovk_archive.archive.search.entries import Texts, as_blobs, read
from ovk_archive.archive.search.query import Query
from ovk_archive.resources.vocabulary.rows import Table

#: What has the words as they were typed comes first: no rank is as large.
_AHEAD = 1e6
_TURNS = {"best": "asc", "newest": "desc", "oldest": "asc"}
#: So many of the newest rows are ranked: some milliseconds.
_RANKED = 3000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a result stands among all others: what it is sorted by, its table, its number there."""

    value: float | None
    table: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is searched, and how.

    Attributes:
        tables: all that are searched, if none is named.
        owners: only what is one of theirs; likewise `peers` and `authors`.
        since: only from this unix time on.
        until: only before this unix time.
        gone: only what was deleted, and texts that were overwritten.
        sort: best, newest or oldest first.
        after: only what comes behind this result.
    """

    query: Query
    tables: tuple[Table, ...] = SEARCHED
    owners: tuple[int, ...] = ()
    peers: tuple[int, ...] = ()
    authors: tuple[int, ...] = ()
    since: int | None = None
    until: int | None = None
    gone: bool = False
    sort: str = "best"
    limit: int = 20
    after: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A row, or a text that it had.

    Attributes:
        place: where it stands among all that was found.
        key: its values, in the order of the table's key.
        date: unix time, if the table has one.
        who: the author; negative for a group.
        gone_at: since when the row is gone.
        former_until: when the text was last seen, if it was overwritten.
    """

    place: Place
    table: Table
    key: tuple[Any, ...]
    date: int | None
    who: int | None
    owner: int | None
    peer: int | None
    gone_at: str | None
    former_until: str | None
    texts: Texts


@dataclass(frozen=True, slots=True)
class _Hit:
    """Something that was found: the table, the number in its index, what it is sorted by."""

    table: Table
    number: int
    value: float | None

    @property
    def place(self) -> Place:
        return Place(self.value, self.table.name, self.number)


def find(db: sqlite3.Connection, wish: Wish) -> tuple[list[Found], bool]:
    """What was found, and whether there is more than was asked for."""
    hits = [hit for table in wish.tables for hit in _hits(db, table, wish)]
    hits.sort(key=partial(_order, wish))
    shown = hits[: wish.limit]
    found = {one.place: one for table in wish.tables for one in _found(db, table, shown)}
    return [found[hit.place] for hit in shown if hit.place in found], len(hits) > wish.limit


def count(db: sqlite3.Connection, table: Table, wish: Wish, most: int) -> int:
    """How many rows and overwritten texts of a table are found, up to so many."""
    conditions = _conditions(table, wish)
    if conditions is None or wish.query.match is None:
        return 0
    where, values = conditions
    joined = _JOINS.format(name=index_of(table), table=table.name) if where else ""
    bound = (table.name, wish.query.match) if where else (wish.query.match,)
    row = db.execute(
        f'select count(*) from (select 1 from "{index_of(table)}" f {joined} '
        f'where f."{index_of(table)}" match ? {where} limit ?)',
        (*bound, *values, most),
    ).fetchone()
    return int(row[0])


#: From an index to the rows of its table, and to texts that were overwritten.
_JOINS = (
    f"left join _former_texts o on o.id = {BELOW} - f.rowid and o.resource = ? "
    'join "{table}" t on t.rowid = ifnull(o.item, f.rowid)'
)


def _order(wish: Wish, hit: _Hit | Place) -> tuple[bool, float, int, int]:
    """What is sorted by: each result has a place of its own. What has no time comes last."""
    name = hit.table if isinstance(hit.table, str) else hit.table.name
    turn = -1 if wish.sort == "newest" else 1
    place = next((n for n, one in enumerate(wish.tables) if one.name == name), len(wish.tables))
    return (hit.value is None, turn * (hit.value or 0), place, hit.number)


def _hits(db: sqlite3.Connection, table: Table, wish: Wish) -> Iterator[_Hit]:
    conditions = _conditions(table, wish)
    if conditions is None or wish.query.match is None:
        return
    where, values = conditions
    if not where and wish.sort == "best":
        return (yield from _best(db, table, wish))
    name, date = index_of(table), search_of(table).date
    for step in _steps(wish):
        # Ranking takes longer than finding.
        value = f"f.rank - {step.ahead}" if wish.sort == "best" else f't."{date}"'
        value = value if date or wish.sort == "best" else "null"
        behind, bound = _behind(table, wish, value)
        apart = f'and f.rowid not in (select rowid from "{name}" where "{name}" match ?)'
        rows = db.execute(
            f'select f.rowid, {value} as value from "{name}" f {_JOINS.format(table=table.name)} '
            f'where f."{name}" match ? {where} {behind} {apart if step.apart else ""} '
            f"order by value is null, value {_TURNS.get(wish.sort, 'asc')}, f.rowid limit ?",
            (table.name, step.match, *values, *bound, *step.apart, wish.limit + 1),
        ).fetchall()
        yield from (_Hit(table, number, found) for number, found in rows)
        if len(rows) > wish.limit:
            return


@dataclass(frozen=True, slots=True)
class _Step:
    """A question to the index.

    Attributes:
        ahead: how far what it finds comes before the rest.
        apart: what an earlier step has found, and this is not to find.
    """

    match: str | None
    ahead: float = 0.0
    apart: tuple[str | None, ...] = ()


def _steps(wish: Wish) -> list[_Step]:
    """What is asked for: the best are those with the words as they were typed, then other forms."""
    whole, exact = wish.query.match, wish.query.in_this_form.match
    if wish.sort != "best":
        return [_Step(whole)]
    return [_Step(exact, _AHEAD), *([_Step(whole, apart=(exact,))] if whole != exact else [])]


def _behind(table: Table, wish: Wish, value: str) -> tuple[str, list[Any]]:
    """The condition that a row comes behind the place that is asked for."""
    after = wish.after
    if after is None:
        return "", []
    mine, theirs = (_order(wish, one)[2] for one in (Place(None, table.name, 0), after))
    tie, bound = f"{value} is ?", [after.value]
    if mine == theirs:
        tie, bound = f"({tie} and f.rowid > ?)", [after.value, after.number]
    same = [tie] if mine >= theirs else []
    bound = bound if same else []
    if after.value is None:
        return f"and ({' or '.join(same) or '0'})", bound
    sign = "<" if wish.sort == "newest" else ">"
    later = [f"{value} {sign} ?", f"{value} is null"]
    return f"and ({' or '.join([*later, *same])})", [after.value, *bound]


def _best(db: sqlite3.Connection, table: Table, wish: Wish) -> Iterator[_Hit]:
    """The plainest question: FTS5 ranks without looking at a row.

    It looks at each text that has the words. Of words that very many have, the newest are ranked:
    the newest that have them as they were typed, and the newest that have some form of them.
    """
    after = None if wish.after is None else _order(wish, wish.after)
    seen: set[int] = set()
    for step in _steps(wish):
        ranks = _ranked(db, table, step.match, are_few=bool(step.apart))
        hits = (_Hit(table, n, rank - step.ahead) for n, rank in ranks.items() if n not in seen)
        behind = [one for one in hits if after is None or _order(wish, one) > after]
        yield from nsmallest(wish.limit + 1, behind, key=lambda one: (one.value, one.number))
        if len(behind) > wish.limit:
            return
        seen |= ranks.keys()


def _ranked(
    db: sqlite3.Connection, table: Table, match: str | None, *, are_few: bool
) -> dict[int, float]:
    """The newest that match, and how well.

    An index is read faster forwards. If `are_few`, as one may expect, that brings all of them.
    """
    name = index_of(table)
    asked = f'select rowid, rank from "{name}" where "{name}" match ? order by rowid'
    if are_few:
        rows = db.execute(f"{asked} limit ?", (match, _RANKED + 1)).fetchall()
        if len(rows) <= _RANKED:
            return dict(rows)
    return dict(db.execute(f"{asked} desc limit ?", (match, _RANKED)).fetchall())


def _conditions(table: Table, wish: Wish) -> tuple[str, list[Any]] | None:
    """What narrows the search, as SQL; None if no row of this table can be meant."""
    search = search_of(table)
    parts: list[str] = []
    values: list[Any] = []
    for column, ids in (
        (search.owner, wish.owners),
        (search.peer, wish.peers),
        (search.who, wish.authors),
    ):
        if ids and column is None:
            return None
        if ids:
            parts.append(f"{_side(column)} in (select value from json_each(?))")
            values.append(json.dumps(ids))
    for sign, moment in ((">=", wish.since), ("<", wish.until)):
        if moment is not None and search.date is None:
            return None
        if moment is not None:
            parts.append(f't."{search.date}" {sign} ?')
            values.append(moment)
    if wish.gone:
        parts.append("(t.gone_at is not null or o.id is not null)")
    return "".join(f" and {part}" for part in parts), values


def _side(column: str | None) -> str:
    """A column as SQL; with a minus before it, its numbers are those of groups."""
    if column is None:
        return "null"
    return f'-t."{column[1:]}"' if column.startswith("-") else f't."{column}"'


def _found(db: sqlite3.Connection, table: Table, hits: Sequence[_Hit]) -> Iterator[Found]:
    """What was found in a table, as it is there, or as it was."""
    search, size = search_of(table), len(table.key)
    numbers = {hit.number: hit for hit in hits if hit.table is table}
    columns = map(_side, (search.date, search.who, search.owner, search.peer))
    keys = ", ".join(f't."{name}"' for name in table.key)
    rows = db.execute(
        f"select j.value, o.texts, v.last_seen_at, {', '.join(columns)}, t.gone_at, {keys}, "
        f"{as_blobs(table, 't')} from json_each(?) j "
        f"left join _former_texts o on j.value < {BELOW} and o.id = {BELOW} - j.value "
        "left join _versions v on v.id = o.id "
        f'join "{table.name}" t on t.rowid = ifnull(o.item, j.value)',
        (json.dumps(list(numbers)),),
    )
    for number, former, last_seen_at, date, who, owner, peer, gone_at, *rest in rows:
        yield Found(
            place=numbers[number].place,
            table=table,
            key=tuple(rest[:size]),
            date=date,
            who=who,
            owner=owner,
            peer=peer,
            gone_at=gone_at,
            former_until=(last_seen_at or "") if former is not None else None,
            texts=json.loads(former) if former is not None else read(rest[size:]),
        )
