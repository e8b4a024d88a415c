"""The SQL that finds the lists which rows open, and those among them that may be due."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.absences import missed
from ovk_archive.archive.lists.list_rows import listed, not_missed
from ovk_archive.archive.tables.schema import among
from ovk_archive.resources.vocabulary.resource import Parent, Resource

#: Rows of parents per query.
_CHUNK = 500


def openings(resource: Resource, owners: Iterable[int], *, everything: bool = False) -> str:
    """The next parents whose lists may be due: (rowid, partition values…, stamp values…).

    A list that has not changed does not leave SQLite: its cursor must be lacking, unlike what the
    parent's row says, or not at its end; or the list owes rows.

    Bound are `:after`, the last rowid known, and `:owing`, the lists that owe rows: the values of
    `Resource.held`, as JSON. `everything` asks for all that were ever opened, too.
    """
    parent = _parent(resource)
    names = ", ".join(f'p."{name}"' for name in (*parent.params.values(), *parent.stamp))
    opened = "1" if everything or parent.always else _may_have_changed(resource, parent)
    where = [
        "p.rowid > :after",
        *_is_open(parent, owners),
        f"case when c.resource is null then {_has_rows(parent)} else {opened} end",
    ]
    return (
        f'select p.rowid, {names} from "{parent.table.name}" p {_with_cursor(resource, parent)} '
        f"where {' and '.join(where)} order by p.rowid limit {_CHUNK}"
    )


def _parent(resource: Resource) -> Parent:
    assert resource.parent is not None  # noqa: S101 - the caller looked
    return resource.parent


def _is_open(parent: Parent, owners: Iterable[int]) -> Iterator[str]:
    """The conditions that a row opens a list at all."""
    # Of a thing that was missed it is not known whether its lists can be opened any more.
    is_there = f"p.gone_at is null and {not_missed(parent.table, 'p')}"
    # A list that outlives the row, and that was begun, is read to its end all the same.
    begun = "c.done = 0 and c.refused is null"
    yield f"({is_there} or {begun})" if parent.outlived else is_there
    if parent.listed:
        yield listed(parent.table, "p")
    if parent.owner:
        # The plus keeps to the order of rowid: an index of owners would have all of them sorted.
        yield f'+p."{parent.owner}" in ({", ".join(str(int(owner)) for owner in owners)})'
    if parent.where:
        yield f'p."{parent.where}" is not null'


def _with_cursor(resource: Resource, parent: Parent) -> str:
    # In order of name, as cursors have it.
    partition = ", ".join(
        f"'{param}', p.\"{column}\"" for param, column in sorted(parent.params.items())
    )
    return (
        f"left join _cursors c on c.resource = '{resource.name}' "
        f"and c.partition = json_object({partition})"
    )


def _has_rows(parent: Parent) -> str:
    """A list that was never opened has something to open."""
    return f'coalesce(p."{parent.counter}", 0) <> 0' if parent.counter else "1"


def _may_have_changed(resource: Resource, parent: Parent) -> str:
    """A list that was opened before may have to be opened again."""
    stamp = ", ".join(f'p."{column}"' for column in parent.stamp)
    said = f"case when json_valid(c.stamp) then json(c.stamp) <> json_array({stamp}) else 1 end"
    skipped = (
        "exists (select 1 from _skipped s where s.resource = c.resource "
        "and s.partition = c.partition and s.resolved_at is null)"
    )
    owes = among([f'p."{parent.params[param]}"' for param in resource.held.values()], ":owing")
    return f"(not c.done or c.refused is not null or {said} or {skipped} or {owes})"


def children(
    archive: Archive,
    resource: Resource,
    owners: Iterable[int],
    after: int,
    *,
    everything: bool = False,
) -> list[tuple[Any, ...]]:
    """The next parents whose lists may be due: (rowid, partition values…, stamp values…).

    A chunk at a time, in the order of rowid, so that memory stays flat.
    """
    owing = json.dumps(missed(archive, resource, tuple(resource.held)))
    sql = openings(resource, owners, everything=everything)
    return archive.query(sql, {"after": after, "owing": owing})


def parent_row(
    archive: Archive, parent: Parent, partition: Mapping[str, Any]
) -> tuple[Any, ...] | None:
    """What the parent of a list says of it (partition values…, stamp values…), if present."""
    names = ", ".join(f'"{name}"' for name in (*parent.params.values(), *parent.stamp))
    where = " and ".join(f'"{column}" = ?' for column in parent.params.values())
    found = archive.query(
        f'select {names} from "{parent.table.name}" where {where} and gone_at is null',
        [partition[param] for param in parent.params],
    )
    return found[0] if found else None
