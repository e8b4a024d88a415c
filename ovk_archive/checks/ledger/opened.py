"""Which lists that rows open are due: never opened, or changed since."""

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.list_rows import listed
from ovk_archive.resources import RESOURCES
from ovk_archive.resources.vocabulary.resource import Parent, Resource


def due(archive: Archive, resource: Resource, parent: Parent) -> int:
    """How many parents have a list that was never opened, or has changed since."""
    partition = ", ".join(
        f"'{param}', p.\"{column}\"" for param, column in sorted(parent.params.items())
    )
    stamp = ", ".join(f'p."{column}"' for column in parent.stamp)
    changed = "0" if parent.always else f"json(c.stamp) <> json_array({stamp})"
    unopened = f'coalesce(p."{parent.counter}", 0) <> 0' if parent.counter else "1"
    rows = archive.query(
        f'select count(*) from "{parent.table.name}" p '
        f"left join _cursors c on c.resource = ? and c.partition = json_object({partition}) "
        f"where p.gone_at is null and {_restriction(parent)} and case "
        f"when c.resource is null then {unopened} "
        f"else c.done and c.refused is null and {changed} end",
        (resource.name,),
    )
    return int(rows[0][0])


def _restriction(parent: Parent) -> str:
    """Which parents count: those whose owners' lists are read."""
    where = [f'p."{parent.where}" is not null'] if parent.where else []
    if parent.listed:
        where.append(listed(parent.table, "p"))
    if parent.owner:
        roots = ", ".join(f"'{r.name}'" for r in RESOURCES if r.table is parent.table)
        owners = f"select owner_id from _cursors where resource in ({roots})"
        where.append(f'p."{parent.owner}" in ({owners})')
    return " and ".join(where) or "1"
