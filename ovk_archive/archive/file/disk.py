"""What some file systems refuse, and others do: permissions, flushing a folder, locks."""

import errno
import os
import stat
from pathlib import Path

#: FAT, shares of other computers and what is mounted by a program have no permissions …
WITHOUT_PERMISSIONS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
#: … and no way to flush a folder: its names are then as safe as they can be.
_WITHOUT_FLUSHING = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EBADF}
#: What a file system says that has no locks.
WITHOUT_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}


def set_mode(path: Path, mode: int) -> None:
    """Set who may read a file or a folder, if the file system can keep that."""
    try:
        path.chmod(mode)
    except OSError as error:
        if error.errno not in WITHOUT_PERMISSIONS:
            raise


def flush(path: Path) -> None:
    """Write a file's bytes, or a folder's names, to the disk: safe from a power cut."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:
        # Some do not open folders at all.
        if stat.S_ISDIR(path.stat().st_mode):
            return
        raise
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _WITHOUT_FLUSHING:
            raise
    finally:
        os.close(descriptor)
