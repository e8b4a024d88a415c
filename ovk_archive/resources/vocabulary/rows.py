"""Records become rows: what a table and its columns are, and how a record fills them. Pure."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from math import isfinite
from typing import Any

from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.same_file import are_other_files

Record = dict[str, Any]
#: What reading a record of a shape that no known server sends may end in.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
Path = tuple[str, ...]


class Kind(Enum):
    """What a change of a column means."""

    PLAIN = "content"
    ADDRESS = "address of a file, kept current; another file is another content"
    VOLATILE = "counter or status, kept current"
    VIEWER = "depends on who asks, kept current"


class UnfitError(ValueError):
    """A record cannot become a row: the row would have no key."""


class _Missing:
    """Marks a field that a record does not have, as opposed to one that is null."""


MISSING = _Missing()
_EMPTY = (None, "")
#: The numbers that SQLite can keep.
_LEAST, _MOST = -(2**63), 2**63 - 1
#: What reads such numbers only.
_BOUNDED = frozenset({values.whole, values.flag, values.negated, values.tally, values.person})
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


#: A column's name, the one field it looks at, how that is read, as what type, whether it is never
#: too large for that, and the column itself.
_Step = tuple[str, str | None, Callable[[Any], Any] | None, Any, bool, Column]


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
    counted: bool = True
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
    def _plans(self) -> dict[tuple[str, ...], tuple[_Step, ...]]:
        """What `row` asks of each column that is not given, by what is given."""
        return {}

    def _plan(self, given: tuple[str, ...]) -> tuple[_Step, ...]:
        plan = self._plans.get(given)
        if plan is None:
            plan = self._plans[given] = tuple(
                (c.name, c.single, c.read, c.type, c.type is str or c.read in _BOUNDED, c)
                for c in self.columns
                if c.name not in given and c.at is not None
            )
        return plan

    # In one piece, for every value that ever comes passes here: calls would double the time.
    def row(self, record: Record, *, embedded: bool = False, **given: Any) -> "Row":  # noqa: C901
        """The row that a record fills; `given` are values the record itself does not say.

        An *embedded* record (an attachment) knows less than the record of its own list: what it
        lacks is left alone, where a missing field of a full record is null. A value that its column
        cannot keep is null too, and the column is named among the row's `misfits`.

        Raises:
            UnfitError: the row would have no key.
        """
        names = tuple(given)
        values, misfits = self._given(given) if given else ({}, ())
        lacking = MISSING if embedded else None
        for name, step, read, kind, is_bounded, column in self._plan(names):
            try:
                if step is None:
                    value = column.find(record)
                    if value is MISSING:
                        value = lacking
                else:
                    value = record.get(step, lacking)
                    if read is not None and value is not lacking:
                        value = read(value)
                # The quick ways first, for this is done for every value that ever comes.
                if type(value) is kind and (is_bounded or _LEAST <= value <= _MOST):
                    # In some forms of a part, what is empty in others is missing.
                    if not embedded or value != "":
                        values[name] = value
                elif value is None:
                    values[name] = None
                elif value is not MISSING:
                    values[name] = _fitted(value, kind, is_key=name in self.key)
            except UNREADABLE:
                values[name] = None
                misfits += (name,)
        for name in self.key:
            if values.get(name) is None:
                raise UnfitError(f"a record without {self.name}.{name}")
        whole = None if self.relation else record
        return Row(self, values, whole, embedded, names, misfits)

    def _given(self, given: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Values that the record does not say, as the columns can keep them; and which cannot be.

        Some come from another record, so they may be anything too.
        """
        types, kept = self._types, dict[str, Any]()
        misfits: tuple[str, ...] = ()
        for name, value in given.items():
            kind = types.get(name)
            if kind is None:
                continue  # An older program had such a column.
            if value is None or (type(value) is kind and (kind is str or _LEAST <= value <= _MOST)):
                kept[name] = value
                continue
            try:
                kept[name] = _fitted(value, kind, is_key=name in self.key)
            except UNREADABLE:
                kept[name] = None
                misfits += (name,)
        return kept, misfits

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
        # Empty and missing are the same: the forms in which a record comes differ in that.
        values = self.values
        plain = {n: v for n in self.table.plain if (v := values.get(n)) not in _EMPTY}
        # Digests of older versions are of a pair: such digests stay as they are.
        return _digest([plain, {}])

    @property
    def unknown(self) -> dict[str, Any]:
        """What the record says in fields that no column keeps."""
        record, fields = self.record, self.table.fields
        if record is None or record.keys() <= fields:
            return {}
        return {name: value for name, value in record.items() if name not in fields}

    @property
    def rest(self) -> bytes | None:
        """A hash of the unknown fields, or None if there are none."""
        unknown = self.unknown
        return _digest(unknown) if unknown else None

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


def is_number(value: Any) -> bool:
    """A whole number that a database can keep."""
    return type(value) is int and _LEAST <= value <= _MOST


def record_key(values: tuple[Any, ...]) -> str:
    """A key as `_versions` and `attachments` write it: `1_149`, `25`."""
    return "_".join(map(str, values))


def _digest(value: Any) -> bytes:
    packed = _sorted_json(value).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(packed, digest_size=16).digest()


def _fitted(value: Any, kind: type, *, is_key: bool) -> Any:
    """A value of another type, or a number too large, as the column can keep it.

    Raises:
        ValueError: it cannot.
    """
    if isinstance(value, float) and kind is int and value.is_integer():
        value = int(value)
    if isinstance(value, int) and _LEAST <= value <= _MOST:
        if kind is int:
            return int(value)
        # Into a text column SQLite writes numbers by itself; a key is told before that.
        return str(int(value)) if is_key else value
    if isinstance(value, float) and kind is str and isfinite(value) and not is_key:
        return value
    raise ValueError("no value for such a column")


def _dig(record: Any, path: Path | None) -> Any:
    if path is None:
        return MISSING
    for step in path:
        if not isinstance(record, dict) or step not in record:
            return MISSING
        record = record[step]
    return record
