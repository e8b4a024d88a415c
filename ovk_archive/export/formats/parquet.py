"""Parquet: typed, compressed, described in the file itself; one file a table, or some per year."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from ovk_archive.errors import BadInputError
from ovk_archive.export.view import Field, Values, View, Written

#: Rows per row group, the piece of a file that readers skip or read as a whole. Larger ones make
#: files no smaller, and take memory.
GROUP = 10_000
#: Rows that are Python's objects at a time; the others wait as Arrow's columns, which are small.
BATCH = 1_000
#: Bytes that wait for their row groups, of all years together; beyond it the largest is written.
HELD = 4_000_000
#: What a batch takes beside its values, be it of one row.
OVERHEAD = 4_000
#: Files open at a time; a year that comes again after its file was closed gets another one.
OPEN = 32
#: What hive layouts call the partition of rows without a value.
NO_YEAR = "__HIVE_DEFAULT_PARTITION__"
#: The years 1 to 9999 in unix time: what Python and every reader of Parquet know as a time.
FIRST, LAST = -62_135_596_800, 253_402_300_799

_INT64 = 2**63
#: What pyarrow raises for a value that is not of the type asked for.
_UNFIT = (TypeError, ValueError, OverflowError)


@dataclass
class ParquetWriter:
    """Writes `posts.parquet`, or `posts/year=2024/part-0.parquet` and its like.

    What a column cannot hold becomes null: a time after the year 9999, a word where a number
    should be. The text formats have such values as they are.

    Attributes:
        partition: by years of the column that readers sort by, or of `date`; tables without one are
            a single file all the same.
        lost: how many values became null, by table and column.

    Raises:
        BadInputError: pyarrow is not installed.
    """

    partition: Literal["year"] | None = None
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        _arrow()

    def write(self, folder: Path, view: View, rows: Iterable[Values]) -> Iterator[Written]:
        """Write the rows into one file or several."""
        by = year_column(view) if self.partition else None
        with _Files(folder, schema_of(view), _names(view, by)) as files:
            for batch in self._batches(view, files.schema, rows):
                for year, part in _by_year(batch, by):
                    files.add(year, part)
        yield from files.written()

    def _batches(self, view: View, schema: Any, rows: Iterable[Values]) -> Iterator[Any]:
        """The rows as Arrow has them, some at a time."""
        kinds = [_kind(one) for one in view.fields]
        rows = iter(rows)
        while some := list(islice(rows, BATCH)):
            arrays = []
            for one, kind, values in zip(view.fields, kinds, zip(*some, strict=True), strict=True):
                array = kind.array(values)
                if lost := array.null_count - values.count(None):
                    self.lost[view.name, one.name] += lost
                arrays.append(array)
            yield _arrow().RecordBatch.from_arrays(arrays, schema=schema)


def year_column(view: View) -> str | None:
    """The column whose years part a table's rows: the one readers sort by, or `date`."""
    moments = {one.name for one in view.fields if one.is_moment and one.type == "integer"}
    return next((name for name in (view.table.sort, "date") if name in moments), None)


def schema_of(view: View) -> Any:
    """The columns with their types, and in words what they and the table are.

    The words of Arrow's fields are for readers that know Arrow; `columns` has them for all others.
    """
    pa = _arrow()
    fields = [pa.field(one.name, _kind(one).type, metadata=_words(one)) for one in view.fields]
    docs = {one.name: one.doc for one in view.fields}
    words = {
        "title": view.table.title,
        "description": view.table.doc,
        "columns": json.dumps(docs, ensure_ascii=False),
        "pandas": json.dumps(_for_pandas(view)),
    }
    return pa.schema(fields, metadata=words)


def _words(one: Field) -> dict[str, str]:
    words = {"description": one.doc, "unit": one.unit, "references": one.references}
    return {name: word for name, word in words.items() if word}


def _for_pandas(view: View) -> dict[str, Any]:
    """Asks pandas for whole numbers that can be null, which it would turn into fractions."""
    columns = [
        {
            "name": one.name,
            "field_name": one.name,
            "pandas_type": "int64",
            "numpy_type": "Int64",
            "metadata": None,
        }
        for one in view.fields
        if one.type == "integer" and not one.is_moment
    ]
    return {"index_columns": [], "column_indexes": [], "columns": columns}


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the values of a column become Arrow's.

    Attributes:
        type: Arrow's type.
        read: all values at once; fails if one of them does not fit.
        mend: a value -> one that fits, or None.
    """

    type: Any
    read: Callable[[Sequence[Any]], Any]
    mend: Callable[[Any], Any]

    def array(self, values: Sequence[Any]) -> Any:
        """The values, with those mended that do not fit."""
        try:
            return self.read(values)
        except _UNFIT:
            return self.read([None if value is None else self.mend(value) for value in values])


def _kind(one: Field) -> _Kind:
    pa = _arrow()
    if one.type == "integer" and one.is_moment:
        return _Kind(pa.timestamp("s", "UTC"), _moments, _as_moment)
    if one.type == "integer":
        return _Kind(pa.int64(), _numbers, _as_number)
    if one.name.endswith("_at"):
        # What the archive notes of times: `first_seen_at`, and in `media` some others.
        return _Kind(pa.timestamp("us", "UTC"), _stamps, _as_stamp)
    return _Kind(pa.string(), _texts, _as_text)


def _numbers(values: Sequence[Any]) -> Any:
    if float in set(map(type, values)):
        # pyarrow would drop the fraction and say nothing.
        raise TypeError("a fraction is no whole number")
    return _arrow().array(values, _arrow().int64())


def _moments(values: Sequence[Any]) -> Any:
    array = _numbers(values)
    span = _arrow().compute.min_max(array).as_py()
    if array.null_count < len(array) and (span["min"] < FIRST or span["max"] > LAST):
        raise ValueError("this is outside of time")
    return array.cast(_arrow().timestamp("s", "UTC"))


def _texts(values: Sequence[Any]) -> Any:
    return _arrow().array(values, _arrow().string())


def _stamps(values: Sequence[Any]) -> Any:
    return _texts(values).cast(_arrow().timestamp("us", "UTC"))


def _as_number(value: Any) -> int | None:
    """The whole number that a value stands for."""
    with suppress(*_UNFIT):
        number = int(value)
        if -_INT64 <= number < _INT64 and not (isinstance(value, float) and number != value):
            return number
    return None


def _as_moment(value: Any) -> int | None:
    number = _as_number(value)
    return number if number is not None and FIRST <= number <= LAST else None


def _as_text(value: Any) -> str:
    """Text that UTF-8 can say: U+FFFD stands for what it cannot."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _as_stamp(value: Any) -> str | None:
    with suppress(*_UNFIT):
        stamp = datetime.fromisoformat(value)
        if stamp.tzinfo is None:
            stamp = stamp.replace(tzinfo=UTC)
        return stamp.astimezone(UTC).isoformat(timespec="microseconds")
    return None


