"""Format parquet: typed, compressed, described in the file; one file a table, or some a year."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from ovk_archive.export.formats.parquet_columns import arrow, kind_of, schema_of
from ovk_archive.export.formats.parquet_files import Files
from ovk_archive.export.view import Values, View, Written

#: Rows that are Python's objects at a time; the others wait as Arrow's columns, which are small.
BATCH = 1_000
#: What hive layouts call the partition of rows without a value.
NO_YEAR = "__HIVE_DEFAULT_PARTITION__"


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
        arrow()

    def write(self, folder: Path, view: View, rows: Iterable[Values]) -> Iterator[Written]:
        """Write the rows into one file or several."""
        by = year_column(view) if self.partition else None
        with Files(folder, schema_of(view), _names(view, by)) as files:
            for batch in self._batches(view, files.schema, rows):
                for year, part in _by_year(batch, by):
                    files.add(year, part)
        yield from files.written()

    def _batches(self, view: View, schema: Any, rows: Iterable[Values]) -> Iterator[Any]:
        """The rows as Arrow has them, some at a time."""
        kinds = [kind_of(one) for one in view.fields]
        rows = iter(rows)
        while some := list(islice(rows, BATCH)):
            arrays = []
            for one, kind, values in zip(view.fields, kinds, zip(*some, strict=True), strict=True):
                array = kind.array(values)
                if lost := array.null_count - values.count(None):
                    self.lost[view.name, one.name] += lost
                arrays.append(array)
            yield arrow().RecordBatch.from_arrays(arrays, schema=schema)


def year_column(view: View) -> str | None:
    """The column whose years part a table's rows: the one readers sort by, or `date`."""
    moments = {one.name for one in view.fields if one.is_moment and one.type == "integer"}
    return next((name for name in (view.table.sort, "date") if name in moments), None)


def _by_year(batch: Any, by: str | None) -> Iterator[tuple[int | None, Any]]:
    """The rows of each year, and those without one."""
    if by is None:
        yield None, batch
        return
    pa = arrow()
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
