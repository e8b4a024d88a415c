"""What becomes of the versions of some records: gathered row by row, written in one go."""

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from ovk_archive.archive.versions import states
from ovk_archive.archive.versions.checkpoints import Moment
from ovk_archive.archive.versions.held import Version, merged
from ovk_archive.archive.versions.layout import as_number
from ovk_archive.archive.versions.states import Stored
from ovk_archive.resources.vocabulary.rows import Row, Table, record_key

#: "Or fail", as rows are inserted (`tables/upserts.py`): SQLite need not copy each page before.
_INSERT = (
    "insert or fail into _records (id, resource, record_key, embedded, content, record, repeats, "
    "state, rest, first_seen) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(slots=True)
class Changes:
    """What is to be written of versions, and which rows are back.

    Attributes:
        held: the newest version of each record, of its own list and as an attachment.
        number: of the last version.
        renewed: versions that are stored otherwise now: with other counters, or with other fields
            that no column keeps.
        fields: names of such fields, and of columns that could not keep a value (1).
    """

    table: Table
    now: Moment
    held: dict[tuple[str, bool], Version]
    number: int
    fresh: list[tuple[Any, ...]] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    back: list[tuple[str, str, str]] = field(default_factory=list)
    renewed: dict[int, Version] = field(default_factory=dict)
    fields: set[tuple[str, int]] = field(default_factory=set)

    def see(self, known: Version) -> None:
        """Note that a version was seen again, as it is stored."""
        self.seen.append(known.id)

    def see_again(self, known: Version, row: Row, stored: Stored, rest: bytes | None) -> None:
        """Note that a version was seen again, and what its record says beside its content."""
        self.see(known)
        table, embedded = self.table, row.embedded
        state = merged(known.state(table, embedded=embedded), row)
        record, repeats = stored[:2] if known.rest != rest else known.stored[:2]
        sent = (row.record or {}) if known.rest != rest else known.record()
        other = states.written(states.beside(table, sent, state, embedded=embedded))
        if known.stored != (record, repeats, other) or known.rest != rest:
            known.stored, known.rest = (record, repeats, other), rest
            self.renewed[known.id] = known

    def add(self, row: Row, content: bytes, stored: Stored, rest: bytes | None) -> None:
        """Note a new version of a record."""
        key = record_key(row.key)
        known = self.held.get((key, row.embedded))
        if known is not None and known.gone_at is not None:
            self.back.append((self.now.at, self.table.name, key))
        self.number += 1
        self.held[key, row.embedded] = Version(self.number, content, None, rest, stored)
        self.fresh.append(
            (self.number, self.table.name, key, int(row.embedded), content, *stored, rest)
        )

    def note_fields(self, row: Row) -> None:
        """Note what a record says that no column keeps."""
        self.fields |= {(name, 0) for name in row.unknown}
        self.fields |= {(name, 1) for name in row.misfits}

    def write(self, db: sqlite3.Connection) -> None:
        """Write all of it."""
        at = as_number(self.now.at)
        db.executemany(
            _INSERT,
            [(*one, at) for one in self.fresh],
        )
        db.executemany(
            "update _records set record = ?, repeats = ?, state = ?, rest = ? where id = ?",
            [(*one.stored, one.rest, number) for number, one in self.renewed.items()],
        )
        db.executemany(
            "insert or ignore into _fields (resource, name, misfit, first_seen_at) "
            "values (?, ?, ?, ?)",
            [(self.table.name, name, misfit, self.now.at) for name, misfit in sorted(self.fields)],
        )
        db.executemany(
            "insert or replace into _sightings (id, last_seen, last_seen_in) values (?, ?, ?)",
            [(one[0], at, self.now.number) for one in self.fresh],
        )
        db.executemany(
            "update _sightings set last_seen = ?, last_seen_in = ? where id = ?",
            [(at, self.now.number, number) for number in self.seen],
        )
        db.executemany(
            "update _absences set back_at = ? where resource = ? and record_key = ? "
            "and back_at is null",
            self.back,
        )
