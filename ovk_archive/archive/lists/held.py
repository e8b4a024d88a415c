"""What is held of one list: which numbers, and how many recent rows."""

from collections.abc import Mapping
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.list_rows import rows_of
from ovk_archive.resources.vocabulary.resource import Resource


def held_numbers(
    archive: Archive, resource: Resource, partition: Mapping[str, Any], column: str, since: int = 0
) -> set[int]:
    """The numbers held of one list; those seen in that checkpoint or later."""
    rows = rows_of(resource, partition)
    where, values = rows.seen_since(since) if since else (rows.where, rows.values)
    sql = f'select "{column}" from "{rows.table.name}" where {where}'
    return {row[0] for row in archive.query(sql, values)}


def newer(archive: Archive, resource: Resource, partition: Mapping[str, Any], since: float) -> int:
    """How many rows of a list are newer than a unix time, where they tell."""
    if "date" not in resource.table.by_name:
        return 0
    rows = rows_of(resource, partition)
    sql = f'select count(*) from "{rows.table.name}" where {rows.where} and date >= ?'
    return int(archive.query(sql, (*rows.values, since))[0][0])
