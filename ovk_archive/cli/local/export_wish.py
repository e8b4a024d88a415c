"""What an export is asked for: options that go together become a wish."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ovk_archive.archive.archive import Archive
    from ovk_archive.export.pseudonyms.domains import Hiding
    from ovk_archive.export.selection import Selection
    from ovk_archive.export.writing import Wish

_DAY = 86_400
_WHOLE = (
    "Versions are whole records, with names and texts: leave out --with-versions, or what should "
    "hide them."
)
_HIDING = ("times", "one_domain", "only_people", "k")
_HIDES = "--times, --one-domain, --only-people and --k go with --pseudonymise."
_SHOWN = (
    "Files and ids show who people are: --pseudonymise does not go with --with-media or "
    "--format ids."
)


class Delimiter(click.ParamType[str]):
    """What is between two cells: by its name, or itself."""

    name = "comma|semicolon|tab"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The character."""
        found = {"comma": ",", "semicolon": ";", "tab": "\t"}
        if value not in (*found, *found.values()):
            self.fail(f"{value!r} is none of {', '.join(found)}.", param, ctx)
        return found.get(value, value)


def check_options(options: dict[str, Any], *, to_stdout: bool) -> None:
    """Refuse wishes that do not go together."""
    for wrong, sentence in _conflicts(options):
        if wrong:
            raise click.UsageError(sentence)
    if to_stdout:
        for wrong, sentence in _stdout_conflicts(options):
            if wrong:
                raise click.UsageError(sentence)


def look_up_names(archive: Path, options: dict[str, Any]) -> None:
    """Put ids in place of the names that were given, and of the file that lists some."""
    from ovk_archive.archive.archive import Archive
    from ovk_archive.archive.search.whom import owner_id

    if options["owners"] or options["peers"] or options["only_people"]:
        with Archive.read(archive) as known:
            for name in ("owners", "peers"):
                options[name] = tuple(owner_id(known, text) for text in options[name])
            if options["only_people"]:
                options["only_people"] = _people(known, options["only_people"])


def _people(known: "Archive", file: Path) -> frozenset[int]:
    """Whom a list names: one a line, `#` begins a comment."""
    from ovk_archive.archive.search.whom import owner_id
    from ovk_archive.errors import BadInputError

    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"The list {file} cannot be read: {error}.") from error
    names = (re.sub(r"(^|\s)#.*", "", line).strip() for line in lines)
    people = frozenset(owner_id(known, name) for name in names if name)
    if not people or min(people) <= 0:
        raise BadInputError(
            f"{file} is to name people, one a line: 12, alice, or the address of a page."
        )
    return people


def _conflicts(wish: dict[str, Any]) -> tuple[tuple[bool, str], ...]:
    since, until, format_ = wish["since"], wish["until"], wish["format_"]
    hiding = wish["pseudonymise"]
    return (
        (None not in (since, until) and since > until, "--since is after --until: swap them."),
        (wish["excel"] and format_ != "csv", "--excel is for --format csv."),
        (bool(wish["delimiter"]) and format_ != "csv", "--delimiter is for --format csv."),
        (bool(wish["partition"]) and format_ != "parquet", "--partition is for --format parquet."),
        *_lake_conflicts(wish),
        (hiding != bool(wish["key_file"]), "--pseudonymise and --key FILE go together."),
        (wish["new_key"] and not wish["key_file"], "--new-key goes with --key FILE."),
        (wish["hard_links"] and not wish["with_media"], "--hard-links goes with --with-media."),
        (not hiding and any(wish[name] for name in _HIDING), _HIDES),
        (
            wish["with_versions"] and (hiding or wish["without_text"]),
            _WHOLE,
        ),
        (
            hiding and (wish["with_media"] or format_ == "ids"),
            _SHOWN,
        ),
    )


def _lake_conflicts(wish: dict[str, Any]) -> Iterator[tuple[bool, str]]:
    into = wish["into"]
    yield into != (wish["archive_name"] is not None), "--into and --as NAME go together."
    yield (
        into and wish["format_"] != "parquet",
        "--into is for --format parquet: other formats have no tables that lie in several files.",
    )
    yield (
        into and wish["with_media"],
        "--with-media does not go with --into: bring the files into a folder of their own.",
    )
    yield (
        into and wish["force"],
        "--into replaces what this archive has put there, and nothing else: leave out --force.",
    )


def _stdout_conflicts(wish: dict[str, Any]) -> tuple[tuple[bool, str], ...]:
    return (
        (
            len(wish["tables"]) != 1 or wish["format_"] not in ("ndjson", "csv"),
            "To write to stdout, name one --table and --format ndjson or csv.",
        ),
        (wish["k"] is not None, "--k is for the manifest, which stdout has not: name a folder."),
        (
            wish["with_media"] or wish["with_versions"],
            "Files and versions cannot be written to stdout: name a folder.",
        ),
        (
            bool(wish["title"] or wish["authors"] or wish["license_"]),
            "--title, --author and --license are for a folder, not for stdout.",
        ),
    )


def wish_of(options: dict[str, Any]) -> "Wish":
    """What is to be exported, by what a person said."""
    from ovk_archive.export.about.citation import citation
    from ovk_archive.export.writing import Wish

    return Wish(
        selection=_selection(options),
        format=options["format_"],
        excel=options["excel"],
        partition=options["partition"],
        links=options["hard_links"],
        key_file=options["key_file"],
        new_key=options["new_key"],
        citation=citation(options["title"], options["authors"], options["license_"]),
        delimiter=options["delimiter"],
        archive=options["archive_name"],
        hiding=_hiding(options),
        options=_told(options),
    )


def _selection(options: dict[str, Any]) -> "Selection":
    """Which rows of which tables."""
    from ovk_archive.export.selection import Selection

    until = options["until"]
    return Selection(
        tables=options["tables"],
        owners=options["owners"],
        peers=options["peers"],
        since=options["since"],
        until=None if until is None else until + _DAY,
        people=options["only_people"],
        with_gone=options["with_gone"],
        with_versions=options["with_versions"],
        with_media=options["with_media"],
        without_text=options["without_text"],
    )


def _hiding(options: dict[str, Any]) -> "Hiding":
    """How much pseudonyms are to hide."""
    from ovk_archive.export.pseudonyms.domains import Hiding

    return Hiding(
        times=options["times"] or "day",
        one_domain=options["one_domain"],
        people=options["only_people"],
        k=options["k"],
    )


def _told(options: dict[str, Any]) -> dict[str, Any]:
    """The options as a manifest tells them: not whom they name, if that is to be hidden."""
    names = {
        "format_": "format",
        "tables": "table",
        "owners": "owner",
        "peers": "peer",
        "authors": "author",
        "license_": "license",
        "archive_name": "as",
    }
    told: dict[str, Any] = {
        names.get(name, name): list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
        if name not in ("force", "key_file", "new_key", *_HIDING)
    }
    for name in ("since", "until"):
        if options[name] is not None:
            told[name] = datetime.fromtimestamp(options[name], UTC).date().isoformat()
    if options["pseudonymise"]:
        for name in ("owner", "peer"):
            told[name] = len(told[name])
        told |= {name: options[name] for name in _HIDING if options[name]}
        if options["only_people"]:
            told["only_people"] = len(options["only_people"])
    return told
