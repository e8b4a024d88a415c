"""The lock that keeps two syncs of one archive apart."""

from pathlib import Path

from filelock import FileLock, Timeout

from ovk_archive.archive.file.disk import WITHOUT_LOCKS, WITHOUT_PERMISSIONS
from ovk_archive.archive.opening.explaining import cannot
from ovk_archive.errors import ArchiveLockedError, StorageError


def locked(path: Path) -> FileLock:
    """The lock that a second sync of this archive cannot have.

    Raises:
        ArchiveLockedError: another one holds it.
    """
    file = path.with_name(f".{path.name}.lock")
    try:
        return _acquired(file)
    except Timeout:
        if not file.exists():
            # FileLock says the same of a directory in which no file can be made.
            raise StorageError(cannot(path, f"no file can be made in {file.parent}")) from None
        raise ArchiveLockedError(
            f"Another sync of {path} is running: wait for it to end, or stop it."
        ) from None
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno in WITHOUT_LOCKS:
            raise StorageError(
                f"The file system of {file.parent} has no locks ({why}), and two syncs at once "
                "would spoil the archive: keep it on a disk of this computer, and copy it there "
                "with `ovk-archive snapshot`."
            ) from error
        raise StorageError(cannot(path, why)) from error


def _acquired(file: Path) -> FileLock:
    # Marks instead of locks would stay behind when a sync is killed.
    lock = FileLock(file, mode=0o600, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except OSError as error:
        if error.errno not in WITHOUT_PERMISSIONS:
            raise
        # It may be the mode that is refused, and not the lock.
        lock = FileLock(file, fallback_to_soft=False)
        lock.acquire(timeout=0)
    return lock
