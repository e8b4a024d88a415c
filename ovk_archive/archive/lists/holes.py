"""Rows that crash the server: where they stand, so that pages are read around them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ovk_archive.api.paging.positions import Key
from ovk_archive.api.paging.windows import Window
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.facts import fact, note_fact
from ovk_archive.archive.lists.names import list_key
from ovk_archive.archive.lists.skips import crash_rows
from ovk_archive.resources.vocabulary.records import MISSING, Record
from ovk_archive.resources.vocabulary.resource import Resource


@dataclass(frozen=True, slots=True)
class Hole:
    """A record that cannot be read.

    Attributes:
        place: its place among the page's records, or in the list.
        reason: why.
        row: its row in the list, if it is known that this very row crashes the server.
        after: the key read before it.
        before: the key read behind it.
        nth: how many others stand between that key and this one.
        tried: it was asked for now; else it was known, and left out.
        record: what came in its place, if anything came.
    """

    place: int
    reason: str
    row: int | None = None
    after: Key | None = None
    before: Key | None = None
    nth: int = 0
    tried: bool = True
    record: Any = MISSING


#: What stands in a row of an answer.
Slot = Record | Hole


@dataclass(frozen=True, slots=True)
class Known:
    """A row that has crashed the server before.

    Attributes:
        after: the key read before it, None at the top.
        before: the key read behind it, None at the end.
        due: it is to be tried again.
    """

    row: int
    after: Key | None
    before: Key | None
    reason: str
    due: bool = False


@dataclass(slots=True)
class Places:
    """What a run knows of such rows: of earlier runs, and what it has met itself.

    Attributes:
        rows: list -> its rows.
        meanings: method -> what `offset` means there, where that differs between servers.
    """

    archive: Archive
    rows: dict[tuple[str, str], tuple[Known, ...]] = field(default_factory=dict)
    meanings: dict[str, str | None] = field(default_factory=dict)

    def knows(self, resource: Resource, partition: Mapping[str, Any]) -> bool:
        """The archive need not be asked any more."""
        return list_key(resource.name, partition) in self.rows

    def begin(self, resource: Resource, partition: Mapping[str, Any]) -> None:
        """A list is opened for the first time, so the archive has nothing to tell of it."""
        self.rows.setdefault(list_key(resource.name, partition), ())

    def of(self, resource: Resource, partition: Mapping[str, Any]) -> tuple[Known, ...]:
        """The rows of a list, in their order."""
        named = list_key(resource.name, partition)
        if named not in self.rows:
            found = crash_rows(self.archive, named)
            known = (
                Known(row, after, before, why, bool(due)) for row, after, before, why, due in found
            )
            self.rows[named] = tuple(sorted(known, key=lambda one: one.row))
        return self.rows[named]

    def forget(self, resource: Resource, partition: Mapping[str, Any]) -> None:
        """A list has been read; of nearly all there is nothing to know, and they may be many."""
        named = list_key(resource.name, partition)
        if not self.rows.get(named):
            self.rows.pop(named, None)

    def meaning(self, resource: Resource) -> str | None:
        """What `offset` means, if that has been learnt."""
        if not resource.paginator.addressing.meanings:
            return None
        if resource.method not in self.meanings:
            self.meanings[resource.method] = fact(self.archive, _fact(resource))
        return self.meanings[resource.method]

    def learn(self, resource: Resource, meaning: str | None) -> None:
        """Keep what `offset` has turned out to mean; None if that is unclear again."""
        if meaning != self.meaning(resource):
            self.meanings[resource.method] = meaning
            note_fact(self.archive, _fact(resource), meaning)

    def met(
        self,
        resource: Resource,
        partition: Mapping[str, Any],
        window: Window,
        holes: Iterable[Hole],
    ) -> None:
        """Keep what a window has shown: which of its rows crash the server.

        Once in a run is enough: none of them is due any more.
        """
        named = list_key(resource.name, partition)
        before = self.of(resource, partition)
        here = [
            Known(hole.row, hole.after, hole.before, hole.reason)
            for hole in holes
            if hole.row is not None
        ]
        if not here and not before:
            return
        rows = {one.row for one in here}
        others = [one for one in before if one.row not in rows and not _is_in(one.row, window)]
        self.rows[named] = tuple(sorted((*others, *here), key=lambda known: known.row))


def _is_in(row: int, window: Window) -> bool:
    return window.start <= row < window.end


def _fact(resource: Resource) -> str:
    return f"offset of {resource.method}"


def placed(holes: Sequence[tuple[Hole, int]], keys: Sequence[Key]) -> tuple[Hole, ...]:
    """Holes with the keys around them; each comes with the number of keys before it."""
    return tuple(
        replace(
            hole,
            after=keys[count - 1] if count else None,
            before=keys[count] if count < len(keys) else None,
            nth=sum(other == count for _, other in holes[:number]),
        )
        for number, (hole, count) in enumerate(holes)
    )
