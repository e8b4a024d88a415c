"""Format xlsx: one workbook, a sheet for each table; what is text stays text, times are times."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from itertools import chain, islice
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import xl_rowcol_to_cell

from ovk_archive.export.formats import spreadsheets
from ovk_archive.export.view import Field, Values, View, Written

#: The file's name.
WORKBOOK = "tables.xlsx"
#: Rows of a sheet, its head aside.
ROWS = 1_048_575
#: Letters of a cell, as UTF-16 has them.
LETTERS = 32_767
#: So many cut cells of a column are named.
_NAMED = 100
#: No time of this computer is in an export.
_MADE = datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_WIDTHS = {"time": 19, "integer": 12, "string": 24}


@dataclass(slots=True)
class Xlsx:
    """Writes all tables into one workbook.

    Attributes:
        rows: as many fit into a sheet; the others go into further ones.
        strange: how many values are no times where times should be, by table and column.
        spoiled: how many texts lack a character that no workbook can have.
        cut: which cells do not have all of their text.
        looks: how cells are shown, by their kind.
    """

    rows: int = ROWS
    strange: Counter[tuple[str, str]] = field(default_factory=Counter)
    spoiled: Counter[tuple[str, str]] = field(default_factory=Counter)
    cut: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    looks: dict[str, Any] = field(default_factory=dict)
    _book: Any = None

    def write(self, folder: Path, view: View, rows: Iterable[Values]) -> Iterator[Written]:
        """Write a sheet, or several if one has no room for all rows."""
        if self._book is None:
            self._begin(folder)
        with self._closing():
            yield from self._sheets(view, rows)

    def _sheets(self, view: View, rows: Iterable[Values]) -> Iterator[Written]:
        left, number = iter(rows), 1
        first = list(islice(left, 1))
        while first or number == 1:
            sheet = self._sheet(view, spreadsheets.sheet_name(view.name, number))
            yield Written(
                WORKBOOK, self._fill(sheet, view, chain(first, islice(left, self.rows - 1)))
            )
            first, number = list(islice(left, 1)), number + 1

    def finish(self) -> list[str]:
        """Write the workbook; what has to be said of it.

        Raises:
            OSError: it cannot be written.
        """
        with self._closing():
            self._book.close()
        said = spreadsheets.limits(self.strange, "rounded to a thousandth of a second")
        for (table, column), count in sorted(self.spoiled.items()):
            said.append(
                f"{count} texts of {table}.{column} have characters that no workbook can have: "
                "U+FFFD stands for them."
            )
        for (table, column), cells in sorted(self.cut.items()):
            more = f" and {len(cells) - _NAMED} more" if len(cells) > _NAMED else ""
            said.append(
                f"{len(cells)} texts of {table}.{column} are cut, for a cell has room for "
                f"{LETTERS:,} letters: {', '.join(cells[:_NAMED])}{more}."
            )
        return said

    def _fill(self, sheet: Any, view: View, rows: Iterable[Values]) -> int:
        """Put rows into a sheet; how many these are."""
        puts = [_Column(self, sheet, view.name, one).put for one in view.fields]
        count = 0
        for row in rows:
            count += 1
            for column, (put, value) in enumerate(zip(puts, row, strict=True)):
                if value is not None:
                    put(count, column, value)
        return count

    @contextmanager
    def _closing(self) -> Iterator[None]:
        """Close what XlsxWriter has opened, if it comes to no end."""
        try:
            yield
        except BaseException as error:
            for sheet in self._book.worksheets():
                # What waits to be written still has no room.
                with suppress(OSError):
                    sheet.row_data_fh.close()
            if isinstance(error, FileCreateError):
                raise error.args[0] from error
            raise

    def _begin(self, folder: Path) -> None:
        # Rows wait in files beside the workbook: they may need more room than others have.
        options = {"constant_memory": True, "tmpdir": str(folder)}
        self._book = xlsxwriter.Workbook(folder / WORKBOOK, options)
        self._book.use_zip64()
        self._book.set_properties({"created": _MADE})
        self.looks = {
            "time": self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            # So that a text stays text when somebody edits it.
            "string": self._book.add_format({"num_format": "@"}),
            "head": self._book.add_format({"bold": True}),
        }

    def _sheet(self, view: View, name: str) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, one in enumerate(view.fields):
            kind = "time" if spreadsheets.is_time(one) else one.type
            sheet.set_column(column, column, _WIDTHS[kind])
            sheet.write_string(0, column, one.name, self.looks["head"])
        return sheet


@dataclass(frozen=True, slots=True)
class _Column:
    """Puts the values of one column into the cells of a sheet, and notes what does not fit."""

    notes: Xlsx
    sheet: Any
    table: str
    field: Field

    @property
    def put(self) -> Callable[[int, int, Any], None]:
        """What puts a value into the cell of a row and a column."""
        if spreadsheets.is_time(self.field):
            return self._time
        return self._number if self.field.type == "integer" else self._text

    def _time(self, row: int, column: int, value: Any) -> None:
        when = spreadsheets.moment(value)
        if when is None:
            self.notes.strange[self.table, self.field.name] += 1
            self._number(row, column, value)
        else:
            look = self.notes.looks["time"]
            self.sheet.write_number(row, column, spreadsheets.days(when), look)

    def _number(self, row: int, column: int, value: Any) -> None:
        if _is_exact(value):
            self.sheet.write_number(row, column, value)
        else:
            self._text(row, column, value)

    def _text(self, row: int, column: int, value: Any) -> None:
        said, spoiled = spreadsheets.written(value)
        fits = _fitting(said)
        if spoiled:
            self.notes.spoiled[self.table, self.field.name] += 1
        if fits != said:
            cell = f"{self.sheet.name}!{xl_rowcol_to_cell(row, column)}"
            self.notes.cut[self.table, self.field.name].append(cell)
        if fits:
            self.sheet.write_string(row, column, _plain(fits), self.notes.looks["string"])


def _is_exact(value: Any) -> bool:
    """It is a number of which a spreadsheet keeps every digit."""
    if isinstance(value, float):
        return float(f"{value:.15g}") == value and abs(value) < float("inf")
    return isinstance(value, int) and -spreadsheets.MOST < value < spreadsheets.MOST


def _is_rich(text: str) -> bool:
    """XlsxWriter takes it for markup, and would write it as it is."""
    return text.startswith("<r>") and text.endswith("</r>")


def _plain(text: str) -> str:
    """A text as XlsxWriter has to be given it."""
    return f'<r><t xml:space="preserve">{escape(text)}</t></r>' if _is_rich(text) else text


def _fitting(text: str) -> str:
    """As much of a text as a cell has room for."""
    fits = spreadsheets.cut(text, LETTERS)
    if _is_rich(fits) and len(_plain(fits)) > LETTERS // 2:
        # XlsxWriter counts the markup, too.
        return fits[: LETTERS // 16]
    return fits
