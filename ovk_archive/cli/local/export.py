"""`ovk-archive export`: an archive's tables as files for programs and for research."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from ovk_archive.cli.options import archive_argument, json_option
from ovk_archive.cli.words.sentences import did_you_mean
from ovk_archive.resources import TABLES

if TYPE_CHECKING:
    from tqdm import tqdm

    from ovk_archive.export.writing import Wish

FORMATS = ("json", "ndjson", "csv", "parquet", "ids")
_NAMES = tuple(table.name for table in TABLES)
_DAY = 86_400
_WHOLE = (
    "Versions are whole records, with names and texts: leave out --with-versions, or what is to "
    "hide these."
)
#: So many lists of which not all is here are named.
_NAMED = 3
_SHOWN = (
    "Files and ids show who people are: --pseudonymise does not go with --with-media or "
    "--format ids."
)


class _Table(click.ParamType[str]):
    """A table's name."""

    name = "table"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, if there is such a table."""
        if value not in _NAMES:
            guess = did_you_mean(value, _NAMES)
            said = f"there is no table {value!r}: there are {', '.join(_NAMES)}.{guess}"
            self.fail(said, param, ctx)
        return value


def _moment(text: str) -> int:
    """The unix time at which a day begins, in UTC."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a date such as 2024-12-31.") from None
    return int(day.timestamp())


