"""One thread for the archive, so that requests go on while a page is saved.

What waits to be saved meanwhile is saved in one transaction: none of it counts as saved before all
of it is.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any, ParamSpec, TypeVar

from ovk_archive.api.waiting_calls import SMALL
from ovk_archive.archive.archive import Archive

P = ParamSpec("P")
T = TypeVar("T")

#: Tells whoever waits, in the thread of their loop.
Tell = Callable[[], None]
#: An archive has one connection: more threads would only wait for each other.
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="archive")
#: Pages that are saved at once at most, and no more than ROOM rows: whoever asks something waits.
#: So many short lists take as long as ROOM rows; a fourth of them writes a tenth more.
_MOST = 100
#: Rows that may wait to be saved before no more are asked for: the archive needs an eighth of a
#: second for them, and most instances have answered by then.
ROOM = 1000


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be done in the thread.

    Attributes:
        archive: in which it saves, if it does.
        then: told of what was saved once it is, though nobody may wait for it any more.
        rows: how many it saves.
    """

    work: Callable[[], Any]
    answer: asyncio.Future[Any]
    archive: Archive | None = None
    then: Callable[[Any], object] = id
    rows: float = 0

    def done(self) -> Tell:
        """Do it, and return what tells its outcome."""
        try:
            return self.told(self.work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, who waits is told
            return partial(_tell, self.answer, None, error)

    def told(self, value: Any) -> Tell:
        """What tells that it is done."""
        self.then(value)
        return partial(_tell, self.answer, value, None)


def _tell(answer: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
    if answer.done():
        return  # Whoever waited was cancelled.
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(value)


class _Desk:
    """Jobs: first those that save nothing, then small ones, then the others, each in their order.

    Whoever has a small one will soon ask the instance for the next; meanwhile it would be idle.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._questions: deque[_Job] = deque()
        self._small: deque[_Job] = deque()
        self._large: deque[_Job] = deque()
        self._busy = False

    def put(self, job: _Job) -> None:
        with self._lock:
            self._queue(job).append(job)
            is_first, self._busy = not self._busy, True
        if is_first:
            _THREAD.submit(self._work)

    def _queue(self, job: _Job) -> deque[_Job]:
        if job.archive is None:
            return self._questions
        return self._small if job.rows <= SMALL else self._large

    def _work(self) -> None:
        while (job := self._next()) is not None:
            if job.archive is None or not (self._small or self._large):
                _send([(job, job.done())])
            else:
                _send(self._saved_together(job, job.archive))

    def _next(self) -> _Job | None:
        with self._lock:
            for jobs in (self._questions, self._small, self._large):
                if jobs:
                    return jobs.popleft()
            self._busy = False
            return None

    def _next_for(self, archive: Archive) -> _Job | None:
        with self._lock:
            for jobs in (self._small, self._large):
                if jobs and jobs[0].archive is archive:
                    return jobs.popleft()
            return None

    def _saved_together(self, first: _Job, archive: Archive) -> list[tuple[_Job, Tell]]:
        taken: list[_Job] = []
        values: list[Any] = []
        job: _Job | None = first
        try:
            with archive.together():
                while job is not None:
                    taken.append(job)
                    values.append(job.work())
                    is_enough = len(taken) >= _MOST or sum(one.rows for one in taken) >= ROOM
                    job = None if is_enough else self._next_for(archive)
        except BaseException:  # noqa: BLE001 - each is told of its own error
            # One that fails is no reason why the others do.
            return [(one, one.done()) for one in taken]
        return [(one, one.told(value)) for one, value in zip(taken, values, strict=True)]


def _send(told: list[tuple[_Job, Tell]]) -> None:
    """Tell those who wait: each loop is woken once."""
    loops: dict[asyncio.AbstractEventLoop, list[Tell]] = {}
    for job, tell in told:
        loops.setdefault(job.answer.get_loop(), []).append(tell)
    for loop, tells in loops.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_all, tells)


def _all(tells: list[Tell]) -> None:
    for tell in tells:
        tell()


class Backlog:
    """What came and is not saved yet: it is in memory, so not too much more is asked for.

    Attributes:
        rows: how many rows these are.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def add(self, rows: int) -> None:
        """So many came."""
        self.rows += rows

    def remove(self, rows: int) -> None:
        """So many are saved, or given up."""
        self.rows -= rows
        self.tell()

    def room(self) -> "asyncio.Future[None] | None":
        """What to wait for before more is asked for; None if there is room.

        There is while nothing is being saved: what came may wait for what is yet to be asked for.
        """
        if self._has_room:
            return None
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        waiting.add_done_callback(self._waiting.discard)
        return waiting

    def tell(self) -> None:
        """Tell those who wait, if there is room."""
        for one in list(self._waiting) if self._has_room else ():
            if not one.done():
                one.set_result(None)

    @property
    def _has_room(self) -> bool:
        return self.rows <= ROOM or not is_saving()


_DESK = _Desk()
#: What came for the archive of this process.
BACKLOG = Backlog()
#: What waits for the thread, or runs in it.
_under_way: set[asyncio.Future[Any]] = set()


def is_saving() -> bool:
    """Somebody waits for what is done there."""
    return bool(_under_way)


async def aside(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function of the archive in its thread."""
    return await _put(partial(function, *args, **kwargs))


async def saved(
    archive: Archive, work: Callable[[], T], then: Callable[[T], object], rows: int = 0
) -> T:
    """Run what saves so many rows in the thread, perhaps in one transaction with others that wait.

    `work` may run twice: where one fails, each has a transaction of its own. `then` hears what it
    returned once that is saved.

    Raises:
        StorageError: it could not be saved.
    """
    BACKLOG.add(rows)
    try:
        return await _put(work, archive, then, rows)
    finally:
        BACKLOG.remove(rows)


async def all_saved(archive: Archive) -> None:
    """Wait until all that was to be saved before is saved and told of, whoever waits for it."""
    # Not a small one: these go before others.
    await _put(lambda: None, archive, rows=inf)


async def _put(
    work: Callable[[], T],
    archive: Archive | None = None,
    then: Callable[[T], object] = id,
    rows: float = 0,
) -> T:
    answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    _under_way.add(answer)
    try:
        _DESK.put(_Job(work, answer, archive, then, rows))
        return await answer
    finally:
        _under_way.discard(answer)
        BACKLOG.tell()
