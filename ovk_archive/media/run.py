"""Pending files become files on disk: fetched side by side, checked, stored under their hash."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import aside
from ovk_archive.errors import (
    ArchiveError,
    IncompleteFileError,
    MediaError,
    StoppedError,
    TooOftenError,
    TransportError,
    worst,
)
from ovk_archive.media import catalogue, presence
from ovk_archive.media.catalogue import Choice, Outcome, Wanted
from ovk_archive.media.download import Downloader
from ovk_archive.media.outcomes import checked, elsewhere, is_silence, lacking
from ovk_archive.media.progress import FileProgress, Silent
from ovk_archive.media.vault import Partial, Vault
from ovk_archive.sync.report import FileReport

#: Files in a row for which a server has no answer, or a web page, until it is left alone.
PATIENCE = 10
#: Finished files that may wait for being stored: fetching goes on meanwhile.
_WAITING = 256
#: Seconds until what has come is stored: many files at once are flushed at the price of few.
_MOMENT = 0.2

#: What became of a file, and the bytes themselves; None comes last.
_Done = asyncio.Queue[tuple[Outcome, Partial] | None]


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
    _later: list[Wanted] = field(default_factory=list)
    _back: set[str] = field(default_factory=set)
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
            self.report.found += await aside(catalogue.survey, self.archive)
            if wanted is None:
                self.report.lost += await aside(self._look_for_lost)
            await aside(self.vault.begin)
            known = await aside(catalogue.states, self.archive, self.choice)
            self.progress.begin(known.get("pending", 0) if wanted is None else len(wanted))
            await self._fetch_and_keep(self._due() if wanted is None else _each(wanted))
            later = [one for one in self._later if one.sha256 not in self._back]
            if later and self._end is None:
                await self._fetch_and_keep(_each(later))
            error = self._end or self._silence()
            self.report.states = await aside(catalogue.states, self.archive, self.choice)
        except* ArchiveError as group:
            error = worst(group)
        self.report.requests += self.downloader.requests
        self.report.conclude(error)
        return self.report

    def _look_for_lost(self) -> int:
        """Note which stored files are not here, and which lost ones are: how many are due again."""
        catalogue.note_whole(self.archive, presence.found_again(self.archive, self.vault))
        count = 0
        for paths in presence.lost(self.archive, self.vault):
            catalogue.note_lost(self.archive, paths)
            count += len(paths)
        return count

    async def _due(self) -> AsyncIterator[Wanted]:
        asked = set[str]()
        after: tuple[int, str] | None = None
        while rows := await aside(catalogue.due, self.archive, self.choice, after):
            after = (rows[-1].date, rows[-1].url)
            for one in rows:
                # A lost file may have had several addresses: one of them brings it back.
                if one.sha256 in asked:
                    self._later.append(one)
                    continue
                if one.sha256:
                    asked.add(one.sha256)
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
            ended = set[Any]()
            # Answers may give more time than was left. What other limits allowed may come.
            while not ended and budget.seconds_left() != 0:
                ended, _ = await asyncio.wait(
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
            with suppress(asyncio.CancelledError):
                await asyncio.wait({work})
            if work.done() and not work.cancelled():
                # Whatever ends the run meanwhile, this error is not left for Python to tell.
                work.exception()

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
            outcome = replace(checked(one, partial), found_at=elsewhere(one.url, address))
        except StoppedError as error:
            self._end = self._end or error
            return None
        except (MediaError, TransportError) as error:
            outcome = lacking(one, error)
            silent = is_silence(error, partial)
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
            stored, known = await aside(self._store, finished) if finished else ([], set())
            for outcome in stored:
                self._room.release()
                self._tell(outcome, known)

    def _store(self, finished: Sequence[tuple[Outcome, Partial]]) -> tuple[list[Outcome], set[str]]:
        """The outcomes, and the hashes of those files that were here before."""
        paths = iter(self.vault.keep([one for outcome, one in finished if outcome.sha256]))
        outcomes = [
            replace(outcome, path=next(paths)) if outcome.sha256 else outcome
            for outcome, _ in finished
        ]
        known = catalogue.contents(self.archive, outcomes)
        catalogue.note(self.archive, outcomes)
        back = [one for one in outcomes if one.sha256 and one.sha256 == one.wanted.sha256]
        catalogue.note_whole(self.archive, [one.path for one in back if one.path])
        self._back.update(one.sha256 for one in back if one.sha256)
        return outcomes, known

    def _tell(self, outcome: Outcome, known: set[str]) -> None:
        if outcome.sha256:
            self.report.stored += 1
            if outcome.sha256 not in known:
                known.add(outcome.sha256)
                self.report.contents += 1
                self.report.bytes += outcome.size or 0
        else:
            trouble = {"url": outcome.wanted.url, "state": outcome.state}
            is_new = outcome.state != outcome.wanted.known
            self.report.troubles.append({**trouble, "why": outcome.error or "", "new": is_new})
        self.downloader.budget.saved()
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
        left = f"{self.report.unasked} more files were not fetched."
        if self._busy & set(silent):
            return TooOftenError(f"{', '.join(silent)} got too many requests (HTTP 429): {left}")
        return TransportError(
            f"{', '.join(silent)} answered {PATIENCE} times in a row without a file and without a "
            f"reason: {left}"
        )


async def _each(wanted: Sequence[Wanted]) -> AsyncIterator[Wanted]:
    for one in wanted:
        yield one
