"""Options and arguments that several commands share, each declared once."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from ovk_archive.cli.words.sentences import did_you_mean
from ovk_archive.resources import DEFAULT_SECTIONS, FILES, SECTIONS
from ovk_archive.sync.plan import Lookback

F = TypeVar("F", bound=Callable[..., Any])

#: Sections that are read only where they are asked for.
OPTIONAL_SECTIONS = tuple(one for one in SECTIONS if one not in DEFAULT_SECTIONS)
#: What one person's hobby server can be asked to bear at once.
MOST_AT_ONCE = 16

all_option = click.option(
    "--all",
    "all_sections",
    is_flag=True,
    help="Also read the sections that are otherwise read only by name: "
    f"{', '.join(OPTIONAL_SECTIONS)}.",
)

everything_option = click.option(
    "--everything",
    is_flag=True,
    help="Read everything while the instance is still there: --all, the files, and an audit. If it "
    "is stopped, run the same command again: it goes on.",
)

account_option = click.option(
    "--account",
    metavar="ID[@HOST]",
    help="Which of several saved accounts: 12, ovk.to, 12@ovk.to. By default the archive's own, "
    "else that of the last login.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")


def size(text: str) -> int:
    """A number of bytes out of 500k, 20M, 3G."""
    match = re.fullmatch(r"(\d{1,12})\s*([kmgt]?)(i?b)?", text.strip().lower())
    found = int(match[1]) << (10 * " kmgt".index(match[2] or " ")) if match else 0
    if found < 1:
        raise click.BadParameter(f"{text!r} is not a size such as 500k, 20M or 3G.")
    return found


def lookback(text: str) -> Lookback:
    """Rows and days out of 100, 7d, or both with a comma between; neither is 0."""
    rows = days = 0
    for part in text.split(","):
        match = re.fullmatch(r"(\d{1,6})(d?)", part.strip().lower())
        if match is None:
            raise click.BadParameter(f"{text!r} is not rows and days such as 200, 30d or 200,30d.")
        if match[2]:
            days = int(match[1])
        else:
            rows = int(match[1])
    return Lookback(rows, days)


def day(text: str) -> int:
    """The unix time at which a day begins, in UTC."""
    try:
        found = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a date such as 2024-12-31.") from None
    return int(found.timestamp())


def duration(text: str) -> float:
    """Seconds out of 90, 90s, 10m, 2h, or 1h30m."""
    match = re.fullmatch(
        r"(?:(\d{1,6})h)?(?:(\d{1,6})m(?:in)?)?(?:(\d{1,9}(?:\.\d{1,6})?)s?)?",
        "".join(text.lower().split()),
    )
    hours, minutes, seconds = (float(part or 0) for part in match.groups()) if match else (0, 0, 0)
    found = hours * 3600 + minutes * 60 + seconds
    if found <= 0:
        raise click.BadParameter(f"{text!r} is no time such as 90s, 10m, 2h; 90 is seconds.")
    return found


def _sections(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> Any:
    """The sections that were named, with blanks or commas between them."""
    del ctx, param
    named = [one for text in given for one in text.lower().split(",") if one]
    for one in named:
        if one not in SECTIONS:
            raise click.BadParameter(
                f"{one!r} is none of {', '.join(SECTIONS)}.{did_you_mean(one, SECTIONS)}",
                param_hint="a section",
            )
    return tuple(dict.fromkeys(named))


def _archive(ctx: click.Context, param: click.Parameter, path: Path) -> Path:
    """The archive's path, unless it was forgotten and a section stands in its place."""
    del param
    named = str(path).lower().split(",")
    if all(one in SECTIONS for one in named) and not path.exists():
        raise click.UsageError(
            f"{path} is a section; name the archive first, for example: "
            f"ovk-archive {ctx.info_name} archive.db{_behind(ctx, named)}",
        )
    return path


def _behind(ctx: click.Context, named: list[str]) -> str:
    """Sections, if the command takes any."""
    takes = any(one.name == "sections" for one in ctx.command.params)
    return f" {' '.join(named)}" if takes else ""


def file_kinds(text: str) -> tuple[str, ...]:
    """Kinds of files with commas between them, each once."""
    names = [one.strip() for one in text.split(",") if one.strip()]
    if unknown := [one for one in names if one not in FILES]:
        guess = did_you_mean(unknown[0], FILES)
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(FILES)}.{guess}")
    return tuple(dict.fromkeys(names))


archive_argument = click.argument(
    # Looked at before all else: where it was forgotten, what follows makes no sense.
    "archive",
    type=click.Path(path_type=Path),
    callback=_archive,
    is_eager=True,
)

