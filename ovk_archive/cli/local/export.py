"""`ovk-archive export`: an archive's tables as files for programs and for research."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ovk_archive.cli.local.export_wish import Delimiter, check_options, look_up_names, wish_of
from ovk_archive.cli.options import archive_argument, day, json_option
from ovk_archive.cli.words.sentences import did_you_mean
from ovk_archive.resources import TABLES

if TYPE_CHECKING:
    from ovk_archive.export.writing import Wish

TIMES = ("exact", "day", "month")
FORMATS = ("json", "ndjson", "csv", "parquet", "xlsx", "ids")
_NAMES = tuple(table.name for table in TABLES)
#: So many lists of which not all is here are named.
_NAMED = 3


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


@click.command()
@archive_argument
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    required=True,
    help="json: records within records, as the API nests them. ndjson: one row in each line. csv. "
    "parquet, xlsx (a workbook): need the extra of that name. ids: only the numbers of things.",
)
@click.option(
    "--table",
    "tables",
    type=_Table(),
    multiple=True,
    help="Only this table; you can give it several times.",
)
@click.option(
    "--owner",
    "owners",
    multiple=True,
    metavar="ID|NAME|URL",
    help="Only rows that belong to this person or group, in tables that tell it: 12, -5 (a group), "
    "alice, or the address of a page.",
)
@click.option(
    "--peer",
    "peers",
    multiple=True,
    metavar="ID|NAME|URL",
    help="Only the conversations with these people.",
)
@click.option("--since", type=day, metavar="YYYY-MM-DD", help="Only from this day on (UTC).")
@click.option(
    "--until", type=day, metavar="YYYY-MM-DD", help="Only up to the end of this day (UTC)."
)
@click.option(
    "--with-gone", is_flag=True, help="Also rows that were deleted on the instance (gone)."
)
@click.option(
    "--with-versions",
    is_flag=True,
    help="Also earlier versions of the records, as table _versions.",
)
@click.option("--with-media", is_flag=True, help="Also the stored files.")
@click.option(
    "--hard-links",
    is_flag=True,
    help="Link these files instead of copying them. This takes no room, but an edit of a "
    "linked file edits the archive's file too.",
)
@click.option("--without-text", is_flag=True, help="Leave out the texts that people wrote.")
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
    help="The secret key of the pseudonyms, one for all exports that you want to join. Keep it out "
    "of the export.",
)
@click.option("--new-key", is_flag=True, help="Make that key: FILE does not exist yet.")
@click.option(
    "--times",
    type=click.Choice(TIMES),
    help="With --pseudonymise: how exactly times are told (day). An exact one finds each public "
    "post.",
)
@click.option(
    "--one-domain",
    is_flag=True,
    help="With --pseudonymise: the same pseudonyms in private tables as in public ones, so that "
    "they can be joined, and recognised.",
)
@click.option(
    "--only-people",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --pseudonymise: leave out rows of people who are not in FILE (ids or short names, "
    "one a line), and call them [other].",
)
@click.option(
    "--k",
    type=click.IntRange(min=2),
    metavar="N",
    help="With --pseudonymise: tell in MANIFEST.json how many rows have fewer than N like them in "
    "what outsiders can see of them.",
)
@click.option(
    "--excel",
    is_flag=True,
    help="CSV for spreadsheets: with a byte order mark, times as dates (UTC), and an apostrophe "
    "before each text that a spreadsheet would take for a formula.",
)
@click.option(
    "--delimiter",
    type=Delimiter(),
    metavar="comma|semicolon|tab",
    help="CSV: what is between two cells; a comma unless you say otherwise. Where numbers have a "
    "decimal comma, Excel wants a semicolon.",
)
@click.option("--partition", type=click.Choice(["year"]), help="Parquet: a file for each year.")
@click.option("--title", metavar="TEXT", help="What the export is called where it is cited.")
@click.option(
    "--author",
    "authors",
    multiple=True,
    metavar="NAME",
    help='Who made it: "Anna Ivanova <0000-0002-1825-0097>", with an ORCID, an address of the web '
    "or of e-mail, or just a name. You can give it several times.",
)
@click.option(
    "--license",
    "license_",
    metavar="SPDX|URL",
    help="What others may do with it: CC-BY-4.0 or another of https://spdx.org/licenses, or an "
    "address.",
)
@click.option(
    "--into",
    is_flag=True,
    help="Parquet: DIR is a lake, where the tables of many archives lie together; only what this "
    "archive has put there is replaced.",
)
@click.option("--as", "archive_name", metavar="NAME", help="What the archive is called in it.")
@click.option("--force", is_flag=True, help="Replace an export that is at DIR already.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
@json_option
def export(archive: Path, folder: Path, *, quiet: bool, as_json: bool, **options: Any) -> int:
    """Write the tables of ARCHIVE into a new folder DIR, or one of them to stdout (DIR is -).

    Beside the data are datapackage.json (Data Package 2.0), ro-crate-metadata.json (RO-Crate 1.2),
    CODEBOOK.md, and MANIFEST.json, which says what is missing and has all hashes. The same archive
    and options give the same bytes. A sync may run meanwhile: an export shows one moment of the
    archive. Exit code 40, with --with-media: some stored files are no longer in the archive's
    folder; export lists them. Exit code 3: some of them are damaged; they are left out and listed
    as well.
    """  # fmt: skip
    check_options(options, to_stdout=str(folder) == "-")
    look_up_names(archive, options)
    if str(folder) == "-":
        _to_stdout(archive, wish_of(options), force=options["force"] or as_json)
        return 0
    from ovk_archive.cli.words.output import print_json, say
    from ovk_archive.cli.words.row_bar import RowBar
    from ovk_archive.export.writing import export as write

    wish = wish_of(options)
    with RowBar(quiet=quiet) as bar:
        said = write(archive, folder, wish, force=options["force"], progress=bar)
    if as_json:
        print_json(said)
    elif not quiet:
        say(f"{_counted(said['tables'])} in {folder}.")
        _tell_lacking(wish.about(folder), said)
    missing = _tell_missing(archive, said.get("missing_files", []))
    return max(missing, _tell_damaged(archive, said.get("damaged_files", [])))


def _tell_lacking(folder: Path, said: dict[str, Any]) -> None:
    """Name some lists of which not all is in the archive."""
    from ovk_archive.cli.words.output import say

    if lacking := [one["list"] for one in said["incomplete"]]:
        more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
        say(
            f"The archive does not have all rows of {', '.join(lacking[:_NAMED])}{more}: see "
            f"{folder / 'MANIFEST.json'}."
        )
    if "private" in said:
        say(said["private"])


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
    say(f"{len(missing)} stored files are missing and not exported:")
    say_lines(missing, "MANIFEST.json")
    return MediaError.exit_code


def _tell_damaged(archive: Path, damaged: list[str]) -> int:
    """Say which stored files are not what they were; the exit code."""
    from ovk_archive.cli.words.output import say
    from ovk_archive.cli.words.summary import say_lines
    from ovk_archive.errors import EXIT_REFUSED

    if not damaged:
        return 0
    say(
        f"{len(damaged)} stored files are damaged and not exported; `ovk-archive verify {archive} "
        "--media --repair` fetches them again:"
    )
    say_lines(damaged, "MANIFEST.json")
    return EXIT_REFUSED


def _counted(tables: dict[str, Any]) -> str:
    rows, many = sum(one["rows"] for one in tables.values()), len(tables)
    return (
        f"{rows:,} {'row' if rows == 1 else 'rows'} of {many} {'table' if many == 1 else 'tables'} "
        f"{'is' if rows == 1 else 'are'}"
    )


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
            f"Nothing more can be written to stdout ({error.strerror}): the output is not complete."
        ) from error
