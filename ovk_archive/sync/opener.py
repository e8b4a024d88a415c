"""Opens lists: each is left alone, or read; that one cannot be read is noted."""

from dataclasses import dataclass, field

from ovk_archive.archive.aside import aside
from ovk_archive.archive.lists.cursors import Cursor, cursor_of
from ovk_archive.errors import NoSuchMethodError
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.sync.again.rereading import Rounds
from ovk_archive.sync.due import is_spared
from ovk_archive.sync.one_list import Reader
from ovk_archive.sync.plan import Opening, Options
from ovk_archive.sync.refusals import Listed


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens the lists of one run.

    Attributes:
        reader: how lists are read.
        rounds: how they are asked for by number.
        chain: the checkpoint with which the first of those runs began that make one sync together.
        absent: methods that this instance does not know.
    """

    reader: Reader
    rounds: Rounds
    options: Options
    chain: int | None = None
    absent: dict[str, NoSuchMethodError] = field(default_factory=dict)

    async def open(self, opening: Opening, cursor: Cursor | None = None) -> None:
        """Read one list; that it is refused is a fact to record, not a failure of the run.

        `cursor` is its cursor, where that has been read already.
        """
        refusals, name = self.reader.refusals, opening.resource.name
        report = self.reader.report.of(name)
        report.lists += 1
        if cursor is None:
            cursor = await aside(cursor_of, self.reader.archive, name, opening.partition)
        one = Listed(name, opening.partition, opening.owner_id)
        rests = refusals.rests(one, cursor, asked=self.options.full)
        if rests or is_spared(self.options, self.chain, opening.resource, cursor):
            refusals.repeat(one, cursor)
            self.reader.progress.spared(opening.resource)
        else:
            async with refusals.reading(one, cursor):
                await self._read(opening, cursor)
        if report.absent or report.refused:
            self.reader.progress.lacking(opening.resource, absent=bool(report.absent))

    async def _read(self, opening: Opening, cursor: Cursor) -> None:
        await self._find(opening.resource, cursor)
        try:
            await self.reader.read(opening, cursor)
        except NoSuchMethodError as absence:
            self.absent[opening.resource.method] = absence
            raise
        if opening.resource.sweep and opening.mine:
            # What its owner has put away is in no list, and only the owner can ask for it.
            await self.rounds.sweep(opening.resource, opening.partition, opening.owner_id)
        self.reader.places.forget(opening.resource, opening.partition)

    async def _find(self, resource: Resource, cursor: Cursor) -> None:
        """Nothing is asked twice that this instance does not know.

        Raises:
            NoSuchMethodError: it does not know the list's method, or the one that comes with it.
        """
        needed = resource.quirks.needs
        if needed and needed not in self.absent and not cursor.finished_at:
            try:
                await self.reader.client.call(needed, {})
            except NoSuchMethodError as absence:
                self.absent[needed] = absence
        for method in (needed, resource.method):
            if method in self.absent:
                raise self.absent[method]
