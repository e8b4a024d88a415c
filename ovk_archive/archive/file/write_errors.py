"""What it means when something cannot be written, and what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ovk_archive.errors import StorageError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def translated(folder: Path, what: str, *, safe: str, advice: str = "") -> Iterator[None]:
    """The file system's errors as ours.

    Args:
        folder: where there must be room.
        what: the beginning of a sentence: what cannot be written.
        safe: what is not lost where the disk is full.
        advice: what to do where it is not.

    Raises:
        StorageError: instead of them.
    """
    try:
        yield
    except OSError as error:
        said = error.strerror or str(error)
        if error.errno in _FULL:
            raise StorageError(
                f"Nothing more can be written in {folder} ({said}): make room and run the same "
                f"command again; {safe}."
            ) from error
        raise StorageError(f"{what}: {said}{advice}.") from error
