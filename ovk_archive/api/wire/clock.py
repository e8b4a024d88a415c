"""What time it is by the instance's clock: this computer's own may be years off."""

import re
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


def seconds_of(said: str | None, now: float) -> float | None:
    """What `Retry-After` asks for, in seconds or as a date; None if it is neither.

    Args:
        said: the header.
        now: by the clock of the server that says it.
    """
    if said and re.fullmatch(r"[0-9]{1,10}", said.strip()):
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said or "").timestamp() - now)
    except (ValueError, OverflowError):
        return None
