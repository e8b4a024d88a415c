"""`ovk-archive media`: the files that records name."""

from pathlib import Path
from typing import Any

import click

from ovk_archive.cli.options import file_options


@click.command()
@file_options
def media(archive: Path, *, as_json: bool, quiet: bool, verbose: bool, **wishes: Any) -> int:
    """Fetch the files that ARCHIVE names and lacks: photos, avatars, audio, videos and so on.

    The newest come first. They are put in a folder beside the archive (archive.media beside
    archive.db), each content once, under the hash of its bytes; table `media` says what is where.
    No token is sent. Exit code 3 means that the server has some no more or does not give them away,
    40 that some came damaged or not at all; both are told once, and tried again later. 75 means
    that a budget is used up.
    """
    from ovk_archive.cli.backup.media_run import FileJob
    from ovk_archive.cli.backup.run_display import Manner, read_files

    manner = Manner(as_json=as_json, quiet=quiet, verbose=verbose)
    return read_files(FileJob(path=archive, **wishes), manner)
