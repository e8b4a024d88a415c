"""Why a run waits, and for how long: a line that moves on a terminal, words elsewhere."""

import math
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Collection
from time import monotonic
from typing import Any, Self

from tqdm import tqdm

from ovk_archive.api.pace import PACED
from ovk_archive.api.wire.waits import Wait, spelt
from ovk_archive.cli.words.output import say
from ovk_archive.resources.vocabulary.resource import Resource

#: Seconds between two looks at the clock: something moves at least as often.
_TICK = 1.0


class Forecast:
    """How many requests that have a pace are still to be made, as far as that is known."""

    def __init__(self) -> None:
        self._unknown: set[str] = set()
        self._lists: Counter[str] = Counter()
        self._pages: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()

    def begin(self, resources: Collection[Resource]) -> None:
        """Of none of these is known how much there is to read."""
        self._unknown |= {one.name for one in resources if _has_pace(one)}

    def ahead(self, resource: Resource, lists: int) -> None:
        """So many lists more; each takes a request at least."""
        if _has_pace(resource):
            self._unknown.discard(resource.name)
            self._lists[resource.name] += lists

    def page(self, resource: Resource, rows: int, total: int | None) -> None:
        """A page of this many rows has come; the rest of the list comes in pages of that size."""
        if not _has_pace(resource) or resource.parent is not None:
            return
        self._unknown.discard(resource.name)
        self._rows[resource.name] += rows
        left = max(0, (total or 0) - self._rows[resource.name])
        self._pages[resource.name] = math.ceil(left / max(1, rows))

    def finished(self, resource: Resource) -> None:
        """All of its lists have been read."""
        self._unknown.discard(resource.name)
        self._pages[resource.name] = self._lists[resource.name] = 0

    def told(self, wait: Wait) -> str:
        """How long the requests of a pace take in all: this wait, and what follows."""
        requests = self._lists.total() + self._pages.total()
        seconds = wait.seconds + max(0, math.ceil(requests / wait.calls) - 1) * wait.window
        return f"{'at least' if self._unknown else 'about'} {spelt(seconds)} left"


def _has_pace(resource: Resource) -> bool:
    return resource.method.partition(".")[0].lower() in PACED


class WaitWords:
    """Says each reason to wait, once."""

    def __init__(self, forecast: Forecast | None = None) -> None:
        self._forecast = forecast or Forecast()
        self._said: set[str] = set()

    def waits(self, wait: Wait) -> None:
        """Say it, if it is news."""
        if wait.why not in self._said:
            self._said.add(wait.why)
            say(f"Waiting: {told(wait, wait.seconds, self._forecast)}.")

    def goes_on(self, wait: Wait) -> None:
        """Nothing."""


def told(wait: Wait, seconds: float, forecast: Forecast) -> str:
    """A wait in words, when this many seconds of it are left."""
    if wait.calls:
        return f"{wait.why}: {forecast.told(wait)}"
    return f"{wait.why}, in {spelt(seconds)}" if seconds >= 1 else wait.why


class WaitLine:
    """A line below the bars while a run waits; a context manager, which looks at the clock.

    Args:
        forecast: what it says of requests to come.
        tick: called from time to time, so that something else moves too.
    """

    def __init__(self, forecast: Forecast, tick: Callable[[], object]) -> None:
        self._forecast = forecast
        self._tick = tick
        self._now: list[tuple[Wait, float]] = []
        self._line: tqdm[Any] | None = None
        self._over = threading.Event()
        self._clock = threading.Thread(target=self._watch, daemon=True)

    def waits(self, wait: Wait) -> None:
        """Show it when it has lasted for a moment."""
        self._now.append((wait, monotonic() + wait.seconds))

    def goes_on(self, wait: Wait) -> None:
        """Stop showing it."""
        for one in self._now:
            if one[0] is wait:
                self._now.remove(one)
                return

    def _watch(self) -> None:
        while not self._over.wait(_TICK):
            self._show()
            self._tick()

    def _show(self) -> None:
        # The main thread may change it meanwhile.
        now = list(self._now)
        if not now:
            self._hide()
            return
        wait, until = max(now, key=lambda one: one[1])
        words = told(wait, until - monotonic(), self._forecast)
        if self._line is None:
            self._line = tqdm(bar_format="{desc}", file=sys.stderr, leave=False)
        self._line.set_description_str(words[: _width() - 1])

    def _hide(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def __enter__(self) -> Self:
        self._clock.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._clock.join()
        self._hide()


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        return 80
