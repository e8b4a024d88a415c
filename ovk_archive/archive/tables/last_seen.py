"""Tells rows when they were seen last, all at once, where a reading has put that off.

A reading of much that is known meets rows in the order of their lists. Telling each page's rows at
once would write nearly every page of a table again and again.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from ovk_archive.archive.tables.schema import key_as_sql, keys_of
from ovk_archive.archive.versions.checkpoints import Moment
from ovk_archive.archive.versions.layout import as_text
from ovk_archive.resources import DERIVED
from ovk_archive.resources.vocabulary.rows import Table

#: The fact of an archive that says through which checkpoint its rows have been told.
_TOLD = "last_seen_through"
#: Versions of which rows follow that were seen since then, in the order of the rows; a row that is
#: in a list of its own kind is not told by what came as an attachment.
_SINCE = """
select r.resource, r.record_key, s.last_seen from _sightings s join _records r on r.id = s.id
where s.last_seen_in > ? and (r.embedded = 0 or not exists (
    select 1 from _records o
    where o.resource = r.resource and o.record_key = r.record_key and o.embedded = 0
)) order by r.resource, cast(r.record_key as integer), r.record_key, s.last_seen_in
"""


def put_off(db: sqlite3.Connection, now: Moment) -> None:
    """Note that from this checkpoint on rows may have been seen later than they say."""
    db.execute(
        "insert into _archive (name, value) values (?, ?) on conflict (name) do nothing",
        (_TOLD, str(now.number - 1)),
    )


def put_off_rows(db: sqlite3.Connection, schema: str, table: Table, alias: str) -> str | None:
    """The condition that a row has been seen since it was told; None if all have been told.

    Times would not tell: a clock that was set back lets it be seen before that.
    """
    found = db.execute(f"select value from {schema}._archive where name = ?", (_TOLD,)).fetchone()
    if found is None:
        return None
    return (
        f"exists (select 1 from {schema}._records r join {schema}._sightings s on s.id = r.id "
        f"where r.resource = '{table.name}' and r.record_key = {key_as_sql(table, alias)} "
        f"and s.last_seen_in > {int(found[0])})"
    )


def catch_up(db: sqlite3.Connection) -> None:
    """Tell the rows; the caller owns the transaction."""
    found = db.execute("select value from _archive where name = ?", (_TOLD,)).fetchone()
    if found is None:
        return
    tables = {table.name: table for table in DERIVED}
    seen = db.execute(_SINCE, (int(found[0]),))
    for name, some in groupby(seen, key=lambda row: row[0]):
        if table := tables.get(name):
            key = " and ".join(f'"{column}" = ?' for column in table.key)
            sql = f'update "{name}" set last_seen_at = ? where {key}'
            db.executemany(sql, _values(table, some))
    db.execute("delete from _archive where name = ?", (_TOLD,))


def _values(table: Table, some: Iterable[tuple[str, str, Any]]) -> Iterator[tuple[Any, ...]]:
    for _, key, at in some:
        for values in keys_of(table, [key]):
            yield as_text(at), *values
