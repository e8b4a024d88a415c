"""Pages that a walk will ask for soon are asked for at once, several of a long list side by side.

The walk itself stays one page after the other, so all that it proves of its list still holds:
each page must overlap the one before, whenever either was answered. What it does not come to is
dropped.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ovk_archive.api.paging.paginator import Paginator, Worth
from ovk_archive.api.paging.windows import Window
from ovk_archive.api.waiting_calls import is_small
from ovk_archive.archive.aside import BACKLOG
from ovk_archive.errors import TransportError
from ovk_archive.sync.page.fetch import Fetched

#: Asks for a window, from a position.
Ask = Callable[[Any, Window], Coroutine[Any, Any, Fetched]]


def room() -> asyncio.Future[None] | None:
    """What to wait for before more is asked for; None if there is room, or the answer is small."""
    return None if is_small() else BACKLOG.room()


class Ahead:
    """The pages of one walk that are on their way.

    Args:
        ask: reads a window.
        paginator: tells which windows follow.
        worth: how many rows are worth asking for at once.
        most: pages that are asked for beside the next one.

    Attributes:
        wasted: pages that were asked for, and to which the walk did not come.
    """

    def __init__(self, ask: Ask, paginator: Paginator, worth: Worth, most: int) -> None:
        self._ask = ask
        self._paginator = paginator
        self._worth = worth
        self._most = most
        self.wasted = 0
        self._next: asyncio.Task[Fetched] | None = None
        self._later: dict[Window, asyncio.Task[Fetched]] = {}

    def sized(self, position: Any) -> Any:
        """The same place in the list, with as many rows to a page as are worth asking for now."""
        return self._paginator.sized(position, self._worth)

    def next(self, position: Any, left: float) -> bool:
        """Ask for the page that follows, and for some after it; False at the end of the list.

        `left` says how many pages the walk may still have. The page before has been read.
        """
        self._next = None
        window = self._paginator.window(position)
        if window is None:
            self.drop()
            return False
        # First the one that the walk waits for: requests leave in the order of their asking.
        wanted = (window, *self._paginator.ahead(position, int(min(self._most, left - 1))))
        for one in [one for one in self._later if one not in wanted]:
            _drop(self._later.pop(one))
            self.wasted += 1
            # The list moves so much that the walk had to step back, or answers take too long: one
            # page after the other then.
            self._most = 0
        for one in wanted:
            if one not in self._later:
                self._later[one] = asyncio.create_task(self._come(position, one))
        self._next = self._later.pop(window)
        return True

    async def _come(self, position: Any, window: Window) -> Fetched:
        fetched = await self._ask(position, window)
        # Until the walk comes to it, it waits in memory like what is about to be saved.
        BACKLOG.add(len(fetched.records))
        return fetched

    async def arrived(self, position: Any) -> tuple[Any, Fetched]:
        """The page that was asked for, and the position from which it was read."""
        while True:
            assert self._next is not None  # noqa: S101 - the caller was told that one comes
            try:
                fetched = await self._next
            except TransportError:
                # Of what takes too long to come, less may still come.
                smaller = self.sized(position)
                if self._rows(smaller) >= self._rows(position):
                    raise
                position = smaller
                self.next(position, 1)
            else:
                self._next = None
                BACKLOG.remove(len(fetched.records))
                return position, fetched

    def _rows(self, position: Any) -> int:
        window = self._paginator.window(position)
        return window.size if window else 0

    def drop(self) -> None:
        """Forget what is on its way."""
        for task in (*self._later.values(), self._next):
            if task is not None:
                _drop(task)
        self._later.clear()


def _drop(task: asyncio.Task[Fetched]) -> None:
    if task.cancel():
        task.add_done_callback(_look_at)
    else:
        _look_at(task)


def _look_at(task: asyncio.Task[Fetched]) -> None:
    """What came is forgotten; errors are nobody's concern, but asyncio complains of them."""
    if not task.cancelled() and not task.exception():
        BACKLOG.remove(len(task.result().records))
