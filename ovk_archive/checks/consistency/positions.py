"""Whether saved positions can be, and whether the lists that they are of can."""

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.intervals import AnchoredPosition
from ovk_archive.api.paging.numbered import Numbered
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.rounds import SWEEPING
from ovk_archive.checks.consistency.findings import Strange
from ovk_archive.resources import RESOURCES
from ovk_archive.resources.vocabulary.records import UNREADABLE
from ovk_archive.resources.vocabulary.resource import Parent, Resource

#: Cursors read at a time.
_CHUNK = 500


def strange_positions(archive: Archive) -> Iterator[Strange]:
    """Saved positions that cannot be right; lists that this program does not know are left out."""
    known = {resource.name: resource for resource in RESOURCES}
    for table, done in (("_cursors", "done"), ("_rounds", "0")):
        for name, partition, saved, is_done in _positions(archive, table, done):
            resource = known.get(name)
            for why in _faults(resource, partition, saved, done=bool(is_done)) if resource else ():
                yield Strange(table, name, partition, why)


def _positions(archive: Archive, table: str, done: str) -> Iterator[tuple[Any, ...]]:
    """A chunk at a time: positions are long."""
    after = 0
    while rows := archive.query(
        f"select rowid, resource, partition, position, {done} from {table} "
        f"where rowid > ? and position is not null order by rowid limit {_CHUNK}",
        (after,),
    ):
        after = rows[-1][0]
        yield from (row[1:] for row in rows)


def _faults(resource: Resource, partition: str, saved: str, *, done: bool) -> Iterator[str]:
    """What is wrong with a saved position."""
    try:
        parameters, position = json.loads(partition), json.loads(saved)
        if not isinstance(parameters, dict) or not isinstance(position, dict):
            yield "it cannot be read"
        elif resource.sweep and "next" in position:
            yield from _faults_of_sweep(position)
        else:
            yield from _faults_of_position(resource.paginator, position)
            if bool(position.get("done")) != done:
                yield "its cursor says something else about whether the list was read to its end"
    except UNREADABLE:
        yield "it cannot be read"


def _faults_of_sweep(position: Mapping[str, Any]) -> Iterator[str]:
    """A list that is asked for by number says only which number is next."""
    # A run may end between the walk and the first of the numbers.
    if position == SWEEPING:
        return
    if not _is_count(position["next"]) or not isinstance(position.get("done"), bool):
        yield "it does not say from which number to go on"


def _faults_of_position(paginator: Any, saved: Mapping[str, Any]) -> Iterator[str]:
    position = paginator.loaded(saved)
    if not _is_count(position.read):
        yield "it does not say how many rows were read"
    if isinstance(paginator, Numbered) and saved.get("listing"):
        yield from _faults_of_position(paginator.listing, saved["listing"])
    if isinstance(position, AnchoredPosition) and isinstance(paginator, Anchored):
        if position.done and position.below:
            yield "it is at the end, with rows below"
        if paginator.order == "newest":
            yield from _faults_of_stack(position)


def _faults_of_stack(position: AnchoredPosition) -> Iterator[str]:
    """What is known of a list that grows at its top: stretches, the newest first.

    A row may be in two of them: it has moved to the top, or its neighbours have vanished, so that
    a walk read past it without knowing the stretch again.
    """
    below = position.below
    for one in below:
        # A list that was found empty in the middle of a walk is remembered with no rows.
        if not one.head or not one.tail or (one.rows and one.rows < len(one.head)):
            yield "one of its stretches has fewer rows than keys"
    # An older program gave no numbers.
    if any(one.floor <= other.floor for one, other in pairwise(below) if one.floor or other.floor):
        yield "its stretches are not in order"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def orphaned(archive: Archive) -> Iterator[Strange]:
    """Lists whose opening row was never in the archive, not even as gone."""
    for resource in RESOURCES:
        # What was named by its owner needs no row that opens it.
        if resource.parent is None or resource.owner_param is not None:
            continue
        for (partition,) in _without_parent(archive, resource, resource.parent):
            why = f"there is no row of {resource.parent.table.name} that opens it"
            yield Strange("_cursors", resource.name, partition, why)


def _without_parent(archive: Archive, resource: Resource, parent: Parent) -> list[tuple[Any, ...]]:
    # Other columns of the parent's may have changed since.
    columns = {p: column for p, column in parent.params.items() if column in parent.table.key}
    if not columns:
        return []
    given = ", ".join(f"json_extract(partition, '$.{param}')" for param in columns)
    names = ", ".join(f'"{column}"' for column in columns.values())
    known = " and ".join(f'"{column}" is not null' for column in columns.values())
    return archive.query(
        "select partition from _cursors where resource = ? and json_valid(partition) and "
        f'({given}) not in (select {names} from "{parent.table.name}" where {known})',
        (resource.name,),
    )
