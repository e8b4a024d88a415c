"""What has come of a list, and where its reading stands: pages and positions.

A position is what a cursor saves: enough to make the next request, and nothing else.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

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
        newest: the number of the list's newest row, for lists that are read by number.
        slots: how many places the list has at most, where dead rows keep theirs.
    """

    keys: tuple[Key, ...] = ()
    dates: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()
    aside: int = 0
    holes: int = 0
    lost: int = 0
    total: int | None = None
    newest: int | None = None
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
        unsaved: what only this run knows.
    """

    unsaved: ClassVar[tuple[str, ...]] = ()

    done: bool = False
    read: int = 0
    total: int | None = None
    short: bool = False
    newest: int = 0
    lost: bool = False

    def to_json(self) -> dict[str, Any]:
        """As a cursor saves it."""
        saved = dataclasses.asdict(self)
        for name in self.unsaved:
            del saved[name]
        return {**saved, "done": self.done and not self.lost}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """As a cursor saved it; lists become tuples again, unknown fields are dropped."""
        names = {f.name for f in dataclasses.fields(cls)}
        return cls(**{k: _frozen(v) for k, v in saved.items() if k in names})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