@click.command()
@archive_argument
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    required=True,
    help="json: records within records, as the API nests them. ndjson: a row a line. csv. parquet: "
    "needs the extra `parquet`. ids: only the numbers of things.",
)
@click.option(
    "--table",
    "tables",
    type=_Table(),
    multiple=True,
    help="Only this table; may be given several times.",
)
@click.option(
    "--owner",
    "owners",
    multiple=True,
    metavar="ID|NAME|URL",
    help="Only what is theirs, in tables that say whose their rows are: 12, -5 (a group), alice, "
    "or the address of a page.",
)
@click.option(
    "--peer",
    "peers",
    multiple=True,
    metavar="ID|NAME|URL",
    help="Only the conversations with them.",
)
@click.option("--since", type=_moment, metavar="YYYY-MM-DD", help="Only from this day on (UTC).")
@click.option(
    "--until", type=_moment, metavar="YYYY-MM-DD", help="Only up to the end of this day (UTC)."
)
@click.option("--with-gone", is_flag=True, help="Also what is gone on the instance.")
@click.option("--with-versions", is_flag=True, help="Also former contents, as table _versions.")
@click.option("--with-media", is_flag=True, help="Also the stored files.")
@click.option(
    "--hard-links",
    is_flag=True,
    help="Link these files instead of copying: takes no room, but who edits one edits the archive.",
)
@click.option("--without-text", is_flag=True, help="Without what people wrote.")
@click.option(
    "--pseudonymise",
    is_flag=True,
    help="Replace people and groups by pseudonyms, and leave out names and contacts; needs --key.",
)
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The secret key of the pseudonyms; made if there is none. Keep it out of the export.",
)
@click.option(
    "--excel",
    is_flag=True,
    help="CSV for spreadsheets: with a byte order mark, and an apostrophe before what would be "
    "taken for a formula.",
)
@click.option("--partition", type=click.Choice(["year"]), help="Parquet: a file for each year.")
@click.option("--force", is_flag=True, help="Replace an export that is at DIR already.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
@json_option
def export(archive: Path, folder: Path, *, quiet: bool, as_json: bool, **options: Any) -> int:
    """Write the tables of ARCHIVE into a new folder DIR, or one of them to stdout (DIR is -).

    Beside the data are datapackage.json (Frictionless Data Package), CODEBOOK.md and MANIFEST.json,
    which says what is lacking and has the hash of each file. The same archive and options give the
    same bytes. A sync may run meanwhile: what is exported is one moment. With --with-media exit
    code 40 means that stored files are not in the archive's folder any more; they are listed.
    """  # fmt: skip
    _check(options, to_stdout=str(folder) == "-")
    _find(archive, options)
    if str(folder) == "-":
        _to_stdout(archive, _wish(options), force=options["force"] or as_json)
        return 0
    from ovk_archive.cli.words.output import print_json, say
    from ovk_archive.export.about import manifest
    from ovk_archive.export.writing import export as write

    with _Bar(shown=not quiet and _on_terminal()) as bar:
        said = write(archive, folder, _wish(options), force=options["force"], progress=bar)
    if as_json:
        print_json(said)
    elif not quiet:
        say(f"{_counted(said['tables'])} in {folder}.")
        if lacking := manifest.lacking(said["incomplete"]):
            more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
            say(
                f"Not all is in the archive of {', '.join(lacking[:_NAMED])}{more}: see "
                f"{folder / 'MANIFEST.json'}."
            )
    return _tell_missing(archive, said.get("missing_files", []))


def _tell_missing(archive: Path, missing: list[str]) -> int:
    """Say which stored files could not be brought along; the exit code."""
    from ovk_archive.archive.archive import Archive
    from ovk_archive.cli.words.output import say
    from ovk_archive.cli.words.summary import say_lines
    from ovk_archive.errors import MediaError
    from ovk_archive.media.presence import look

    if not missing:
        return 0
    with Archive.read(archive) as held:
        here = look(held)
    if here.missing:
        say(here.told(f"`ovk-archive media {archive}` fetches them again."))
    say(f"Without {len(missing)} files that were stored once:")
    say_lines(missing, "MANIFEST.json")
    return MediaError.exit_code


def _counted(tables: dict[str, Any]) -> str:
    rows, many = sum(one["rows"] for one in tables.values()), len(tables)
    return (
        f"{rows:,} {'row' if rows == 1 else 'rows'} of {many} {'table' if many == 1 else 'tables'} "
        f"{'is' if rows == 1 else 'are'}"
    )


def _check(options: dict[str, Any], *, to_stdout: bool) -> None:
    """Refuse wishes that do not go together."""
    for wrong, sentence in _conflicts(options):
        if wrong:
            raise click.UsageError(sentence)
    if to_stdout:
        for wrong, sentence in _stdout_conflicts(options):
            if wrong:
                raise click.UsageError(sentence)


def _find(archive: Path, options: dict[str, Any]) -> None:
    """Put ids in place of the names that were given."""
    from ovk_archive.archive.archive import Archive
    from ovk_archive.export.owners import owner_id

    if options["owners"] or options["peers"]:
        with Archive.read(archive) as known:
            for name in ("owners", "peers"):
                options[name] = tuple(owner_id(known, text) for text in options[name])


def _conflicts(wish: dict[str, Any]) -> tuple[tuple[bool, str], ...]:
    since, until, format_ = wish["since"], wish["until"], wish["format_"]
    hiding = wish["pseudonymise"]
    return (
        (None not in (since, until) and since > until, "--since is after --until: swap them."),
        (wish["excel"] and format_ != "csv", "--excel is for --format csv."),
        (bool(wish["partition"]) and format_ != "parquet", "--partition is for --format parquet."),
        (hiding != bool(wish["key_file"]), "--pseudonymise and --key FILE go together."),
        (wish["hard_links"] and not wish["with_media"], "--hard-links goes with --with-media."),
        (
            wish["with_versions"] and (hiding or wish["without_text"]),
            _WHOLE,
        ),
        (
            hiding and (wish["with_media"] or format_ == "ids"),
            _SHOWN,
        ),
    )


def _stdout_conflicts(wish: dict[str, Any]) -> tuple[tuple[bool, str], ...]:
    return (
        (
            len(wish["tables"]) != 1 or wish["format_"] not in ("ndjson", "csv"),
            "To stdout goes one --table, as --format ndjson or csv.",
        ),
        (
            wish["with_media"] or wish["with_versions"],
            "Files and versions do not go to stdout: name a folder.",
        ),
    )


def _wish(options: dict[str, Any]) -> "Wish":
    from ovk_archive.export.selection import Selection
    from ovk_archive.export.writing import Wish

    until = options["until"]
    selection = Selection(
        tables=options["tables"],
        owners=options["owners"],
        peers=options["peers"],
        since=options["since"],
        until=None if until is None else until + _DAY,
        with_gone=options["with_gone"],
        with_versions=options["with_versions"],
        with_media=options["with_media"],
        without_text=options["without_text"],
    )
    return Wish(
        selection=selection,
        format=options["format_"],
        excel=options["excel"],
        partition=options["partition"],
        links=options["hard_links"],
        key_file=options["key_file"],
        options=_told(options),
    )


def _told(options: dict[str, Any]) -> dict[str, Any]:
    """The options as a manifest tells them: not whom they name, if that is to be hidden."""
    names = {"format_": "format", "tables": "table", "owners": "owner", "peers": "peer"}
    told: dict[str, Any] = {
        names.get(name, name): list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
        if name not in ("force", "key_file")
    }
    for name in ("since", "until"):
        if options[name] is not None:
            told[name] = datetime.fromtimestamp(options[name], UTC).date().isoformat()
    if options["pseudonymise"]:
        for name in ("owner", "peer"):
            told[name] = len(told[name])
    return told


def _to_stdout(archive: Path, wish: "Wish", *, force: bool) -> None:
    from ovk_archive.cli.words.output import text_to_stdout
    from ovk_archive.errors import StorageError
    from ovk_archive.export.formats.registry import stream_writer
    from ovk_archive.export.writing import stream

    if force:
        raise click.UsageError("--force and --json are for a folder, not for stdout.")
    encoding = stream_writer(wish.format, excel=wish.excel).encoding
    out = text_to_stdout(encoding, as_json=wish.format == "ndjson")
    try:
        try:
            stream(archive, out, wish)
        finally:
            out.detach()
    except BrokenPipeError:
        # Whoever reads has gone: there is nothing more to say.
        raise
    except OSError as error:
        raise StorageError(
            f"No more can be written to stdout ({error.strerror}): what is there is not whole."
        ) from error


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


class _Bar:
    """A bar that counts rows, on a terminal; a context manager (`Progress`)."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._bar: tqdm[Any] | None = None

    def begin(self, count: Callable[[], int]) -> None:
        """Show it."""
        if self._shown:
            from tqdm import tqdm

            self._bar = tqdm(desc="rows", total=count(), unit="", file=sys.stderr, leave=False)

    def rows(self, number: int) -> None:
        """Move it."""
        if self._bar is not None:
            self._bar.update(number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
