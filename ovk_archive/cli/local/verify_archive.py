"""Whether an archive is whole by itself: its database, its tables, its files."""

from pathlib import Path

from tqdm import tqdm

from ovk_archive.archive.archive import Archive
from ovk_archive.checks import clocks
from ovk_archive.checks.consistency import Consistency, check_consistency
from ovk_archive.checks.verify import (
    Damage,
    Findings,
    Part,
    check_database,
    check_files,
    count_files,
    restored,
    to_fetch,
)
from ovk_archive.checks.verify import orphans as find_orphans
from ovk_archive.errors import DamagedError
from ovk_archive.media.place import vault_of
from ovk_archive.media.presence import look
from ovk_archive.media.vault import Vault
from ovk_archive.resources import DERIVED


def findings_in(archive: Archive, part: Part | None, *, orphans: bool, quiet: bool) -> Findings:
    """What is wrong with an archive.

    Args:
        archive: open for reading.
        part: which files are hashed; None for none.
        orphans: files that no record names are looked for.
        quiet: no bars are shown.
    """
    findings = Findings(database=check_database(archive))
    try:
        _look_closer(findings, archive, quiet=quiet)
        vault = vault_of(archive)
        if part is not None:
            findings.files, findings.damaged = _hashed(archive, vault, part, quiet=quiet)
        if orphans:
            findings.orphans = list(find_orphans(archive, vault))
    except DamagedError as error:
        findings.database.append(error.what)
    return findings


def _look_closer(findings: Findings, archive: Archive, *, quiet: bool) -> None:
    """Look at rows, if the database allows it, and whether files are there."""
    if not findings.database:
        findings.inner = _consistency(archive, quiet=quiet)
        findings.clock_ahead = clocks.ahead(archive)
    findings.presence = look(archive)


def _consistency(archive: Archive, *, quiet: bool) -> Consistency:
    # Where stderr is no terminal, tqdm shows nothing by itself (`disable=None`).
    hidden = True if quiet else None
    with tqdm(desc="tables", total=len(DERIVED), leave=False, disable=hidden) as bar:
        return check_consistency(archive, bar.update)


def _hashed(archive: Archive, vault: Vault, part: Part, *, quiet: bool) -> tuple[int, list[Damage]]:
    # Where stderr is no terminal, tqdm shows nothing by itself (`disable=None`).
    hidden = True if quiet else None
    with tqdm(desc="files", total=count_files(archive, part), leave=False, disable=hidden) as bar:
        return check_files(archive, vault, part, bar.update)


def repaired(path: Path, damaged: list[Damage], *, quiet: bool) -> list[Damage]:
    """Fetch damaged files again, each from one address after another; those still damaged."""
    # HTTP, which a look at an archive needs not.
    from ovk_archive.cli.backup.media_run import FileJob
    from ovk_archive.cli.backup.run_display import Display, read_files

    for turn in range(max(len(one.urls) for one in damaged)):
        with Archive.read(path) as held:
            wanted = to_fetch(held, damaged, turn)
        read_files(FileJob(path=path), Display(quiet=quiet), wanted)
        with Archive.read(path) as held, Archive.open(path, held.identity()) as archive:
            damaged = restored(archive, vault_of(archive), damaged)
    return damaged
