"""A list in which each page says where the next begins, and which has no end to speak of. Pure.

newsfeed.get (openvk-api.md section 5). It is read down to what an earlier walk has read; a walk
that was interrupted is ended first, and then what has come since is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ovk_archive.paging import Key, Page, Position
from ovk_archive.walk import MEMORY, run
from ovk_archive.windows import PAGES, Addressing, Window


@dataclass(frozen=True, slots=True)
class LinkedPosition(Position):
    """Where the list stands.

    Attributes:
        link: what the last page said of where the next begins.
        head: the first keys of this walk.
        known: the first keys of the last walk that was ended.
        resumed: an earlier run began this walk, so there may be news above it.
    """

    link: str | None = None
    head: tuple[Key, ...] = ()
    known: tuple[Key, ...] = ()
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Linked:
    """Reads from the newest row on, down to what is known or to a depth.

    Attributes:
        depth: so many rows are read at most, for the list may be without end.
    """

    param: str
    depth: int
    size: int = 100
    addressing: Addressing = PAGES
    incremental: bool = True

    def begin(
        self, saved: Mapping[str, Any] | None, *, full: bool, expected: int
    ) -> LinkedPosition:
        """From the top down to what is known; or on, where a walk was interrupted."""
        del expected
        if saved is None or full:
            return LinkedPosition()
        last = LinkedPosition.from_json(saved)
        return LinkedPosition(known=last.head) if last.done else replace(last, resumed=True)

    def window(self, position: LinkedPosition) -> Window | None:
        """The first rows behind the link."""
        return None if position.done else Window(0, self.size)

    def params(self, position: LinkedPosition) -> Mapping[str, Any]:
        """The link."""
        return {self.param: position.link} if position.link else {}

    def places(self, position: LinkedPosition, page: Page) -> Sequence[int]:
        """As they come."""
        return range(position.read, position.read + len(page.keys))

    def after(self, position: LinkedPosition, page: Page) -> LinkedPosition:
        """On to where the page leads, unless what follows is known."""
        head = (*position.head, *page.keys)[:MEMORY]
        read = position.read + len(page.keys)
        ended = page.link is None or page.empty or read >= self.depth
        if not ended and run(position.known, page.keys) is None:
            return replace(position, head=head, read=read, link=page.link)
        if position.resumed:
            return LinkedPosition(known=head)
        return replace(position, head=head, read=read, done=True)
