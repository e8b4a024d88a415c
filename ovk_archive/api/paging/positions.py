"""Where to read next: pure functions from a position and a page to the next position.

A position is what a cursor saves: enough to make the next request, and nothing else. The
simple ways to read a list are here. `keyset.py` reads by number, `numbered.py` tries numbers, and
`anchored.py` reads lists that shift meanwhile.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from ovk_archive.api.paging.windows import ROWS, Addressing, Window

#: A record's key inside its list, as JSON keeps it.
Key = str


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of one list call, or what is left of it where records crash the server.

    Attributes:
        keys: the keys of the records, in the list's order.
        dates: their unix times, for lists that are read by time.
        ids: their numbers, for lists that are read by number.
        aside: how many more records stand out of order (a pinned post).
        holes: how many records could not be read because they crash the server.
        lost: how many rows are there and could not be met, because rows of one second stood in
            another order in each part of the page; less than 0 if neighbours were met as well.
        total: how many rows the list has by the server's count; a hint, never a stop rule.
        slots: how many places the list has at most, where dead rows keep theirs.
    """

    keys: tuple[Key, ...] = ()
    dates: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()
    aside: int = 0
    holes: int = 0
    lost: int = 0
    total: int | None = None
    slots: int | None = None

    @property
    def rows(self) -> int:
        """How many rows the page has, each counted once, but for those out of order."""
        return len(set(self.keys)) + self.holes + self.lost

    @property
    def empty(self) -> bool:
        """Nothing was there: neither records nor such as crash the server."""
        return not (self.keys or self.aside or self.holes)


@dataclass(frozen=True, slots=True)
class Position:
    """What every cursor knows.

    Attributes:
        done: the list has been read to its end.
        read: rows of the list known so far.
        total: the server's last count.
        short: the list was read to its end, but something may have hidden from us meanwhile.
        newest: the latest unix time read, where the list is read by time.
        lost: a row that is there could not be met; so the end is no end to a cursor.
    """

    done: bool = False
    read: int = 0
    total: int | None = None
    short: bool = False
    newest: int = 0
    lost: bool = False

    def to_json(self) -> dict[str, Any]:
        """As a cursor saves it."""
        return {**dataclasses.asdict(self), "done": self.done and not self.lost}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """As a cursor saved it; lists become tuples again, unknown fields are dropped."""
        names = {f.name for f in dataclasses.fields(cls)}
        return cls(**{k: _frozen(v) for k, v in saved.items() if k in names})


class Paginator(Protocol):
    """One way to read a list."""

    @property
    def addressing(self) -> Addressing:
        """What `offset` and `count` mean."""

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
            again: so many known rows are read again, where the list grows at its end.
        """

    def behind(self, position: Any, rows: int) -> Sequence[Window]:
        """The windows that read the newest rows again, so far as `begin` has not seen to it."""

    def again(self, saved: Mapping[str, Any] | None) -> Any:
        """The position from which all of a list is read again, beside the walk that was saved."""

    def loaded(self, saved: Mapping[str, Any]) -> Any:
        """A position as it was saved."""

    def window(self, position: Any) -> Window | None:
        """The rows to ask for next, or None at the end."""

    def params(self, position: Any) -> Mapping[str, Any]:
        """Paging parameters beside the window's."""

    def places(self, position: Any, page: Page) -> Sequence[int]:
        """The order numbers of a page's rows."""

    def after(self, position: Any, page: Page) -> Any:
        """The position after a page."""


@dataclass(frozen=True, slots=True)
class Single:
    """A method that answers with everything at once."""

    addressing: Addressing = ROWS
    incremental: bool = False

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


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
