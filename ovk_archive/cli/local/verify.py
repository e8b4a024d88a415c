"""`ovk-archive verify`: whether an archive is what it says."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ovk_archive.cli.options import archive_argument, json_option
from ovk_archive.cli.words.output import complain, print_json
from ovk_archive.errors import EXIT_REFUSED, ArchiveError, DamagedError

if TYPE_CHECKING:
    from ovk_archive.checks.sampling import Comparison
    from ovk_archive.checks.verify import Findings

#: Records that are looked at with `--server`, unless one says otherwise.
_SAMPLE = 50


def _part(text: str) -> tuple[int, int]:
    """One part of several, such as 3/30: which, and of how many."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
    number, of = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= of:
        raise click.BadParameter(f"{text!r} is not a part such as 1/30.")
    return number, of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a person wants to have verified."""

    path: Path
    media: bool
    subset: tuple[int, int]
    repair: bool
    orphans: bool
    server: bool
    sample: int
    seed: int | None
    as_json: bool
    quiet: bool

    def check(self) -> None:
        """Refuse what cannot be meant."""
        if not self.media and (self.repair or self.subset != (1, 1)):
            raise click.UsageError("--repair and --subset are about files: add --media.")
        if not self.server and self.sample != _SAMPLE:
            raise click.UsageError("--sample is about the server: add --server.")


@click.command()
@archive_argument
@click.option("--media", is_flag=True, help="Read every stored file again and compare its hash.")
@click.option(
    "--subset",
    type=_part,
    default="1/1",
    metavar="PART/OF",
    help="Only one part of the files: 1/30 today, 2/30 tomorrow, and in a month all files "
    "have been checked.",
)
@click.option("--repair", is_flag=True, help="Fetch missing and changed files again.")
@click.option("--orphans", is_flag=True, help="List files of the folder that no record names.")
@click.option(
    "--server",
    is_flag=True,
    help="Ask the instance too: compare its counts, and some records as they are there now.",
)
@click.option(
    "--sample",
    type=click.IntRange(0, 10_000),
    default=_SAMPLE,
    show_default=True,
    metavar="N",
    help="With --server: compare N records (posts, messages, people), chosen at random.",
)
@click.option("--seed", type=int, hidden=True, help="Choose the same records each time.")
@json_option
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but what is wrong.")
def verify(archive: Path, **chosen: Any) -> int:
    """Check that ARCHIVE is whole.

    SQLite checks the database. All tables are compared with the versions of their records, and the
    positions where a sync goes on are checked. With `--media`, every stored file is read and hashed
    again. With `--server`, the archive is compared with the instance; nothing is written, neither
    there nor here. Exit code 3: something is damaged or missing, or the instance has changed since
    the last sync; verify lists it. It always says which files are not in their folder, but they
    count as missing only with `--media`. If the archive is whole but the instance cannot be
    reached, the exit code says why, as for a sync.
    """
    from ovk_archive.cli.local.verify_archive import repaired

    wish = _Wish(path=archive, **chosen)
    wish.check()
    findings, compared = _looked_at(wish)
    if wish.as_json:
        print_json({**findings.to_json(), **_as_json(compared)})
    _tell_server(compared, wish)
    if wish.repair and findings.damaged:
        findings.damaged = repaired(archive, findings.damaged, quiet=wish.quiet)
    return _verdict(compared) if findings.are_none else EXIT_REFUSED


def _looked_at(wish: _Wish) -> "tuple[Findings, Comparison | ArchiveError | None]":
    """What was found in the archive, which is told at once, and what the instance has."""
    from ovk_archive.archive.archive import Archive
    from ovk_archive.checks.verify import Findings, Part
    from ovk_archive.cli.local.verify_archive import findings_in
    from ovk_archive.cli.local.verify_server import compared_with_server

    compared = None
    part = Part(*wish.subset) if wish.media else None
    try:
        with Archive.read(wish.path) as held:
            findings = findings_in(held, part, orphans=wish.orphans, quiet=wish.quiet)
            # Before the instance is asked: what the archive is depends on no network.
            _tell(findings, wish)
            if wish.server:
                compared = compared_with_server(held, wish.sample, wish.seed, quiet=wish.quiet)
    except DamagedError as error:
        # Where nothing can be read at all, that is what was found.
        findings = Findings(database=[error.what])
        _tell(findings, wish)
    return findings, compared


def _tell(findings: "Findings", wish: _Wish) -> None:
    from ovk_archive.cli.words.verification import tell

    tell(findings, wish.path, media=wish.media, quiet=wish.quiet, as_json=wish.as_json)


def _tell_server(compared: "Comparison | ArchiveError | None", wish: _Wish) -> None:
    from ovk_archive.cli.words.verification import tell_server

    if isinstance(compared, ArchiveError):
        complain(f"The instance could not be asked: {compared}", compared.exit_code)
    elif compared:
        tell_server(compared, wish.path, quiet=wish.quiet)


def _as_json(compared: "Comparison | ArchiveError | None") -> dict[str, Any]:
    if isinstance(compared, ArchiveError):
        return {"server": {"error": str(compared)}}
    return {"server": compared.to_json()} if compared else {}


def _verdict(compared: "Comparison | ArchiveError | None") -> int:
    """The exit code where the archive itself is whole."""
    if isinstance(compared, ArchiveError):
        return compared.exit_code
    return EXIT_REFUSED if compared and not compared.agrees else 0
