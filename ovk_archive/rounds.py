"""Where the rounds stand: each run reads some of what is known again, list by list."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ovk_archive.cursors import readable


@dataclass(frozen=True, slots=True)
class Round:
    """The round of one list.

    Attributes:
        position: the paginator's position as JSON; None if no round is under way.
        began_at: when this one began.
        finished_at: when the last one ended, or the list was read whole for another reason.
    """

    position: Mapping[str, Any] | None = None
    began_at: str | None = None
    finished_at: str | None = None


def save(
    db: sqlite3.Connection,
    named: tuple[str, str],
    owner_id: int | None,
    position: Mapping[str, Any],
    now: str,
) -> str:
    """Save the position after a page; when the round began.

    `named`: resource and partition, as the cursors name them.
    """
    done = bool(position.get("done"))
    saved = json.dumps(position, ensure_ascii=False, separators=(",", ":"))
    began = db.execute(
        "insert into _rounds (resource, partition, owner_id, position, began_at, finished_at) "
        "values (?, ?, ?, ?, ?, ?) on conflict (resource, partition) do update set "
        "owner_id = excluded.owner_id, position = excluded.position, "
        "began_at = iif(position is null, excluded.began_at, began_at), "
        "finished_at = coalesce(excluded.finished_at, finished_at) returning began_at",
        (*named, owner_id, None if done else saved, now, now if done else None),
    ).fetchone()
    return str(began[0])


def load(db: sqlite3.Connection, named: tuple[str, str]) -> Round:
    """Where the round of a list stands."""
    row = db.execute(
        "select position, began_at, finished_at from _rounds where resource = ? and partition = ?",
        named,
    ).fetchone()
    return Round(row[0] and readable(row[0]), *row[1:]) if row else Round()


def end(db: sqlite3.Connection, named: tuple[str, str], owner_id: int | None, now: str) -> None:
    """Note that a list was read whole, or cannot be read at the moment: its turn is over."""
    db.execute(
        "insert into _rounds (resource, partition, owner_id, began_at, finished_at) "
        "values (?, ?, ?, ?, ?) on conflict (resource, partition) do update set "
        "position = null, finished_at = excluded.finished_at",
        (*named, owner_id, now, now),
    )
