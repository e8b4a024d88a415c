"""What is found: the best, newest or oldest rows of all kinds, and overwritten texts."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from ovk_archive.archive.search import wishes
from ovk_archive.archive.search.declared import BELOW, index_of, search_of
from ovk_archive.archive.search.entries import Texts, as_blobs, read
from ovk_archive.archive.search.wishes import Place, Wish
from ovk_archive.resources.vocabulary.rows import Table

#: What has the words as they were typed comes first: no rank is as large.
_AHEAD = 1e6
_TURNS = {"best": "asc", "newest": "desc", "oldest": "asc"}
#: So many of the newest rows are ranked: some milliseconds.
_RANKED = 3000
#: Of fewer of the newest or oldest each is looked at; of more, these are expected among so many
#: rows at one end of their table.
_MANY, _NEAR = 3000, 20_000
_FOUND = 'select rowid from "{0}" where "{0}" match ?'


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
    hits.sort(key=lambda hit: wishes.order(wish, hit.place))
    shown = hits[: wish.limit]
    found = {one.place: one for table in wish.tables for one in _found(db, table, shown)}
    return [found[hit.place] for hit in shown if hit.place in found], len(hits) > wish.limit


def count(db: sqlite3.Connection, table: Table, wish: Wish, most: int) -> int:
    """How many rows and overwritten texts of a table are found, up to so many."""
    conditions = wishes.conditions(table, wish)
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


def _hits(db: sqlite3.Connection, table: Table, wish: Wish) -> Iterator[_Hit]:
    conditions = wishes.conditions(table, wish)
    if conditions is None or wish.query.match is None:
        return
    where, values = conditions
    if not where and wish.sort == "best":
        return (yield from _best(db, table, wish))
    ends = _from_the_end(db, table, wish, conditions)
    if ends is not None:
        return (yield from (_Hit(table, number, date) for number, date in ends))
    name, date = index_of(table), search_of(table).date
    for step in _steps(wish):
        # Ranking takes longer than finding.
        value = f"f.rank - {step.ahead}" if wish.sort == "best" else f't."{date}"'
        value = value if date or wish.sort == "best" else "null"
        behind, bound = wishes.behind(table, wish, value)
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


def _from_the_end(
    db: sqlite3.Connection, table: Table, wish: Wish, conditions: tuple[str, list[Any]]
) -> list[tuple[int, float]] | None:
    """Row numbers and dates of the newest or oldest of very many, without a look at each of them.

    None of few results, of what has no date, and where not enough is found near the table's end.
    """
    date, after = search_of(table).date, wish.after
    if wish.sort == "best" or wish.gone or date is None or (after and after.value is None):
        return None
    if not _are_many(db, table, wish.query.match):
        return None
    (where, values), column = conditions, f't."{date}"'
    here, begin = _end_of(db, table, wish, column)
    behind, place = wishes.behind(table, wish, column, "t.rowid")
    rows = db.execute(
        # The sign keeps SQLite from looking at each of the very many.
        f"select t.rowid, {column} {here} and +t.rowid in ({_FOUND.format(index_of(table))}) "
        f"{where} {behind} order by {column} {_TURNS[wish.sort]}, t.rowid limit ?",
        (*begin, wish.query.match, *values, *place, wish.limit + 1),
    ).fetchall()
    return rows if len(rows) > wish.limit else None


def _are_many(db: sqlite3.Connection, table: Table, match: str | None) -> bool:
    """Very many rows are found; an overwritten text has its date from a row of another number."""
    found = _FOUND.format(index_of(table))
    many = db.execute(f"select count(*) from ({found} limit ?)", (match, _MANY)).fetchone()[0]
    former = db.execute(f"{found} and rowid < 0 limit 1", (match,)).fetchone()
    return bool(many == _MANY and former is None)


def _end_of(
    db: sqlite3.Connection, table: Table, wish: Wish, column: str
) -> tuple[str, list[float]]:
    """Where the rows near one end of a table come from, as SQL: those behind the place, if any."""
    towards, away, outer = ("<=", ">", "min") if wish.sort == "newest" else (">=", "<", "max")
    here, bound = f'from "{table.name}" t where {column} is not null', []
    if wish.after is not None and wish.after.value is not None:
        here, bound = f"{here} and {column} {towards} ?", [wish.after.value]
    seen, last = db.execute(
        f"select count(*), {outer}(date) from "
        f"(select {column} as date {here} order by {column} {_TURNS[wish.sort]} limit ?)",
        (*bound, _NEAR),
    ).fetchone()
    # Where all have the same date this leaves none, and each result is looked at after all.
    return (f"{here} and {column} {away} ?", [*bound, last]) if seen == _NEAR else (here, bound)


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


def _best(db: sqlite3.Connection, table: Table, wish: Wish) -> Iterator[_Hit]:
    """The plainest question: FTS5 ranks without looking at a row.

    It looks at each text that has the words. Of words that very many have, the newest are ranked:
    the newest that have them as they were typed, and the newest that have some form of them.
    """
    after = None if wish.after is None else wishes.order(wish, wish.after)
    seen: set[int] = set()
    for step in _steps(wish):
        ranks = _ranked(db, table, step.match, are_few=bool(step.apart))
        hits = (_Hit(table, n, rank - step.ahead) for n, rank in ranks.items() if n not in seen)
        behind = [one for one in hits if after is None or wishes.order(wish, one.place) > after]
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


def _found(db: sqlite3.Connection, table: Table, hits: Sequence[_Hit]) -> Iterator[Found]:
    """What was found in a table, as it is there, or as it was."""
    search, size = search_of(table), len(table.key)
    numbers = {hit.number: hit for hit in hits if hit.table is table}
    columns = map(wishes.side, (search.date, search.who, search.owner, search.peer))
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
