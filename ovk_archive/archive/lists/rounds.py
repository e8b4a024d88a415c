"""How far the rounds are: each run reads some of the archived lists again."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.cursors import Trouble, readable
from ovk_archive.archive.versions import checkpoints
from ovk_archive.archive.versions.checkpoints import Moment

#: Where a round stands whose walk has ended: at the numbers that it did not meet, from the top.
SWEEPING = {"next": None}


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


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Where a round stands after a page.

    Attributes:
        owner_id: whose list it is.
        fresh: the round begins with this page, whatever was under way.
        began: the checkpoint in which it began, where another walk was its first part.
    """

    owner_id: int | None
    position: Mapping[str, Any]
    fresh: bool = False
    began: int | None = None


def save(db: sqlite3.Connection, named: tuple[str, str], under_way: UnderWay, now: Moment) -> int:
    """Save the position after a page; the checkpoint in which the round began."""
    done, began = bool(under_way.position.get("done")), under_way.began
    saved = json.dumps(under_way.position, ensure_ascii=False, separators=(",", ":"))
    anew = under_way.fresh or began is not None
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
            *named, under_way.owner_id, None if done else saved,
            now.at, now.number if began is None else began,
            now.at if done else None, now.number if done else None, anew, anew,
        ),
    )  # fmt: skip
    return _load(db, named).began_in


def round_of(archive: Archive, named: tuple[str, str]) -> Round:
    """Where the round of a list stands."""
    with archive.reading() as db:
        return _load(db, named)


def _load(db: sqlite3.Connection, named: tuple[str, str]) -> Round:
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


def end_round(archive: Archive, named: tuple[str, str], owner_id: int | None) -> None:
    """Note that a list's turn is over, though it could not be read."""
    with archive.transaction() as db:
        end(db, named, owner_id, checkpoints.now(db))


def fail_round(
    archive: Archive, named: tuple[str, str], owner_id: int | None, trouble: Trouble
) -> None:
    """Note that a list could not be read again: its turn is over."""
    with archive.transaction() as db:
        now = checkpoints.now(db)
        end(db, named, owner_id, now)
        db.execute(
            "update _rounds set refused = ?, tries = ?, failed_at = ? "
            "where resource = ? and partition = ?",
            (trouble.why, trouble.tries, now.at, *named),
        )
