"""`ovk-archive audit`: a sync that reads again all of what is known."""

from typing import Any

import click

from ovk_archive.cli.backup.sync import sync_sections
from ovk_archive.cli.options import all_option, sync_options
from ovk_archive.resources import DEFAULT_SECTIONS, SECTIONS


@click.command()
@sync_options
@all_option
def audit(*, all_sections: bool, **chosen: Any) -> int:
    """Sync ARCHIVE, then read again all that it knows: gaps are filled, edits and deletions found.

    Walls are asked for post by post, by number; all other lists are read from end to end. A
    deletion is marked when a second reading confirms it, so by the next sync. An audit that a
    budget, Ctrl-C or a failure ended goes on when it is called again. A sync makes one by itself
    when the last is older than its `--audit-every`.
    """
    sections = SECTIONS if all_sections else DEFAULT_SECTIONS
    return sync_sections(sections, audit=True, **chosen)
