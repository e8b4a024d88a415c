"""As of when the data of an export hold: what the archive's lists say of their last reading."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.checks.ledger import Line
from ovk_archive.resources import RESOURCES

#: Resource -> the table that it fills.
_TABLES = {resource.name: resource.table.name for resource in RESOURCES}
#: What is read once a day at most says nothing of the others.
_DAILY = {resource.name for resource in RESOURCES if resource.schedule.daily}
_DAY = len("2026-11-26")


@dataclass(frozen=True, slots=True)
class AsOf:
    """Two moments, in UTC; None if no list says one.

    Attributes:
        oldest: when that complete list was up to date which was read longest ago. Changes before
            it are here; of later ones some may be.
        newest: when a list was last read. Nothing later is here.
    """

    oldest: str | None
    newest: str | None

    @property
    def sentence(self) -> str:
        """The same for people."""
        if self.newest is None:
            return "As of when the data hold is not known: no list of them was read to its end."
        if self.oldest is None:
            return f"No list is complete; the last one was read on {_said(self.newest)}."
        if _said(self.oldest) == _said(self.newest):
            return f"The data hold as of {_said(self.oldest)}."
        return (
            f"The data hold as of {_said(self.oldest)}; of what is newer, up to "
            f"{_said(self.newest)}, only a part is here."
        )

    def to_json(self) -> dict[str, Any]:
        """As manifest and package tell it."""
        return {"oldest": self.oldest, "newest": self.newest}


def as_of(lines: Sequence[Line], tables: Collection[str], *, to_the_day: bool) -> AsOf:
    """What the lists say that fill these tables; if there is none, all lists.

    Args:
        lines: the ledger's.
        tables: what is exported.
        to_the_day: a moment would tell too much.
    """
    lists = [line for line in lines if line.last_sync and not line.absent]
    its = [line for line in lists if _TABLES[line.name] in tables] or lists
    its = [line for line in its if line.name not in _DAILY] or its
    end = _DAY if to_the_day else None
    whole = [line.last_sync[:end] for line in its if line.complete and line.last_sync]
    read = [line.last_sync[:end] for line in its if line.last_sync]
    return AsOf(min(whole, default=None), max(read, default=None))


def _said(moment: str) -> str:
    day, _, time = moment.partition("T")
    return f"{day} {time[:5]} UTC" if time else day
