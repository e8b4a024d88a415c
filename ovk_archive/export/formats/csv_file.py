"""Format csv: RFC 4180 in UTF-8; with `--excel` as spreadsheets want it. Null and "" look alike."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from ovk_archive.export.view import Values, View, Written

_CHUNK = 1000
#: A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Csv:
    """Writes tables as CSV.

    Attributes:
        excel: with a byte order mark, and an apostrophe before what would be taken for a formula.
    """

    excel: bool = False

    @property
    def encoding(self) -> str:
        """UTF-8, with the mark by which spreadsheets know it."""
        return "utf-8-sig" if self.excel else "utf-8"

    def write(self, folder: Path, view: View, rows: Iterable[Values]) -> Iterator[Written]:
        """Write one file."""
        path = f"{view.name}.csv"
        with (folder / path).open("w", encoding=self.encoding, newline="") as file:
            count = self.stream(file, view, rows)
        yield Written(path, count)

    def stream(self, file: TextIO, view: View, rows: Iterable[Values]) -> int:
        """Write a head and the rows; how many these are."""
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([field.name for field in view.fields])
        count, left = 0, iter(map(_guarded, rows) if self.excel else rows)
        while chunk := list(islice(left, _CHUNK)):
            writer.writerows(chunk)
            count += len(chunk)
        return count


def _guarded(values: Values) -> Values:
    return tuple(map(_guard, values))


def _guard(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
