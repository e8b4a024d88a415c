"""The header `Retry-After`: until when a server asks for a pause."""

import re
from email.utils import parsedate_to_datetime
from time import monotonic

from ovk_archive.api.wire.api_errors import TOO_MANY
from ovk_archive.api.wire.waits import LONGEST, Wait, spelt

#: It got too many requests, or cannot answer now.
_BUSY = (TOO_MANY, 503)


class RetryAfter:
    """What servers have said in `Retry-After`: as long as that, nobody asks them for anything."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def hear(self, host: str, status: int, after: float | None) -> None:
        """Take what an answer asks for; nobody waits for longer than a while."""
        if status in _BUSY and after is not None and after <= LONGEST:
            self._until[host] = max(self._until.get(host, 0.0), monotonic() + after)

    def wait(self, host: str) -> Wait | None:
        """How long to wait before this server is asked."""
        seconds = self._until.get(host, 0.0) - monotonic()
        if seconds <= 0:
            return None
        return Wait(f"{host} asks for a pause of {spelt(seconds)}", seconds)


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
