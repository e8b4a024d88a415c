"""`ovk-archive sync`: everything, or the sections that are named."""

from pathlib import Path
from typing import Any

import click

from ovk_archive.cli.options import (
    all_option,
    audit_every_option,
    everything_option,
    section_arguments,
    sync_options,
)
from ovk_archive.resources import DEFAULT_SECTIONS, SECTIONS


@click.command()
@sync_options
@audit_every_option
@all_option
@everything_option
@section_arguments
def sync(
    sections: tuple[str, ...],
    *,
    all_sections: bool,
    everything: bool,
    audit_every: int,
    **chosen: Any,
) -> int:
    """Read the account, or the named sections, into ARCHIVE, and fetch the files.

    Without names, a sync reads all sections except those that mostly hold other people's data
    (see `--all`). It reads only what is new, and goes on where an interrupted sync stopped. The
    files go into a folder beside the archive (archive.db.media beside archive.db), see
    `ovk-archive media`. Exit code 3: the instance refused something, or a record had to be skipped,
    for the first time; the sync lists it. Exit code 40: the same for files. `ovk-archive status`
    shows everything that is missing. Exit code 75: the budget is used up; lists and files share it.
    """
    if (all_sections or everything) and sections:
        raise click.UsageError(
            "Name sections, or read them all with --all or --everything: not both."
        )
    if everything and not chosen["media"]:
        raise click.UsageError("--everything fetches the files too: leave out --no-media.")
    # An audit is of everything: not the moment, where a person names a part.
    every = audit_every if chosen["own"] and not sections else 0
    read = SECTIONS if all_sections or everything else sections or DEFAULT_SECTIONS
    return sync_sections(read, audit_every=every, audit=everything, **chosen)


def sync_sections(
    sections: tuple[str, ...],
    *,
    archive: Path,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    account: str | None,
    **wishes: Any,
) -> int:
    """Sync these sections with the saved token; the exit code."""
    if not (wishes["own"] or wishes["owners"]):
        raise click.UsageError("With --no-own there is nothing to read: add an --owner.")
    from ovk_archive.cli.account.current_account import saved
    from ovk_archive.cli.backup.run_display import Display, read
    from ovk_archive.cli.backup.sync_run import Job

    job = Job(path=archive, sections=tuple(dict.fromkeys(sections)), **wishes)
    display = Display(as_json=as_json, quiet=quiet, verbose=verbose)
    return read(job, saved(account, archive), display)
