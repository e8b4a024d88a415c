"""What time it is by the instance's clock: this computer's own may be years off."""

import time
from email.utils import parsedate_to_datetime


class ServerClock:
    """Goes on from what the last answer said."""

    def __init__(self) -> None:
        self._ahead: float | None = None

    def hear(self, date: str | None) -> None:
        """Take the `Date` of an answer; one that is none is passed over."""
        try:
            said = parsedate_to_datetime(date or "").timestamp()
        except (ValueError, OverflowError):
            return
        self._ahead = said - time.monotonic()

    def now(self) -> float:
        """Unix time by the instance; by this computer, if the instance has not said any."""
        return time.time() if self._ahead is None else time.monotonic() + self._ahead
