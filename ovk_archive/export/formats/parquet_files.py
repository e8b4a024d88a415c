"""The files of one table in Parquet: what waits for them, which are open, which are written."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ovk_archive.export.formats.parquet_columns import arrow
from ovk_archive.export.formats.parquet_paths import Paths
from ovk_archive.export.view import Written

#: Rows per row group, the piece of a file that readers skip or read as a whole. Larger ones make
#: files no smaller, and take memory.
GROUP = 10_000
#: Bytes that wait for their row groups, of all years together; beyond it the largest is written.
HELD = 4_000_000
#: What a batch takes beside its values, be it of one row.
OVERHEAD = 4_000
#: Files open at a time; a year that comes again after its file was closed gets another one.
OPEN = 32


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


class Files:
    """The files of one table: what waits for them, which are open, which are written.

    Rows come in the order of their key, so those of a year come at any time.
    """

    def __init__(self, folder: Path, schema: Any, paths: Paths) -> None:
        self.schema = schema
        self._folder = folder
        self._paths = paths
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
            self._open[None] = self._new(self._paths.empty)
        for year in list(self._open):
            self._close(year)

    def _write(self, year: int | None) -> None:
        waiting = self._waiting.pop(year)
        self._held -= waiting.size
        path, file = self._file(year)
        table = arrow().Table.from_batches(waiting.batches, self.schema)
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
        path = self._paths.file(year, self._begun[year])
        self._begun[year] += 1
        return self._new(path)

    def _new(self, path: str) -> tuple[str, Any]:
        self._rows[path] = 0
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        return path, arrow().parquet.ParquetWriter(file, self.schema, compression="zstd")

    def _close(self, year: int | None) -> None:
        self._open.pop(year)[1].close()
