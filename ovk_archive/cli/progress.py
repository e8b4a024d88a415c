"""How far a run is: a bar per list on a terminal, a line per list elsewhere."""

import sys
from collections import Counter
from typing import Self

from tqdm import tqdm

from ovk_archive.cli.output import say
from ovk_archive.resource import Resource
from ovk_archive.sync import Progress, Silent


class Lines:
    """One line for each list that has been read."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()

    def page(self, resource: Resource, rows: int, total: int | None) -> None:
        """Count."""
        del total
        self._rows[resource.name] += rows

    def finished(self, resource: Resource) -> None:
        """Say how much was read."""
        rows = self._rows.get(resource.name)
        say(f"{resource.title}: nothing to read" if rows is None else f"{resource.title}: {rows}")


class Bars:
    """A bar for each list.

    Args:
        totals: a list's own count is the bar's; not so if several owners share a bar.
    """

    def __init__(self, *, totals: bool) -> None:
        self._totals = totals
        self._bars: dict[str, tqdm[None]] = {}

    def page(self, resource: Resource, rows: int, total: int | None) -> None:
        """Move the bar."""
        bar = self._bars.get(resource.name) or self._new(resource)
        if total and self._totals and resource.parent is None:
            # Pages overlap, so more rows may be read than there are.
            bar.total = max(total, bar.n + rows)
        bar.update(rows)

    def finished(self, resource: Resource) -> None:
        """Leave the bar as it is."""
        if resource.name in self._bars:
            self._bars[resource.name].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for bar in self._bars.values():
            bar.close()

    def _new(self, resource: Resource) -> "tqdm[None]":
        bar: tqdm[None] = tqdm(desc=resource.title, unit="", file=sys.stderr, dynamic_ncols=True)
        self._bars[resource.name] = bar
        return bar


def progress_for(*, quiet: bool, verbose: bool, owners: int) -> Progress:
    """What suits the place where stderr goes."""
    if quiet:
        return Silent()
    # Log lines and bars do not share a terminal well.
    if verbose or sys.stderr is None or not sys.stderr.isatty():
        return Lines()
    return Bars(totals=owners <= 1)
