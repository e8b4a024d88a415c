"""What is special about a list, in small values: its counts, order, method and schedule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.rows import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A call of its own that counts a list, dead rows included (audio.getCount)."""

    method: str
    params: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the server's count of a list means.

    Attributes:
        dead: the count in the answer includes deleted rows.
        loose: the count may include rows that no page shows, so that it proves nothing.
        total: a call that counts the list, where its own answer does not.
    """

    dead: bool = False
    loose: bool = False
    total: Total | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the rows of a list say of their place in it.

    Attributes:
        moment: the field with the record's unix time, for lists read by time.
        aside: records that stand out of the list's order (a pinned post).
    """

    moment: str | None = None
    aside: Callable[[Record], bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How a method differs from others.

    Attributes:
        request: the parameters as the method wants them, where they are not sent as they are.
        fallback: parameters under which a record that crashes the server may still be had.
        crashes_empty: the server crashes (500) where there is nothing to show.
        needs: a method that only instances have which know this list; others would answer with
            something else.
    """

    request: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    fallback: Mapping[str, Any] = field(default_factory=dict)
    crashes_empty: bool = False
    needs: str | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another table whose rows show that a thing is there, though its own list leaves it out.

    Attributes:
        columns: column of the list's own table -> column of that one.
    """

    table: Table
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a list is read.

    Attributes:
        daily: it hardly ever changes, so it is read once a day, however often a sync is made.
        opt_in: read only where its section is named, or with `--all`.
        behind: other sections that add to what opens the list, or know better what it shows: they
            are read before it, if they are read at all.
    """

    daily: bool = False
    opt_in: bool = False
    behind: tuple[str, ...] = ()


#: Nothing special: as most lists are.
COUNTS, ORDER, QUIRKS, SCHEDULE = Counts(), Order(), Quirks(), Schedule()
