"""`ovk-archive hydrate`: reads the things that a list names by their numbers."""

from pathlib import Path
from typing import Any

import click

from ovk_archive.cli.options import asking_options


@click.command()
@click.argument("ids", type=click.Path(path_type=Path))
@click.option(
    "--table",
    "tables",
    multiple=True,
    metavar="TABLE",
    help="Which table the numbers are of, where the file is not called after it. Of a folder, only "
    "the list of TABLE; you can give it several times.",
)
@click.option("--again", is_flag=True, help="Also ask for what ARCHIVE has already.")
@click.option(
    "--lacking",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write what was named and is not to be had to FILE, as CSV: table, number, why.",
)
@click.option(
    "--any-instance",
    is_flag=True,
    help="Take the numbers even if the export says that they are of another instance, which is the "
    "same under another name.",
)
@asking_options
def hydrate(
    ids: Path, *, archive: Path, as_json: bool, quiet: bool, verbose: bool, **wishes: Any
) -> int:
    """Read what IDS names by number from the instance into ARCHIVE, a new or an existing one.

    IDS is the folder that `ovk-archive export --format ids` wrote, one of its files, or - for
    standard input. What ARCHIVE has is not asked for again (see `--again`); what the instance did
    not give is asked for again on another day. Files are not fetched: `ovk-archive media` does
    that. Exit code 3: some of it is not to be had; the command says what. Exit code 75: the budget
    is used up; run the same command again to continue.
    """
    from ovk_archive.cli.account.current_account import saved
    from ovk_archive.cli.backup.hydrate_run import Job, hydrated
    from ovk_archive.cli.backup.run_display import Display

    account = wishes.pop("account")
    job = Job(ids=ids, path=archive, **wishes)
    display = Display(as_json=as_json, quiet=quiet, verbose=verbose)
    return hydrated(job, lambda: saved(account, archive), display)
