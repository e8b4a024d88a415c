"""What a run is to read, which lists that opens, and who is told how far it is."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ovk_archive.api.wire.waits import Unheard, Waits
from ovk_archive.archive.lists.names import list_key
from ovk_archive.errors import ApiError
from ovk_archive.resources import DEFAULT_SECTIONS
from ovk_archive.resources.vocabulary.resource import Owners, Parent, Resource

#: Requests of each run that read older rows again. With what a run asks anyway that stays far
#: below what one visit to a site costs its server.
ROUND = 20


class Progress(Waits, Protocol):
    """Who is told how far a run is."""

    def begin(self, resources: Collection[Resource]) -> None:
        """A run begins that reads the lists of these."""

    def ahead(self, resource: Resource, lists: int) -> None:
        """This many more of its lists are to be read, one for each row that opens one."""

    def listed(self, resource: Resource) -> None:
        """One of these lists has been read, or could not be read."""

    def page(self, resource: Resource, rows: int, total: int | None) -> None:
        """A page of a list was saved: how many rows it had, and how many the list has."""

    def spared(self, resource: Resource) -> None:
        """A list was read not long ago, and is left for now."""

    def lacking(self, resource: Resource, *, absent: bool) -> None:
        """A list could not be read; or there is no such list on this instance."""

    def finished(self, resource: Resource) -> None:
        """All lists of a resource have been read, and there was one."""


class Silent(Unheard):
    """Nobody is told."""

    def begin(self, resources: Collection[Resource]) -> None:
        """Nothing."""

    def ahead(self, resource: Resource, lists: int) -> None:
        """Nothing."""

    def listed(self, resource: Resource) -> None:
        """Nothing."""

    def page(self, resource: Resource, rows: int, total: int | None) -> None:
        """Nothing."""

    def spared(self, resource: Resource) -> None:
        """Nothing."""

    def lacking(self, resource: Resource, *, absent: bool) -> None:
        """Nothing."""

    def finished(self, resource: Resource) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Lookback:
    """How many rows at the new end of a list are read again, whenever it is opened.

    Attributes:
        rows: at least this many rows.
        days: and all that are not older than this many days, up to `MOST_LOOKED_BACK` rows.
    """

    rows: int = 100
    days: int = 7


DEFAULT_LOOKBACK = Lookback()
NO_LOOKBACK = Lookback(0, 0)
#: Rows of one list that a lookback reads at most because they are recent.
MOST_LOOKED_BACK = 1000


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody whose lists a person named.

    Attributes:
        name: as it was named, without the address around it.
        id: negative for a group; None if nobody has that name.
        lost: why nothing of them can be read.
        deactivated: they are banned, but may still be read.
    """

    name: str
    id: int | None
    lost: ApiError | None = None
    deactivated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to read.

    Attributes:
        sections: names of sections; by default all but those that are to be asked for.
        owners: whose lists; the account by default.
        named: whom a person named, those too of whom nothing can be read.
        full: read everything again, not only what is new.
        concurrency: requests in flight, which the client keeps to.
        sparing: requests are numbered, so after a run that was stopped the sections are read one
            after another, the longest neglected first; else each would get too little to move on.
        timed: time is numbered, so after a run that was stopped the lists that it has read, or one
            before it today, wait; else a short time would be over with these.
        lookback: how much at the new end of each list is read again.
        rounds: requests spent on reading older rows again, for edits and deletions.
        audit_every: days after which the whole archive is read again; 0 for never.
        audit: read it again now.
        accept_losses: believe it when most of a list is missing at once.
    """

    sections: tuple[str, ...] = DEFAULT_SECTIONS
    owners: tuple[int, ...] = ()
    named: tuple[Owner, ...] = ()
    full: bool = False
    concurrency: int = 4
    sparing: bool = False
    timed: bool = False
    lookback: Lookback = DEFAULT_LOOKBACK
    rounds: int = ROUND
    audit_every: int = 0
    audit: bool = False
    accept_losses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A list that is to be opened now.

    Attributes:
        partition: the parameters that open it.
        owner_id: whose it is, where it has an owner.
        stamp: what the parent's row says of it.
        expected: rows it has by the parent's counter.
        newest: the number of its newest row by the parent's row.
        mine: it is the account's own, so that what it hides can be asked for by number.
    """

    resource: Resource
    partition: Mapping[str, Any]
    owner_id: int | None = None
    stamp: str | None = None
    expected: int | None = None
    newest: int | None = None
    mine: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """The list, as cursors name it."""
        return list_key(self.resource.name, self.partition)


def opening_of(
    resource: Resource, parent: Parent, row: tuple[Any, ...], account_id: int
) -> Opening:
    """The list that a parent's row opens: the row's partition values, then its stamp values."""
    partition = dict(zip(parent.params, row, strict=False))
    stamp = dict(zip(parent.stamp, row[len(partition) :], strict=True))
    expected = stamp[parent.counter] if parent.counter else None
    owner = dict(zip(parent.params.values(), row, strict=False)).get(parent.owner or "", account_id)
    return Opening(
        resource=resource,
        partition=partition,
        owner_id=owner,
        stamp=json.dumps(list(stamp.values())),
        expected=expected or 0 if parent.counter else None,
        newest=stamp[parent.newest] if parent.newest else None,
    )


def has_list(resource: Resource, owner: int, account_id: int) -> bool:
    """The method can open a list of this owner."""
    mine, group = owner == account_id, owner < 0
    if resource.owner_param is None or resource.owners is Owners.ACCOUNT:
        return mine
    return {
        Owners.PEOPLE: not group,
        Owners.ANY: True,
        Owners.OWN: mine or group,
        Owners.GROUPS: group,
    }[resource.owners]


def own_lists(resource: Resource, owners: tuple[int, ...], account_id: int) -> Iterator[Opening]:
    """The lists of these owners, one after another."""
    if resource.parent is not None and resource.owner_param is None:
        return
    for owner in owners:
        for variant in resource.variants if has_list(resource, owner, account_id) else ():
            partition = {**resource.partition(owner), **variant}
            mine = owner == account_id
            yield Opening(resource=resource, partition=partition, owner_id=owner, mine=mine)


def with_sources(sections: tuple[str, ...], resources: tuple[Resource, ...]) -> tuple[str, ...]:
    """The sections, and before them those whose rows open their lists."""
    before, sources = waits(resources), _sources(resources)
    found: dict[str, None] = {}

    def add(section: str) -> None:
        for other in sorted(before.get(section, set())):
            if other in sections or other in sources[section]:
                add(other)
        found[section] = None

    for section in sections:
        add(section)
    return tuple(found)


def waits(resources: tuple[Resource, ...]) -> dict[str, set[str]]:
    """Section -> the sections that are read before it, if they are read at all."""
    before = _sources(resources)
    for resource in resources:
        before[resource.section].update(resource.schedule.behind)
    return before


def _sources(resources: tuple[Resource, ...]) -> dict[str, set[str]]:
    """Section -> the sections whose rows open its lists, so that they are always read before."""
    sources: dict[str, set[str]] = {resource.section: set() for resource in resources}
    for resource in resources:
        others = resource.parent.after if resource.parent else ()
        sources[resource.section].update(one for one in others if one != resource.section)
    return sources
