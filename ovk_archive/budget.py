"""How many requests and how much time a run may use."""

import time
from collections.abc import Callable


class Budget:
    """What a run may use, counted from now on.

    Args:
        max_requests: HTTP requests, tries included; None for any number.
        max_duration: seconds; None for as long as it takes.
        clock: seconds, for tests.
    """

    def __init__(
        self,
        max_requests: int | None = None,
        max_duration: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_requests = max_requests
        self._max_duration = max_duration
        self._clock = clock
        self._begin = clock()
        self._requests = 0

    def spend(self) -> None:
        """Counts one request."""
        self._requests += 1

    def seconds_left(self) -> float | None:
        """Seconds until the time is up, or None if there is no end."""
        if self._max_duration is None:
            return None
        return max(0.0, self._begin + self._max_duration - self._clock())

    def used_up(self) -> str | None:
        """What is used up and what to do, as a sentence, or None."""
        if self._max_requests is not None and self._requests >= self._max_requests:
            what = f"--max-requests ({self._max_requests}) is"
        elif self.seconds_left() == 0:
            what = f"--max-duration ({self._max_duration:g} s) is"
        else:
            return None
        return f"{what} used up; run the same command again to continue."
