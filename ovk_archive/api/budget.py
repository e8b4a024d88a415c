"""How many requests, how much time and how many bytes of files a run may use."""

import time
from collections.abc import Callable

#: Seconds that a run may take longer, at most, to save something.
_MOMENT = 60.0
_USED_UP = "used up; run the same command again to continue."


class Budget:
    """What a run may use, counted from now on.

    Args:
        max_requests: HTTP requests, tries included; None for any number.
        max_duration: seconds; None for as long as it takes.
        clock: seconds, for tests.
        max_bytes: bytes of files; None for any number.
    """

    def __init__(
        self,
        max_requests: int | None = None,
        max_duration: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        max_bytes: int | None = None,
    ) -> None:
        self._max_requests = max_requests
        self._max_duration = max_duration
        self._clock = clock
        self._end = clock() + (max_duration or 0.0)
        self._latest: float | None = None
        self._requests = 0
        self._bytes = 0
        self.max_bytes = max_bytes

    def begin(self) -> None:
        """A part of the run begins; what had to be asked before takes nothing from a short time.

        Else runs that are as short would ask that every time, and nothing more.
        """
        self._latest = max(self._end, self._clock()) + _MOMENT
        self._prolong(self._latest)

    def heard(self) -> None:
        """An answer has come: if nothing is saved yet, there is time for the next one.

        Else runs that are shorter than what one page takes would never get beyond it.
        """
        if self._latest is not None and self.seconds_left():
            self._prolong(self._latest)

    def saved(self) -> None:
        """The run has got further than the one before: from now on its time is kept."""
        self._latest = None

    def _prolong(self, latest: float) -> None:
        again = self._clock() + min(self._max_duration or 0.0, _MOMENT)
        self._end = max(self._end, min(again, latest))

    def spend(self) -> None:
        """Counts one request."""
        self._requests += 1

    def spend_bytes(self, count: int) -> None:
        """Counts bytes of a file."""
        self._bytes += count

    def bytes_left(self) -> int | None:
        """Bytes of files that may still come; None if there is no end."""
        return None if self.max_bytes is None else self.max_bytes - self._bytes

    def seconds_left(self) -> float | None:
        """Seconds until the time is up, or None if there is no end."""
        if self._max_duration is None:
            return None
        return max(0.0, self._end - self._clock())

    def used_up(self) -> str | None:
        """What is used up and what to do, as a sentence, or None."""
        if self._max_requests is not None and self._requests >= self._max_requests:
            what = f"--max-requests ({self._max_requests}) is"
        elif self.seconds_left() == 0:
            what = f"--max-duration ({self._max_duration:g} s) is"
        else:
            return self.lacks(1)
        return f"{what} {_USED_UP}"

    def lacks(self, size: int) -> str | None:
        """Why this many more bytes are not allowed, as a sentence, or None if they are."""
        left = self.bytes_left()
        if left is None or left >= size:
            return None
        return f"--max-bytes ({self.max_bytes}) is {_USED_UP}"
