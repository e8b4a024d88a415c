"""Where each list stands: positions saved beside the rows they follow."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.names import partition_key
from ovk_archive.archive.versions import checkpoints
from ovk_archive.archive.versions.checkpoints import Moment
from ovk_archive.resources import RESOURCES

#: SQLite's variables per statement are many, but a statement should still fit the eye.
_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Cursor:
    """What is known of one list.

    Attributes:
        position: the paginator's position as JSON, None if the list was never opened.
        stamp: what the parent's row said when the list was opened.
        done: it was read to its end.
        counted: rows by the server's count.
        refused: why the instance would not show it, in its own words.
        updated_at: when it was last asked for.
        finished_at: when it was last read to its end.
        tries: how often in a row it could not be read, though the instance did not refuse it.
        failed_at: when it last could not.
        updated_in: the checkpoint in which it was last asked for.
    """

    position: Mapping[str, Any] | None = None
    stamp: str | None = None
    done: bool = False
    counted: int | None = None
    refused: str | None = None
    refused_code: int | None = None
    updated_at: str | None = None
    finished_at: str | None = None
    updated_in: int = 0
    tries: int = 0
    failed_at: str | None = None

    @property
    def had(self) -> int:
        """How many rows were read; none where the position is damaged."""
        read = (self.position or {}).get("read")
        return read if isinstance(read, int) else 0


NEW = Cursor()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a list could not be read.

    Attributes:
        code: the instance's, if the instance would not show it.
        tries: how often in a row it has failed; 0 if the instance would not show it.
    """

    why: str
    code: int | None = None
    tries: int = 0


def cursor_of(archive: Archive, name: str, partition: Mapping[str, Any]) -> Cursor:
    """Where a list stands, or something else that is asked for under a name."""
    return cursors_of(archive, name, [partition]).get(partition_key(partition), NEW)


def cursors_of(
    archive: Archive, name: str, partitions: Iterable[Mapping[str, Any]]
) -> dict[str, Cursor]:
    """The cursors of these lists, by partition key; lists never opened are missing."""
    found: dict[str, Cursor] = {}
    keys = [partition_key(one) for one in partitions]
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        marks = ",".join("?" * len(chunk))
        rows = archive.query(
            "select partition, position, stamp, done, counted, refused, refused_code, updated_at, "
            "finished_at, ifnull(updated_in, 0), ifnull(tries, 0), failed_at "
            f"from _cursors where resource = ? and partition in ({marks})",
            (name, *chunk),
        )
        found.update((row[0], _cursor(row)) for row in rows)
    return found


def owners(archive: Archive) -> tuple[int, ...]:
    """Whose own lists are held."""
    roots = ", ".join(f"'{r.name}'" for r in RESOURCES if r.parent is None and r.owner_param)
    found = archive.query(
        f"select distinct owner_id from _cursors where resource in ({roots}) "
        "and owner_id is not null and finished_at is not null order by owner_id"
    )
    return tuple(row[0] for row in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a list stands after a page.

    Attributes:
        position: the paginator's position, as JSON.
        stamp: what the parent's row said when the list was opened.
        counted: rows by the server's count.
        fresh: a walk has begun with this page.
    """

    owner_id: int | None
    position: Mapping[str, Any]
    stamp: str | None
    counted: int | None
    fresh: bool


def save(db: sqlite3.Connection, named: tuple[str, str], standing: Standing, now: Moment) -> None:
    """Save the position after a page; a list that answers is not refused any more.

    How often it failed is kept until it has been read to its end: the next page may fail again.
    """
    done = bool(standing.position.get("done"))
    position = json.dumps(standing.position, ensure_ascii=False, separators=(",", ":"))
    began = (now.at, now.number) if standing.fresh else (None, None)
    db.execute(
        "insert into _cursors (resource, partition, owner_id, position, stamp, done, counted, "
        "updated_at, updated_in, finished_at, walk_began_at, walk_began_in) "
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "on conflict (resource, partition) do update set position = excluded.position, "
        "owner_id = excluded.owner_id, stamp = excluded.stamp, done = excluded.done, "
        "counted = coalesce(excluded.counted, counted), updated_at = excluded.updated_at, "
        "updated_in = excluded.updated_in, "
        "refused = null, refused_code = null, "
        "finished_at = coalesce(excluded.finished_at, finished_at), "
        "walk_began_at = coalesce(excluded.walk_began_at, walk_began_at), "
        "walk_began_in = coalesce(excluded.walk_began_in, walk_began_in)",
        (
            *named, standing.owner_id, position, standing.stamp, int(done), standing.counted,
            now.at, now.number, now.at if done else None, *began,
        ),
    )  # fmt: skip


def note_count(db: sqlite3.Connection, named: tuple[str, str], counted: int | None) -> None:
    """Note what the server counts of a list that was read for another reason than news."""
    db.execute(
        "update _cursors set counted = coalesce(?, counted) where resource = ? and partition = ?",
        (counted, *named),
    )


def note_met(db: sqlite3.Connection, named: tuple[str, str], met: int) -> None:
    """Note how many rows a whole reading of a list has met, of how many that the server counts."""
    db.execute(
        "update _cursors set met = ?, met_of = counted where resource = ? and partition = ?",
        (met, *named),
    )


def walk_began(db: sqlite3.Connection, named: tuple[str, str]) -> int | None:
    """The checkpoint in which the walk began whose position is saved.

    None if an older program began it.
    """
    row = db.execute(
        "select walk_began_in from _cursors where resource = ? and partition = ?", named
    ).fetchone()
    return int(row[0]) if row and row[0] else None


def refuse(
    archive: Archive, named: tuple[str, str], owner_id: int | None, trouble: Trouble
) -> None:
    """Record that a list could not be read; what was read of it before stays."""
    with archive.transaction() as db:
        now = checkpoints.now(db)
        failed_at = now.at if trouble.tries else None
        db.execute(
            "insert into _cursors (resource, partition, owner_id, done, refused, refused_code, "
            "tries, failed_at, updated_at, updated_in) values (?, ?, ?, 0, ?, ?, ?, ?, ?, ?) "
            "on conflict (resource, partition) do update set refused = excluded.refused, "
            "refused_code = excluded.refused_code, tries = excluded.tries, "
            "failed_at = excluded.failed_at, updated_at = excluded.updated_at, "
            "updated_in = excluded.updated_in",
            (
                *named, owner_id, trouble.why, trouble.code, trouble.tries, failed_at,
                now.at, now.number,
            ),
        )  # fmt: skip


def forgive(archive: Archive, named: tuple[str, str]) -> None:
    """Record that a list was read after all."""
    with archive.transaction() as db:
        # What is no list of its own, such as a name that people give, has no position.
        db.execute(
            "delete from _cursors where resource = ? and partition = ? and position is null", named
        )
        db.execute(
            "update _cursors set refused = null, refused_code = null, tries = 0, failed_at = null "
            "where resource = ? and partition = ?",
            named,
        )


def readable(position: str) -> Mapping[str, Any] | None:
    """A position; one that cannot be read is that of a list never opened."""
    try:
        found = json.loads(position)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _cursor(row: tuple[Any, ...]) -> Cursor:
    _, position, stamp, done, counted, refused, code, updated, finished, updated_in, *failed = row
    return Cursor(
        position=readable(position) if position else None,
        stamp=stamp,
        done=bool(done),
        counted=counted,
        refused=refused,
        refused_code=code,
        updated_at=updated,
        finished_at=finished,
        updated_in=updated_in,
        tries=failed[0],
        failed_at=failed[1],
    )
