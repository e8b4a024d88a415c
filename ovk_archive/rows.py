"""Records become rows: what a table and its columns are, and how a record fills them. Pure."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

Record = dict[str, Any]
#: What reading a record of a shape that no known server sends may end in.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)
Path = tuple[str, ...]


class Kind(Enum):
    """What a change of a column means."""

    PLAIN = "content"
    VOLATILE = "counter or status, kept current"
    VIEWER = "depends on who asks, kept current"


class _Missing:
    """Marks a field that a record does not have, as opposed to one that is null."""


MISSING = _Missing()
_EMPTY = (None, "")
#: Made once: `json.dumps` makes an encoder for every call. Records come from JSON, without circles.
_sorted_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False, check_circular=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: where in the record it is found, and what it means.

    Attributes:
        at: path into the record; `()` is the whole record; None: the partition gives the value.
        also: other paths, tried in turn (the generations spell some fields differently).
        read: turns the value found into the value stored.
        claims: top-level fields this column accounts for, where `at` does not say.
        unit: for readers: seconds, pixels, bytes, "unix time".
        references: the table whose `id` this column holds.
        keep: a null never overwrites a value (a field that only some answers of the API fill).
    """

    name: str
    type: type
    doc: str
    at: Path | None = None
    also: tuple[Path, ...] = ()
    read: Callable[[Any], Any] | None = None
    kind: Kind = Kind.PLAIN
    claims: tuple[str, ...] = ()
    unit: str | None = None
    references: str | None = None
    keep: bool = False

    def find(self, record: Record) -> Any:
        """The value to store, or MISSING."""
        for path in (self.at, *self.also):
            value = _dig(record, path)
            if value is not MISSING:
                return self.read(value) if self.read else value
        return MISSING

    @property
    def single(self) -> str | None:
        """The top-level field that is the only place to look, as for most columns."""
        return self.at[0] if self.at and len(self.at) == 1 and not self.also else None

    @property
    def fields(self) -> tuple[str, ...]:
        """The record's top-level fields that this column accounts for."""
        return self.claims + tuple(path[0] for path in (self.at, *self.also) if path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A column that names a file.

    Attributes:
        kind: what `--kinds` calls such files.
        column: the column with the file's address.
        accepts: how the type of such a file begins; nothing else is taken for one. Empty for files
            of any type but web pages.
        date: the column by which the newest comes first.
        size: the column that says how many bytes the file has, where the API tells.
        unless: only rows for which this column is null have a file.
    """

    kind: str
    column: str
    accepts: tuple[str, ...]
    date: str | None = None
    size: str | None = None
    unless: str | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table for people to read.

    Attributes:
        media: the files that its rows name.
        relation: rows only say that two things belong together; they have no versions.
        part_of: columns with the table and the key of the record whose part a row is, and with
            which it is gone.
        whole: its own list tells all there is, so an embedded record fills nothing beside it.
        known: record fields that no column keeps because they never change or say nothing.
        foreign_keys: (columns, table, columns) beside those of `Column.references`.
        label: the column that names a row.
        sort: the column by which a reader wants the newest first.
        facets: columns worth counting by.
        hidden: out of sight in Datasette.
    """

    name: str
    title: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    relation: bool = False
    part_of: tuple[str, str] | None = None
    whole: bool = False
    known: frozenset[str] = frozenset()
    foreign_keys: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    label: str | None = None
    sort: str | None = None
    facets: tuple[str, ...] = ()
    hidden: bool = False
    media: tuple[Media, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns, by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def fields(self) -> frozenset[str]:
        """Every top-level field of a record that the columns account for."""
        return self.known.union(*(column.fields for column in self.columns))

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The columns whose change makes a new version."""
        return tuple(c.name for c in self.columns if c.kind is Kind.PLAIN)

    @cached_property
    def told(self) -> frozenset[str]:
        """The columns that the record of a version tells; of relations none."""
        return frozenset() if self.relation else frozenset(self.plain)

    @cached_property
    def _plan(self) -> tuple[tuple[str, str | None, Callable[[Any], Any] | None, Column], ...]:
        """What `row` asks of each column, the one field looked at taken out where there is one."""
        return tuple((c.name, c.single, c.read, c) for c in self.columns)

    def row(self, record: Record, *, embedded: bool = False, **given: Any) -> "Row":
        """The row that a record fills; `given` are values the record itself does not say.

        An *embedded* record (an attachment) knows less than the record of its own list: what it
        lacks is left alone, where a missing field of a full record is null.
        """
        values: dict[str, Any] = {}
        for name, step, read, column in self._plan:
            if name in given:
                value = given[name]
            elif step is None:
                value = column.find(record)
            else:
                value = record.get(step, MISSING)
                if read is not None and value is not MISSING:
                    value = read(value)
            if embedded and value == "" and name not in given:
                # In some forms of a part, what is empty in others is missing.
                continue
            if value is not MISSING:
                values[name] = value
            elif not embedded and column.at is not None:
                values[name] = None
        return Row(self, values, None if self.relation else record, embedded, tuple(given))


@dataclass(frozen=True, slots=True)
class Row:
    """One row to store, with the record it came from where the table keeps versions.

    Attributes:
        given: the columns whose values are not the record's.
        within: the embedded record that brought it: where that record's own list has told of it,
            this says nothing.
    """

    table: Table
    values: dict[str, Any]
    record: Record | None = None
    embedded: bool = False
    given: tuple[str, ...] = ()
    within: "Row | None" = None

    @property
    def key(self) -> tuple[Any, ...]:
        """The values of the table's key."""
        values = self.values
        return tuple([values[name] for name in self.table.key])

    @property
    def state(self) -> dict[str, Any]:
        """What the record of a version does not tell: values given, and those kept current.

        Among the others an empty text stands for itself, for it counts as the same as none.
        """
        told, given = self.table.told, self.given
        return {
            name: value
            for name, value in self.values.items()
            if name not in told or name in given or value == ""
        }

    @property
    def content(self) -> bytes:
        """A hash of what a person would call the content: plain columns and unknown fields.

        That two things belong together has none: it is so or not.
        """
        if self.record is None:
            return b""
        # Empty and missing are the same: the forms in which a record comes differ in that.
        values, fields = self.values, self.table.fields
        plain = {n: v for n in self.table.plain if (v := values.get(n)) not in _EMPTY}
        unknown = {k: v for k, v in self.record.items() if k not in fields}
        packed = _sorted_json([plain, unknown])
        return hashlib.blake2b(packed.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Trim:
    """Says that a record's numbered parts end here: rows of `where` from `count` on are gone.

    Attributes:
        within: as of a row.
    """

    table: Table
    where: Mapping[str, Any]
    count: int
    within: Row | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a row function may know beside the record.

    Attributes:
        partition: the parameters that opened the list.
        place: the row's order number in the list, for lists whose order is content; None if it is
            not known.
    """

    partition: Mapping[str, Any] = field(default_factory=dict)
    place: int | None = 0


RowFunction = Callable[[Record, Context], Iterator[Row | Trim]]


def record_key(values: tuple[Any, ...]) -> str:
    """A key as `_versions` and `attachments` write it: `1_149`, `25`."""
    return "_".join(map(str, values))


def _dig(record: Any, path: Path | None) -> Any:
    if path is None:
        return MISSING
    for step in path:
        if not isinstance(record, dict) or step not in record:
            return MISSING
        record = record[step]
    return record
