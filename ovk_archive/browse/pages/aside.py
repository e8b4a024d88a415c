"""What takes long to count in a large archive is counted aside: its page does not wait for it."""

import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Any, TypeVar

from ovk_archive.archive.opening.connecting import connect_for_reading
from ovk_archive.archive.opening.explaining import translated
from ovk_archive.browse.pages.visits import Visit
from ovk_archive.browse.showing.parts.reading import Plain, Reading, recalled, remembered
from ovk_archive.errors import ArchiveError

T = TypeVar("T")

#: With fewer versions all is counted while one waits: that takes some hundredths of a second.
MANY = 200_000
#: Seconds for which a number is true enough, whatever was written since it was counted.
_FRESH = 30.0


class _Count(Thread):
    """Something that is being counted.

    Attributes:
        answer: None until it is there, and where it could not be had.
        ended: when that was.
    """

    def __init__(self, archive: Path, question: str, ask: Callable[[Reading], Any]) -> None:
        super().__init__(daemon=True)
        self._archive = archive
        self._question = question
        self._ask = ask
        self.answer: Any = None
        self.ended = 0.0

    def run(self) -> None:
        """Count, with a connection of its own: that of a visit answers others meanwhile."""
        try:
            # Whoever comes next counts while waiting, and is told what is wrong.
            with (
                suppress(ArchiveError),
                translated(self._archive),
                closing(connect_for_reading(self._archive)) as connection,
            ):
                db = Plain(connection)
                self.answer = remembered(db, self._question, lambda: self._ask(db))
        finally:
            self.ended = time.monotonic()


_UNDER_WAY: dict[tuple[Path, str], _Count] = {}
_ALONE = Lock()


def counted(visit: Visit, question: str, ask: Callable[[Reading], T]) -> T | None:
    """What is counted, if it is known or soon done; None while it is being counted aside."""
    answer: T | None = recalled(visit.db, question)
    if answer is None and not visit.waits and _is_large(visit.db):
        count = _count(visit.archive, question, ask)
        if count.is_alive():
            return None
        answer = count.answer
    if answer is None:
        answer = remembered(visit.db, question, lambda: ask(visit.db))
    return answer


def _count(archive: Path, question: str, ask: Callable[[Reading], Any]) -> _Count:
    """One that is under way, or has just ended: while a sync writes, the next is no truer."""
    with _ALONE:
        count = _UNDER_WAY.get((archive, question))
        if count is not None and not count.is_alive():
            del _UNDER_WAY[archive, question]
            if time.monotonic() - count.ended > _FRESH:
                count = None
        if count is None:
            count = _UNDER_WAY[archive, question] = _Count(archive, question, ask)
            count.start()
    return count


def _is_large(db: Reading) -> bool:
    return (db.execute("select max(id) from _records").fetchone()[0] or 0) >= MANY
