"""Which lists are read again next: those under way, those that miss rows, then the longest unread.

A list that a sync had reason to open lately (something was said there) comes round more often.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A list that is to be read again.

    Attributes:
        position: where its cursor stands.
        updated_in: the checkpoint in which it was last asked for, as its cursor says.
        active: it was opened for news lately.
        owed: rows of it were missed, and another reading must confirm it; or it does not add up.
    """

    resource: Resource
    partition: Mapping[str, Any]
    owner_id: int | None
    position: Mapping[str, Any]
    updated_in: int
    active: bool
    owed: bool
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
) -> list[Turn]:
    """The lists that were not read whole since then; those whose turn it is come first.

    Of those that are asked for by number only such as this run, which `began` later, has read: of
    others it is not known whether they may still be seen.
    """
    strange = odd(archive)
    due = [
        replace(
            turn, owed=turn.owed or (turn.resource.name, partition_key(turn.partition)) in strange
        )
        for turn in in_rounds(archive, resources, owners)
        if turn.round.finished_in < since
        and (turn.resource.sweep is None or turn.updated_in >= began)
    ]
    return sorted(due, key=lambda turn: _order(turn, began))


def in_rounds(
    archive: Archive, resources: Iterable[Resource], owners: Sequence[int]
) -> Iterator[Turn]:
    """Every list of these owners that is read again from time to time."""
    for resource in resources:
        if resource.in_rounds:
            yield from _of(archive, resource, owners)


def _of(archive: Archive, resource: Resource, owners: Sequence[int]) -> Iterator[Turn]:
    rows = archive.query(
        "select c.partition, c.owner_id, c.position, c.finished_at, ifnull(c.updated_in, 0), "
        "r.position, r.began_at, r.finished_at, ifnull(r.began_in, 0), ifnull(r.finished_in, 0), "
        "r.refused, ifnull(r.tries, 0), r.failed_at "
        "from _cursors c left join _rounds r "
        "on r.resource = c.resource and r.partition = c.partition "
        "where c.resource = ? and c.done and c.refused is null and json_valid(c.partition) "
        f"and c.owner_id in ({', '.join(str(int(owner)) for owner in owners)})",
        (resource.name,),
    )
    owing = _owing(archive, resource)
    now, lately = checkpoints.today(), timedelta(days=ACTIVE_DAYS)
    for partition, owner, position, opened, updated_in, under_way, *times in rows:
        parameters = json.loads(partition)
        held = tuple(parameters[param] for param in resource.held.values())
        yield Turn(
            resource=resource,
            partition=parameters,
            owner_id=owner,
            position=readable(position) or {},
            updated_in=updated_in,
            active=abs(now - datetime.fromisoformat(opened or _NEVER)) < lately,
            owed=held in owing,
            round=Round(under_way and readable(under_way), *times),
        )


def _owing(archive: Archive, resource: Resource) -> set[tuple[Any, ...]]:
    """The lists of a resource of which rows were missed."""
    if not resource.compared:
        return set()
    return set(missed(archive, resource, tuple(resource.held)))


def _order(turn: Turn, began: int) -> tuple[bool, bool, int]:
    age = began - turn.round.finished_in
    weight = ACTIVE_OFTEN if turn.active else 1
    return turn.round.position is None, not turn.owed, -age * weight


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
    found = list(in_rounds(archive, resources, owners))
    often = sum(turn.requests for turn in found if turn.active)
    slow = sum(turn.requests for turn in found if not turn.active)
    edits = 1 + ceil((slow + ACTIVE_OFTEN * often if slow else often) / share)
    # A photo must be missed by its album first: a row may be in two lists (`Resource.elsewhere`).
    return Promise(len(found), edits, 3 * edits)
