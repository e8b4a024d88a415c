"""A folder for what is being made, beside the place where it will be.

Who is killed leaves one behind; the next who makes the same thing removes it.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from ovk_archive.archive.file.claims import claim
from ovk_archive.archive.file.disk import WITHOUT_LOCKS


@contextmanager
def workshop(target: Path) -> Iterator[Path]:
    """A new folder beside a target, to make it in; nothing of it is left at the end."""
    new = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
    with ExitStack() as claimed:
        claimed.callback(shutil.rmtree, new, ignore_errors=True)
        try:
            release = claim(new)
        except OSError as error:
            # Without locks nobody removes what a killed run leaves, which is all.
            if error.errno not in WITHOUT_LOCKS:
                raise
        else:
            # Before the folder is removed: Windows lets nobody remove what is locked.
            claimed.callback(release)
        yield new


def left_over(target: Path) -> Iterator[Path]:
    """Such folders in which nobody works any more; nobody takes one while it is looked at here."""
    for folder in target.parent.iterdir():
        is_folder = folder.is_dir() and not folder.is_symlink()
        if not is_folder or not folder.name.startswith(_prefix(target)):
            continue
        # Another run works there, or nobody can tell.
        with suppress(OSError):
            release = claim(folder)
            try:
                yield folder
            finally:
                release()


def sweep(target: Path) -> None:
    """Remove such folders."""
    for folder in left_over(target):
        shutil.rmtree(folder, ignore_errors=True)


def _prefix(target: Path) -> str:
    return f".{target.name}.unfinished-"
