"""What an export is asked for: options that go together become a wish."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ovk_archive.export.writing import Wish

_DAY = 86_400
_WHOLE = (
    "Versions are whole records, with names and texts: leave out --with-versions, or what should "
    "hide them."
)
_SHOWN = (
    "Files and ids show who people are: --pseudonymise does not go with --with-media or "
    "--format ids."
)


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
    """Put ids in place of the names that were given."""
    from ovk_archive.archive.archive import Archive
    from ovk_archive.archive.search.whom import owner_id

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
        (wish["new_key"] and not wish["key_file"], "--new-key goes with --key FILE."),
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
            "To write to stdout, name one --table and --format ndjson or csv.",
        ),
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
        new_key=options["new_key"],
        citation=citation(options["title"], options["authors"], options["license_"]),
        options=_told(options),
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
    }
    told: dict[str, Any] = {
        names.get(name, name): list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
        if name not in ("force", "key_file", "new_key")
    }
    for name in ("since", "until"):
        if options[name] is not None:
            told[name] = datetime.fromtimestamp(options[name], UTC).date().isoformat()
    if options["pseudonymise"]:
        for name in ("owner", "peer"):
            told[name] = len(told[name])
    return told
