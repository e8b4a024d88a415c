"""Format parquet: typed, compressed, described in the file; one file a table, or some a year."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from ovk_archive.export.formats.parquet_columns import arrow, kind_of, schema_of
from ovk_archive.export.formats.parquet_files import Files
from ovk_archive.export.formats.parquet_paths import paths_of, year_column
from ovk_archive.export.view import Values, View, Written

#: Rows that are Python's objects at a time; the others wait as Arrow's columns, which are small.
BATCH = 1_000


@dataclass
class ParquetWriter:
    """Writes `posts.parquet`, or `posts/year=2024/part-0.parquet` and its like.

    A table without rows is one file all the same, for its columns, and is in no year.

    What a column cannot hold becomes null: a time after the year 9999, a word where a number
    should be. The text formats have such values as they are.

    Attributes:
        partition: by years of the column that readers sort by, or of `date`; tables without one are
            a single file all the same.
        archive: the name of the archive in a lake, if the files are for one, which has years.
        lost: how many values became null, by table and column.

    Raises:
        BadInputError: pyarrow is not installed.
    """

    partition: Literal["year"] | None = None
    archive: str | None = None
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        arrow()

    def write(self, folder: Path, view: View, rows: Iterable[Values]) -> Iterator[Written]:
        """Write the rows into one file or several."""
        paths = paths_of(view, by_year=bool(self.partition), archive=self.archive)
        by = year_column(view) if paths.years else None
        with Files(folder, schema_of(view), paths) as files:
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
