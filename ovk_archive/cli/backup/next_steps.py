"""The last words of a run: what it did not save, and the command that does."""

from collections.abc import Iterator
from contextlib import suppress
from shlex import quote

from ovk_archive.archive.archive import Archive
from ovk_archive.checks.unsaved import Unsaved, unsaved
from ovk_archive.cli.backup.sync_run import Job
from ovk_archive.cli.words.output import say
from ovk_archive.errors import ArchiveError
from ovk_archive.resources import DEFAULT_SECTIONS
from ovk_archive.sync.report import Report


def tell_next_steps(job: Job, report: Report) -> None:
    """Say what the archive does not have after this run."""
    # The run has ended as it has ended, even if its archive cannot be read by now.
    with suppress(ArchiveError), Archive.read(job.path) as archive:
        for line in _words(job, report, unsaved(archive)):
            say(line)


def _words(job: Job, report: Report, lacking: Unsaved) -> Iterator[str]:
    archive = quote(str(job.path))
    if not report.caught_up:
        if job.media:
            yield "The files are fetched when all lists have been read."
        return
    if not job.media and lacking.files:
        files = "1 file is" if lacking.files == 1 else f"{lacking.files} files are"
        yield f"{files} not saved: `ovk-archive media {archive}` fetches what the servers have."
    if lacking.sections and set(DEFAULT_SECTIONS) <= set(job.sections):
        sections = ", ".join(lacking.sections)
        yield f"Not saved, as nobody asked for it: {sections} (`ovk-archive sync {archive} --all`)."
