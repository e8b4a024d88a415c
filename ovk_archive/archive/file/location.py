"""Where an archive is: what lies beside its file, and its address for SQLite."""

import logging
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ovk_archive.errors import StorageError

#: Asks an archive for the rows of a query.
Ask = Callable[[str], Iterable[Any]]
_log = logging.getLogger("ovk_archive")


def real(path: Path) -> Path:
    """Where a file is, if the path is a symbolic link: whatever is named after it lies there.

    Raises:
        StorageError: it is a link that leads nowhere, or there can be no such path.
    """
    try:
        if not stat.S_ISLNK(path.lstat().st_mode):
            return path
        leads_to = Path(os.path.realpath(path))
        leads_to.stat()
    except FileNotFoundError:
        if not path.is_symlink():
            return path
        raise StorageError(
            f"{path} is a symbolic link to {leads_to}, where nothing is: put the archive there, or "
            "remove the link."
        ) from None
    except NotADirectoryError:
        return path
    except (OSError, ValueError) as error:
        raise StorageError(
            f"{path} cannot be an archive: {getattr(error, 'strerror', error)}; name another path."
        ) from error
    return leads_to


def tell_of_other_names(path: Path) -> None:
    """Warn if a file that is about to be written has hard links, which look like copies."""
    if path.exists() and path.stat().st_nlink > 1:
        _log.warning(
            "%s has a second name (a hard link). That is no copy: both names are the same file. "
            "Two syncs at once, one under each name, would spoil it.",
            path,
        )


def beside(path: Path, ending: str) -> Path:
    """A file of SQLite's own beside an archive: `-wal`, `-shm`."""
    return path.with_name(f"{path.name}{ending}")


def unfinished(path: Path) -> Path | None:
    """What lies beside an archive and is still a part of it, if anything does."""
    for ending in ("-wal", "-journal"):
        file = beside(path, ending)
        if file.exists() and file.stat().st_size:
            return file
    return None


def address(path: Path, mode: str) -> str:
    """The file as SQLite is to open it: `ro`, `rw`, `rwc`, or that with more behind it.

    Whatever its name has in it: SQLite takes what follows a ? or # for something else.
    """
    return f"{path.absolute().as_uri()}?mode={mode}"


def is_writable(path: Path) -> bool:
    """SQLite can write it here: the file, and its own files beside it."""
    return os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK | os.X_OK)


def reading_mode(path: Path) -> str:
    """How to open an archive that is only read.

    SQLite's own read-only mode would leave its `-wal` and `-shm` behind, where these can be made;
    where they cannot, it does not open the file. So what cannot be written is opened as what nobody
    changes, unless these files say that somebody may.
    """
    if is_writable(path):
        return "rw"
    in_use = beside(path, "-wal").exists() and beside(path, "-shm").exists()
    return "ro" if in_use or unfinished(path) else "ro&immutable=1"


def folder_of(archive: Path, ask: Ask | None = None) -> Path:
    """Where an archive's files are: `archive.db.media` beside `archive.db`.

    Earlier versions took `archive.media`, which `archive.sqlite` had as well. An archive whose
    files are in there keeps it.

    Args:
        archive: the archive's file.
        ask: tells whether the files in such a folder are this archive's. Else they are taken for
            its own, which does no harm to whom only looks.
    """
    own, *earlier = folders_of(real(archive))
    for folder in earlier:
        is_one = _is_there(folder) and not _is_there(own)
        if is_one and (ask is None or _has_some(folder, ask)):
            return folder
    return own


def folders_of(archive: Path) -> list[Path]:
    """By its name: the folder of its own, and what earlier versions took."""
    own, earlier = archive.with_name(f"{archive.name}.media"), archive.with_suffix(".media")
    return [own] if earlier in (own, archive) else [own, earlier]


def _has_some(folder: Path, ask: Ask) -> bool:
    return any(
        (folder / path).is_file()
        for (path,) in ask("select path from media where path is not null")
    )


def _is_there(path: Path) -> bool:
    # Some names are too long for a file system.
    with suppress(OSError):
        return path.exists()
    return False
