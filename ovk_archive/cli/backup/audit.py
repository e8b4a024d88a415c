"""`ovk-archive audit`: a sync that reads everything in the archive again."""

from typing import Any

import click

from ovk_archive.cli.backup.sync import sync_sections
from ovk_archive.cli.options import all_option, sync_options
from ovk_archive.resources import DEFAULT_SECTIONS, SECTIONS


@click.command()
@sync_options
@all_option
def audit(*, all_sections: bool, **chosen: Any) -> int:
    """Sync ARCHIVE, then read everything in it again: this finds gaps, edits and deletions.

    An audit asks for the posts of a wall by their numbers, and reads all other lists from end to
    end. It fills gaps at once. A deletion is marked by the next sync, if the record is missing
    then, too. If a budget, Ctrl-C or a failure ends the audit, run the command again: it goes on.
    A sync makes an audit by itself when the last one is older than `--audit-every` days.
    """
    sections = SECTIONS if all_sections else DEFAULT_SECTIONS
    return sync_sections(sections, audit=True, **chosen)
