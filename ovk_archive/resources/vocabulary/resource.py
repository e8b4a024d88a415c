"""The vocabulary of declarations: one `Resource` says all there is to know of a kind of data."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ovk_archive.api.paging.paginator import Paginator
from ovk_archive.resources.vocabulary.records import UNREADABLE, Record, is_number
from ovk_archive.resources.vocabulary.rows import Context, Row, RowFunction, Table, Trim
from ovk_archive.resources.vocabulary.shapes import Shape, answer, bare
from ovk_archive.resources.vocabulary.traits import (
    COUNTS,
    ORDER,
    QUIRKS,
    SCHEDULE,
    Counts,
    Elsewhere,
    Order,
    Quirks,
    Schedule,
)


class Owners(Enum):
    """Whose lists a method can open."""

    ACCOUNT = "only the account's own"
    PEOPLE = "people's"
    ANY = "people's and groups'"
    OWN = "the account's own, and groups'"
    GROUPS = "groups', which it names without the minus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """Whose rows open the partitions of a list.

    Attributes:
        params: partition parameter -> column of the parent's table.
        stamp: columns that change whenever the list may have; it is opened only then.
        counter: the column among them that counts its rows; 0 means there is nothing to open.
        newest: the column among them with the number of the list's newest row: a page that has it,
            and fewer rows than were asked for, leaves nothing to ask for.
        always: nothing tells whether the list has changed, so every sync opens it.
        counts_dead: the counter counts dead rows that keep their places in the list.
        where: only parents for which this column is not null, if given.
        owner: the column that says whose a parent is: only those of the owners that are read count.
        listed: only parents that some list of their own kind showed, not those merely attached.
        after: other sections whose lists fill the table, so they are read before.
        outlived: the list does not end with the parent.
    """

    table: Table
    params: Mapping[str, str]
    stamp: tuple[str, ...] = ()
    counter: str | None = None
    newest: str | None = None
    always: bool = False
    counts_dead: bool = False
    where: str | None = None
    owner: str | None = None
    listed: bool = False
    after: tuple[str, ...] = ()
    outlived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Asks for records by their numbers, for a list whose numbers are dense.

    Attributes:
        id: turns a partition and a number into an id of the method's.
        number: the column that holds the number.
    """

    method: str
    param: str
    id: Callable[[Mapping[str, Any], int], str]
    number: str
    batch: int = 100


def own_rows(table: Table) -> RowFunction:
    """The row function of a list whose records are the rows of one table, and nothing else."""

    def rows(record: Record, context: Context) -> Iterator[Row | Trim]:
        del context
        yield table.row(record)

    return rows


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One list of the API: how it is opened, read, and turned into rows.

    Attributes:
        name: unique; what cursors and the ledger call it.
        section: the command it belongs to.
        owner_param: the parameter that names whose list it is, None if it is the account's.
        rows: a record -> rows of one or more tables.
        key: the record's key inside the list, for the paginator.
        order: what its rows say of their place in it.
        held: column -> partition parameter: which rows of `table` are this list's.
        only: column -> value that all its rows have, where several kinds of list share a table.
        variants: further parameters that open a list of their own each, read one after another.
        answer: the shapes that the method's answers have.
        counts: what the server's count of it means.
        sweep: how its records are asked for by their numbers.
        quirks: how the method differs from others.
        compared: a row that a reading of all of it no longer has is gone.
        elsewhere: where else its rows are shown: one that is there is not gone, though this list
            leaves it out.
        schedule: when it is read, if not in every sync.
    """

    name: str
    section: str
    title: str
    method: str
    table: Table
    paginator: Paginator
    rows: RowFunction
    key: Callable[[Record], str]
    params: Mapping[str, Any] = field(default_factory=dict)
    answer: Shape = answer
    owner_param: str | None = None
    owners: Owners = Owners.ANY
    parent: Parent | None = None
    order: Order = ORDER
    held: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, Any] = field(default_factory=dict)
    variants: tuple[Mapping[str, Any], ...] = ({},)
    counts: Counts = COUNTS
    sweep: Sweep | None = None
    quirks: Quirks = QUIRKS
    compared: bool = False
    elsewhere: Elsewhere | None = None
    schedule: Schedule = SCHEDULE

    @property
    def counts_dead(self) -> bool:
        """The server's count of a list includes deleted rows."""
        by_parent = self.parent is not None and self.parent.counts_dead
        return bool(self.counts.total or by_parent or self.counts.dead)

    @property
    def in_rounds(self) -> bool:
        """Each run reads some of it again: not every sync reads it whole, and it may change."""
        if self.paginator.incremental:
            return self.compared
        return self.parent is not None and not (self.parent.always or self.schedule.daily)

    def can_place(self, record: Any) -> bool:
        """A record says what a walk through the list must know of it: its key, and its time."""
        try:
            self.key(record)
            if self.order.aside:
                self.order.aside(record)
            moment = self.order.moment
            return moment is None or all(is_number(record[name]) for name in (moment, "id"))
        except UNREADABLE:
            return False

    def partition(self, owner: int) -> dict[str, Any]:
        """The parameters that open this owner's list."""
        if self.owner_param is None:
            return {}
        return {self.owner_param: abs(owner) if self.owners is Owners.GROUPS else owner}


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """Records read by id because other records refer to them (people, groups).

    Attributes:
        answer: the shapes that the method's answers have.
        param: the parameter that takes the ids.
        batch: ids per call, the method's cap.
        refresh_after: seconds until a known record is asked for again.
    """

    name: str
    section: str
    title: str
    method: str
    param: str
    table: Table
    rows: RowFunction
    params: Mapping[str, Any] = field(default_factory=dict)
    answer: Shape = bare
    batch: int = 100
    refresh_after: int = 7 * 86400
