"""One sync from the first request to the report, as every command that reads runs it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ovk_archive.api.batches import Batching
from ovk_archive.api.budget import Budget
from ovk_archive.api.client import Client
from ovk_archive.api.pace import Pace, PaceMemory
from ovk_archive.api.retries import DEFAULT_RETRIES, Retries
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import is_saving
from ovk_archive.archive.facts import Learnt
from ovk_archive.archive.opening import Identity, inspect
from ovk_archive.archive.runs import Journal
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.account.current_account import Account, whose
from ovk_archive.cli.backup.media_run import Fetching, FileJob, FilesOfSync
from ovk_archive.cli.backup.memory import sparing_memory
from ovk_archive.cli.interrupts import Interrupts
from ovk_archive.media.progress import FileProgress
from ovk_archive.media.progress import Silent as NoFiles
from ovk_archive.resources import DEFAULT_SECTIONS
from ovk_archive.sync.engine import Sync
from ovk_archive.sync.owners import find_owner
from ovk_archive.sync.plan import DEFAULT_LOOKBACK, Lookback, Options, Owner, Progress, Silent
from ovk_archive.sync.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a person asked for.

    Attributes:
        path: the archive.
        owners: whose lists, as people write it.
        own: the account's own lists are read too.
        media: the files that records name are fetched too.
        lookback: how much at the new end of each list is read again.
        audit_every: days after which the whole archive is read again; 0 for never.
        audit: it is read again now.
        accept_losses: it is believed when most of a list is missing at once.
        execute: lists are asked for together, where the instance can do that.
    """

    path: Path
    sections: tuple[str, ...] = DEFAULT_SECTIONS
    owners: tuple[str, ...] = ()
    own: bool = True
    full: bool = False
    concurrency: int = 4
    max_requests: int | None = None
    max_duration: float | None = None
    media: bool = True
    lookback: Lookback = DEFAULT_LOOKBACK
    audit_every: int = 0
    audit: bool = False
    accept_losses: bool = False
    execute: bool = True

    def arguments(self, owners: tuple[int, ...]) -> dict[str, Any]:
        """What the archive remembers of it: nothing as typed, where a secret could be."""
        return {
            "sections": list(self.sections),
            "owners": list(owners),
            "own": self.own,
            "full": self.full,
            "concurrency": self.concurrency,
            "max_requests": self.max_requests,
            "max_duration": self.max_duration,
            "media": self.media,
            "lookback": [self.lookback.rows, self.lookback.days],
            "audit": self.audit,
            "accept_losses": self.accept_losses,
            "execute": self.execute,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What no person asks for, but a demo or a test does.

    Attributes:
        instance_key: what the archive is bound to instead of the instance's address.
        retries: how stubbornly to try again.
        pace: how fast to ask, given where the pace is remembered.
    """

    instance_key: str | None = None
    retries: Retries = DEFAULT_RETRIES
    pace: Callable[[PaceMemory], Pace] = lambda memory: Pace(memory=memory)


DEFAULT_SETTINGS = Settings()


def run_sync(
    job: Job,
    credentials: Credentials,
    progress: Progress | None = None,
    settings: Settings = DEFAULT_SETTINGS,
    files: FileProgress | None = None,
) -> Report:
    """Sync, and say how it went; call it in the main thread, which gets the signals.

    Raises:
        ArchiveError: the archive, the token or an owner was refused before anything was written.
    """
    run = _Run(job, credentials, progress or Silent(), settings, files or NoFiles())
    with sparing_memory():
        return asyncio.run(run.run())


@dataclass(frozen=True, slots=True)
class _Run:
    job: Job
    credentials: Credentials
    progress: Progress
    settings: Settings
    files: FileProgress

    async def run(self) -> Report:
        inspect(self.job.path, None)
        budget = Budget(self.job.max_requests, self.job.max_duration)
        report = Report()
        with Interrupts() as interrupts:
            async with self._client(budget) as client:
                account, owners = await self._ask(interrupts.watch(client))
            living = tuple(dict.fromkeys(one.id for one in owners if one.id and not one.lost))
            # One run, one report: the requests before the archive was opened count too.
            report.requests, report.failures = client.requests, client.failures
            with Archive.open(self.job.path, self._identity(account)) as archive:
                files = self._files(archive, interrupts, budget)
                budget.begin()
                async with self._client(budget, archive) as client:
                    sync = Sync(
                        client=interrupts.watch(client),
                        archive=archive,
                        account_id=account.id,
                        options=self._options(account.id, owners, living),
                        progress=self.progress,
                        report=report,
                        files=files.fetch,
                    )
                    await sync.run(self.job.arguments(living))
        return report

    def _files(self, archive: Archive, interrupts: Interrupts, budget: Budget) -> FilesOfSync:
        fetching = Fetching(
            archive=archive,
            instance=self.credentials.instance,
            job=FileJob(path=self.job.path, concurrency=self.job.concurrency),
            interrupts=interrupts,
            budget=budget,
            progress=self.files,
            token=self.credentials.token,
        )
        return FilesOfSync(fetching=fetching, wanted=self.job.media)

    def _client(self, budget: Budget, archive: Archive | None = None) -> Client:
        client = Client(
            self.credentials.instance,
            self.credentials.token,
            pace=self.settings.pace(Journal(archive)) if archive else None,
            concurrency=self.job.concurrency,
            budget=budget,
            retries=self.settings.retries,
            batching=_batching(archive) if self.job.execute and archive else None,
        )
        client.waits = self.progress
        return client

    async def _ask(self, client: Client) -> tuple[Account, tuple[Owner, ...]]:
        """Whose token it is and whose lists are meant, before anything is written."""
        account = await whose(client)
        owners = [await find_owner(client, text) for text in self.job.owners]
        lost = [owner.lost for owner in owners if owner.lost]
        if lost and len(lost) == len(owners) and not self.job.path.exists():
            # A slip of the pen, most likely: better told before hours of reading.
            raise lost[0]
        return account, tuple(owners)

    def _identity(self, account: Account) -> Identity:
        instance = self.credentials.instance
        key = self.settings.instance_key or instance.key
        return Identity(key, account.id, instance.url)

    def _options(
        self, account_id: int, named: tuple[Owner, ...], others: tuple[int, ...]
    ) -> Options:
        job = self.job
        owners = dict.fromkeys((*((account_id,) if job.own else ()), *others))
        return Options(
            sections=job.sections,
            owners=tuple(owners),
            named=named,
            full=job.full,
            concurrency=job.concurrency,
            sparing=job.max_requests is not None,
            timed=job.max_duration is not None,
            lookback=job.lookback,
            audit_every=job.audit_every,
            audit=job.audit,
            accept_losses=job.accept_losses,
        )


def _batching(archive: Archive) -> Batching:
    return Batching(Learnt(archive, "execute"), is_saving)
