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
    help="Put the time into FILE's name (archive.2026-11-26T150407Z.db), and remove all such "
    "snapshots of this archive but the newest N.",
)
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def snapshot(archive: Path, file: Path, keep: int | None, quiet: bool) -> None:
    """Copy ARCHIVE into one FILE, also while a sync writes it or `browse` shows it.

    FILE is there as a whole or not at all, and is an archive itself. What is at FILE already is
    replaced only if it is an earlier snapshot of ARCHIVE in which nothing has been saved since.
    The stored files are not in it: copy the folder beside ARCHIVE as well.
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
