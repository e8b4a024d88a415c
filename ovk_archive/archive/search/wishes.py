"""What is wished for of a search, and as which SQL: narrowed, in order, behind a place."""

import json
from dataclasses import dataclass
from typing import Any

from ovk_archive.archive.search.declared import SEARCHED, search_of
from ovk_archive.archive.search.query import Query
from ovk_archive.resources.vocabulary.rows import Table


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


def order(wish: Wish, hit: Place) -> tuple[bool, float, int, int]:
    """What is sorted by: each result has a place of its own. What has no time comes last."""
    turn = -1 if wish.sort == "newest" else 1
    place = next(
        (n for n, one in enumerate(wish.tables) if one.name == hit.table), len(wish.tables)
    )
    return (hit.value is None, turn * (hit.value or 0), place, hit.number)


def behind(table: Table, wish: Wish, value: str, number: str = "f.rowid") -> tuple[str, list[Any]]:
    """The condition that a row comes behind the place that is asked for."""
    after = wish.after
    if after is None:
        return "", []
    mine, theirs = (order(wish, one)[2] for one in (Place(None, table.name, 0), after))
    tie, bound = f"{value} is ?", [after.value]
    if mine == theirs:
        tie, bound = f"({tie} and {number} > ?)", [after.value, after.number]
    same = [tie] if mine >= theirs else []
    bound = bound if same else []
    if after.value is None:
        return f"and ({' or '.join(same) or '0'})", bound
    sign = "<" if wish.sort == "newest" else ">"
    later = [f"{value} {sign} ?", f"{value} is null"]
    return f"and ({' or '.join([*later, *same])})", [after.value, *bound]


def conditions(table: Table, wish: Wish) -> tuple[str, list[Any]] | None:
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
            parts.append(f"{side(column)} in (select value from json_each(?))")
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


def side(column: str | None) -> str:
    """A column as SQL; with a minus before it, its numbers are those of groups."""
    if column is None:
        return "null"
    return f'-t."{column[1:]}"' if column.startswith("-") else f't."{column}"'
