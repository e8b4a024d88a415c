"""What is held of one list: which numbers are not, and how many recent rows."""

from collections.abc import Mapping
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.list_rows import rows_of
from ovk_archive.resources.vocabulary.resource import Resource


def highest(archive: Archive, resource: Resource, partition: Mapping[str, Any], column: str) -> int:
    """The highest number held of one list; 0 if none is."""
    rows = rows_of(resource, partition)
    sql = f'select max("{column}") from "{rows.table.name}" where {rows.where}'
    return archive.query(sql, rows.values)[0][0] or 0


def unmet(
    archive: Archive,
    resource: Resource,
    partition: Mapping[str, Any],
    column: str,
    numbers: range,
    *,
    since: int = 0,
) -> list[int]:
    """Those numbers that are not held of one list; or were not seen in that checkpoint or later."""
    low, high = min(numbers[0], numbers[-1]), max(numbers[0], numbers[-1])
    rows = rows_of(resource, partition, f'"{column}" between {low} and {high}')
    where, values = rows.seen_since(since) if since else (rows.where, rows.values)
    sql = f'select "{column}" from "{rows.table.name}" where {where}'
    met = {row[0] for row in archive.query(sql, values)}
    return [number for number in numbers if number not in met]


def newer(archive: Archive, resource: Resource, partition: Mapping[str, Any], since: float) -> int:
    """How many rows of a list are newer than a unix time, where they tell."""
    if "date" not in resource.table.by_name:
        return 0
    rows = rows_of(resource, partition)
    sql = f'select count(*) from "{rows.table.name}" where {rows.where} and date >= ?'
    return int(archive.query(sql, (*rows.values, since))[0][0])
