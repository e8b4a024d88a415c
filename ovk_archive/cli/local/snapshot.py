"""`ovk-archive snapshot`: a copy of an archive in one file."""

from pathlib import Path

import click

from ovk_archive.cli.options import archive_argument


@click.command()
@archive_argument
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    metavar="N",
    help="Put the time into FILE's name (archive.2026-11-26T150407Z.db), keep the newest N of "
    "these snapshots, and remove the others.",
)
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def snapshot(archive: Path, file: Path, keep: int | None, quiet: bool) -> None:
    """Copy ARCHIVE into one FILE, even while a sync writes it or `browse` shows it.

    FILE is an archive itself, and never a half one. If FILE exists, it is replaced only if it is
    an earlier snapshot of ARCHIVE and nothing was saved in it since. The stored files are not in
    it: copy the folder beside ARCHIVE as well.
    """
    from ovk_archive.archive.copies import copy
    from ovk_archive.archive.file.location import folder_of
    from ovk_archive.cli.words.output import say

    made, removed = copy(archive, file, keep)
    if quiet:
        return
    gone = f" Removed: {', '.join(one.name for one in removed)}." if removed else ""
    say(f"{made} is a snapshot of {archive}.{gone}")
    if (folder := folder_of(archive)).is_dir():
        say(f"The stored files are not in it: copy {folder} too.")
