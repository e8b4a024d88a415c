"""One run over things that were named by number, from the list to the last words."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ovk_archive.api.batches import Batching
from ovk_archive.api.budget import Budget
from ovk_archive.api.client import Client
from ovk_archive.api.pace import Pace
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import aside, is_saving
from ovk_archive.archive.facts import Learnt
from ovk_archive.archive.names import mirrors, names
from ovk_archive.archive.opening import Identity, inspect
from ovk_archive.archive.runs import Journal
from ovk_archive.archive.soundness import watched
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.account.current_account import whose
from ovk_archive.cli.backup.run_display import Display, show_log
from ovk_archive.cli.interrupts import Interrupts
from ovk_archive.cli.words.output import print_json, say, tell_of_onlookers
from ovk_archive.cli.words.wanted import ThingBar, conclude_wanted, write_lacking
from ovk_archive.errors import BadInputError
from ovk_archive.media.catalogue import survey
from ovk_archive.sync.wanted.hydration import Hydration
from ovk_archive.sync.wanted.lists import Wanted, read_lists
from ovk_archive.sync.wanted.tally import WantedReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a person asked for.

    Attributes:
        ids: the list, or the folder with lists.
        path: the archive.
        lacking: where to write what is not to be had.
        any_instance: the numbers may be those of an instance with another name.
    """

    ids: Path
    path: Path
    tables: tuple[str, ...] = ()
    again: bool = False
    lacking: Path | None = None
    any_instance: bool = False
    concurrency: int = 4
    execute: bool = True
    max_requests: int | None = None
    max_duration: float | None = None


def hydrated(job: Job, credentials: Callable[[], Credentials], display: Display) -> int:
    """Read what was named, and tell; the exit code. Call it in the main thread, for the signals.

    Raises:
        ArchiveError: the list, the archive or the token was refused before anything was written.
    """
    if display.verbose:
        show_log()
    if job.lacking is not None:
        # Not after hours: a slip of the pen must not cost somebody's file.
        write_lacking(job.lacking, None)
    wanted = read_lists(job.ids, job.tables)
    tell_of_onlookers(job.path, quiet=display.quiet)
    with ExitStack() as stack:
        if not display.quiet:
            stack.enter_context(watched(say))
        bar = stack.enter_context(ThingBar(quiet=display.quiet, verbose=display.verbose))
        report = asyncio.run(_Run(job, wanted, credentials(), bar).run())
    if job.lacking is not None:
        write_lacking(job.lacking, report)
    if display.as_json:
        print_json(report.to_json())
    return conclude_wanted(report, quiet=display.quiet)


@dataclass(frozen=True, slots=True)
class _Run:
    job: Job
    wanted: Wanted
    credentials: Credentials
    bar: ThingBar

    async def run(self) -> WantedReport:
        job = self.job
        inspect(job.path, None)
        self._check_instance()
        budget = Budget(job.max_requests, job.max_duration)
        report = WantedReport()
        with Interrupts() as interrupts:
            async with self._client(budget) as client:
                account = await whose(interrupts.watch(client))
            # One run, one report: the request before the archive was opened counts too.
            report.requests, report.failures = client.requests, client.failures
            instance = self.credentials.instance
            with Archive.open(
                job.path, Identity(instance.key, account.id, instance.url)
            ) as archive:
                budget.begin()
                async with self._client(budget, archive) as client:
                    await Hydration(
                        client=interrupts.watch(client),
                        archive=archive,
                        keys=self.wanted.keys,
                        again=job.again,
                        progress=self.bar,
                        report=report,
                    ).run()
                # The files that came to be named are known from now on.
                await aside(survey, archive)
        return report

    def _client(self, budget: Budget, archive: Archive | None = None) -> Client:
        batching = Batching(Learnt(archive, "execute"), is_saving) if archive else None
        client = Client(
            self.credentials.instance,
            self.credentials.token,
            pace=Pace(memory=Journal(archive)) if archive else None,
            concurrency=self.job.concurrency,
            budget=budget,
            batching=batching if self.job.execute else None,
        )
        client.waits = self.bar
        return client

    def _check_instance(self) -> None:
        """Numbers of another instance name other things.

        Raises:
            BadInputError: the list is of another one.
        """
        theirs, ours = self.wanted.instance, self.credentials.instance.key
        if theirs in (None, ours) or self.job.any_instance or theirs in self._former():
            return
        raise BadInputError(
            f"These are numbers of {theirs}; on {ours} they name other things. If it is the same "
            "instance under another name, add --any-instance."
        )

    def _former(self) -> set[str]:
        """The names that the instance of the archive has had, or tells of itself."""
        if not self.job.path.exists():
            return set()
        with Archive.read(self.job.path) as archive:
            return {*(one.instance for one in names(archive)), *mirrors(archive)}
