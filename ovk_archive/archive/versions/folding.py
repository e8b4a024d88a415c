"""Texts that a record repeats, kept once: a message of newer servers says its text twice. Pure."""

import json
from typing import Any

from ovk_archive.archive.versions.packing import packed
from ovk_archive.resources.vocabulary.records import Record

#: Characters from which on it pays to keep a text once.
_WORTH_IT = 16


def folded(record: Record) -> tuple[str, str | None]:
    """A record as JSON without the texts that it repeats; and which field repeats which."""
    first: dict[str, str] = {}
    repeats: dict[str, str] = {}
    for name, value in record.items():
        if type(value) is not str or len(value) < _WORTH_IT:
            continue
        other = first.setdefault(value, name)
        if other is not name and _is_plain(name, other, value):
            repeats[name] = other
    if not repeats:
        return packed(record), None
    return packed({n: v for n, v in record.items() if n not in repeats}), packed(repeats)


def unfolded(record: str, repeats: str | None) -> Any:
    """The record again.

    Raises:
        ValueError, LookupError, TypeError: somebody has changed what is stored.
    """
    value = json.loads(record)
    if repeats is not None:
        for name, other in json.loads(repeats).items():
            value[name] = value[other]
    return value


def _is_plain(name: str, other: str, value: str) -> bool:
    """SQLite can find such a field by its path, and takes such a text out of it whole."""
    signs = name + other
    return bool(name and other) and '"' not in signs and "\\" not in signs and "\0" not in value
