"""One command per section: `ovk-archive wall`, `messages`, `photos` and so on."""

from typing import Any

import click

from ovk_archive.cli.backup.sync import sync_sections
from ovk_archive.cli.options import sync_options
from ovk_archive.resources import RESOURCES, SECTIONS


def _command(section: str) -> click.Command:
    titles = [one.title for one in RESOURCES if one.section == section]

    def run(**chosen: Any) -> int:
        return sync_sections((section,), **chosen)

    what = ", ".join(titles)
    text = f"Read {what} into ARCHIVE.\n\nThe same as `sync ARCHIVE {section}`."
    return click.command(section, help=text)(sync_options(run))


#: Section -> command.
COMMANDS = {section: _command(section) for section in SECTIONS}
