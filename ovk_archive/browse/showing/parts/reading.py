"""What pages need of a connection to an archive: to ask it, and not to ask again what is slow."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

T = TypeVar("T")


class Rows(Protocol):
    """What was found, row by row."""

    def fetchall(self) -> list[Any]:
        """All of them."""

    def fetchone(self) -> Any:
        """The first, or None."""

    def __iter__(self) -> Iterator[Any]:
        """One after another."""


class Reading(Protocol):
    """An archive that is read; `sqlite3.Connection` is one."""

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Ask it."""


class Plain:
    """A connection whose rows are plain tuples, whatever others want of it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Ask it."""
        cursor = self._connection.cursor()
        cursor.row_factory = None
        rows: Rows = cursor.execute(sql, parameters)
        return rows


#: File and question -> how the file was, and what was answered.
_KNOWN: dict[tuple[str, str], tuple[object, object]] = {}


def remembered(db: Reading, question: str, ask: Callable[[], T]) -> T:
    """An answer that takes a while: asked once, and again when the archive has been written to."""
    file = _file_of(db)
    state = _state(file)
    answer = _answer(file, question, state)
    if answer is None:
        answer = ask()
        _KNOWN[file, question] = (state, answer)
    return cast("T", answer)


def recalled(db: Reading, question: str) -> Any:
    """What is remembered of this question; None if it is to be asked."""
    file = _file_of(db)
    return _answer(file, question, _state(file))


def _file_of(db: Reading) -> str:
    """The file that is read; empty if there is none."""
    row = db.execute("select file from pragma_database_list where name = 'main'").fetchone()
    return str(row[0] or "") if row else ""


def _answer(file: str, question: str, state: object) -> Any:
    known = _KNOWN.get((file, question))
    return known[1] if state and known is not None and known[0] == state else None


def _state(file: str) -> tuple[tuple[int, int], ...]:
    """What changes with every write: of the file, and of the log beside it."""
    found = []
    for path in (file, f"{file}-wal") if file else ():
        with suppress(OSError):
            stat = Path(path).stat()
            found.append((stat.st_mtime_ns, stat.st_size))
    # Who reads makes an empty log, and takes it away again.
    return tuple(one for one in found if one[1])
