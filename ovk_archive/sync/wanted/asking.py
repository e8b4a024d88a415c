"""Asks for things of one table by their numbers, in halves where one of them costs all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.api.retries import hurried
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import saved
from ovk_archive.archive.tables.store import Stored
from ovk_archive.archive.wanted.lacking import Answer, keep
from ovk_archive.errors import (
    ApiError,
    AuthError,
    RateLimitedError,
    ServerFaultError,
    TransportError,
    is_absent,
)
from ovk_archive.resources.vocabulary.by_number import ByNumber, Key
from ovk_archive.resources.vocabulary.records import UNREADABLE
from ovk_archive.resources.vocabulary.rows import Context, Row, Trim, record_key
from ovk_archive.resources.vocabulary.shapes import taken_apart
from ovk_archive.sync.page.fetch import MOST_HOLES, STRANGE
from ovk_archive.sync.wanted.tally import Tally

#: Why something is not here that was asked for.
NOT_GIVEN = "the instance does not give it: deleted, or closed to this account"
DELETED = "deleted, says the instance"


@dataclass(slots=True)
class _Found:
    """What an answer had.

    Attributes:
        keys: of those that were asked for.
        dead: of those of which it says that they are no more.
        strange: records of which no row could be made.
    """

    parts: list[Row | Trim] = field(default_factory=list)
    keys: dict[Key, None] = field(default_factory=dict)
    dead: dict[Key, None] = field(default_factory=dict)
    strange: int = 0


@dataclass(slots=True)
class Asking:
    """Asks for things of one table, and keeps what comes.

    Attributes:
        tally: what became of them.
    """

    client: Client
    archive: Archive
    how: ByNumber
    tally: Tally
    _crashes: int = 0

    async def ask(self, keys: Sequence[Key]) -> None:
        """Ask for some at once; those that cannot be had are noted, one by one.

        Raises:
            TransportError: the instance is away.
            AuthError: the token is refused.
            RateLimitedError: the instance got too many requests.
            StoppedError: the run is to end; what was had is saved.
        """
        waiting = [keys]
        while waiting and self.tally.refused is None:
            some = waiting.pop()
            try:
                is_read = await self._once(some)
            except (AuthError, RateLimitedError):
                raise
            except (ApiError, TransportError) as error:
                is_read = len(some) == 1
                await self._failed(some, error)
            if not is_read:
                middle = len(some) // 2
                waiting += [some[middle:], some[:middle]]

    async def _once(self, keys: Sequence[Key]) -> bool:
        """Whether the answer told of each of them what it is."""
        form = self.how.form(keys)
        response = await self.client.call(self.how.method, form)
        found = self._found(keys, form, response)
        if found.strange and len(keys) > 1:
            return False
        if len(keys) == 1 and not found.keys:
            found = await self._otherwise(keys[0], response) or found
        self._crashes = 0
        why = STRANGE if found.strange else NOT_GIVEN
        await self._keep(found, {key: why for key in keys if key not in found.keys})
        return True

    def _found(self, keys: Sequence[Key], form: Any, response: Any) -> _Found:
        found = _Found()
        alone = len(keys) == 1
        context = Context(partition=form, place=keys[0][-1]) if alone else Context()
        for record in taken_apart(self.how.method, self.how.answer, response).records:
            try:
                self._take(found, keys, list(self.how.rows(record, context)))
            except UNREADABLE:
                found.strange += 1
        return found

    def _take(self, found: _Found, keys: Sequence[Key], parts: list[Row | Trim]) -> None:
        """Take the rows of one record, if it is one of those that were asked for."""
        table = self.how.table
        row = next((one for one in parts if isinstance(one, Row) and one.table is table), None)
        if row is not None and row.key in keys:
            found.keys[row.key] = None
            found.parts += parts
            dead = self.how.dead.items()
            if dead and all(row.values.get(name) == value for name, value in dead):
                found.dead[row.key] = None

    async def _otherwise(self, key: Key, outcome: Any) -> _Found | None:
        """Ask in another way, where there is one."""
        form = self.how.otherwise(key, outcome)
        if form is None:
            return None
        response = await self.client.call(self.how.method, form)
        return self._found([key], form, response)

    async def _failed(self, keys: Sequence[Key], error: ApiError | TransportError) -> None:
        """Nothing came: what that means for a thing that was asked for alone, and for the table."""
        if isinstance(error, ApiError):
            self._crashes = 0
            if is_absent(error.code):
                self.tally.refused = str(error)
        elif not isinstance(error, ServerFaultError) or len(keys) == 1:
            # If the instance is away, that is no fact about a thing.
            with hurried():
                await self.client.probe()
        if len(keys) == 1 and self.tally.refused is None:
            await self._lacks(keys[0], error)

    async def _lacks(self, key: Key, error: ApiError | TransportError) -> None:
        found = None
        try:
            found = await self._otherwise(key, error)
        except (AuthError, RateLimitedError):
            raise
        except (ApiError, TransportError) as another:
            error = another
        if isinstance(error, TransportError) and not (found and found.keys):
            self._crashes += 1
            if self._crashes > MOST_HOLES:
                self.tally.refused = str(error)
                return
        await self._keep(found or _Found(), {} if found and found.keys else {key: str(error)})

    async def _keep(self, found: _Found, lacking: dict[Key, str]) -> None:
        """Save it, and count it once that is done."""
        why = {record_key(key): text for key, text in lacking.items()}
        had = tuple(map(record_key, found.keys))
        answer = Answer(table=self.how.table, parts=tuple(found.parts), had=had, lacking=why)
        work, then = partial(keep, self.archive, answer), partial(self._count, found, why)
        await saved(self.archive, work, then, len(found.parts))
        self.client.saved()

    def _count(self, found: _Found, why: dict[str, str], stored: Stored) -> None:
        self.tally.add(stored)
        self.tally.read += len(found.keys) - len(found.dead)
        self.tally.lacking |= {**dict.fromkeys(map(record_key, found.dead), DELETED), **why}


def in_batches(how: ByNumber, keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """As many at once as the method takes."""
    for start in range(0, len(keys), how.batch):
        yield keys[start : start + how.batch]
