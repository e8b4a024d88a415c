"""Whether the stored files are where the archive looks for them: in the folder beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ovk_archive.archive.archive import Archive
from ovk_archive.media.place import beside, may_be_in, vault_of
from ovk_archive.media.vault import Vault

#: Stored files that are looked for at once: memory stays flat.
_PART = 5000
#: Lost files that are looked for in other folders.
_SAMPLE = 5


@dataclass(frozen=True, slots=True)
class Presence:
    """What is in the folder of files, by names: no file is read.

    Attributes:
        folder: where the archive looks.
        stored: files that were stored, each content once.
        missing: those of them that are not in the folder.
        bytes: how large the missing ones are.
        elsewhere: another folder beside the archive, which has some of them.
        is_of_another: that folder is where another archive looks for its files.
    """

    folder: Path
    stored: int
    missing: int
    bytes: int
    elsewhere: Path | None = None
    is_of_another: bool = False

    def told(self, then: str) -> str:
        """A sentence about it: what is missing, where, and what to do."""
        if self.elsewhere is None:
            do = "put the folder there"
        else:
            what = "copy" if self.is_of_another else "rename"
            do = f"some are in {self.elsewhere}: {what} that folder"
        are = "is" if self.stored == 1 else "are"
        return (
            f"{self.missing} of {self.stored} stored files {are} not where the archive looks for "
            f"them ({self.folder}): {do}, or {then}"
        )


def look(archive: Archive) -> Presence:
    """Compare what was stored with the names in the folder.

    Raises:
        StorageError: the folder cannot be read.
    """
    vault = vault_of(archive)
    stored = missing = size = 0
    examples: list[str] = []
    for files, lost in _in_parts(archive, vault):
        stored += len(files)
        missing += len(lost)
        size += sum(files[path] for path in lost)
        examples += lost[: _SAMPLE - len(examples)]
    elsewhere = _elsewhere(archive.path, vault.folder, examples) if examples else None
    is_of_another = elsewhere is not None and _has_archive(elsewhere)
    return Presence(vault.folder, stored, missing, size, elsewhere, is_of_another)


def lost(archive: Archive, vault: Vault) -> Iterator[list[str]]:
    """The paths of stored files that are not in the folder, some at a time."""
    return (paths for _, paths in _in_parts(archive, vault) if paths)


def found_again(archive: Archive, vault: Vault) -> list[str]:
    """The paths of files that were lost, and are in the folder after all, whole."""
    rows = archive.query(
        "select distinct path, sha256 from media "
        "where state not in ('stored', 'unavailable') and sha256 is not null"
    )
    return [path for path, sha256 in rows if vault.hash_of(path) == sha256]


def _in_parts(archive: Archive, vault: Vault) -> Iterator[tuple[dict[str, int], list[str]]]:
    """Of some stored files at a time: their paths and sizes, and which of them are missing."""
    last = ""
    names = dict[str, set[str]]()
    while rows := archive.query(
        "select sha256, path, max(bytes) from media where sha256 > ? and state = 'stored' "
        "group by sha256 order by sha256 limit ?",
        (last, _PART),
    ):
        last = rows[-1][0]
        files = {path: size or 0 for _, path, size in rows}
        # A listing of a folder costs less than a look at each of its files.
        folders = {path.partition("/")[0] for path in files}
        names = {one: names[one] if one in names else vault.names(one) for one in folders}
        yield files, [path for path in files if not _is_among(path, names)]


def _is_among(path: str, names: dict[str, set[str]]) -> bool:
    folder, _, name = path.partition("/")
    return name in names[folder]


def _elsewhere(path: Path, folder: Path, examples: list[str]) -> Path | None:
    """Another folder beside the archive that has some of these files."""
    for one in beside(path):
        if one.name != folder.name and any((one / example).is_file() for example in examples):
            return one
    return None


def _has_archive(folder: Path) -> bool:
    """A file beside the folder is an archive that looks for its files there, by its name."""
    return any(may_be_in(folder, one) for one in beside(folder))
