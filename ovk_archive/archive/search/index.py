"""The index of words: it follows what is written, and is made anew where it cannot."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Any

from ovk_archive.archive.search import formers
from ovk_archive.archive.search.declared import (
    BELOW,
    SEARCHED,
    index_of,
    index_sql,
    machinery,
    shared_triggers,
    signature,
    triggers,
    weights,
)
from ovk_archive.archive.search.entries import (
    Entry,
    as_blobs,
    entries_of,
    entry,
    noted,
    put_in,
    read,
    take_out,
)
from ovk_archive.archive.search.telling import Progress, Silent
from ovk_archive.archive.tables.schema import key_as_sql
from ovk_archive.errors import StorageError
from ovk_archive.resources.vocabulary.rows import Table

#: The fact of an archive that says by what each index was made.
_MADE = "search"
#: An index with fewer pages is left as it is, and one whose largest part has this share of it.
_WORTH_IT, _WHOLE = 500, 0.7
#: Parts of an index that are merged at once: more of them are merged less often (the most that FTS5
#: allows; https://sqlite.org/fts5.html#the_automerge_configuration_option).
_PARTS = 16
#: Rows whose words are made at once.
_CHUNK = 1000


@cache
def is_possible() -> bool:
    """This Python's SQLite can search."""
    with closing(sqlite3.connect(":memory:")) as db:
        found = db.execute("select 1 from pragma_module_list where name = 'fts5'")
        return found.fetchone() is not None


def is_current(db: sqlite3.Connection) -> bool:
    """All that is to be found is in the index; true also where no index can be."""
    return not is_possible() or not (_stale(db) or _behind(db) or _otherwise(db))


def check_is_made(db: sqlite3.Connection, path: Path) -> None:
    """Refuse to search where there is no index.

    Raises:
        StorageError: it could not be made here.
    """
    if not is_possible():
        raise StorageError(
            "The SQLite of this Python (%(version)s) cannot search (it was built without FTS5): "
            "install this program with another Python.",
            version=sqlite3.sqlite_version,
        )
    if _stale(db):
        raise StorageError(
            "%(path)s has no search index of this version yet, and it cannot be written here now: "
            "let it be written once, wait for the sync that is running, or copy it.",
            path=path,
        )


def bring_up(db: sqlite3.Connection, progress: Progress | None = None) -> None:
    """Make what the index lacks; the caller owns the transaction."""
    if not is_possible():
        return
    stale = _stale(db)
    for statement in machinery():
        db.execute(statement)
    for name in _otherwise(db):
        _note_versions(db, name)
    remake(db, stale, progress)
    catch_up(db)


def remake(
    db: sqlite3.Connection, tables: Iterable[Table], progress: Progress | None = None
) -> None:
    """Make the index of these tables anew, from their rows and from `_versions`."""
    progress, tables = progress or Silent(), list(tables)
    if not is_possible():
        return
    for table in tables:
        set_aside(db, table)
        _make_empty(db, table)
        for statement in triggers(table).values():
            db.execute(statement)
    note_versions(db)
    if any(map(partial(_count, db), tables)):
        progress.begin(lambda: sum(map(partial(_count, db), tables)))
    for table in tables:
        for some in _chunks(db, table):
            put_in(db, table, some)
            progress.rows(len(some))
        formers.renew(db, table, formers.several(db, table))
    made = _made(db) | {table.name: signature(table) for table in tables}
    db.execute("delete from _archive where name = ?", (_MADE,))
    db.execute("insert into _archive (name, value) values (?, ?)", (_MADE, json.dumps(made)))


def notes_older_versions(db: sqlite3.Connection) -> bool:
    """The index of an older program follows versions that lie where they lay then."""
    return is_possible() and "_versions_unindexed_insert" in _made_by(db)


def note_versions(db: sqlite3.Connection) -> None:
    """Let an index follow versions where they lie now."""
    for name in shared_triggers():
        _note_versions(db, name)


def _note_versions(db: sqlite3.Connection, name: str) -> None:
    db.execute(f'drop trigger if exists "{name}"')
    db.execute(shared_triggers()[name])


def _make_empty(db: sqlite3.Connection, table: Table) -> None:
    """An index without words."""
    db.execute(index_sql(table))
    name = index_of(table)
    for option, value in (("rank", weights(table)), ("automerge", _PARTS)):
        db.execute(f'insert into "{name}" ("{name}", rank) values (?, ?)', (option, value))


def set_aside(db: sqlite3.Connection, table: Table) -> None:
    """Remove a table's index and what notes its changes: it is to be made anew."""
    if not is_possible():
        return
    for name in triggers(table):
        db.execute(f'drop trigger if exists "{name}"')
    db.execute(f'drop table if exists "{index_of(table)}"')
    for name in ("_unindexed", "_unindexed_records", "_former_texts"):
        db.execute(f"delete from {name} where resource = ?", (table.name,))


