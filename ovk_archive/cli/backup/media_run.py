"""One run over the files of an archive, as every command that fetches files runs it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ovk_archive.api.address import Instance, parse_instance
from ovk_archive.api.budget import Budget
from ovk_archive.archive import names
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import aside
from ovk_archive.archive.opening import Identity
from ovk_archive.cli.account import credentials
from ovk_archive.cli.interrupts import Interrupts
from ovk_archive.cli.words.output import say
from ovk_archive.errors import ArchiveError
from ovk_archive.media.catalogue import Choice, Wanted, survey
from ovk_archive.media.download import Downloader
from ovk_archive.media.place import vault_of
from ovk_archive.media.presence import look
from ovk_archive.media.progress import FileProgress, Silent
from ovk_archive.media.run import Files
from ovk_archive.sync.report import FileReport

#: Larger files than servers take: what is larger has no end.
MOST_BYTES = 2 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class FileJob:
    """What a person asked for.

    Attributes:
        path: the archive.
        kinds: kinds of files; all if empty.
        max_bytes: bytes in all; no file is larger either.
    """

    path: Path
    kinds: tuple[str, ...] = ()
    max_bytes: int | None = None
    max_file_bytes: int = MOST_BYTES
    max_requests: int | None = None
    max_duration: float | None = None
    concurrency: int = 4
    retry_gone: bool = False

    @property
    def choice(self) -> Choice:
        """Which files it is about."""
        most = min(self.max_file_bytes, self.max_bytes or self.max_file_bytes)
        return Choice(kinds=self.kinds, max_file_bytes=most, retry_gone=self.retry_gone)

    @property
    def budget(self) -> Budget:
        """What it may use, counted from now on."""
        return Budget(self.max_requests, self.max_duration, max_bytes=self.max_bytes)


def run_files(
    job: FileJob, progress: FileProgress | None = None, wanted: Sequence[Wanted] | None = None
) -> FileReport:
    """Fetch what is due, or just the `wanted`; call it in the main thread, which gets the signals.

    Raises:
        ArchiveError: the archive was refused before anything was fetched.
    """
    return asyncio.run(_run(job, progress or Silent(), wanted))


async def _run(job: FileJob, progress: FileProgress, wanted: Sequence[Wanted] | None) -> FileReport:
    with Archive.read(job.path) as held:
        identity = held.identity()
    instance = parse_instance(identity.url)
    with Interrupts() as interrupts, Archive.open(job.path, identity) as archive:
        fetching = Fetching(
            archive=archive,
            instance=instance,
            job=job,
            interrupts=interrupts,
            budget=job.budget,
            progress=progress,
            token=_saved_token(identity),
        )
        return await fetching.run(wanted)


def _saved_token(identity: Identity) -> str | None:
    """What must be seen nowhere; files are fetched without one, so there may be none."""
    with suppress(ArchiveError):
        found = credentials.load(owner=(identity.instance, identity.account_id))
        return found.token if found else None
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetching:
    """Fetches files into the folder of an archive that is open.

    Attributes:
        token: what must be seen nowhere; it goes with none of the files.
    """

    archive: Archive
    instance: Instance
    job: FileJob
    interrupts: Interrupts
    budget: Budget
    progress: FileProgress
    token: str | None = None

    async def run(
        self, wanted: Sequence[Wanted] | None = None, report: FileReport | None = None
    ) -> FileReport:
        """Fetch what is due, or just the `wanted`; `report` tells of more than this."""
        here = await aside(look, self.archive)
        if here.missing and wanted is None:
            say(here.told("stop this run, or they are fetched again."))
        self.budget.begin()
        async with self._downloader() as downloader:
            files = Files(
                archive=self.archive,
                vault=await aside(vault_of, self.archive),
                downloader=downloader,
                choice=self.job.choice,
                concurrency=self.job.concurrency,
                progress=self.progress,
                report=report or FileReport(),
            )
            return await self.interrupts.watch(files).run(wanted)

    def _downloader(self) -> Downloader:
        downloader = Downloader(
            # Files under a former name of the instance are asked for under this one.
            replace(self.instance, former=names.former(self.archive)),
            concurrency=self.job.concurrency,
            budget=self.budget,
            max_file_bytes=self.job.choice.max_file_bytes,
            token=self.token,
        )
        downloader.waits = self.progress
        return downloader


@dataclass(slots=True, kw_only=True)
class FilesOfSync:
    """The files of a sync: fetched once its lists have been read, and after an audit once more.

    Attributes:
        wanted: they are fetched; else it is only noted which there are.
        report: what came of them; None until some were asked for.
    """

    fetching: Fetching
    wanted: bool
    report: FileReport | None = None

    async def fetch(self) -> FileReport | None:
        """Fetch what is due, unless an earlier call was ended by an error; what came of it all."""
        if not self.wanted:
            await aside(survey, self.fetching.archive)
        elif self.report is None or self.report.has_tried:
            self.report = await self.fetching.run(report=self.report)
        return self.report
