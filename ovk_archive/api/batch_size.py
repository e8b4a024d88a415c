"""How many calls travel together: as many as the server answers soon."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ovk_archive.api.wire.script import MOST

#: Seconds. Real servers give up after 60: a batch that takes longer than this may be one page away
#: from that, and one that takes less than the other may well have twice as many calls.
SLOW, FAST = 10.0, 2.0


class BatchSize:
    """Learns from how long requests take.

    Args:
        clock: seconds, for tests.

    Attributes:
        now: calls that may go together.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.now = MOST
        self._clock = clock

    @contextmanager
    def timed(self, calls: int) -> Iterator[None]:
        """Within this, so many calls are asked for; what fails soon teaches nothing."""
        began, has_answered = self._clock(), False
        try:
            yield
            has_answered = True
        finally:
            took = self._clock() - began
            if took > SLOW:
                self.now = max(1, min(self.now, calls) // 2)
            elif has_answered and took < FAST:
                self.now = min(MOST, self.now * 2)
