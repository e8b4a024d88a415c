"""Which lists are read again next: those under way, those that miss rows, then the longest unread.

A list that a sync had reason to open lately (something was said there) comes round more often.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from operator import itemgetter
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.balance import odd
from ovk_archive.archive.lists.absences import missed
from ovk_archive.archive.lists.cursors import readable
from ovk_archive.archive.lists.names import partition_key
from ovk_archive.archive.lists.rounds import Round
from ovk_archive.archive.versions import checkpoints
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.sync.plan import ROUND

#: Days since a list was last opened for news, within which it is active.
ACTIVE_DAYS = 30
#: How much more often an active list is read again than another.
ACTIVE_OFTEN = 4
_NEVER = "0001-01-01T00:00:00Z"
#: What is known of a list and its round.
_LISTS = (
    "select c.rowid, c.resource, c.partition, c.owner_id, c.position, c.finished_at, "
    "ifnull(c.updated_in, 0), r.position, r.began_at, r.finished_at, ifnull(r.began_in, 0), "
    "ifnull(r.finished_in, 0), r.refused, ifnull(r.tries, 0), r.failed_at "
    "from _cursors c left join _rounds r on r.resource = c.resource and r.partition = c.partition"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A list that is to be read again.

    Attributes:
        place: the rowid of its cursor.
        position: where its cursor stands.
        updated_in: the checkpoint in which it was last asked for, as its cursor says.
        active: it was opened for news lately.
    """

    place: int
    resource: Resource
    partition: Mapping[str, Any]
    owner_id: int | None
    position: Mapping[str, Any]
    updated_in: int
    active: bool
    round: Round

    @property
    def requests(self) -> int:
        """About how many requests a round of it takes."""
        if not self.resource.paginator.incremental:
            return 1
        size = getattr(self.resource.paginator, "size", 0)
        # An overlap; the end, and a call that counts or a sweep.
        return 2 + ceil(int(self.position.get("read", 0)) / max(1, size - 10))


def turns(
    archive: Archive,
    resources: Iterable[Resource],
    owners: Sequence[int],
    since: int,
    began: int,
) -> list[int]:
    """The lists that were not read whole since then; those whose turn it is come first.

    Of those that are asked for by number only such as this run, which `began` later, has read: of
    others it is not known whether they may still be seen. There may be very many: each is told by
    its place, for `turns_at`.
    """
    owed = _Owed(archive, resources)
    due = [
        (_order(turn, began, is_owed=turn in owed), turn.place)
        for turn in in_rounds(archive, resources, owners)
        if turn.round.finished_in < since
        and (turn.resource.sweep is None or turn.updated_in >= began)
    ]
    return [place for _, place in sorted(due, key=itemgetter(0))]


def turns_at(archive: Archive, resources: Iterable[Resource], places: Sequence[int]) -> list[Turn]:
    """The lists at these places, in their order; those that are gone meanwhile are left out."""
    named = {resource.name: resource for resource in resources}
    rows = archive.query(
        f"{_LISTS} where c.rowid in (select value from json_each(?))", (json.dumps(list(places)),)
    )
    found = {row[0]: _turn(named[row[1]], row, checkpoints.today()) for row in rows}
    return [found[place] for place in places if place in found]


def in_rounds(
    archive: Archive, resources: Iterable[Resource], owners: Sequence[int]
) -> Iterator[Turn]:
    """Every list of these owners that is read again from time to time."""
    now = checkpoints.today()
    where = (
        "c.resource = ? and c.done and c.refused is null and json_valid(c.partition) "
        f"and c.owner_id in ({', '.join(str(int(owner)) for owner in owners)})"
    )
    for resource in resources:
        if resource.in_rounds:
            for row in archive.stream(f"{_LISTS} where {where}", (resource.name,)):
                yield _turn(resource, row, now)


def _turn(resource: Resource, row: Sequence[Any], now: datetime) -> Turn:
    place, _, partition, owner, position, opened, updated_in, under_way, *times = row
    return Turn(
        place=place,
        resource=resource,
        partition=json.loads(partition),
        owner_id=owner,
        position=readable(position) or {},
        updated_in=updated_in,
        active=abs(now - datetime.fromisoformat(opened or _NEVER)) < timedelta(days=ACTIVE_DAYS),
        round=Round(under_way and readable(under_way), *times),
    )


class _Owed:
    """The lists of which rows were missed, which another reading must confirm; or that are odd."""

    def __init__(self, archive: Archive, resources: Iterable[Resource]) -> None:
        self._odd = odd(archive)
        self._missing = {
            resource.name: set(missed(archive, resource, tuple(resource.held)))
            for resource in resources
            if resource.compared
        }

    def __contains__(self, turn: Turn) -> bool:
        name = turn.resource.name
        held = tuple(turn.partition[param] for param in turn.resource.held.values())
        return (
            held in self._missing.get(name, ())
            or (name, partition_key(turn.partition)) in self._odd
        )


def _order(turn: Turn, began: int, *, is_owed: bool) -> tuple[bool, bool, int]:
    age = began - turn.round.finished_in
    weight = ACTIVE_OFTEN if turn.active else 1
    return turn.round.position is None, not is_owed, -age * weight


@dataclass(frozen=True, slots=True)
class Promise:
    """Within how many runs each archived row is read again.

    Attributes:
        lists: how many lists there are that not every run reads whole.
        edits: runs until each of their rows is read again.
        losses: runs until a row that is gone is marked: missed, and missed once more.
    """

    lists: int
    edits: int
    losses: int


def promise(
    archive: Archive, resources: Iterable[Resource], owners: Sequence[int], share: int = ROUND
) -> Promise:
    """What can be promised of these owners' lists, if each run reads all of them for news."""
    lists, often, slow = 0, 0, 0
    for turn in in_rounds(archive, resources, owners):
        lists += 1
        often += turn.requests * turn.active
        slow += turn.requests * (not turn.active)
    edits = 1 + ceil((slow + ACTIVE_OFTEN * often if slow else often) / share)
    # A photo must be missed by its album first: a row may be in two lists (`Resource.elsewhere`).
    return Promise(lists, edits, 3 * edits)
