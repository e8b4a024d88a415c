"""`ovk-archive media`: the files that records name."""

from pathlib import Path
from typing import Any

import click

from ovk_archive.cli.options import file_options


@click.command()
@file_options
def media(archive: Path, *, as_json: bool, quiet: bool, verbose: bool, **wishes: Any) -> int:
    """Fetch the files that ARCHIVE does not have yet: photos, avatars, audio, videos and so on.

    The newest files come first. They go into a folder beside the archive (archive.db.media beside
    archive.db), under the hash of their bytes; the same file is stored once. Table `media` says
    where each file is. No token is sent. Exit code 3: the server refused some files, or no longer
    has them. Exit code 40: some files came damaged, or not at all. Both are listed once, and tried
    again later. Exit code 75: the budget is used up.
    """
    from ovk_archive.cli.backup.media_run import FileJob
    from ovk_archive.cli.backup.run_display import Display, read_files

    display = Display(as_json=as_json, quiet=quiet, verbose=verbose)
    return read_files(FileJob(path=archive, **wishes), display)