def _by_year(batch: Any, by: str | None) -> Iterator[tuple[int | None, Any]]:
    """The rows of each year, and those without one."""
    if by is None:
        yield None, batch
        return
    pa = _arrow()
    # Without the zone Arrow needs no list of zones, which not every system has.
    years = pa.compute.year(batch.column(by).cast(pa.int64()).cast(pa.timestamp("s")))
    found = years.unique().to_pylist()
    if len(found) == 1:
        yield found[0], batch
        return
    for year in found:
        chosen = pa.compute.is_null(years) if year is None else pa.compute.equal(years, year)
        yield year, batch.filter(chosen)


def _names(view: View, by: str | None) -> Callable[[int | None, int], str]:
    """How the files are called: by year, and by which file of that year it is."""
    if by is None:
        return lambda _year, _number: f"{view.name}.parquet"
    return lambda year, number: (
        f"{view.name}/year={NO_YEAR if year is None else year}/part-{number}.parquet"
    )


@dataclass(slots=True)
class _Waiting:
    """Rows of one year that wait for their row group."""

    batches: list[Any] = field(default_factory=list)
    rows: int = 0
    size: int = 0

    def add(self, batch: Any) -> int:
        """Let some more wait: how many bytes they take."""
        size: int = batch.nbytes + OVERHEAD
        self.batches.append(batch)
        self.rows += batch.num_rows
        self.size += size
        return size


class _Files:
    """The files of one table: what waits for them, which are open, which are written.

    Rows come in the order of their key, so those of a year come at any time.
    """

    def __init__(self, folder: Path, schema: Any, name: Callable[[int | None, int], str]) -> None:
        self.schema = schema
        self._folder = folder
        self._name = name
        self._waiting: dict[int | None, _Waiting] = {}
        self._held = 0
        #: The one used last at the end.
        self._open: dict[int | None, tuple[str, Any]] = {}
        self._begun: Counter[int | None] = Counter()
        self._rows: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._finish()
        finally:
            for _, file in self._open.values():
                # Whatever ended it is what is to be told.
                with suppress(OSError):
                    file.close()

    def add(self, year: int | None, batch: Any) -> None:
        """Take rows of a year; write a row group where there is enough for one."""
        waiting = self._waiting.setdefault(year, _Waiting())
        self._held += waiting.add(batch)
        if waiting.rows >= GROUP:
            self._write(year)
        elif self._held > HELD:
            self._write(max(self._waiting, key=lambda one: self._waiting[one].size))

    def written(self) -> Iterator[Written]:
        """The files, in the order of their names."""
        for path, rows in sorted(self._rows.items()):
            yield Written(path, rows)

    def _finish(self) -> None:
        for year in list(self._waiting):
            self._write(year)
        if not self._begun:
            # A table without rows is there all the same, with its columns.
            self._file(None)
        for year in list(self._open):
            self._close(year)

    def _write(self, year: int | None) -> None:
        waiting = self._waiting.pop(year)
        self._held -= waiting.size
        path, file = self._file(year)
        table = _arrow().Table.from_batches(waiting.batches, self.schema)
        file.write_table(table, row_group_size=waiting.rows)
        self._rows[path] += waiting.rows

    def _file(self, year: int | None) -> tuple[str, Any]:
        """The open file of a year, a new one if need be."""
        found = self._open.pop(year, None)
        if found is None:
            if len(self._open) >= OPEN:
                self._close(next(iter(self._open)))
            found = self._begin(year)
        self._open[year] = found
        return found

    def _begin(self, year: int | None) -> tuple[str, Any]:
        path = self._name(year, self._begun[year])
        self._begun[year] += 1
        self._rows[path] = 0
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        return path, _arrow().parquet.ParquetWriter(file, self.schema, compression="zstd")

    def _close(self, year: int | None) -> None:
        self._open.pop(year)[1].close()


@cache
def _arrow() -> Any:
    """The package pyarrow, of which no type information is published."""
    try:
        import_module("pyarrow.compute")
        import_module("pyarrow.parquet")
        return import_module("pyarrow")
    except ImportError as error:
        raise BadInputError(
            "Parquet is written by pyarrow, which is not installed: "
            "pip install 'ovk-archive[parquet]', or choose another --format."
        ) from error
