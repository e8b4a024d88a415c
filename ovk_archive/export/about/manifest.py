"""`MANIFEST.json`: where an export comes from, what was asked for, what it has and lacks."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ovk_archive import __version__
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.tables.schema import SCHEMA_VERSION
from ovk_archive.checks.ledger import Ledger, Line, LookupLine, ledger
from ovk_archive.export.about.package import Told
from ovk_archive.export.target_folder import MADE_BY

_UNASKED = "read only if you ask for it"
_ABSENT = "not on this instance"


def manifest(
    archive: Archive,
    options: Mapping[str, Any],
    tables: Sequence[Told],
    files: list[dict[str, Any]],
    limits: Sequence[str],
) -> dict[str, Any]:
    """The manifest, without any time or path of this computer."""
    book = ledger(archive)
    return {
        "made_by": MADE_BY,
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
        "instance": book.instance,
        "account_id": book.account_id,
        "options": dict(options),
        "tables": {
            one.part.view.name: {"rows": one.rows, "narrowed_by": list(one.part.view.narrowed)}
            for one in tables
        },
        "files": files,
        "complete": book.complete,
        "incomplete": list(_incomplete(book)),
        "limits": list(limits),
    }


def described(folder: Path, rows: Mapping[str, int]) -> list[dict[str, Any]]:
    """Each file of an export with its rows, bytes and hash, by name."""
    found = []
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        name = path.relative_to(folder).as_posix()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        count = {"rows": rows[name]} if name in rows else {}
        found.append({"path": name, **count, "bytes": path.stat().st_size, "sha256": digest})
    return found


def _incomplete(book: Ledger) -> Iterator[dict[str, Any]]:
    """What the ledger says is lacking, list by list."""
    for line in book.lists:
        if not line.complete or line.absent or line.missed:
            yield _list(line)
    yield from map(_lookup, (one for one in book.lookups if one.missing))
    for title in book.unasked:
        yield {"list": title, "why": _UNASKED}
    # What stands in the place of a file is none.
    others = {state: n for state, n in book.files.others.items() if state != "unavailable"}
    if book.files.missing:
        others["lost"] = book.files.missing
    if others:
        yield {"list": "files", "why": "some are not in the archive", **others}


def lacking(incomplete: Iterable[Mapping[str, Any]]) -> list[str]:
    """Of what is not complete, that which the instance has and somebody wanted."""
    return [one["list"] for one in incomplete if one["why"] not in (_UNASKED, _ABSENT)]


def _list(line: Line) -> dict[str, Any]:
    facts = {
        "counted": line.counted,
        "held": line.held,
        "refused": line.refused,
        "skipped": line.skipped,
        "missed": line.missed,
        "unfinished": line.unfinished,
        "last_sync": line.last_sync,
    }
    why = _ABSENT if line.absent else "never read" if not line.lists else "not whole"
    told = {name: value for name, value in facts.items() if value}
    return {"list": line.title, "why": why, **told}


def _lookup(line: LookupLine) -> dict[str, Any]:
    return {
        "list": line.title,
        "why": "mentioned, but not read yet",
        "missing": line.missing,
    }
