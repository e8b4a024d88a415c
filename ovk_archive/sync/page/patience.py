"""How long a walk through one list is followed before the run goes on with other lists."""

import math
from typing import Any

from ovk_archive.api.paging.anchored import Anchored

#: Pages in a row that bring nothing new until a list is given up: more dead rows than any has.
ENDLESS = 1000
#: Pages that any list may have beyond twice those that its first count promised: steps back, a
#: short list that doubles.
SPARE = 20


class Patience:
    """Follows one walk, page by page."""

    def __init__(self, paginator: Any) -> None:
        self._paginator = paginator
        self._pages = 0.0
        self._most: int | None = None
        self._read = 0
        self._idle = 0

    def share(self, before: Any) -> float:
        """How much of a usual page the one is that is asked for from a position."""
        window = self._paginator.window(before)
        return window.size / self._paginator.size if isinstance(self._paginator, Anchored) else 1.0

    def page(self, total: int | None, before: int, read: int, share: float = 1.0) -> None:
        """Count a page: rows by the server's count, and how many were read before it and after."""
        if self._pages == 0 and total is not None and isinstance(self._paginator, Anchored):
            self._most = 2 * (1 + total // self._paginator.stride) + SPARE
        self._pages += share
        if read < before:
            # It starts over: nothing is old news.
            self._read, self._idle = read, 0
        else:
            self._idle = 0 if read > self._read else self._idle + 1
            self._read = max(self._read, read)

    @property
    def left(self) -> float:
        """How many more pages it may have; what then remains is left to the next run."""
        return math.inf if self._most is None else self._most - self._pages

    @property
    def endless(self) -> bool:
        """Nothing new has come for so long that the list has no end."""
        return self._idle > ENDLESS
