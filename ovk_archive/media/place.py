"""Which folder an archive's files are in, and whether another archive has its files there, too."""

import hashlib
import os
from pathlib import Path

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.location import folder_of, folders_of
from ovk_archive.media.vault import Vault

_SQLITE = b"SQLite format 3\x00"


def vault_of(archive: Archive) -> Vault:
    """The folder of an archive's files.

    Raises:
        StorageError: the archive cannot be read.
    """
    folder = folder_of(archive.path, archive.query)
    return Vault(folder, _mark(archive.path) if _has_others(folder, archive.path) else "")


def _mark(archive: Path) -> str:
    """What tells an archive from those beside it, and is short."""
    return hashlib.sha256(os.fsencode(archive.name)).hexdigest()[:16]


def _has_others(folder: Path, archive: Path) -> bool:
    """Another archive beside this one may have its files in the same folder."""
    return any(
        one.name != archive.name and may_be_in(folder, one) and _is_sqlite(one)
        for one in beside(archive)
    )


def may_be_in(folder: Path, archive: Path) -> bool:
    """A file, if it is an archive, may have its files in a folder beside it."""
    if folder.name not in {one.name for one in folders_of(archive)}:
        return False
    return archive.is_file() and not archive.is_symlink()


def beside(path: Path) -> list[Path]:
    """All that lies beside a path, as far as one may look."""
    try:
        return sorted(path.absolute().parent.iterdir())
    except OSError:
        return []


def _is_sqlite(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False
