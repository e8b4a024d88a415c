"""Which databases of a Datasette are archives of ours: the others are left alone."""

from pathlib import Path
from typing import Any

from ovk_archive.archive.tables.schema import APPLICATION_ID

#: Where the header of an SQLite file says whose it is (https://sqlite.org/fileformat2.html).
_WHOSE = slice(68, 72)
_KNOWN: set[str] = set()


def is_ours(datasette: Any, database: str | None) -> bool:
    """Whether this is an archive."""
    found = datasette.databases.get(database)
    path = getattr(found, "path", None)
    if not path:
        return False
    if str(path) not in _KNOWN and _is_archive(Path(path)):
        _KNOWN.add(str(path))
    return str(path) in _KNOWN


def _is_archive(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(_WHOSE.stop)
    except OSError:
        return False
    return int.from_bytes(head[_WHOSE], "big") == APPLICATION_ID
