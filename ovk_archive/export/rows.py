"""The rows of an export, as they are to be written: out of the snapshot, through the transforms."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Protocol

from ovk_archive.export.snapshot import Snapshot
from ovk_archive.export.view import Transform, Values, View

#: Rows after which whoever watches is told.
_STEP = 1000


class Progress(Protocol):
    """Who is told how far an export is."""

    def begin(self, count: Callable[[], int]) -> None:
        """It begins; `count` counts its rows, which takes a moment."""

    def rows(self, number: int) -> None:
        """So many more were written."""


class Silent:
    """Nobody is told."""

    def begin(self, count: Callable[[], int]) -> None:
        """Nothing."""

    def rows(self, number: int) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """One table of an export.

    Attributes:
        asked: what is asked of the archive.
        view: what is written, which transforms may have changed.
        changes: what makes the one out of the other, row by row.
    """

    asked: View
    view: View
    changes: tuple[Callable[[Values], Values], ...] = ()

    def changed(self, rows: Iterable[Values]) -> Iterable[Values]:
        """Rows of the archive as they are written."""
        for change in self.changes:
            rows = map(change, rows)
        return rows


@dataclass(frozen=True, slots=True)
class Source:
    """All tables of an export."""

    snapshot: Snapshot
    parts: tuple[Part, ...]
    progress: Progress = field(default_factory=Silent)

    def rows(self, part: Part) -> Iterator[Values]:
        """The rows of a table, as they are written."""
        asked = part.asked
        return iter(part.changed(self.told(self.snapshot.stream(asked.sql, asked.values))))

    def told(self, rows: Iterable[Values]) -> Iterator[Values]:
        """The same rows; who watches is told of them."""
        return chain.from_iterable(self._told(iter(rows)))

    def count(self) -> int:
        """How many rows there are."""
        return sum(self._count(part.asked) for part in self.parts)

    def _count(self, view: View) -> int:
        sql = f'select count(*) from "{view.name}" where {view.where}'
        return int((self.snapshot.first(sql, view.values) or (0,))[0])

    def _told(self, rows: Iterator[Values]) -> Iterator[list[Values]]:
        while chunk := list(islice(rows, _STEP)):
            yield chunk
            self.progress.rows(len(chunk))


def parts_of(views: Iterable[View], transforms: Iterable[Transform]) -> tuple[Part, ...]:
    """The tables of an export; one of which a transform leaves no field is left out."""
    transforms = tuple(transforms)
    parts = (_part(view, transforms) for view in views)
    return tuple(part for part in parts if part.view.fields)


def _part(asked: View, transforms: tuple[Transform, ...]) -> Part:
    view = asked
    changes = []
    for transform in transforms:
        view, change = transform(view)
        changes.append(change)
    ordered = replace(asked, hashed=view.hashed, silent=view.silent, ordering=view.ordering)
    return Part(ordered, view, tuple(changes))
