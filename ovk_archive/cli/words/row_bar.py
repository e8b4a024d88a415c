"""How many rows of an export are written: a bar on a terminal, nothing elsewhere."""

import sys
from collections.abc import Callable
from typing import Any, Self

from tqdm import tqdm


class RowBar:
    """Counts rows; a context manager (`export.rows.Progress`)."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._bar: tqdm[Any] | None = None

    def begin(self, count: Callable[[], int]) -> None:
        """Show it."""
        if self._shown:
            self._bar = tqdm(desc="rows", total=count(), unit="", file=sys.stderr, leave=False)

    def rows(self, number: int) -> None:
        """Move it."""
        if self._bar is not None:
            self._bar.update(number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
