"""The SQL that finds whom records refer to: an index is leapt through, from one number to the next.

A million messages name few people, so what is looked at is each of these, not each message.
"""

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.list_rows import listed
from ovk_archive.archive.versions.checkpoints import timestamp
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.resource import Lookup


def referred_to(lookup: Lookup) -> str:
    """The ids, each once, that records of any table refer to: column `id`.

    Bound is `:after`; only greater ids are given.
    """
    return " union ".join(
        _leaps(table.name, column.name)
        for table in TABLES
        for column in table.columns
        if column.references == lookup.table.name
    )


def unknown(lookup: Lookup) -> str:
    """The next ids that are not known, or were last read long ago.

    Bound are `:after`, the last id asked for, `:now`, and `:limit`.
    """
    table = lookup.table
    return (
        f"select r.id from ({referred_to(lookup)}) r where not exists (select 1 from {table.name} "
        f"t where t.id = r.id and {listed(table, 't')} "
        # A time in the future was written by a clock that was wrong.
        "and abs(julianday(:now) - julianday(t.last_seen_at)) "
        f"< {lookup.refresh_after} / 86400.0) order by r.id limit :limit"
    )


def _leaps(table: str, column: str) -> str:
    step = f'select min("{column}") from "{table}" where "{column}"'
    return (
        f"select id from (with recursive leap (id) as ({step} > :after union all "
        f"select ({step} > leap.id) from leap where leap.id is not null) "
        "select id from leap where id is not null)"
    )


def referred(archive: Archive, lookup: Lookup, limit: int, after: int) -> list[int]:
    """Ids that some record refers to and that are unknown, or were last read long ago."""
    bound = {"after": after, "now": timestamp(), "limit": limit}
    return [row[0] for row in archive.query(unknown(lookup), bound)]
