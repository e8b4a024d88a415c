"""What goes wrong on order: broken answers, lies, and records that crash every page they are on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KINDS = frozenset(
    {
        "500",
        "502",
        "503",
        "302",
        "html",
        "truncated",
        "cut",
        "cut_body",
        "slow",
        "400empty",
    }
)
#: HTTP 200 with nonsense: "empty" says that a list has nothing in it, "counted-empty" how many rows
#: it has, but shows none; "no-items" has null for the rows, and "null", "bare" and "false" for all.
LIES = frozenset({"empty", "counted-empty", "no-items", "null", "bare", "false"})


@dataclass
class Seen:
    """One answered call: a method's name ("token" and "blob" for the rest).

    Attributes:
        inside: it was made by a script, together with others.
    """

    method: str
    params: dict[str, str]
    status: int = 0
    error_code: int | None = None
    at: float = 0.0
    fault: str | None = None
    inside: bool = False


@dataclass
class _Order:
    kind: str
    after: int
    times: int
    method: str | None

    def matches(self, seen: Seen) -> bool:
        if self.method is None:
            return "." in seen.method
        return self.method.lower() == seen.method.lower()


@dataclass
class Faults:
    """The orders of a test.

    Attributes:
        poison: records, as ("posts", (1, 5)) or ("comments", 12), that crash their pages.
        schedule: asked about every method call; names a fault, or None.
        slow_seconds: how long "slow" sleeps.
    """

    poison: set[tuple[str, Any]] = field(default_factory=set)
    schedule: Callable[[Seen], str | None] | None = None
    slow_seconds: float = 3.0
    _orders: list[_Order] = field(default_factory=list)

    def order(
        self, kind: str, *, after: int = 0, times: int = 1, method: str | None = None
    ) -> None:
        """Let the next matching requests fail, having let `after` of them pass.

        Without a `method` every API method matches; "token" and "blob" must be named.
        """
        if kind not in KINDS | LIES:
            raise ValueError(f"no such fault: {kind}")
        self._orders.append(_Order(kind, after, times, method))

    def pick(self, seen: Seen) -> str | None:
        """Choose what happens to this request: what the schedule says, or the oldest order."""
        if self.schedule is not None and "." in seen.method:
            kind = self.schedule(seen)
            if kind is not None:
                return kind
        for order in self._orders:
            if order.times and order.matches(seen):
                if order.after:
                    order.after -= 1
                    continue
                order.times -= 1
                return order.kind
        return None
