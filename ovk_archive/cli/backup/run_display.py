"""A run as the commands show it: progress and words on stderr, the report on stdout."""

import logging
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from ovk_archive.archive.soundness import watched
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.backup.media_run import FileJob, run_files
from ovk_archive.cli.backup.next_steps import tell_next_steps
from ovk_archive.cli.backup.sync_run import DEFAULT_SETTINGS, Job, Settings, run_sync
from ovk_archive.cli.words.output import OneLine, print_json, say, tell_of_onlookers
from ovk_archive.cli.words.progress import Bars, FileBar, file_progress_for, progress_for
from ovk_archive.cli.words.summary import conclude, conclude_files
from ovk_archive.media.catalogue import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """How much is said of a run.

    Attributes:
        next_steps: its last words are what it did not save, and the commands that would.
    """

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    next_steps: bool = True


def read(
    job: Job, credentials: Credentials, display: Display, settings: Settings = DEFAULT_SETTINGS
) -> int:
    """Sync and tell; the exit code."""
    if display.verbose:
        show_log()
    tell_of_onlookers(job.path, quiet=display.quiet)
    progress = progress_for(
        quiet=display.quiet, verbose=display.verbose, owners=len(job.owners) + job.own
    )
    files = file_progress_for(quiet=display.quiet, verbose=display.verbose)
    with ExitStack() as stack:
        if not display.quiet:
            stack.enter_context(watched(say))
        if isinstance(progress, Bars):
            stack.enter_context(progress)
        if isinstance(files, FileBar):
            stack.enter_context(files)
        report = run_sync(job, credentials, progress, settings, files)
    if display.as_json:
        print_json(report.to_json())
    code = conclude(report, quiet=display.quiet)
    if display.next_steps and not display.quiet:
        tell_next_steps(job, report)
    return code


def read_files(job: FileJob, display: Display, wanted: Sequence[Wanted] | None = None) -> int:
    """Fetch files and tell; the exit code."""
    if display.verbose:
        show_log()
    tell_of_onlookers(job.path, quiet=display.quiet)
    progress = file_progress_for(quiet=display.quiet, verbose=display.verbose)
    with ExitStack() as stack:
        if not display.quiet:
            stack.enter_context(watched(say))
        if isinstance(progress, FileBar):
            stack.enter_context(progress)
        report = run_files(job, progress, wanted)
    if display.as_json:
        print_json(report.to_json())
    return conclude_files(report, quiet=display.quiet)


def show_log() -> None:
    """Say what happens in the background."""
    # Our own logger only: httpx's would name every request.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(asctime)s %(message)s", "%H:%M:%S"))
    # What is said in any case is said once.
    handler.addFilter(lambda record: record.levelno < logging.WARNING)
    log = logging.getLogger("ovk_archive")
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