section_arguments = click.argument(
    "sections", metavar=f"[{'|'.join(SECTIONS)}]...", nargs=-1, callback=_sections
)


def _concurrency_option(help_: str) -> Callable[[F], F]:
    return click.option(
        "--concurrency",
        type=click.IntRange(1, MOST_AT_ONCE),
        default=4,
        show_default=True,
        help=help_,
    )


_REQUESTS_OPTION = _concurrency_option("Requests in flight at once.")
_EXECUTE_OPTION = click.option(
    "--execute/--no-execute",
    default=True,
    show_default=True,
    help="Ask for up to 25 lists in one request, where the instance can do that; --no-execute "
    "asks for each list by itself.",
)
_SYNC_OPTIONS = (
    click.option(
        "--owner",
        "owners",
        multiple=True,
        metavar="ID|NAME|URL",
        help="Read somebody's public lists too: 12, -5 (a group), alice, or the address of a page. "
        "You can give it several times.",
    ),
    click.option(
        "--own/--no-own",
        default=True,
        show_default=True,
        help="Read the account's own lists; --no-own reads only those of an --owner.",
    ),
    _EXECUTE_OPTION,
    click.option("--full", is_flag=True, help="Read everything again, not only what is new."),
    click.option(
        "--lookback",
        type=lookback,
        default="100,7d",
        show_default=True,
        metavar="ROWS,DAYSd",
        help="Read the newest rows of each list again: the newest ROWS, and the rows of the "
        "last DAYS days. You can leave out one of them; 0 for none.",
    ),
    click.option(
        "--accept-losses",
        is_flag=True,
        help="If most of a list is missing at once, believe it, and mark these rows as deleted.",
    ),
    _REQUESTS_OPTION,
    click.option(
        "--media/--no-media",
        default=True,
        show_default=True,
        help="Then fetch all files that ARCHIVE names and lacks, as `ovk-archive media` does.",
    ),
)
_BUDGET_OPTIONS = (
    click.option(
        "--max-requests",
        type=click.IntRange(min=1),
        metavar="N",
        help="Stop after N requests (exit code 75).",
    ),
    click.option(
        "--max-duration",
        type=duration,
        metavar="TIME",
        help="Stop after TIME (exit code 75): 90s, 10m, 2h; a plain number means seconds.",
    ),
)
_DISPLAY_OPTIONS = (
    click.option("--json", "as_json", is_flag=True, help="Print the run's report on stdout."),
    click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors."),
    click.option("--verbose", "-v", is_flag=True, help="Say what happens in the background."),
)
_FILE_OPTIONS = (
    click.option(
        "--kinds",
        type=file_kinds,
        default="",
        metavar="KIND,…",
        help=f"Only files of these kinds: {', '.join(FILES)}.",
    ),
    click.option(
        "--max-bytes",
        type=size,
        metavar="SIZE",
        help="Stop when SIZE has been fetched in all (exit code 75), and take no larger file. "
        "500k, 20M, 3G; a plain number means bytes.",
    ),
    click.option(
        "--max-file-bytes",
        type=size,
        metavar="SIZE",
        default="2G",
        show_default=True,
        help="Take no file that is larger than SIZE.",
    ),
    click.option(
        "--retry-gone", is_flag=True, help="Ask again for files that the server no longer had."
    ),
    _concurrency_option("Files fetched at once."),
)


audit_every_option = click.option(
    "--audit-every",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    metavar="DAYS",
    help="When the last audit is older, make one in this run (see `ovk-archive audit`); 0 for "
    "never.",
)


def sync_options(function: F) -> F:
    """Add what every command that reads from the instance into an archive understands."""
    return _with(function, (*_SYNC_OPTIONS, account_option, *_BUDGET_OPTIONS, *_DISPLAY_OPTIONS))


def asking_options(function: F) -> F:
    """Add what a command understands that asks the instance for single things."""
    asking = (_REQUESTS_OPTION, _EXECUTE_OPTION, account_option)
    return _with(function, (*asking, *_BUDGET_OPTIONS, *_DISPLAY_OPTIONS))


def file_options(function: F) -> F:
    """Add what a command that fetches files understands."""
    return _with(function, (*_FILE_OPTIONS, *_BUDGET_OPTIONS, *_DISPLAY_OPTIONS))


def _with(function: F, options: Sequence[Callable[[F], F]]) -> F:
    for option in reversed(options):
        function = option(function)
    return archive_argument(function)
