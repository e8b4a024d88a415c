"""What a row says otherwise than its version's record: kept beside it, and nothing else. Pure.

A record tells of all columns. Its row says otherwise where its list gave a value, and where a
counter or an address has changed since: that is a version's state.
"""

import json
from collections.abc import Mapping
from typing import Any

from ovk_archive.archive.versions.folding import folded
from ovk_archive.archive.versions.packing import packed
from ovk_archive.resources.vocabulary.records import MISSING, Record
from ovk_archive.resources.vocabulary.rows import Row, Table

#: A version as it is stored: its record, which texts this repeats, and its state.
Stored = tuple[str, str | None, str | None]


def stored(row: Row) -> Stored:
    """A row as a version that is written or compared: the record says nearly all of it."""
    if row.record is None:
        return "{}", None, written(row.state)
    record, repeats = folded(row.record)
    return record, repeats, written(_given(row, row.record)) if row.given else None


def _given(row: Row, record: Record) -> dict[str, Any]:
    """What the row's list gave, and the record does not say."""
    said = row.table.told_by(record, embedded=row.embedded, names=row.given)
    values = row.values
    return {
        name: values[name]
        for name in row.given
        if name in values and differ(said.get(name, MISSING), values[name])
    }


def whole(table: Table, record: Any, state: Mapping[str, Any], *, embedded: bool) -> dict[str, Any]:
    """What a version's row says beside its content: values given, and those kept current.

    Among the others an empty text stands for itself, for it counts as the same as none.
    """
    if table.relation:
        return dict(state)
    values = {**table.told_by(record, embedded=embedded), **state}
    told = table.told
    return {n: v for n, v in values.items() if n not in told or n in state or v == ""}


def beside(
    table: Table, record: Any, wanted: Mapping[str, Any], *, embedded: bool
) -> dict[str, Any]:
    """Of what a row is to say, as `whole` has it, that which the record does not say."""
    if table.relation:
        return dict(wanted)
    said = table.told_by(record, embedded=embedded)
    other = {n: v for n, v in wanted.items() if differ(said.get(n, MISSING), v)}
    # Empty and missing count as the same content, so that only this tells which it is now.
    other |= {n: None for n in table.told if said.get(n) == "" and n not in wanted}
    return other


def written(state: Mapping[str, Any]) -> str | None:
    """A state as it is stored."""
    return packed(dict(state)) if state else None


def read(state: str | None) -> dict[str, Any]:
    """A state as it was stored.

    Raises:
        ValueError, TypeError: somebody has changed it.
    """
    return dict(json.loads(state)) if state else {}


def differ(one: Any, other: Any) -> bool:
    """Two values are not stored as the same one."""
    # For a database 1 and 1.0 are the same, but not for what a column keeps.
    return type(one) is not type(other) or one != other
