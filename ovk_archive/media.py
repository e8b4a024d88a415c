"""Pending files become files on disk: fetched side by side, checked, stored under their hash."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import urlsplit

from ovk_archive import catalogue, sniff
from ovk_archive.archive import Archive
from ovk_archive.aside import aside
from ovk_archive.catalogue import Choice, Outcome, Wanted
from ovk_archive.client import Downloader
from ovk_archive.errors import (
    ArchiveError,
    FileTooLargeError,
    IncompleteFileError,
    MediaError,
    ServerFaultError,
    StoppedError,
    TooOftenError,
    TransportError,
    worst,
)
from ovk_archive.report import FileReport
from ovk_archive.resources import FILES
from ovk_archive.same_file import blob_name
from ovk_archive.vault import Partial, Vault
from ovk_archive.waits import Unheard, Waits

#: Files in a row for which a server has no answer, or a web page, until it is left alone.
PATIENCE = 10
#: Finished files that may wait for being stored: fetching goes on meanwhile.
_WAITING = 256
#: Seconds until what has come is stored: many files at once are flushed at the price of few.
_MOMENT = 0.2

#: What became of a file, and the bytes themselves; None comes last.
_Done = asyncio.Queue[tuple[Outcome, Partial] | None]


class FileProgress(Waits, Protocol):
    """Who is told how far a run is."""

    def begin(self, pending: int) -> None:
        """A run begins; so many files have never been asked for."""

    def file(self, outcome: Outcome) -> None:
        """A file was stored, or could not be had."""


class Silent(Unheard):
    """Nobody is told."""

    def begin(self, pending: int) -> None:
        """Nothing."""

    def file(self, outcome: Outcome) -> None:
        """Nothing."""


class NotTheFileError(MediaError):
    """What came is whole, and something else than the file."""


@dataclass(slots=True)
class Files:
    """One run over the files of one archive.

    A file comes under a name that nothing takes for a file, is checked and flushed, gets its own
    name, and only then is noted. Whatever ends the run leaves only whole files under such names.
    """

    archive: Archive
    vault: Vault
    downloader: Downloader
    choice: Choice
    concurrency: int = 4
    progress: FileProgress = field(default_factory=Silent)
    report: FileReport = field(default_factory=FileReport)
    _end: ArchiveError | None = None
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _silent: Counter[str] = field(default_factory=Counter)
    _busy: set[str] = field(default_factory=set)
    _all_came: asyncio.Event = field(default_factory=asyncio.Event)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_WAITING))

    def stop(self, error: StoppedError) -> None:
        """End the run now: files under way are left for the next."""
        self._end = self._end or error
        self._stopping.set()

    async def run(self, wanted: Sequence[Wanted] | None = None) -> FileReport:
        """Fetch what is due, or just these files; the report says how it ended."""
        error: ArchiveError | None = None
        try:
            self.report.found = await aside(catalogue.survey, self.archive)
            await aside(self.vault.begin)
            known = await aside(catalogue.states, self.archive, self.choice)
            self.progress.begin(known.get("pending", 0) if wanted is None else len(wanted))
            await self._fetch_and_keep(self._due() if wanted is None else _each(wanted))
            error = self._end or self._silence()
            self.report.states = await aside(catalogue.states, self.archive, self.choice)
        except* ArchiveError as group:
            error = worst(group)
        self.report.requests = self.downloader.requests
        self.report.conclude(error)
        return self.report

    async def _due(self) -> AsyncIterator[Wanted]:
        after: tuple[int, str] | None = None
        while rows := await aside(catalogue.due, self.archive, self.choice, after):
            after = (rows[-1].date, rows[-1].url)
            for one in rows:
                yield one

    async def _fetch_and_keep(self, wanted: AsyncIterator[Wanted]) -> None:
        done = _Done()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep(done))
            try:
                await self._until_stopped(asyncio.ensure_future(self._fetch_all(wanted, done)))
            except* ArchiveError as group:
                # What has come is stored all the same.
                self._end = worst(group)
            finally:
                done.put_nowait(None)
                self._all_came.set()

    async def _until_stopped(self, work: asyncio.Future[None]) -> None:
        stopping = asyncio.ensure_future(self._stopping.wait())
        budget = self.downloader.budget
        try:
            waiting: set[asyncio.Future[Any]] = {work, stopping}
            await asyncio.wait(
                waiting,
                timeout=budget.seconds_left(),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if work.done():
                work.result()
            elif spent := budget.used_up():
                self._end = self._end or StoppedError(spent)
        finally:
            stopping.cancel()
            work.cancel()
            with suppress(asyncio.CancelledError, ArchiveError):
                await asyncio.wait({work})

    async def _fetch_all(self, wanted: AsyncIterator[Wanted], done: _Done) -> None:
        turn = asyncio.Lock()

        async def one_after_another() -> None:
            while self._end is None:
                async with turn:
                    one = await anext(wanted, None)
                if one is None:
                    return
                if self._silent[self._server(one)] >= PATIENCE:
                    self.report.unasked += 1
                elif finished := await self._fetch(one):
                    await self._room.acquire()
                    done.put_nowait(finished)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(self.concurrency):
                tasks.create_task(one_after_another())

    async def _fetch(self, one: Wanted) -> tuple[Outcome, Partial] | None:
        """Fetch a file; None if the run is to end before it is here."""
        partial = self.vault.receive(one.url)
        silent = False
        try:
            address = await self.downloader.fetch(one.url, partial, one.expected)
            partial.finish()
            outcome = replace(_checked(one, partial), found_at=_elsewhere(one.url, address))
        except StoppedError as error:
            self._end = self._end or error
            return None
        except (MediaError, TransportError) as error:
            outcome = _lacking(one, error)
            silent = _is_silence(error, partial)
            if isinstance(error, TooOftenError):
                self._busy.add(self._server(one))
            if isinstance(error, MediaError) and not isinstance(error, IncompleteFileError):
                partial.discard()
        finally:
            partial.close()
        server = self._server(one)
        self._silent[server] = self._silent[server] + 1 if silent else 0
        return outcome, partial

    async def _keep(self, done: _Done) -> None:
        """Store what has come, all that came within a moment at once."""
        ended = False
        while not ended:
            batch = [await done.get()]
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_came.wait(), _MOMENT)
            while not done.empty():
                batch.append(done.get_nowait())
            ended = batch[-1] is None
            finished = [one for one in batch if one is not None]
            for outcome in await aside(self._store, finished) if finished else ():
                self._room.release()
                self._tell(outcome)

    def _store(self, finished: Sequence[tuple[Outcome, Partial]]) -> list[Outcome]:
        paths = iter(self.vault.keep([one for outcome, one in finished if outcome.sha256]))
        outcomes = [
            replace(outcome, path=next(paths)) if outcome.sha256 else outcome
            for outcome, _ in finished
        ]
        catalogue.note(self.archive, outcomes)
        return outcomes

    def _tell(self, outcome: Outcome) -> None:
        if outcome.sha256:
            self.report.stored += 1
            self.report.bytes += outcome.size or 0
        else:
            trouble = {"url": outcome.wanted.url, "state": outcome.state}
            self.report.troubles.append({**trouble, "why": outcome.error or ""})
        self.progress.file(outcome)

    def _server(self, one: Wanted) -> str:
        with suppress(ValueError):
            return urlsplit(one.url).netloc or self.downloader.instance.key
        return ""

    def _silence(self) -> TransportError | None:
        """The error of a run that left files alone because of their servers."""
        silent = [server for server, count in self._silent.items() if count >= PATIENCE]
        if not silent:
            return None
        left = f"{self.report.unasked} more were not asked for."
        if self._busy & set(silent):
            return TooOftenError(f"{', '.join(silent)} is asked too often (HTTP 429): {left}")
        return TransportError(
            f"{', '.join(silent)} answered {PATIENCE} times in a row with no file and no reason: "
            f"{left}"
        )


async def _each(wanted: Sequence[Wanted]) -> AsyncIterator[Wanted]:
    for one in wanted:
        yield one


def _checked(one: Wanted, partial: Partial) -> Outcome:
    """The outcome of a file that is here, all of it.

    Raises:
        NotTheFileError: it is something else than the record speaks of.
    """
    accepts, found = FILES[one.kind].accepts, partial.type
    if accepts and not found.name.startswith(accepts):
        raise NotTheFileError(f"What came is {found.name}, not one of the {one.kind}.")
    if one.expected and partial.size != one.expected:
        raise NotTheFileError(f"{partial.size} bytes came, and the record says {one.expected}.")
    if found is sniff.HTML and not (accepts or one.expected):
        raise NotTheFileError("What came is a web page.")
    return Outcome(
        wanted=one,
        state="stored",
        sha256=partial.sha256,
        size=partial.size,
        content_type=found.name,
        error=_replaced(one, partial.sha256),
    )


def _elsewhere(url: str, address: str) -> str | None:
    """The address to which a redirect led, if it names the file better than the first one."""
    name = blob_name(address)
    return address if name and name != blob_name(url) else None


def _replaced(one: Wanted, sha256: str) -> str | None:
    if one.sha256 in (None, sha256):
        return None
    return f"Another file than before, which was {one.sha256}."


def _lacking(one: Wanted, error: MediaError | TransportError) -> Outcome:
    state = error.state if isinstance(error, MediaError) else MediaError.state
    size = error.size if isinstance(error, FileTooLargeError) else None
    return Outcome(wanted=one, state=state, size=size, error=str(error))


def _is_silence(error: MediaError | TransportError, partial: Partial) -> bool:
    """The error tells nothing of the file: no answer, or a page that is shown for every file."""
    if isinstance(error, NotTheFileError):
        return partial.type is sniff.HTML
    return isinstance(error, TransportError) and not isinstance(error, ServerFaultError)
