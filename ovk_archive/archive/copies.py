"""A copy of an archive in one file: made while others use it, and put in its place at once."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ovk_archive.archive.file.disk import flush
from ovk_archive.archive.file.location import real, unfinished
from ovk_archive.archive.file.unfinished import sweep, workshop
from ovk_archive.archive.opening import (
    SNAPSHOT,
    check_is_filled,
    connect,
    connect_for_reading,
    inspect,
    mode_of_reading,
    translated,
)
from ovk_archive.archive.versions.checkpoints import timestamp
from ovk_archive.errors import ArchiveError, BadInputError, StorageError

#: Pages that are copied before Ctrl-C is heard.
_STEP = 2048
_DATED = r"\.\d{4}-\d\d-\d\dT\d{6}Z"


@dataclass(frozen=True, slots=True)
class State:
    """What a file says of itself, if it is an archive.

    Attributes:
        account_id: whose it is.
        made_at: when the archive was made, to the microsecond: no other was then.
        checkpoints: how often something has been saved in it.
        snapshot_at: when it was copied, if nothing has been saved in it since.
    """

    account_id: str
    made_at: str
    checkpoints: int
    snapshot_at: str | None

    def is_snapshot_of(self, archive: "State") -> bool:
        """It is nothing but an earlier state of that archive."""
        return (
            self.snapshot_at is not None
            and (self.account_id, self.made_at) == (archive.account_id, archive.made_at)
            and self.checkpoints <= archive.checkpoints
        )


def copy(archive: Path, file: Path, keep: int | None = None) -> tuple[Path, list[Path]]:
    """Copy an archive into a file; the file's path, and which older copies were removed.

    Args:
        archive: what is copied, as it is at one moment.
        file: the copy; an earlier one of the same archive is replaced.
        keep: the copies get their time into their names, and this many of them stay.

    Raises:
        BadInputError: the file is something else than an earlier copy.
        StorageError: there is no archive, it is damaged, or the copy cannot be written.
    """
    archive, file = real(archive), real(file)
    if not archive.exists():
        raise StorageError(f"There is no archive at {archive}.")
    inspect(archive, None)
    target = _dated(file) if keep else file
    with translated(archive), closing(connect_for_reading(archive)) as source:
        check_is_filled(archive, source)
        # One moment, though the copying takes a while and a sync may go on.
        source.execute("begin")
        state = _state(source)
        _check(archive, target, state)
        _put(source, file, target)
    return target, _thin_out(file, target, state, keep) if keep else []


def _put(source: sqlite3.Connection, file: Path, target: Path) -> None:
    """Make the copy aside, and put it in its place at once."""
    with translated(target):
        sweep(file.parent)
        with workshop(file) as folder:
            made = folder / "snapshot.db"
            _fill(source, made)
            flush(made)
            made.replace(target)
            flush(target.parent)


def _dated(file: Path) -> Path:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    return file.with_name(f"{file.stem}.{now}{file.suffix}")


def _check(archive: Path, target: Path, state: State) -> None:
    """Refuse to put a copy where something else is."""
    if target.is_dir():
        raise BadInputError(
            f"{target} is a directory: name a file, for example {target / archive.name}."
        )
    if not target.absolute().parent.is_dir():
        raise BadInputError(
            f"There is no directory {target.absolute().parent}: make it, or name another file."
        )
    if target.exists():
        found = None if target.samefile(archive) else state_of(target)
        if found is None or not found.is_snapshot_of(state):
            raise BadInputError(
                f"{target} is no earlier snapshot of {archive}, so it is not replaced: name "
                "another file."
            )
    if rest := unfinished(target):
        raise BadInputError(
            f"{rest} was left by another file at {target}, and would spoil the snapshot: remove "
            "it, or name another file."
        )


def state_of(file: Path) -> State | None:
    """What a file says, if it is an archive."""
    try:
        inspect(file, None)
        with closing(connect(file, mode_of_reading(file))) as db:
            return _state(db)
    except (ArchiveError, sqlite3.Error, KeyError):
        return None


def _state(db: sqlite3.Connection) -> State:
    facts = dict(db.execute("select name, value from _archive"))
    return State(
        account_id=facts["account_id"],
        made_at=facts["made_at"],
        checkpoints=int(facts.get("checkpoints", 0)),
        snapshot_at=facts.get(SNAPSHOT),
    )


def _fill(source: sqlite3.Connection, made: Path) -> None:
    """Copy all pages, and make one file of it that needs no others beside it."""
    os.close(os.open(made, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with closing(connect(made, "rw")) as copied:
        copied.execute("pragma synchronous = off")
        # Nobody else knows of it; and alone one needs no shared memory.
        copied.execute("pragma locking_mode = exclusive")
        source.backup(copied, pages=_STEP, progress=lambda *_: None)
        # Nobody is kept waiting by the rest.
        source.execute("rollback")
        copied.execute("pragma journal_mode = delete")
        copied.execute("delete from _archive where name = ?", (SNAPSHOT,))
        copied.execute("insert into _archive (name, value) values (?, ?)", (SNAPSHOT, timestamp()))
        found = copied.execute("pragma quick_check(1)").fetchone()[0]
    if found != "ok":
        why = str(found).splitlines()[-1]
        raise StorageError(
            f"The archive is damaged ({why}): no snapshot was made, and earlier ones are as they "
            "were."
        )


def _thin_out(file: Path, newest: Path, state: State, keep: int) -> list[Path]:
    """Remove the oldest copies, and nothing that is more than a copy."""
    others = sorted(_others(file, newest, state), reverse=True)
    removed = [path for *_, path in others[keep - 1 :]]
    with translated(file):
        for path in removed:
            path.unlink()
    return removed


def _others(file: Path, newest: Path, state: State) -> Iterator[tuple[int, str, Path]]:
    name = re.compile(re.escape(file.stem) + _DATED + re.escape(file.suffix))
    for path in file.absolute().parent.iterdir():
        if name.fullmatch(path.name) and path.name != newest.name and not path.is_symlink():
            found = state_of(path)
            if found and found.is_snapshot_of(state):
                yield found.checkpoints, path.name, path
