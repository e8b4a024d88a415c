"""Whether SQLite finds the file whole: looked at before more is written, where there is reason to.

A damaged page that is written on spreads, and is found when the copies are damaged as well.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from pathlib import Path

from ovk_archive.archive.versions.checkpoints import timestamp, today
from ovk_archive.errors import DamagedError

#: The fact of an archive that says when its file was last looked through.
CHECKED = "checked_at"
#: A smaller file is looked through each time, with its indexes: that takes a moment.
SMALL = 32 << 20
#: How long a larger one is trusted, if its runs come to their end.
_TRUSTED = timedelta(days=7)
_MOST_TEXT = 160

_tell: ContextVar[Callable[[str], object]] = ContextVar("tell", default=lambda _: None)


@contextmanager
def watched(tell: Callable[[str], object]) -> Iterator[None]:
    """Within this, somebody is told of a check that takes long."""
    token = _tell.set(tell)
    try:
        yield
    finally:
        _tell.reset(token)


def check(db: sqlite3.Connection, path: Path) -> None:
    """Refuse a damaged file, if it is time to check.

    Raises:
        DamagedError: it is damaged; nothing was written.
    """
    size = path.stat().st_size
    if size <= SMALL:
        _look(db, path, "integrity_check")
    elif _is_due(db):
        _tell.get()(f"Checking that {path} is whole ({size >> 20} MB), before more is written.")
        _look(db, path, "quick_check")
        db.execute(
            "insert into _archive (name, value) values (?, ?) "
            "on conflict (name) do update set value = excluded.value",
            (CHECKED, timestamp()),
        )


def damaged(path: Path, what: str) -> DamagedError:
    """The error for a damaged file: what is damaged, and what to do."""
    return DamagedError(
        f"The archive {path} is damaged ({what}): nothing more is written to it. Go back to a copy "
        f"of it; `ovk-archive verify {path}` says what is damaged.",
        what,
    )


def explained(error: sqlite3.Error | UnicodeDecodeError) -> str | None:
    """What an error says is damaged, without a text of the archive; None if nothing is."""
    said = str(error)
    if found := re.match(r"Could not decode to UTF-8 column '(\w+)'", said):
        return f"a text in column {found[1]} is not UTF-8"
    if "decode" in said or isinstance(error, sqlite3.DataError):
        return "a value in it cannot be read"
    if "malformed" in said or "not a database" in said:
        return said
    return None


def _is_due(db: sqlite3.Connection) -> bool:
    if not db.execute("select 1 from sqlite_master where name = '_runs'").fetchone():
        return True
    last = db.execute("select finished_at from _runs order by id desc limit 1").fetchone()
    checked = db.execute("select value from _archive where name = ?", (CHECKED,)).fetchone()
    if (last and last[0] is None) or not checked:
        return True
    try:
        age = today() - datetime.fromisoformat(checked[0])
    except (TypeError, ValueError):
        return True
    # A time in the future was written by a clock that was wrong.
    return not timedelta() <= age < _TRUSTED


def _look(db: sqlite3.Connection, path: Path, pragma: str) -> None:
    try:
        found = [str(row[0]) for row in db.execute(f"pragma {pragma}(1)")]
    # A name in a damaged list of tables is no text any more.
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if what := explained(error):
            raise damaged(path, what) from error
        raise
    if found != ["ok"]:
        raise damaged(path, _named(db, found[0]))


def _named(db: sqlite3.Connection, said: str) -> str:
    """A complaint of SQLite on one line, with names in the place of numbers of trees."""
    try:
        roots = dict(db.execute("select rootpage, name from sqlite_master"))
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        roots = {}
    words = " ".join(said.replace("*** in database main ***", "").split())

    def name(found: re.Match[str]) -> str:
        root = int(found[1] or found[2])
        return f"{roots[root]} page {found[2]}" if root in roots else found[0]

    return re.sub(r"(?:Tree (\d+) page|Page) (\d+)", name, words)[:_MOST_TEXT]
