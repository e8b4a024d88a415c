"""Things that were asked for by number and not had: noted in `_skipped`, beside what was."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.names import list_key
from ovk_archive.archive.tables.store import Stored, store
from ovk_archive.archive.versions import checkpoints
from ovk_archive.archive.versions.checkpoints import Moment, timestamp
from ovk_archive.resources.vocabulary.rows import Row, Table, Trim

#: What they are noted under: they are of no list.
NAMED = "hydrate"
#: Days until they are asked for again; less than one, so that a daily run does it every time.
_DAYS = 20 / 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of asking for some things of a table.

    Attributes:
        had: the keys of those that came.
        lacking: the keys of those that did not, and why.
    """

    table: Table
    parts: tuple[Row | Trim, ...] = ()
    had: tuple[str, ...] = ()
    lacking: Mapping[str, str]


def lately(archive: Archive, table: Table, keys: Iterable[str]) -> dict[str, str]:
    """Those of some things that were asked for not long ago and not had, and why."""
    rows = archive.query(
        "select place, reason from _skipped where resource = ? and partition = ? "
        "and resolved_at is null and place in (select value from json_each(?)) "
        # A time in the future was written by a clock that was wrong.
        f"and abs(julianday(?) - julianday(last_at)) < {_DAYS}",
        (*_of(table), json.dumps(list(keys)), timestamp()),
    )
    return dict(rows)


def keep(archive: Archive, answer: Answer) -> Stored:
    """Save what came, and note what did not: both, or neither."""
    with archive.transaction() as db:
        now = checkpoints.now(db)
        stored = store(db, answer.parts, now)
        _resolve(db, answer, now)
        _note(db, answer, now)
    return stored


def _resolve(db: sqlite3.Connection, answer: Answer, now: Moment) -> None:
    db.executemany(
        "update _skipped set resolved_at = ?, last_in = ? where resource = ? and partition = ? "
        "and place = ? and resolved_at is null",
        [(now.at, now.number, *_of(answer.table), key) for key in answer.had],
    )


def _note(db: sqlite3.Connection, answer: Answer, now: Moment) -> None:
    db.executemany(
        "insert into _skipped (resource, partition, place, reason, tries, first_at, last_at, "
        "last_in) values (?, ?, ?, ?, 1, ?, ?, ?) on conflict (resource, partition, place) "
        "do update set tries = tries + 1, reason = excluded.reason, last_at = excluded.last_at, "
        "last_in = excluded.last_in, resolved_at = null",
        [
            (*_of(answer.table), key, why, now.at, now.at, now.number)
            for key, why in answer.lacking.items()
        ],
    )


def _of(table: Table) -> tuple[str, str]:
    return list_key(NAMED, {"table": table.name})
