"""Owners that a person named: told if nothing of them can be read any more, and their rows marked.

An owner who deleted the page, or lost its name, stops nothing; what is known of them stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import aside
from ovk_archive.archive.lists.cursors import cursor_of
from ovk_archive.archive.search.whom import numbers_called
from ovk_archive.resources.people import CLUBS, PEOPLE
from ovk_archive.sync.lookups import Lookups
from ovk_archive.sync.plan import Owner
from ovk_archive.sync.refusals import OWNERS, Listed, Refusals


@dataclass(frozen=True, slots=True)
class Named:
    """What becomes of the owners that a run was told to read."""

    archive: Archive
    lookups: Lookups
    refusals: Refusals

    async def note(self, owners: Iterable[Owner]) -> None:
        """Tell of owners who can no longer be read, and mark them; unmark those who are back."""
        for owner in owners:
            one = Listed(OWNERS, {"owner": owner.name})
            known = await aside(cursor_of, self.archive, one.name, one.partition)
            async with self.refusals.reading(one, known):
                if owner.deactivated or owner.lost:
                    await self._mark(owner)
                if owner.lost:
                    raise owner.lost

    async def _mark(self, owner: Owner) -> None:
        """Read the row of a person or group, which says that they are gone."""
        number = owner.id or await aside(self._called, owner.name)
        if number is not None:
            await self.lookups.look(PEOPLE if number > 0 else CLUBS, [abs(number)])

    def _called(self, name: str) -> int | None:
        """Whose name it was."""
        found = numbers_called(self.archive.query, name)
        return found[0] if found else None
