"""A list that comes in one answer. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.api.paging.paginator import Worth
from ovk_archive.api.paging.positions import Page, Position
from ovk_archive.api.paging.windows import ROWS, Addressing, Window


@dataclass(frozen=True, slots=True)
class Single:
    """A method that answers with everything at once."""

    addressing: Addressing = ROWS
    incremental: bool = False
    size: int = 1

    def begin(
        self, saved: Mapping[str, Any] | None, *, full: bool, expected: int, again: int = 0
    ) -> Position:
        """Always from the start."""
        del saved, full, expected, again
        return Position()

    def behind(self, position: Position, rows: int) -> Sequence[Window]:
        """None: everything was read."""
        del position, rows
        return ()

    def again(self, saved: Mapping[str, Any] | None) -> Position:
        """From the start."""
        del saved
        return Position()

    def loaded(self, saved: Mapping[str, Any]) -> Position:
        """A position as it was saved."""
        return Position.from_json(saved)

    def window(self, position: Position) -> Window | None:
        """One row, which is the whole."""
        return None if position.done else Window(0, 1)

    def ahead(self, position: Position, most: int) -> Sequence[Window]:
        """None: there is one."""
        del position, most
        return ()

    def sized(self, position: Position, worth: Worth) -> Position:
        """The same: it is one answer."""
        del worth
        return position

    def params(self, position: Position) -> Mapping[str, int]:
        """None."""
        del position
        return {}

    def places(self, position: Position, page: Page) -> Sequence[int]:
        """As they come."""
        del position
        return range(len(page.keys))

    def after(self, position: Position, page: Page) -> Position:
        """The end."""
        del position
        return Position(done=True, read=len(set(page.keys)), total=page.total)
