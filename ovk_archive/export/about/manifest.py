"""`MANIFEST.json`: where an export comes from, what was asked for, what it has and lacks."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ovk_archive import __version__
from ovk_archive.archive.tables.schema import SCHEMA_VERSION
from ovk_archive.checks.ledger import Ledger, Line, LookupLine
from ovk_archive.export.about.facts import Facts
from ovk_archive.export.about.package import Told
from ovk_archive.export.target_folder import MADE_BY

#: The list of the files that records name.
_FILES = "files"


def manifest(
    facts: Facts,
    options: Mapping[str, Any],
    tables: Sequence[Told],
    files: list[dict[str, Any]],
    limits: Sequence[str],
) -> dict[str, Any]:
    """The manifest, without any time or path of this computer."""
    book = facts.book
    whose = {} if facts.hidden else {"instance": book.instance, "account_id": book.account_id}
    return {
        "made_by": MADE_BY,
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
        "id": facts.id,
        **whose,
        "as_of": facts.as_of.to_json(),
        "options": dict(options),
        "tables": {
            one.part.view.name: {"rows": one.rows, "narrowed_by": list(one.part.view.narrowed)}
            for one in tables
        },
        "files": files,
        **_completeness(facts, with_files=bool(options.get("with_media"))),
        "limits": list(limits),
    }


def _completeness(facts: Facts, *, with_files: bool) -> dict[str, Any]:
    """What is lacking, apart from what nobody asked for and what the instance does not have."""
    book = facts.book
    lacks = list(_incomplete(book, to_the_day=facts.hidden))
    if with_files:
        lacks += _files(book)
    missed = [{"list": line.title, "rows": line.missed} for line in book.lists if line.missed]
    return {
        # Never by itself: it says the same as the list.
        "complete": not lacks,
        "incomplete": lacks,
        "unconfirmed": missed,
        "not_asked_for": list(book.unasked),
        "not_on_instance": list(book.lacking),
    }


def described(
    folder: Path, rows: Mapping[str, int], known: Sequence[dict[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Each file of an export with its rows, bytes and hash, by name; known ones as they are."""
    found, before = list(known), {folder / one["path"] for one in known}
    for path in folder.rglob("*"):
        if not path.is_file() or path in before:
            continue
        name = path.relative_to(folder).as_posix()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        count = {"rows": rows[name]} if name in rows else {}
        found.append({"path": name, **count, "bytes": path.stat().st_size, "sha256": digest})
    return sorted(found, key=lambda one: str(one["path"]))


def _incomplete(book: Ledger, *, to_the_day: bool) -> Iterator[dict[str, Any]]:
    """What the ledger says is lacking, list by list; empty if it calls the archive complete."""
    for line in book.lists:
        if not line.complete:
            yield _list(line, to_the_day=to_the_day)
    yield from map(_lookup, (one for one in book.lookups if one.missing))


def _files(book: Ledger) -> Iterator[dict[str, Any]]:
    # What stands in the place of a file is none.
    others = {state: n for state, n in book.files.others.items() if state != "unavailable"}
    if book.files.missing:
        others["lost"] = book.files.missing
    if others:
        yield {"list": _FILES, "why": "some are not in the archive", **others}


def _list(line: Line, *, to_the_day: bool) -> dict[str, Any]:
    last_sync = line.last_sync
    facts = {
        "counted": line.counted,
        "held": line.held,
        "refused": line.refused,
        "skipped": line.skipped,
        "unfinished": line.unfinished,
        "last_sync": last_sync[:10] if last_sync and to_the_day else last_sync,
    }
    told = {name: value for name, value in facts.items() if value}
    return {"list": line.title, "why": "not whole" if line.lists else "never read", **told}


def _lookup(line: LookupLine) -> dict[str, Any]:
    return {
        "list": line.title,
        "why": "mentioned, but not read yet",
        "missing": line.missing,
    }
