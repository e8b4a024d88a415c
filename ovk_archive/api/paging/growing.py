"""A short list in one window from its top, which grows until everything fits. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.api.paging.paginator import Worth
from ovk_archive.api.paging.positions import Page, Position
from ovk_archive.api.paging.windows import Addressing, Window


@dataclass(frozen=True, slots=True)
class GrowingPosition(Position):
    """How large the window from the top is."""

    size: int = 0


@dataclass(frozen=True, slots=True)
class Growing:
    """A short list in one window from its top, which grows until everything fits.

    One answer is one moment of the list, so nothing shifts between pages. It is complete when
    places are left unfilled and the server counts no more than were read; where it counts more
    or not at all, a window twice as large must bring nothing new.

    Attributes:
        size: rows of the first window, if the parent's counter promises less.
        slack: rows asked for beyond what is promised, for those that arrive meanwhile.
    """

    addressing: Addressing
    size: int = 20
    slack: int = 10
    incremental: bool = False

    def begin(
        self, saved: Mapping[str, Any] | None, *, full: bool, expected: int, again: int = 0
    ) -> GrowingPosition:
        """From the top, whatever was read before."""
        del saved, full, again
        return GrowingPosition(size=max(self.size, expected + self.slack))

    def behind(self, position: GrowingPosition, rows: int) -> Sequence[Window]:
        """None: everything was read."""
        del position, rows
        return ()

    def again(self, saved: Mapping[str, Any] | None) -> GrowingPosition:
        """From the top, in a window that held everything the last time."""
        last = GrowingPosition.from_json(saved or {})
        return GrowingPosition(size=max(self.size, last.read + self.slack))

    def loaded(self, saved: Mapping[str, Any]) -> GrowingPosition:
        """A position as it was saved."""
        return GrowingPosition.from_json(saved)

    def window(self, position: GrowingPosition) -> Window | None:
        """From the top."""
        return None if position.done else Window(0, position.size)

    def ahead(self, position: GrowingPosition, most: int) -> Sequence[Window]:
        """None: one window has everything."""
        del position, most
        return ()

    def sized(self, position: GrowingPosition, worth: Worth) -> GrowingPosition:
        """The same: the window has a reason for its size."""
        del worth
        return position

    def params(self, position: GrowingPosition) -> Mapping[str, int]:
        """None."""
        del position
        return {}

    def places(self, position: GrowingPosition, page: Page) -> Sequence[int]:
        """From the top."""
        del position
        return range(len(page.keys))

    def after(self, position: GrowingPosition, page: Page) -> GrowingPosition:
        """The end, or a window twice as large."""
        rows = page.rows
        counted = page.total is not None and page.total <= rows
        done = page.empty or (rows < position.size and (counted or rows == position.read))
        size = position.size if done else position.size * 2
        return GrowingPosition(done=done, read=rows, total=page.total, size=size)
