"""`ovk-archive verify`: whether an archive is what it says."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ovk_archive.cli.options import archive_argument, json_option
from ovk_archive.errors import EXIT_REFUSED

if TYPE_CHECKING:
    from ovk_archive.archive import Archive
    from ovk_archive.vault import Vault
    from ovk_archive.verify import Damage, Findings, Part


def _part(text: str) -> tuple[int, int]:
    """One part of several, such as 3/30: which, and of how many."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
    number, of = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= of:
        raise click.BadParameter(f"{text!r} is not a part such as 1/30.")
    return number, of


@click.command()
@archive_argument
@click.option("--media", is_flag=True, help="Read every stored file again and compare its hash.")
@click.option(
    "--subset",
    type=_part,
    default="1/1",
    metavar="PART/OF",
    help="Only one part of the files: 1/30 today, 2/30 tomorrow, and all have had their turn in a "
    "month.",
)
@click.option("--repair", is_flag=True, help="Fetch missing and changed files again.")
@click.option("--orphans", is_flag=True, help="List files of the folder that no record names.")
@json_option
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but what is wrong.")
def verify(
    archive: Path,
    *,
    media: bool,
    subset: tuple[int, int],
    repair: bool,
    orphans: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Check that ARCHIVE is whole.

    SQLite looks through the database. With `--media` every file that was stored is hashed again.
    Exit code 3 means that something is damaged or missing, and is listed.
    """
    from ovk_archive.archive import Archive
    from ovk_archive.cli.output import print_json
    from ovk_archive.vault import Vault, folder_of
    from ovk_archive.verify import Findings, Part, check_database
    from ovk_archive.verify import orphans as find_orphans

    if not media and (repair or subset != (1, 1)):
        raise click.UsageError("--repair and --subset are about files: add --media.")
    vault = Vault(folder_of(archive))
    with Archive.read(archive) as held:
        findings = Findings(database=check_database(held))
        if media:
            findings.files, findings.damaged = _hashed(held, vault, Part(*subset), quiet=quiet)
        if orphans:
            findings.orphans = list(find_orphans(held, vault))
    if as_json:
        print_json(findings.to_json())
    _tell(findings, as_json=as_json, media=media, quiet=quiet)
    if repair and findings.damaged:
        findings.damaged = _repaired(archive, vault, findings.damaged, quiet=quiet)
    return 0 if findings.are_none else EXIT_REFUSED


def _hashed(
    archive: "Archive", vault: "Vault", part: "Part", *, quiet: bool
) -> tuple[int, "list[Damage]"]:
    from tqdm import tqdm

    from ovk_archive.verify import check_files, count_files

    # Where stderr is no terminal, tqdm shows nothing by itself (`disable=None`).
    hidden = True if quiet else None
    with tqdm(desc="files", total=count_files(archive, part), leave=False, disable=hidden) as bar:
        return check_files(archive, vault, part, bar.update)


def _tell(findings: "Findings", *, as_json: bool, media: bool, quiet: bool) -> None:
    from ovk_archive.cli.output import say

    for complaint in findings.database:
        say(f"The database is damaged: {complaint}")
    for one in findings.damaged:
        say(f"{one.path} is {one.why}; it came from {', '.join(one.urls)}")
    for path in [] if as_json else findings.orphans:
        click.echo(path)
    if not quiet:
        files = (
            f" {findings.files} files looked at, {len(findings.damaged)} damaged." if media else ""
        )
        say(f"The database is {'damaged' if findings.database else 'whole'}.{files}")
        if findings.damaged:
            say("`ovk-archive verify ARCHIVE --media --repair` fetches them again.")


def _repaired(
    path: Path, vault: "Vault", damaged: "list[Damage]", *, quiet: bool
) -> "list[Damage]":
    """Fetch damaged files again, each from one address after another; those still damaged."""
    from ovk_archive.archive import Archive
    from ovk_archive.cli.filerun import FileJob
    from ovk_archive.cli.reading import Manner, read_files
    from ovk_archive.verify import restored, to_fetch

    for turn in range(max(len(one.urls) for one in damaged)):
        with Archive.read(path) as held:
            wanted = to_fetch(held, damaged, turn)
        read_files(FileJob(path=path), Manner(quiet=quiet), wanted)
        with Archive.read(path) as held, Archive.open(path, held.identity()) as archive:
            damaged = restored(archive, vault, damaged)
    return damaged
