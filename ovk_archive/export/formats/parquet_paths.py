"""Where the Parquet files of a table lie: one file, a folder for each year, or a part of a lake."""

from dataclasses import dataclass

from ovk_archive.export.view import View
from ovk_archive.resources.vocabulary.rows import Table

#: The year of rows without a time; there never was one. The name that hive layouts have for nothing
#: makes texts of years for DuckDB and Polars where there is no other year, and stops pandas.
NO_YEAR = 0
#: Where a lake keeps what it knows of its archives. Engines pass by what begins with `_`.
ABOUT = "_archives"


@dataclass(frozen=True, slots=True)
class Paths:
    """The paths of one table's files.

    Attributes:
        table: its name.
        years: a folder for each year.
        archive: whose part of a lake it is, if it is one.
    """

    table: str
    years: bool = False
    archive: str | None = None

    def file(self, year: int | None, number: int) -> str:
        """A file of rows of a year, and which of that year's it is."""
        folder = self.table if self.archive is None else partition(self.table, self.archive)
        if self.years:
            return f"{folder}/year={NO_YEAR if year is None else year}/part-{number}.parquet"
        return (
            f"{self.table}.parquet" if self.archive is None else f"{folder}/part-{number}.parquet"
        )

    @property
    def empty(self) -> str:
        """The file that has the columns where there are no rows: in no year, for it has none."""
        name = f"{self.table}.parquet"
        return name if self.archive is None else f"{ABOUT}/{self.archive}/{name}"


def partition(table: str, archive: str) -> str:
    """The folder of an archive's rows of a table, inside a lake."""
    return f"{table}/archive={archive}"


def paths_of(view: View, *, by_year: bool, archive: str | None) -> Paths:
    """The paths of a table's files."""
    # In a lake all parts of a table have to lie alike, also one whose times were made unreadable.
    parted = _has_times(view.table) if archive else year_column(view) is not None
    return Paths(view.name, parted and (by_year or bool(archive)), archive)


def year_column(view: View) -> str | None:
    """The column whose years part a table's rows: the one readers sort by, or `date`."""
    moments = {one.name for one in view.fields if one.is_moment and one.type == "integer"}
    return next((name for name in (view.table.sort, "date") if name in moments), None)


def _has_times(table: Table) -> bool:
    named = (table.by_name.get(name) for name in (table.sort or "", "date"))
    return any(one is not None and (one.unit or "").startswith("unix time") for one in named)
