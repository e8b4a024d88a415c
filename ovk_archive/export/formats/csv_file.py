"""Format csv: RFC 4180 in UTF-8; with `--excel` as spreadsheets want it. Null and "" look alike."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from ovk_archive.export.formats import spreadsheets
from ovk_archive.export.view import Values, View, Written

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Csv:
    """Writes tables as CSV.

    Attributes:
        excel: with a byte order mark, times that spreadsheets know, and an apostrophe before what
            would be taken for a formula.
        delimiter: what is between two cells.
        strange: how many values are no times where times should be, by table and column.
    """

    excel: bool = False
    delimiter: str = ","
    strange: Counter[tuple[str, str]] = field(default_factory=Counter)

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
        writer = csv.writer(file, lineterminator="\r\n", delimiter=self.delimiter)
        writer.writerow([one.name for one in view.fields])
        count, left = 0, iter(self._for_excel(view, rows) if self.excel else rows)
        while chunk := list(islice(left, _CHUNK)):
            writer.writerows(chunk)
            count += len(chunk)
        return count

    def finish(self) -> list[str]:
        """What has to be said of what was written."""
        return spreadsheets.limits(self.strange, "to the second") if self.excel else []

    def _for_excel(self, view: View, rows: Iterable[Values]) -> Iterator[Values]:
        changes = [self._change(view.name, one) for one in view.fields]
        return (tuple(map(_apply, changes, row)) for row in rows)

    def _change(self, table: str, one: Any) -> Callable[[Any], Any]:
        if not spreadsheets.is_time(one):
            return _guard

        def as_time(value: Any) -> Any:
            if value is None:
                return None
            when = spreadsheets.moment(value)
            if when is None:
                self.strange[table, one.name] += 1
                return _guard(value)
            return spreadsheets.said(when)

        return as_time


def _apply(change: Callable[[Any], Any], value: Any) -> Any:
    return change(value)


def _guard(value: Any) -> Any:
    return spreadsheets.guarded(value) if isinstance(value, str) else value
