"""A sync as the commands show it: progress and words on stderr, the report on stdout."""

import logging
import sys
from contextlib import ExitStack
from dataclasses import dataclass

from ovk_archive.cli.output import print_json
from ovk_archive.cli.progress import Bars, progress_for
from ovk_archive.cli.running import DEFAULT_SETTINGS, Job, Settings, run_sync
from ovk_archive.cli.summary import conclude
from ovk_archive.credentials import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How much is said of a run."""

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False


def read(
    job: Job, credentials: Credentials, manner: Manner, settings: Settings = DEFAULT_SETTINGS
) -> int:
    """Sync and tell; the exit code."""
    if manner.verbose:
        _show_log()
    progress = progress_for(quiet=manner.quiet, verbose=manner.verbose, owners=len(job.owners))
    with ExitStack() as stack:
        if isinstance(progress, Bars):
            stack.enter_context(progress)
        report = run_sync(job, credentials, progress, settings)
    if manner.as_json:
        print_json(report.to_json())
    return conclude(report, quiet=manner.quiet)


def _show_log() -> None:
    # Our own logger only: httpx's would name every request.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    log = logging.getLogger("ovk_archive")
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
