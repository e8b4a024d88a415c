"""Compares an archive with itself: its references, positions and rows."""

from collections.abc import Callable

from ovk_archive.archive.archive import Archive
from ovk_archive.checks.consistency.derived import deviations
from ovk_archive.checks.consistency.findings import Consistency, Reference
from ovk_archive.checks.consistency.positions import orphaned, strange_positions


def check_consistency(archive: Archive, tell: Callable[[], object]) -> Consistency:
    """Compare an archive with itself; `tell` is called after each table."""
    return Consistency(
        references=dangling(archive),
        positions=[*strange_positions(archive), *orphaned(archive)],
        rows=list(deviations(archive, tell)),
    )


def dangling(archive: Archive) -> list[Reference]:
    """How many rows of which table refer to something that is not here."""
    found = archive.query(
        'select "table", parent, count(*) from pragma_foreign_key_check '
        'group by "table", parent order by "table", parent'
    )
    return [Reference(*row) for row in found]
