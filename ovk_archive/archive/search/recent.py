"""The newest or the oldest of very many that are found: without a look at each of them."""

import sqlite3

from ovk_archive.archive.search import wishes
from ovk_archive.archive.search.declared import index_of, search_of
from ovk_archive.archive.search.wishes import Wish
from ovk_archive.resources.vocabulary.rows import Table

#: Of fewer results each is looked at: that takes a few milliseconds.
_MANY = 3000
#: Rows at one end of a table among which those are expected that are asked for.
_NEAR = 20_000


def from_its_end(
    db: sqlite3.Connection, table: Table, wish: Wish
) -> list[tuple[int, float]] | None:
    """Row numbers and dates of what comes first; None if its end does not tell.

    That is so of few results, of what has no date, and where not enough is found near the end.
    """
    date, after = search_of(table).date, wish.after
    narrowed = wishes.conditions(table, wish)
    if wish.sort == "best" or wish.gone or date is None or narrowed is None:
        return None
    if (after is not None and after.value is None) or not _are_many(db, table, wish.query.match):
        return None
    (where, values), is_newest = narrowed, wish.sort == "newest"
    column, turn = f't."{date}"', "desc" if is_newest else "asc"
    here, bound = f'from "{table.name}" t where {column} is not null', []
    if after is not None:
        here, bound = f"{here} and {column} {'<=' if is_newest else '>='} ?", [after.value]
    last = db.execute(
        f"select {column} {here} order by {column} {turn} limit 1 offset ?", (*bound, _NEAR)
    ).fetchone()
    # Where all have the same date this leaves none, and each result is looked at after all.
    near = f" and {column} {'>' if is_newest else '<'} ?" if last else ""
    behind, place = wishes.behind(table, wish, column, "t.rowid")
    rows = db.execute(
        # The sign keeps SQLite from looking at each of the very many.
        f"select t.rowid, {column} {here}{near} and +t.rowid in ({_found(table)}) "
        f"{where} {behind} order by {column} {turn}, t.rowid limit ?",
        (*bound, *(last or ()), wish.query.match, *values, *place, wish.limit + 1),
    ).fetchall()
    return rows if len(rows) > wish.limit else None


def _are_many(db: sqlite3.Connection, table: Table, match: str | None) -> bool:
    """Very many rows are found; an overwritten text has its date from a row of another number."""
    many = db.execute(f"{_found(table)} limit 1 offset ?", (match, _MANY)).fetchone()
    former = f"{_found(table)} and rowid < 0 limit 1"
    return many is not None and db.execute(former, (match,)).fetchone() is None


def _found(table: Table) -> str:
    return f'select rowid from "{index_of(table)}" where "{index_of(table)}" match ?'
