"""DemoInstance: the toy instance that remembers what it was asked, and fails on order."""

from typing import TYPE_CHECKING

from ovk_archive.demo import DemoInstance as Untroubled
from ovk_archive.demo import World
from toy.faults import Faults, Seen
from toy.limiter import Limiter
from toy.trouble import Troubled

if TYPE_CHECKING:
    from collections.abc import Callable


class DemoInstance(Untroubled):
    """The toy instance, of which a test asks what it wants.

    Attributes:
        seen: every answered method call, in the order of the answers.
        raw: every HTTP request: verb, path with query, headers.
        faults, limiter: how it misbehaves.
        between: called under the world's lock before each method is answered.
        spoil: given a method, in small letters, and what is answered to it; returns what is sent.
    """

    def __init__(
        self, world: World, dialect: str = "A", *, port: int = 0, storage: str = "php"
    ) -> None:
        super().__init__(world, dialect, port=port, storage=storage)
        self.faults = Faults()
        self.limiter = Limiter()
        self.between: Callable[[Seen], None] | None = None
        self.spoil: Callable[[str, bytes], bytes] | None = None
        self.seen: list[Seen] = []
        self.raw: list[tuple[str, str, dict[str, str]]] = []
        self.trouble = Troubled(self)

    def count(self, method: str | None = None) -> int:
        """Count the answered calls, of one method or of all."""
        if method is None:
            return len(self.seen)
        return sum(seen.method.lower() == method.lower() for seen in self.seen)

    def fetched(self) -> list[str]:
        """List the addresses outside of the API that were asked for, in order."""
        return [address for _, address, _ in self.raw if not address.startswith("/method/")]

    def reset_counts(self) -> None:
        """Forget what was asked so far."""
        self.seen.clear()
        self.raw.clear()
        self.online_marks = 0
        self.writes = 0
        self.limiter.refusals = 0
