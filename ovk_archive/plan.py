"""What a run is to read, which lists that opens, and who is told how far it is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ovk_archive.resource import Owners, Parent, Resource
from ovk_archive.resources import SECTIONS


class Progress(Protocol):
    """Who is told how far a run is."""

    def page(self, resource: Resource, rows: int, total: int | None) -> None:
        """A page of a list was saved: how many rows it had, and how many the list has."""

    def finished(self, resource: Resource) -> None:
        """All lists of a resource have been read."""


class Silent:
    """Nobody is told."""

    def page(self, resource: Resource, rows: int, total: int | None) -> None:
        """Nothing."""

    def finished(self, resource: Resource) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to read.

    Attributes:
        sections: names of sections, all by default.
        owners: whose lists; the account by default.
        full: read everything again, not only what is new.
        concurrency: lists read side by side, and requests in flight.
        sparing: requests are numbered, so after a run that was stopped the sections are read one
            after another, the longest neglected first; else each would get too little to move on.
    """

    sections: tuple[str, ...] = SECTIONS
    owners: tuple[int, ...] = ()
    full: bool = False
    concurrency: int = 4
    sparing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A list that is to be opened now.

    Attributes:
        partition: the parameters that open it.
        owner_id: whose it is, where it has an owner.
        stamp: what the parent's row says of it.
        expected: rows it has by the parent's counter.
    """

    resource: Resource
    partition: Mapping[str, Any]
    owner_id: int | None = None
    stamp: str | None = None
    expected: int | None = None


def opening_of(
    resource: Resource, parent: Parent, row: tuple[Any, ...], account_id: int
) -> Opening:
    """The list that a parent's row opens: the row's partition values, then its stamp values."""
    partition = dict(zip(parent.params, row, strict=False))
    stamp = dict(zip(parent.stamp, row[len(partition) :], strict=True))
    expected = stamp[parent.counter] if parent.counter else None
    return Opening(
        resource=resource,
        partition=partition,
        owner_id=partition.get("owner_id", account_id),
        stamp=json.dumps(list(stamp.values())),
        expected=expected or 0 if parent.counter else None,
    )


def has_list(resource: Resource, owner: int, account_id: int) -> bool:
    """The method can open a list of this owner."""
    if resource.owner_param is None or resource.owners is Owners.ACCOUNT:
        return owner == account_id
    return owner > 0 or resource.owners is Owners.ANY
