"""What is found: the best, newest or oldest rows of all kinds, and overwritten texts."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.archive.search.declared import BELOW, SEARCHED, index_of, search_of
from ovk_archive.archive.search.entries import Texts, as_blobs, read
from ovk_archive.archive.search.query import Query
from ovk_archive.resources.vocabulary.rows import Table

#: So many of the newest rows are ranked: some milliseconds.
_RANKED = 3000


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A row, or a text that it had.

    Attributes:
        key: its values, in the order of the table's key.
        date: unix time, if the table has one.
        who: the author; negative for a group.
        gone_at: since when the row is gone.
        former_until: when the text was last seen, if it was overwritten.
    """

    table: Table
    key: tuple[Any, ...]
    date: int | None
    who: int | None
    owner: int | None
    peer: int | None
    gone_at: str | None
    former_until: str | None
    texts: Texts


#: Table, number in the index, rank, date.
_Hit = tuple[Table, int, float, int | None]


def find(db: sqlite3.Connection, wish: Wish) -> tuple[list[Found], bool]:
    """What was found, and whether there is more than was asked for."""
    hits = [hit for table in wish.tables for hit in _hits(db, table, wish)]
    if wish.sort == "best":
        hits.sort(key=lambda hit: hit[2])
    else:
        # What has no time comes last, either way.
        turn = -1 if wish.sort == "newest" else 1
        hits.sort(key=lambda hit: (hit[3] is None, turn * (hit[3] or 0)))
    return [_found(db, hit) for hit in hits[: wish.limit]], len(hits) > wish.limit


def names(db: sqlite3.Connection, ids: Iterable[int | None]) -> dict[int, str]:
    """What people and groups are called."""
    wanted = sorted({one for one in ids if one is not None})
    found = db.execute(
        "select id, name from users where id in (select value from json_each(?1)) "
        "union all select -id, name from groups where -id in (select value from json_each(?1))",
        (json.dumps(wanted),),
    )
    return {number: name for number, name in found if name}


def _hits(db: sqlite3.Connection, table: Table, wish: Wish) -> Iterator[_Hit]:
    conditions = _conditions(table, wish)
    if conditions is None or wish.query.match is None:
        return
    where, values = conditions
    name, date = index_of(table), search_of(table).date
    if not where and wish.sort == "best":
        rows = _best(db, name, wish)
    else:
        when = f't."{date}"' if date else "null"
        order = {"best": "f.rank", "newest": f"{when} desc", "oldest": when}[wish.sort]
        # Last what has no time, whichever way.
        order = order if wish.sort == "best" else f"{when} is null, {order}, f.rowid"
        # Ranking takes longer than finding.
        rank = "f.rank" if wish.sort == "best" else "0"
        rows = db.execute(
            f'select f.rowid, {rank}, {when} from "{name}" f '
            f"left join _former_texts o on o.id = {BELOW} - f.rowid and o.resource = ? "
            f'join "{table.name}" t on t.rowid = ifnull(o.item, f.rowid) '
            f'where f."{name}" match ? {where} order by {order} limit ?',
            (table.name, wish.query.match, *values, wish.limit + 1),
        )
    yield from ((table, *row) for row in rows)


def _best(db: sqlite3.Connection, name: str, wish: Wish) -> Iterator[tuple[int, float, None]]:
    """The plainest question: FTS5 ranks without looking at a row.

    It looks at each text that has the words. Of words that very many have, the newest are ranked:
    the newest that have them as they were typed, and the newest that have some form of them.
    """
    whole = wish.query.match
    oldest = _oldest_ranked(db, name, whole)
    ranks = dict(_ranked(db, name, whole, oldest, wish.limit))
    if oldest is not None and (exact := wish.query.in_this_form.match) != whole:
        first = _oldest_ranked(db, name, exact)
        for number, rank in _ranked(db, name, exact, first, wish.limit):
            ranks[number] = min(rank, ranks.get(number, rank))
    yield from ((number, rank, None) for number, rank in ranks.items())


def _ranked(
    db: sqlite3.Connection, name: str, match: str | None, oldest: int | None, limit: int
) -> list[tuple[int, float]]:
    since = "" if oldest is None else f"and rowid >= {oldest}"
    return db.execute(
        f'select rowid, rank from "{name}" where "{name}" match ? {since} order by rank limit ?',
        (match, limit + 1),
    ).fetchall()


def _oldest_ranked(db: sqlite3.Connection, name: str, match: str | None) -> int | None:
    """The first of the newest rows that are ranked; None if all of them are."""
    found = db.execute(
        f'select rowid from "{name}" where "{name}" match ? order by rowid desc limit 1 offset ?',
        (match, _RANKED),
    ).fetchone()
    return int(found[0]) if found else None


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


def _found(db: sqlite3.Connection, hit: _Hit) -> Found:
    table, number = hit[:2]
    search = search_of(table)
    former: Sequence[Any] | None = None
    if number < BELOW:
        former = db.execute(
            "select o.item, o.texts, v.last_seen_at from _former_texts o "
            "left join _versions v on v.id = o.id where o.id = ?",
            (BELOW - number,),
        ).fetchone()
    columns = (search.date, search.who, search.owner, search.peer)
    keys = ", ".join(f't."{name}"' for name in table.key)
    row = db.execute(
        f"select {', '.join(map(_side, columns))}, t.gone_at, {keys}, {as_blobs(table, 't')} "
        f'from "{table.name}" t where t.rowid = ?',
        (former[0] if former else number,),
    ).fetchone()
    date, who, owner, peer, gone_at = row[:5]
    end = 5 + len(table.key)
    return Found(
        table=table,
        key=row[5:end],
        date=date,
        who=who,
        owner=owner,
        peer=peer,
        gone_at=gone_at,
        former_until=(former[2] or "") if former else None,
        texts=json.loads(former[1]) if former else read(row[end:]),
    )
