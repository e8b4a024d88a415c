"""How far a run is: bars on a terminal, and a line for each list that has been read."""

import sys
from collections import Counter
from typing import Any, Self

from tqdm import tqdm

from ovk_archive.catalogue import Outcome
from ovk_archive.cli.output import say, visible
from ovk_archive.media import FileProgress
from ovk_archive.media import Silent as NoFiles
from ovk_archive.plan import Progress, Silent
from ovk_archive.resource import Resource


class Lines:
    """One line for each kind of list, when all of it has been read."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._spared: set[str] = set()

    def page(self, resource: Resource, rows: int, total: int | None) -> None:
        """Count."""
        del total
        self._rows[resource.name] += rows

    def spared(self, resource: Resource) -> None:
        """Remember it."""
        self._spared.add(resource.name)

    def finished(self, resource: Resource) -> None:
        """Say how much was read."""
        say(self.line(resource))

    def line(self, resource: Resource) -> str:
        """What to say of a list."""
        rows = self._rows.get(resource.name)
        if rows is None:
            why = "asked for not long ago" if resource.name in self._spared else "nothing to read"
            return f"{resource.title}: {why}"
        return f"{resource.title}: {rows} read"


class Bars(Lines):
    """A bar for each list while it is read; a context manager.

    Args:
        totals: a list's own count is the bar's; not so if several owners share a bar.
    """

    def __init__(self, *, totals: bool) -> None:
        super().__init__()
        self._totals = totals
        self._bars: dict[str, tqdm[Any]] = {}

    def page(self, resource: Resource, rows: int, total: int | None) -> None:
        """Move the bar."""
        super().page(resource, rows, total)
        if resource.name not in self._bars:
            self._bars[resource.name] = tqdm(
                desc=resource.title, unit="", file=sys.stderr, leave=False
            )
        bar = self._bars[resource.name]
        if total and self._totals and resource.parent is None:
            # Pages overlap, so more rows may be read than there are.
            bar.total = max(total, bar.n + rows)
        bar.update(rows)

    def finished(self, resource: Resource) -> None:
        """Put a line in the place of the bar, above those that still move."""
        if resource.name in self._bars:
            self._bars.pop(resource.name).close()
        # A closed bar may leave the cursor in the middle of its line.
        tqdm.write(f"\r{visible(self.line(resource))}", file=sys.stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for bar in self._bars.values():
            bar.close()


def progress_for(*, quiet: bool, verbose: bool, owners: int) -> Progress:
    """What suits the place where stderr goes."""
    if quiet:
        return Silent()
    # Log lines and bars do not share a terminal well.
    if verbose or sys.stderr is None or not sys.stderr.isatty():
        return Lines()
    return Bars(totals=owners <= 1)


class FileBar:
    """A bar that counts files; a context manager."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._bytes = 0

    def begin(self, pending: int) -> None:
        """Show it."""
        if self._bar is not None:
            self._bar.close()
        self._bar = tqdm(desc="files", total=pending, unit="", file=sys.stderr, leave=False)

    def file(self, outcome: Outcome) -> None:
        """Move it."""
        if self._bar is None:
            return
        self._bytes += (outcome.size or 0) * bool(outcome.sha256)
        self._bar.total = max(self._bar.total or 0, self._bar.n + 1)
        self._bar.set_postfix_str(tqdm.format_sizeof(self._bytes, "B", 1000), refresh=False)
        self._bar.update()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


def file_progress_for(*, quiet: bool, verbose: bool) -> FileProgress:
    """What suits the place where stderr goes."""
    if quiet or verbose or sys.stderr is None or not sys.stderr.isatty():
        return NoFiles()
    return FileBar()
