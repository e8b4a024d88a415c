"""How far the rounds are: each run reads some of the archived lists again."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ovk_archive.archive.lists.cursors import Trouble, readable
from ovk_archive.archive.tables.checkpoints import Moment


@dataclass(frozen=True, slots=True)
class Round:
    """The round of one list.

    Attributes:
        position: the paginator's position as JSON; None if no round is under way.
        began_at: when this one began.
        finished_at: when the last one ended, or the list was read whole for another reason.
        began_in: the checkpoint of this one's first page.
        finished_in: the checkpoint in which the last one ended; 0 if none has.
        refused: why the list could not be read again.
        tries: how often in a row it could not.
        failed_at: when it last could not.
    """

    position: Mapping[str, Any] | None = None
    began_at: str | None = None
    finished_at: str | None = None
    began_in: int = 0
    finished_in: int = 0
    refused: str | None = None
    tries: int = 0
    failed_at: str | None = None

    @property
    def refused_code(self) -> None:
        """What the instance refuses is noted with the list's cursor."""


def save(
    db: sqlite3.Connection,
    named: tuple[str, str],
    owner_id: int | None,
    position: Mapping[str, Any],
    now: Moment,
    *,
    fresh: bool = False,
    began: int | None = None,
) -> int:
    """Save the position after a page; the checkpoint in which the round began.

    Args:
        db: an open transaction.
        named: resource and partition, as the cursors name them.
        owner_id: whose list it is.
        position: where the round stands.
        now: the moment of this checkpoint.
        fresh: the round begins with this page, whatever was under way.
        began: when it began, where another walk was its first part.
    """
    done = bool(position.get("done"))
    saved = json.dumps(position, ensure_ascii=False, separators=(",", ":"))
    anew = fresh or began is not None
    db.execute(
        "insert into _rounds (resource, partition, owner_id, position, began_at, began_in, "
        "finished_at, finished_in) values (?, ?, ?, ?, ?, ?, ?, ?) "
        "on conflict (resource, partition) do update set "
        "owner_id = excluded.owner_id, position = excluded.position, "
        "began_at = case when position is null or ? then excluded.began_at else began_at end, "
        "began_in = case when position is null or ? then excluded.began_in else began_in end, "
        "finished_at = coalesce(excluded.finished_at, finished_at), "
        "finished_in = coalesce(excluded.finished_in, finished_in), "
        "refused = case when excluded.position is not null then refused end, "
        "tries = case when excluded.position is not null then tries end, "
        "failed_at = case when excluded.position is not null then failed_at end",
        (
            *named,
            owner_id,
            None if done else saved,
            now.at,
            now.number if began is None else began,
            now.at if done else None,
            now.number if done else None,
            anew,
            anew,
        ),
    )
    return load(db, named).began_in


def load(db: sqlite3.Connection, named: tuple[str, str]) -> Round:
    """Where the round of a list stands."""
    row = db.execute(
        "select position, began_at, finished_at, ifnull(began_in, 0), ifnull(finished_in, 0), "
        "refused, ifnull(tries, 0), failed_at from _rounds where resource = ? and partition = ?",
        named,
    ).fetchone()
    return Round(row[0] and readable(row[0]), *row[1:]) if row else Round()


def end(db: sqlite3.Connection, named: tuple[str, str], owner_id: int | None, now: Moment) -> None:
    """Note that a list was read whole, or cannot be read at the moment: its turn is over."""
    db.execute(
        "insert into _rounds (resource, partition, owner_id, began_at, began_in, finished_at, "
        "finished_in) values (?, ?, ?, ?, ?, ?, ?) on conflict (resource, partition) do update set "
        "position = null, finished_at = excluded.finished_at, finished_in = excluded.finished_in, "
        "refused = null, tries = null, failed_at = null",
        (*named, owner_id, now.at, now.number, now.at, now.number),
    )


def fail(
    db: sqlite3.Connection,
    named: tuple[str, str],
    owner_id: int | None,
    trouble: Trouble,
    now: Moment,
) -> None:
    """Note that a list could not be read again: its turn is over."""
    end(db, named, owner_id, now)
    db.execute(
        "update _rounds set refused = ?, tries = ?, failed_at = ? "
        "where resource = ? and partition = ?",
        (trouble.why, trouble.tries, now.at, *named),
    )
