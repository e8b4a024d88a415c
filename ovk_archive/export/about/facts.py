"""What manifest, package, codebook and crate say alike: which export this is, and as of when."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.facts import fact
from ovk_archive.checks.ledger import Ledger, ledger
from ovk_archive.export.about.as_of import AsOf, as_of
from ovk_archive.export.about.citation import Citation

#: What tells nothing of whose archive it is.
_SOMEBODY = {"title": "An account of an OpenVK instance"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All of it; nothing comes from a clock, so the same archive gives the same export.

    Attributes:
        id: a URN that follows from the bytes of the data.
        book: the archive's ledger.
        source: where the data come from, as Data Package has it.
        created: when the newest of them were read; when the archive was made, if none were.
        hidden: whose archive it is may not be told, and times only to the day.
        files: each file with data, by its path: rows, bytes and hash.
    """

    id: str
    book: Ledger
    as_of: AsOf
    citation: Citation
    source: dict[str, str]
    created: str
    hidden: bool
    files: dict[str, dict[str, Any]]

    @property
    def version(self) -> str:
        """The day of the newest data, as a number that others may sort by."""
        year, month, day = map(int, self.created[:10].split("-"))
        return f"{year}.{month}.{day}"


def facts_of(
    archive: Archive,
    citation: Citation,
    tables: Sequence[str],
    files: list[dict[str, Any]],
    *,
    hidden: bool,
) -> Facts:
    """The facts of an export of these tables, of which these files were written."""
    book = ledger(archive)
    when = as_of(book.lists, tables, to_the_day=hidden)
    created = when.newest or fact(archive, "made_at") or "1970-01-01"
    return Facts(
        id=uuid5(NAMESPACE_URL, _digest(files)).urn,
        book=book,
        as_of=when,
        citation=citation,
        source=_SOMEBODY if hidden else _source(archive),
        created=f"{created[:10]}T00:00:00Z" if hidden or "T" not in created else created,
        hidden=hidden,
        files={one["path"]: one for one in files},
    )


def _digest(files: list[dict[str, Any]]) -> str:
    told = [(one["path"], one["sha256"]) for one in files]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _source(archive: Archive) -> dict[str, str]:
    identity = archive.identity()
    return {
        "title": f"OpenVK instance {identity.instance}, account {identity.account_id}",
        "path": f"{identity.url}/id{identity.account_id}",
    }