def catch_up(db: sqlite3.Connection) -> None:
    """Let the index follow what was noted since the last time, in the same transaction."""
    names = _behind(db) if is_possible() else set()
    for table in SEARCHED if names else ():
        if table.name in names:
            _follow(db, table)


def tidy(db: sqlite3.Connection) -> None:
    """Write an index anew that has come in many parts: it is smaller then, and searched faster.

    After a first sync that takes a few seconds for a million messages; a day's messages are no
    reason for it.
    """
    for table in SEARCHED if is_possible() and not _stale(db) else ():
        name = index_of(table)
        rows = db.execute(f'select count(*) from "{name}_idx" group by segid').fetchall()
        parts = [pages for (pages,) in rows]
        if sum(parts) > _WORTH_IT and max(parts) < _WHOLE * sum(parts):
            db.execute(f'insert into "{name}" ("{name}") values (\'optimize\')')


def _follow(db: sqlite3.Connection, table: Table) -> None:
    """Take out what a table's rows said before, and put in what they say now."""
    rows: set[int] = set()
    made = entries_of(table)
    for some in _changes(db, table):
        out: list[tuple[int, Entry]] = []
        added: list[tuple[int, Entry]] = []
        for number, was, has_formers, *blobs in some:
            before = made(noted(was)) if was is not None else None
            now = made(read(blobs))
            if before is not None and before != now:
                out.append((number, before))
            if now is not None and before != now:
                added.append((number, now))
            # The texts that a row had may be texts of a former version by now.
            if was is not None or has_formers:
                rows.add(number)
        take_out(db, table, out)
        put_in(db, table, added)
    db.execute("delete from _unindexed where resource = ?", (table.name,))
    of = "from _unindexed_records where resource = ?"
    if keys := [key for (key,) in db.execute(f"select record_key {of}", (table.name,))]:
        rows |= set(formers.rows_of(db, table, keys))
        db.execute(f"delete {of}", (table.name,))
    if rows:
        formers.renew(db, table, rows)


def _changes(db: sqlite3.Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """Noted rows in their order: number, texts that the index knows, whether the record has several
    versions, and texts that are there now.
    """  # noqa: D205
    after, some = BELOW, None
    of_record = f"v.resource = '{table.name}' and v.record_key = {key_as_sql(table, 't')}"
    while some is None or len(some) == _CHUNK:
        some = db.execute(
            "select u.item, u.was, (select 1 from _records v where "
            f"{of_record} limit 1 offset 1), {as_blobs(table, 't')} "
            f'from _unindexed u left join "{table.name}" t on t.rowid = u.item '
            "where u.resource = ? and u.item > ? order by u.item limit ?",
            (table.name, after, _CHUNK),
        ).fetchall()
        if some:
            after = some[-1][0]
            yield some


def _chunks(db: sqlite3.Connection, table: Table) -> Iterator[list[tuple[int, Entry]]]:
    """The entries of all rows of a table, in their order."""
    after = BELOW
    while some := db.execute(
        f'select t.rowid, {as_blobs(table, "t")} from "{table.name}" t where t.rowid > ? '
        "order by t.rowid limit ?",
        (after, _CHUNK),
    ).fetchall():
        after = some[-1][0]
        made = ((number, entry(table, read(blobs))) for number, *blobs in some)
        yield [(number, one) for number, one in made if one is not None]


def _count(db: sqlite3.Connection, table: Table) -> int:
    return int(db.execute(f'select count(*) from "{table.name}"').fetchone()[0])


def _behind(db: sqlite3.Connection) -> set[str]:
    """The tables of which something was noted."""
    found = db.execute(
        "select distinct resource from _unindexed union select resource from _unindexed_records"
    )
    return {name for (name,) in found} & {table.name for table in SEARCHED}


def _made(db: sqlite3.Connection) -> dict[str, str]:
    """Table -> what its index was made by."""
    found = db.execute("select value from _archive where name = ?", (_MADE,)).fetchone()
    try:
        made = json.loads(found[0]) if found else {}
    except ValueError:
        made = {}
    return made if isinstance(made, dict) else {}


def _otherwise(db: sqlite3.Connection) -> list[str]:
    """What notes versions, but not as it would be made now: an older program's notes are as good.

    They only take longer.
    """
    there = _made_by(db)
    return [name for name, sql in shared_triggers().items() if there.get(name, sql) != sql]


def _made_by(db: sqlite3.Connection) -> dict[str, str]:
    """Whatever is in the file -> the statement that makes it."""
    return dict(db.execute("select name, sql from sqlite_master"))


def _stale(db: sqlite3.Connection) -> list[Table]:
    """The tables whose index is lacking, was made otherwise, or does not notice changes."""
    there = _made_by(db)
    made = _made(db)
    if any(name not in there for name in shared_triggers()):
        return list(SEARCHED)
    return [
        table
        for table in SEARCHED
        if made.get(table.name) != signature(table)
        or there.get(index_of(table)) != index_sql(table)
        or any(there.get(name) != sql for name, sql in triggers(table).items())
    ]
