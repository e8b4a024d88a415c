"""The rate limit of older instances, and the ban that waits behind it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ovk_archive.demo.methods.php import ApiFault, Crash

#: Of a real server's window.
SECONDS = 20


@dataclass
class Limiter:
    """A fixed window, restarted by the first call after its end (help/openvk-api.md, Rate limits).

    PHP's `time()` counts whole seconds, so a call 20.9 s after the first may still be one too many;
    where the window of a test is shorter, so are these seconds.

    Attributes:
        refusals: how often somebody was told to slow down.
        banned: whether the patience of the server ever ended.
    """

    enabled: bool = False
    calls: int = 5
    window: float = 20.0
    violations: int = 50
    violation_window: float = 120.0
    refusals: int = 0
    banned: bool = False
    clock: Callable[[], float] = time.monotonic
    _began: float = field(default=float("-inf"), repr=False)
    _made: int = field(default=0, repr=False)
    _first_violation: float = field(default=float("-inf"), repr=False)
    _violated: int = field(default=0, repr=False)

    @property
    def _second(self) -> float:
        return self.window / SECONDS

    def check(self) -> None:
        """Count a call, and refuse it if it is one too many."""
        if not self.enabled:
            return
        now = self.clock() // self._second
        if now - self._began > SECONDS:
            self._began, self._made = now, 0
        self._made += 1
        if self._made > self.calls:
            self._refuse(now)

    def _refuse(self, now: float) -> None:
        self.refusals += 1
        if now - self._first_violation > self.violation_window / self._second:
            self._first_violation, self._violated = now, 0
        self._violated += 1
        if self._violated >= self.violations:
            # The recorded server meant to ban the account here, and crashed over it.
            self.banned = True
            raise Crash
        raise ApiFault(29, "You have been rate limited.")
