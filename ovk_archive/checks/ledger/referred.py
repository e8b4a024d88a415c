"""People and groups that something refers to: how many are known, and how many are not."""

from dataclasses import dataclass

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.list_rows import listed
from ovk_archive.archive.lists.references import referred_to
from ovk_archive.resources.vocabulary.resource import Lookup


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupLine:
    """People or groups that something refers to.

    Attributes:
        held: known ones.
        missing: referred to, and not asked for yet.
    """

    name: str
    title: str
    held: int
    missing: int


def look_up(archive: Archive, lookup: Lookup) -> LookupLine:
    """Add up what one lookup is to read."""
    table = lookup.table.name
    missing = archive.query(
        f"select count(*) from ({referred_to(lookup)}) r where not exists (select 1 from {table} t "
        f"where t.id = r.id and {listed(lookup.table, 't')}) "
        "and id not in (select cast(place as integer) from _skipped where resource = :name)",
        {"after": 0, "name": lookup.name},
    )
    held = archive.query(f"select count(*) from {table}")
    return LookupLine(name=lookup.name, title=lookup.title, held=held[0][0], missing=missing[0][0])
