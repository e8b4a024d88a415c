"""What every way to read a list can do: from a position and a page to the next position.

There are five: `anchored`, `growing`, `keyset`, `numbered` and `single`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ovk_archive.api.paging.positions import Page
from ovk_archive.api.paging.windows import Addressing, Window

#: Usual rows of a window, and the most it may have -> how many are worth asking for now.
Worth = Callable[[int, int], int]


class Paginator(Protocol):
    """One way to read a list."""

    @property
    def addressing(self) -> Addressing:
        """What `offset` and `count` mean."""

    @property
    def size(self) -> int:
        """Rows that are asked for at once, usually."""

    @property
    def incremental(self) -> bool:
        """A run that is not full may leave older rows unread."""

    def begin(
        self, saved: Mapping[str, Any] | None, *, full: bool, expected: int, again: int = 0
    ) -> Any:
        """The position a run starts from, given what the last one left behind.

        Args:
            saved: the cursor's position as JSON, or None for a list never opened.
            full: read everything again.
            expected: how many rows the parent's counter promises, 0 if it says nothing.
            again: this many known rows are read again, where the list grows at its end.
        """

    def behind(self, position: Any, rows: int) -> Sequence[Window]:
        """The windows that read the newest rows again, so far as `begin` has not seen to it."""

    def again(self, saved: Mapping[str, Any] | None) -> Any:
        """The position from which all of a list is read again, beside the walk that was saved."""

    def loaded(self, saved: Mapping[str, Any]) -> Any:
        """A position as it was saved."""

    def window(self, position: Any) -> Window | None:
        """The rows to ask for next, or None at the end."""

    def ahead(self, position: Any, most: int) -> Sequence[Window]:
        """The windows that follow the next one, so far as they can be told before it is read.

        None of them is beyond the list's end, and there are no more than `most`.
        """

    def sized(self, position: Any, worth: Worth) -> Any:
        """The same place in the list, where as many rows are asked for at once as is worth it."""

    def params(self, position: Any) -> Mapping[str, Any]:
        """Paging parameters beside the window's."""

    def places(self, position: Any, page: Page) -> Sequence[int]:
        """The order numbers of a page's rows."""

    def after(self, position: Any, page: Page) -> Any:
        """The position after a page."""
