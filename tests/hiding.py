"""What exports with pseudonyms hold, without writing them."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.export.pseudonyms.domains import Hiding
from ovk_archive.export.pseudonyms.pseudonymiser import Pseudonymiser
from ovk_archive.export.selection import Selection

KEY = b"k" * 32
Rows = dict[str, list[dict[str, Any]]]
#: The pseudonym of a person, a group, or a thing.
PSEUDONYM = re.compile(r"[a-z]_[0-9a-f]{20}")


def exported(path: Path, key: bytes = KEY, hiding: Hiding | None = None) -> Rows:
    """The rows of an archive as an export with pseudonyms would hold them."""
    people = None if hiding is None else hiding.people
    selection = Selection(with_gone=True, with_versions=True, with_media=True, people=people)
    tables: Rows = {}
    with Archive.read(path) as archive:
        transform = Pseudonymiser(archive, key, hiding)
        for asked in selection.views():
            view, change = transform(asked)
            names = [field.name for field in view.fields]
            rows = archive.query(asked.sql, asked.values)
            if names:
                tables[view.name] = [dict(zip(names, change(row), strict=True)) for row in rows]
    return tables


def pseudonyms(tables: Rows, names: Iterable[str]) -> set[str]:
    """Every pseudonym in some tables, in columns and in texts."""
    return {
        found
        for name in names
        for row in tables.get(name, ())
        for value in row.values()
        for found in PSEUDONYM.findall(str(value))
    }
