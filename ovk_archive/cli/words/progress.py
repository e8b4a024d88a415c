"""How far a run is: bars on a terminal, and a line for each list that has been read."""

import sys
from collections import Counter
from collections.abc import Collection
from typing import Any, Self

from tqdm import tqdm

from ovk_archive.api.wire.waits import Wait
from ovk_archive.cli.words.output import say, visible
from ovk_archive.cli.words.waiting import Forecast, WaitLine, WaitWords
from ovk_archive.media.catalogue import Outcome
from ovk_archive.media.progress import FileProgress
from ovk_archive.media.progress import Silent as NoFiles
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.sync.plan import Progress, Silent


class Lines:
    """One line for each kind of list, when all of it has been read."""

    def __init__(self) -> None:
        self.forecast = Forecast()
        self._words = WaitWords(self.forecast)
        self._rows: Counter[str] = Counter()
        self._spared: set[str] = set()
        self._lacking: dict[str, bool] = {}

    def begin(self, resources: Collection[Resource]) -> None:
        """Remember them."""
        self.forecast.begin(resources)

    def ahead(self, resource: Resource, lists: int) -> None:
        """Remember it."""
        self.forecast.ahead(resource, lists)

    def listed(self, resource: Resource) -> None:
        """Remember it."""
        self.forecast.ahead(resource, -1)

    def waits(self, wait: Wait) -> None:
        """Say why."""
        self._words.waits(wait)

    def goes_on(self, wait: Wait) -> None:
        """Nothing."""

    def page(self, resource: Resource, rows: int, total: int | None) -> None:
        """Count."""
        self._rows[resource.name] += rows
        self.forecast.page(resource, rows, total)

    def spared(self, resource: Resource) -> None:
        """Remember it."""
        self._spared.add(resource.name)

    def lacking(self, resource: Resource, *, absent: bool) -> None:
        """Remember it."""
        self._lacking[resource.name] = absent

    def finished(self, resource: Resource) -> None:
        """Say how much was read."""
        self.forecast.finished(resource)
        say(self.line(resource))

    def line(self, resource: Resource) -> str:
        """What to say of a list."""
        rows, absent = self._rows.get(resource.name), self._lacking.get(resource.name)
        if rows is not None:
            return f"{resource.title}: {rows} read{', but not all' if absent is False else ''}"
        if absent is not None:
            why = "not on this instance" if absent else "could not be read"
        elif resource.name in self._spared:
            why = "read not long ago"
        else:
            why = "nothing new"
        return f"{resource.title}: {why}"


class Bars(Lines):
    """A bar for each list while it is read, and one for all of them; a context manager.

    Args:
        totals: a list's own count is the bar's; not so if several owners share a bar.
    """

    def __init__(self, *, totals: bool) -> None:
        super().__init__()
        self._totals = totals
        self._bars: dict[str, tqdm[Any]] = {}
        self._all: tqdm[Any] | None = None
        self._wait_line = WaitLine(self.forecast, self._tick)

    def begin(self, resources: Collection[Resource]) -> None:
        """Show the bar of all lists."""
        super().begin(resources)
        self._all = tqdm(
            desc="all lists",
            total=len(resources),
            file=sys.stderr,
            leave=False,
            bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]",
        )

    def ahead(self, resource: Resource, lists: int) -> None:
        """There are more of them."""
        super().ahead(resource, lists)
        if self._all is not None:
            self._all.total = (self._all.total or 0) + lists

    def listed(self, resource: Resource) -> None:
        """One less is left."""
        super().listed(resource)
        self._step()

    def waits(self, wait: Wait) -> None:
        """Show why."""
        self._wait_line.waits(wait)

    def goes_on(self, wait: Wait) -> None:
        """Stop showing it."""
        self._wait_line.goes_on(wait)

    def _step(self) -> None:
        if self._all is not None:
            self._all.update()

    def _tick(self) -> None:
        if self._all is not None:
            self._all.set_postfix_str(f"{self._rows.total()} read")

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
        self.forecast.finished(resource)
        self._step()
        if resource.name in self._bars:
            self._bars.pop(resource.name).close()
        # A closed bar may leave the cursor in the middle of its line.
        tqdm.write(f"\r{visible(self.line(resource))}", file=sys.stderr)

    def __enter__(self) -> Self:
        self._wait_line.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._wait_line.__exit__()
        for bar in [*self._bars.values(), *([self._all] if self._all is not None else [])]:
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
        self._wait_line = WaitLine(Forecast(), self._tick)

    def waits(self, wait: Wait) -> None:
        """Show why."""
        self._wait_line.waits(wait)

    def goes_on(self, wait: Wait) -> None:
        """Stop showing it."""
        self._wait_line.goes_on(wait)

    def _tick(self) -> None:
        if self._bar is not None:
            self._bar.refresh()

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
        self._wait_line.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._wait_line.__exit__()
        if self._bar is not None:
            self._bar.close()


class FileWords(WaitWords):
    """Where there is no terminal, only the reasons to wait are told."""

    def begin(self, pending: int) -> None:
        """Nothing."""

    def file(self, outcome: Outcome) -> None:
        """Nothing."""


def file_progress_for(*, quiet: bool, verbose: bool) -> FileProgress:
    """What suits the place where stderr goes."""
    if quiet:
        return NoFiles()
    if verbose or sys.stderr is None or not sys.stderr.isatty():
        return FileWords()
    return FileBar()
