"""Tables for people, and the rows that records become. Pure."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from json.encoder import encode_basestring
from typing import Any

from ovk_archive.resources.vocabulary.columns import Column, Kind
from ovk_archive.resources.vocabulary.filling import Step, fill, steps, taken
from ovk_archive.resources.vocabulary.records import UNREADABLE, Record, UnfitError
from ovk_archive.resources.vocabulary.same_file import are_other_files
from ovk_archive.resources.vocabulary.searching import Search

_VOID = frozenset({type(None), str, list, dict})
#: Made once: `json.dumps` makes an encoder for every call. Records come from JSON, without circles.
_sorted_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False, check_circular=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A column that names a file.

    Attributes:
        kind: what `--kinds` calls such files.
        column: the column with the file's address.
        may_be_text: such a file may be a text; else a text in its place is a server's words.
        date: the column by which the newest comes first.
        size: the column that says how many bytes the file has, where the API tells.
        unless: only rows for which this column is null have a file.
    """

    kind: str
    column: str
    may_be_text: bool = False
    date: str | None = None
    size: str | None = None
    unless: str | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table for people to read.

    Attributes:
        media: the files that its rows name.
        relation: rows only say that two things belong together; they have no versions.
        counted: people count its rows, as records of their own; so not what is within another.
        part_of: columns with the table and the key of the record whose part a row is, and with
            which it is gone.
        by_arrival: rows lie as they come: its lists bring numbers from all over the table.
        whole: its own list tells all there is, so an embedded record fills nothing beside it.
        known: record fields that no column keeps because they never change or say nothing.
        foreign_keys: (columns, table, columns) beside those of `Column.references`.
        label: the column that names a row.
        sort: the column by which a reader wants the newest first.
        facets: columns worth counting by.
        hidden: out of sight in Datasette.
        search: what of it people search.
    """

    name: str
    title: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    relation: bool = False
    counted: bool = True
    part_of: tuple[str, str] | None = None
    by_arrival: bool = False
    whole: bool = False
    known: frozenset[str] = frozenset()
    foreign_keys: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    label: str | None = None
    sort: str | None = None
    facets: tuple[str, ...] = ()
    hidden: bool = False
    media: tuple[Media, ...] = ()
    search: Search | None = None

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns, by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def _types(self) -> dict[str, Any]:
        return {column.name: column.type for column in self.columns}

    @cached_property
    def fields(self) -> frozenset[str]:
        """Every top-level field of a record that the columns account for."""
        return self.known.union(*(column.fields for column in self.columns))

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The columns whose change makes a new version."""
        return tuple(c.name for c in self.columns if c.kind is Kind.PLAIN)

    @cached_property
    def named(self) -> tuple[tuple[str, str], ...]:
        """The same in the order of their names, each with the words before its value in JSON."""
        return tuple((name, f"{encode_basestring(name)}: ") for name in sorted(self.plain))

    @cached_property
    def told(self) -> frozenset[str]:
        """The columns that the record of a version tells; of relations none."""
        return frozenset() if self.relation else frozenset(self.plain)

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """The columns with the addresses of files."""
        return tuple(c.name for c in self.columns if c.kind is Kind.ADDRESS)

    def addresses_in(self, record: Record) -> dict[str, Any]:
        """The addresses of files that a record names, by column; those that cannot be read not."""
        found: dict[str, Any] = {}
        for name in self.addresses:
            with suppress(*UNREADABLE):
                found[name] = self.by_name[name].find(record)
        return found

    @cached_property
    def _plans(self) -> dict[Any, tuple[Step, ...]]:
        """What is asked of columns, by which are given and which are asked for."""
        return {}

    def _plan(
        self, given: tuple[str, ...], only: tuple[str, ...] | None = None
    ) -> tuple[Step, ...]:
        plan = self._plans.get((given, only))
        if plan is None:
            columns = [c for c in self.columns if only is None or c.name in only]
            plan = self._plans[given, only] = steps(columns, given)
        return plan

    def row(self, record: Record, *, embedded: bool = False, **given: Any) -> "Row":
        """The row that a record fills; `given` are values the record itself does not say.

        An *embedded* record (an attachment) knows less than the record of its own list: what it
        lacks is left alone, where a missing field of a full record is null. A value that its column
        cannot keep is null too, and the column is named among the row's `misfits`.

        Raises:
            UnfitError: the row would have no key.
        """
        names = tuple(given)
        kept, misfits = taken(given, self._types, self.key) if given else ({}, ())
        misfits += fill(kept, self._plan(names), record, self.key, embedded)
        for name in self.key:
            if kept.get(name) is None:
                raise UnfitError(f"a record without {self.name}.{name}")
        whole = None if self.relation else record
        return Row(self, kept, whole, embedded, names, misfits)

    def told_by(
        self, record: Record, *, embedded: bool, names: tuple[str, ...] | None = None
    ) -> dict[str, Any]:
        """What a record alone says of the columns, or of those of these names; no key is needed."""
        found = dict[str, Any]()
        fill(found, self._plan((), names), record, self.key, embedded)
        return found

    def part(self, record: Any, **how: Any) -> Iterator["Row"]:
        """Like `row`, for what stands inside of another record: nothing where it fills no row."""
        with suppress(UnfitError):
            yield self.row(record, **how)


@dataclass(frozen=True, slots=True)
class Row:
    """One row to store, with the record it came from where the table keeps versions.

    Attributes:
        given: the columns whose values are not the record's.
        misfits: the columns that could not keep what the record says.
        within: the embedded record that brought it: where that record's own list has told of it,
            this says nothing.
    """

    table: Table
    values: dict[str, Any]
    record: Record | None = None
    embedded: bool = False
    given: tuple[str, ...] = ()
    misfits: tuple[str, ...] = ()
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
        """A hash of what a person would call the content: the plain columns.

        That two things belong together has none: it is so or not.
        """
        if self.record is None:
            return b""
        parts = []
        for name, words in self.table.named:
            value = self.values.get(name)
            # Empty and missing are the same: the forms in which a record comes differ in that.
            if value is not None and value != "":
                parts.append(words + _sorted_text(value))
        # Digests of older versions are of a pair: such digests stay as they are.
        return _digest(f"[{{{', '.join(parts)}}}, {{}}]")

    @property
    def unknown(self) -> dict[str, Any]:
        """What the record says in fields that no column keeps; what is empty says nothing."""
        record, fields = self.record, self.table.fields
        if record is None or record.keys() <= fields:
            return {}
        return {
            name: value
            for name, value in record.items()
            if name not in fields and (value or type(value) not in _VOID)
        }

    @property
    def rest(self) -> bytes | None:
        """A hash of the unknown fields, or None if there are none."""
        unknown = self.unknown
        if not unknown:
            return None
        parts = [f"{encode_basestring(n)}: {_sorted_text(unknown[n])}" for n in sorted(unknown)]
        return _digest(f"{{{', '.join(parts)}}}")

    def names_other_files(self, held: Mapping[str, Any]) -> bool:
        """An address leads to another file than the one that these columns name."""
        values = self.values
        return any(are_other_files(held.get(n), values.get(n)) for n in self.table.addresses)


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
    return str(values[0]) if len(values) == 1 else "_".join(map(str, values))


def _sorted_text(value: Any) -> str:
    """As `_sorted_json`; the two most frequent kinds of values without an encoder."""
    if type(value) is str:
        return encode_basestring(value)
    return str(value) if type(value) is int else _sorted_json(value)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
