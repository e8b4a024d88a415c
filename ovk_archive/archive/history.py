"""The versions of one record, and what changed from one to the next."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.tables.replay import read
from ovk_archive.errors import StorageError
from ovk_archive.resources import DERIVED
from ovk_archive.resources.vocabulary.records import UNREADABLE
from ovk_archive.resources.vocabulary.rows import Table
from ovk_archive.resources.vocabulary.same_file import are_other_files

#: A pair of values, before and after.
Change = tuple[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One version.

    Attributes:
        gone_at: when the record was found missing after this version.
        embedded: it came as an attachment, and knows less than the record's own list.
        values: its row's columns.
        changed: columns, and fields that no column keeps, that differ from the version before it of
            the same kind.
        record: as the API sent it.
    """

    first_seen_at: str
    last_seen_at: str
    gone_at: str | None
    embedded: bool
    values: dict[str, Any]
    changed: dict[str, Change]
    record: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return asdict(self)


def kinds() -> dict[str, Table]:
    """What a record may be called: the name of its table, and of one row of it."""
    found = {table.name: table for table in DERIVED}
    return found | {
        name.removesuffix("s"): table for name, table in found.items() if name.endswith("s")
    }


def told(table: Table) -> list[str]:
    """The columns that say a record's content, each fact once (`from_id`, not `from_user_id`)."""
    names: list[str] = []
    seen: set[Any] = set()
    for column in table.columns:
        shown = column.name in (*table.plain, *table.addresses)
        if shown and (not column.at or column.at not in seen):
            names.append(column.name)
        seen.add(column.at)
    return names


def plain_key(text: str) -> str:
    """A key as `_versions` writes it, out of `1/149` or `wall1_149` too."""
    return re.sub(r"^[a-z]+(?=-?\d)", "", text.strip().lower()).replace("/", "_")


def history(archive: Archive, table: Table, key: str) -> list[Entry]:
    """The versions of a record, oldest first; none if there is no such record.

    Raises:
        StorageError: a version cannot be read by this program.
    """
    rows = archive.query(
        "select embedded, record, state, first_seen_at, last_seen_at, gone_at from _versions "
        "where resource = ? and record_key = ? order by id",
        (table.name, key),
    )
    try:
        return list(_entries(table, rows))
    except UNREADABLE as error:
        raise StorageError(
            f"A version of {table.name} {key} cannot be read by this program: "
            "try a newer ovk-archive."
        ) from error


def missed_since(archive: Archive, table: Table, key: str) -> str | None:
    """When a reading did not find a record, if no other reading has confirmed or refuted that."""
    found = archive.query(
        "select missed_at from _absences where resource = ? and record_key = ? "
        "and gone_at is null and back_at is null and hidden is not 1",
        (table.name, key),
    )
    return str(found[0][0]) if found else None


def _entries(table: Table, rows: list[tuple[Any, ...]]) -> Iterator[Entry]:
    before: dict[bool, Entry] = {}
    for embedded, record, state, first, last, gone in rows:
        form, sent = bool(embedded), json.loads(record)
        values = read(table, sent, json.loads(state), embedded=form).values
        entry = Entry(
            first_seen_at=first,
            last_seen_at=last,
            gone_at=gone,
            embedded=form,
            values=values,
            changed=_changed(table, before.get(form), values, sent),
            record=sent,
        )
        before[form] = entry
        yield entry


def _changed(
    table: Table, before: Entry | None, values: dict[str, Any], record: dict[str, Any]
) -> dict[str, Change]:
    if before is None:
        return {}
    plain = (name for name in told(table) if name not in table.addresses)
    columns = {n: (before.values.get(n), values.get(n)) for n in plain}
    columns |= _other_files(table, before, values, record)
    names = (before.record.keys() | record.keys()) - table.fields
    fields = {n: (before.record.get(n), record.get(n)) for n in sorted(names)}
    return {
        name: change
        for name, change in (columns | fields).items()
        if _told_apart(change[0]) != _told_apart(change[1])
    }


def _other_files(
    table: Table, before: Entry, values: dict[str, Any], record: dict[str, Any]
) -> dict[str, Change]:
    """Files of which a version names others than the one before it: at first, or by now."""
    first, then = table.addresses_in(before.record), table.addresses_in(record)
    return {
        name: (before.values.get(name), values.get(name))
        for name in table.addresses
        if are_other_files(before.values.get(name), values.get(name))
        or are_other_files(first.get(name), then.get(name))
    }


def _told_apart(value: Any) -> str:
    """As JSON, where 0, false and null differ; empty and missing are the same, as in `content`."""
    return json.dumps(None if value == "" else value, sort_keys=True)
