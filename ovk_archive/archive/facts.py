"""Facts that an archive remembers of itself: table `_archive`."""

import json
from typing import Any

from ovk_archive.archive.archive import Archive


def fact(archive: Archive, name: str) -> str | None:
    """Something that the archive remembers of itarchive."""
    found = archive.query("select value from _archive where name = ?", (name,))
    return str(found[0][0]) if found else None


def note_fact(archive: Archive, name: str, value: str | None) -> None:
    """Remember something of the archive itself; None forgets it."""
    with archive.transaction() as db:
        db.execute("delete from _archive where name = ?", (name,))
        if value is not None:
            db.execute("insert into _archive (name, value) values (?, ?)", (name, value))


class Learnt:
    """What a run has learnt of its instance, for later ones (a `PaceMemory`).

    Args:
        archive: the archive that keeps it.
        name: of the fact.
    """

    def __init__(self, archive: Archive, name: str) -> None:
        self._archive = archive
        self._name = name

    def load(self) -> dict[str, Any]:
        """What was learnt last, or an empty dictionary."""
        return dict(json.loads(fact(self._archive, self._name) or "{}"))

    def save(self, state: dict[str, Any]) -> None:
        """Keep it, at once."""
        note_fact(self._archive, self._name, json.dumps(state))
