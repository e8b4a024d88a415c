"""A list whose rows do not say their numbers: it is listed, then the numbers are tried. Pure.

board.getTopics of [A] lists topics by global id, while their comments are asked for by the number
inside the group, which no answer tells. But a topic can be asked for by that number
(help/openvk-api.md, Board), so numbers are tried upwards until every listed topic
has been met; what was learnt is kept in the cursor, so that only new topics cost anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.paginator import Worth
from ovk_archive.api.paging.positions import Key, Page, Position
from ovk_archive.api.paging.windows import ROWS, Addressing, Window

#: A key that begins so stands for a row whose number is still to be found.
NAMELESS = "?"
#: Numbers in a row that belong to nothing (deleted topics keep theirs) until the search ends.
PATIENCE = 50


@dataclass(frozen=True, slots=True)
class NumberedPosition(Position):
    """Where the list stands.

    Attributes:
        listing: the walk through the listing.
        numbers: what is known: the row's key and its number.
        wanted: keys that were listed, and whose numbers are not known.
        trying: the number to try next.
        missed: numbers tried in a row that belong to nothing.
    """

    listing: Mapping[str, Any] = field(default_factory=dict)
    numbers: tuple[tuple[Key, int], ...] = ()
    wanted: tuple[Key, ...] = ()
    trying: int = 1
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Numbered:
    """Reads the listing, then tries numbers for rows that have none.

    Attributes:
        param: the parameter that asks for a row by its number.
        listing: how the listing is read.
    """

    param: str
    listing: Anchored
    addressing: Addressing = ROWS
    incremental: bool = False

    @property
    def size(self) -> int:
        """Rows of the listing that are asked for at once."""
        return self.listing.size

    def begin(
        self, saved: Mapping[str, Any] | None, *, full: bool, expected: int, again: int = 0
    ) -> NumberedPosition:
        """From the top of the listing, with the numbers that are known; or on."""
        del again
        last = NumberedPosition.from_json(saved or {})
        if not full and last.wanted and last.missed < PATIENCE:
            return last
        walk = self.listing.begin(last.listing or None, full=full, expected=expected)
        numbers = () if full else last.numbers
        # New rows have higher numbers than all that are known; what a search did not find there,
        # the next looks for among those below.
        known = {number for _, number in numbers}
        trying = _next(0 if last.wanted else max(known, default=0), known)
        return NumberedPosition(
            listing=walk.to_json(), read=walk.read, numbers=numbers, trying=trying
        )

    def behind(self, position: NumberedPosition, rows: int) -> Sequence[Window]:
        """None: everything was read."""
        del position, rows
        return ()

    def again(self, saved: Mapping[str, Any] | None) -> NumberedPosition:
        """From the top of the listing, with the numbers that are known."""
        position = self.begin(saved, full=False, expected=0)
        return replace(position, listing=self.listing.again(None).to_json(), read=0)

    def loaded(self, saved: Mapping[str, Any]) -> NumberedPosition:
        """A position as it was saved."""
        return NumberedPosition.from_json(saved)

    def window(self, position: NumberedPosition) -> Window | None:
        """The listing's next rows; then one number at a time."""
        walk = self._walk(position)
        if not walk.done:
            return self.listing.window(walk)
        searching = position.wanted and position.missed < PATIENCE
        return Window(0, 1) if searching else None

    def ahead(self, position: NumberedPosition, most: int) -> Sequence[Window]:
        """None: the listing is short."""
        del position, most
        return ()

    def sized(self, position: NumberedPosition, worth: Worth) -> NumberedPosition:
        """The same: a listing is short."""
        del worth
        return position

    def params(self, position: NumberedPosition) -> Mapping[str, int]:
        """The number to try, once the listing is read."""
        return {self.param: position.trying} if self._walk(position).done else {}

    def places(self, position: NumberedPosition, page: Page) -> Sequence[int]:
        """The rows' own numbers; 0 where it is not known yet."""
        if self._walk(position).done:
            return [position.trying] * len(page.keys)
        known = dict(position.numbers)
        return [known.get(key, 0) for key in page.keys]

    def after(self, position: NumberedPosition, page: Page) -> NumberedPosition:
        """On through the listing; then on to the next number."""
        walk = self._walk(position)
        if walk.done:
            return self._tried(position, page)
        walk = self.listing.after(walk, page)
        known = {key for key, _ in position.numbers} | set(position.wanted)
        nameless = dict.fromkeys(key for key in page.keys if key.startswith(NAMELESS))
        wanted = (*position.wanted, *(key for key in nameless if key not in known))
        return replace(
            position,
            listing=walk.to_json(),
            wanted=wanted,
            done=walk.done and not wanted,
            # What has no number yet is not had yet.
            read=max(0, walk.read - len(wanted)),
            total=walk.total,
            short=walk.short,
        )

    def _tried(self, position: NumberedPosition, page: Page) -> NumberedPosition:
        found = page.keys[0] if page.keys else None
        wanted = tuple(key for key in position.wanted if key != found)
        numbers = (*position.numbers, (found, position.trying)) if found else position.numbers
        return replace(
            position,
            numbers=numbers,
            wanted=wanted,
            read=position.read + (found is not None),
            trying=_next(position.trying, {number for _, number in numbers}),
            missed=0 if found else position.missed + 1,
            done=not wanted,
        )

    def _walk(self, position: NumberedPosition) -> Any:
        return self.listing.loaded(position.listing)


def _next(after: int, known: set[int]) -> int:
    """The next number that belongs to no row we know."""
    number = after + 1
    while number in known:
        number += 1
    return number
