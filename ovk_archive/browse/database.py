"""An archive as Datasette opens it, whatever is in its name, and where nothing can be written."""

import sqlite3
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.database import Database

from ovk_archive.archive.opening import connect, mode_of_reading
from ovk_archive.archive.search.declared import SEARCHED, index_of

#: What SQLite calls the tables in which it keeps an index.
_WITHIN = ("", "_data", "_idx", "_docsize", "_config")
_OF_INDEX = {f"{index_of(table)}{within}" for table in SEARCHED for within in _WITHIN}


class ArchiveDatabase(Database):  # type: ignore[misc]
    """A file that is only read."""

    def __init__(self, datasette: Datasette, path: Path) -> None:
        # SQLite's own read-only mode, whoever could write it: visitors write SQL.
        self._mode = mode_of_reading(path).replace("rw", "ro")
        super().__init__(datasette, str(path), is_mutable="immutable" not in self._mode)

    def connect(self, write: bool = False) -> sqlite3.Connection:  # noqa: ARG002 - nobody writes
        """Open it once more, for another thread (Datasette takes the name for a part of a URI)."""
        connection = connect(Path(self.path), self._mode)
        held: list[Any] = self._all_file_connections
        held.append(connection)
        return connection

    async def table_names(self) -> list[str]:
        """All tables but those of the search index: they have nothing to read, nor to count."""
        return [name for name in await super().table_names() if name not in _OF_INDEX]
