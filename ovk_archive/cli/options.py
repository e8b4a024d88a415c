"""Options and arguments that several commands share, each declared once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ovk_archive.resources import DEFAULT_SECTIONS, SECTIONS

F = TypeVar("F", bound=Callable[..., Any])

#: Sections that are read only where they are asked for.
OPTIONAL_SECTIONS = tuple(one for one in SECTIONS if one not in DEFAULT_SECTIONS)
#: What one person's hobby server can be asked to bear at once.
MOST_AT_ONCE = 16

all_option = click.option(
    "--all",
    "everything",
    is_flag=True,
    help=f"Read also what is left out unless it is named: {', '.join(OPTIONAL_SECTIONS)}.",
)

archive_argument = click.argument("archive", type=click.Path(path_type=Path))

section_arguments = click.argument(
    "sections", metavar=f"[{'|'.join(SECTIONS)}]...", type=click.Choice(SECTIONS), nargs=-1
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")

_SYNC_OPTIONS = (
    click.option(
        "--owner",
        "owners",
        multiple=True,
        metavar="ID|NAME|URL",
        help="Whose lists to read: 12, -5 (a group), alice, or the address of a page. May be "
        "given several times. By default the account's own.",
    ),
    click.option("--full", is_flag=True, help="Read everything again, not only what is new."),
    click.option(
        "--concurrency",
        type=click.IntRange(1, MOST_AT_ONCE),
        default=4,
        show_default=True,
        help="Requests in flight at once.",
    ),
    click.option(
        "--max-requests",
        type=click.IntRange(min=1),
        metavar="N",
        help="Stop at a page boundary after so many requests (exit code 75).",
    ),
    click.option(
        "--max-duration",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="Stop at a page boundary after so many seconds (exit code 75).",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print the run's report on stdout."),
    click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors."),
    click.option("--verbose", "-v", is_flag=True, help="Say what happens in the background."),
)


def sync_options(function: F) -> F:
    """Add what every command that reads from the instance into an archive understands."""
    for option in reversed(_SYNC_OPTIONS):
        function = option(function)
    return archive_argument(function)
