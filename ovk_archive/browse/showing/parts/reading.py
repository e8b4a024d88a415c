"""What pages need of a connection to an archive: to ask it."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol


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
