"""What becomes of the versions of some records: gathered row by row, written in one go."""

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from ovk_archive.archive.tables.checkpoints import Moment
from ovk_archive.archive.tables.packing import packed
from ovk_archive.archive.tables.versions import Version, merged
from ovk_archive.resources.vocabulary.rows import Row, Table, record_key


@dataclass(slots=True)
class Changes:
    """What is to be written into `_versions`, and which rows are back.

    Attributes:
        held: the newest version of each record, of its own list and as an attachment.
        number: of the last version.
        renewed: versions whose record comes with other fields that no column keeps.
        fields: names of such fields, and of columns that could not keep a value (1).
    """

    table: Table
    now: Moment
    held: dict[tuple[str, bool], Version]
    number: int
    fresh: list[tuple[Any, ...]] = field(default_factory=list)
    seen: dict[int, str] = field(default_factory=dict)
    back: list[tuple[str, str, str]] = field(default_factory=list)
    renewed: dict[int, tuple[str, bytes | None]] = field(default_factory=dict)
    fields: set[tuple[str, int]] = field(default_factory=set)

    def see_again(self, known: Version, row: Row, rest: bytes | None) -> None:
        """Note that a version was seen again, and what its record says beside its content."""
        known.state = self.seen[known.id] = merged(known.state, row)
        if known.rest != rest:
            known.rest = rest
            self.renewed[known.id] = packed(row.record), rest

    def add(self, row: Row, content: bytes, rest: bytes | None) -> None:
        """Note a new version of a record."""
        key = record_key(row.key)
        known = self.held.get((key, row.embedded))
        if known is not None and known.gone_at is not None:
            self.back.append((self.now.at, self.table.name, key))
        self.number += 1
        state = packed(row.state)
        self.held[key, row.embedded] = Version(self.number, content, None, state, rest)
        self.seen[self.number] = state
        record = "{}" if row.record is None else packed(row.record)
        self.fresh.append(
            (
                self.number, self.table.name, key, int(row.embedded), content, self.now.at,
                record, rest,
            )
        )  # fmt: skip

    def note_fields(self, row: Row) -> None:
        """Note what a record says that no column keeps."""
        self.fields |= {(name, 0) for name in row.unknown}
        self.fields |= {(name, 1) for name in row.misfits}

    def write(self, db: sqlite3.Connection) -> None:
        """Write all of it."""
        db.executemany(
            "insert into _versions (id, resource, record_key, embedded, content, first_seen_at, "
            "record, rest) values (?, ?, ?, ?, ?, ?, ?, ?)",
            self.fresh,
        )
        db.executemany(
            "update _versions set record = ?, rest = ? where id = ?",
            [(*newest, number) for number, newest in self.renewed.items()],
        )
        db.executemany(
            "insert or ignore into _fields (resource, name, misfit, first_seen_at) "
            "values (?, ?, ?, ?)",
            [(self.table.name, name, misfit, self.now.at) for name, misfit in sorted(self.fields)],
        )
        db.executemany(
            "update _versions set state = ?, last_seen_at = ?, last_seen_in = ? where id = ?",
            [(state, self.now.at, self.now.number, number) for number, state in self.seen.items()],
        )
        db.executemany(
            "update _absences set back_at = ? where resource = ? and record_key = ? "
            "and back_at is null",
            self.back,
        )
