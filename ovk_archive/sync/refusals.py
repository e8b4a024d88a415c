"""Lists that cannot be read: noted, told while that is news, and tried again when they are due.

One bad list stops nothing. Only if the instance is away, a run ends early: the account's own
probe fails, or several lists in a row do, and these are of more than one kind.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from ovk_archive.api.client import Client
from ovk_archive.api.retries import hurried
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import aside
from ovk_archive.archive.lists.cursors import Trouble, forgive, refuse
from ovk_archive.archive.lists.names import list_key
from ovk_archive.archive.lists.rounds import end_round, fail_round
from ovk_archive.archive.lists.skips import is_due_again
from ovk_archive.errors import (
    ApiError,
    AuthError,
    RateLimitedError,
    ServerFaultError,
    TransportError,
    is_absent,
)
from ovk_archive.sync.report import Report

#: What those are noted under whom a person named and of whom nothing can be read.
OWNERS = "owners"
#: As many lists in a row may fail.
IN_A_ROW = 5


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that is to be read.

    Attributes:
        name: what kind of list.
        beside: its archived rows are read again, beside the walk that looks for news.
    """

    name: str
    partition: Mapping[str, Any]
    owner_id: int | None = None
    beside: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """The list, as cursors name it."""
        return list_key(self.name, self.partition)


class Known(Protocol):
    """What earlier runs have noted of a list: its cursor, or its round."""

    @property
    def refused(self) -> str | None:
        """Why it could not be read."""

    @property
    def refused_code(self) -> int | None:
        """The instance's code, if the instance would not show it."""

    @property
    def tries(self) -> int:
        """How often in a row it has failed."""

    @property
    def failed_at(self) -> str | None:
        """When it last did."""


class Refusals:
    """What becomes of the lists that one run cannot read."""

    def __init__(self, client: Client, archive: Archive, report: Report) -> None:
        self._client = client
        self._archive = archive
        self._report = report
        self._met: set[tuple[tuple[str, str], bool]] = set()
        self._told: set[tuple[str, str]] = set()
        #: Lists that have failed since one was read, and how many of each kind in a row.
        self._row: set[tuple[str, str]] = set()
        self._kinds: Counter[str] = Counter()

    def rests(self, one: Listed, known: Known, *, asked: bool = False) -> bool:
        """The list is left for now: it is not due for another try, or this run has made one.

        `asked` says that somebody wants it to be read, due or not.
        """
        if (one.key, one.beside) in self._met or self.given_up(one.name):
            return True
        failed = known.refused is not None and known.tries > 0
        return failed and not asked and not is_due_again(known.tries, known.failed_at)

    def given_up(self, name: str) -> bool:
        """Too many lists of a kind have failed in a row: the others are not tried."""
        return self._kinds[name] >= IN_A_ROW

    @asynccontextmanager
    async def reading(self, one: Listed, known: Known) -> AsyncIterator[None]:
        """Within this a list is read; if it cannot be, that is noted, and the run goes on.

        Raises:
            TransportError: the instance is away.
        """
        try:
            with hurried(known.tries > 0):
                yield
        except (AuthError, RateLimitedError):
            raise
        except ApiError as refusal:
            self._answers(one)
            await self._refused(one, known, refusal)
        except TransportError as failure:
            await self._failed(one, known, failure)
        else:
            self._answers(one)
            # A round says itself when it has come to its end.
            is_noted = known.refused is not None or known.tries > 0
            if is_noted and not one.beside and (one.key, one.beside) not in self._met:
                await aside(forgive, self._archive, one.key)

    def repeat(self, one: Listed, known: Known) -> None:
        """Tell again why a list that is left alone could not be read."""
        if known.refused is not None:
            self._tell(one, Trouble(known.refused, known.refused_code), new=False)

    def _answers(self, one: Listed) -> None:
        self._row.clear()
        self._kinds[one.name] = 0

    async def _refused(self, one: Listed, known: Known, refusal: ApiError) -> None:
        self._met.add((one.key, one.beside))
        if one.beside:
            # What is held stays; whoever looks for news tells of it.
            await aside(end_round, self._archive, one.key, one.owner_id)
            return
        trouble = Trouble(str(refusal), refusal.code)
        await aside(refuse, self._archive, one.key, one.owner_id, trouble)
        is_known = known.refused is not None and known.refused_code == refusal.code
        self._tell(one, trouble, new=not is_known)

    async def _failed(self, one: Listed, known: Known, failure: TransportError) -> None:
        # If the instance is away, that is no fact about the list.
        with hurried():
            await self._client.probe()
        self._met.add((one.key, one.beside))
        trouble = Trouble(str(failure), tries=known.tries + 1)
        note = fail_round if one.beside else refuse
        await aside(note, self._archive, one.key, one.owner_id, trouble)
        is_crash = isinstance(failure, ServerFaultError)
        # What hangs on a thing that was deleted a moment ago crashes once, and is gone then.
        told_from = 2 if one.beside and is_crash else 1
        if trouble.tries >= told_from:
            self._tell(one, trouble, new=trouble.tries == told_from)
        if not is_crash:
            self._count(one, failure)

    def _count(self, one: Listed, failure: TransportError) -> None:
        """That a list was not answered at all; a crash is an answer of an instance that is there.

        Raises:
            TransportError: so many lists of different kinds were not, one after another.
        """
        self._row.add(one.key)
        self._kinds[one.name] += 1
        if len(self._row) >= IN_A_ROW and len({name for name, _ in self._row}) > 1:
            raise TransportError(f"{len(self._row)} lists in a row got no answer: {failure}")

    def _tell(self, one: Listed, trouble: Trouble, *, new: bool) -> None:
        report = self._report.of(one.name)
        if is_absent(trouble.code):
            report.absent = trouble.why
        elif one.key not in self._told:
            self._told.add(one.key)
            told = {"partition": dict(one.partition), "why": trouble.why, "code": trouble.code}
            report.refused.append({**told, "new": new})
