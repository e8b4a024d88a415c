"""A folder for what is being made, beside the place where it will be.

Who is killed leaves one behind; the next who makes something there removes it.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from ovk_archive.archive.file.claims import claim
from ovk_archive.archive.file.disk import WITHOUT_LOCKS
from ovk_archive.archive.file.stops import ending, waiting

#: What is made there goes into such a folder; what it is to replace waits in that with `-old`.
_NAME = re.compile(r"\.(?P<target>.+)\.unfinished-[a-z0-9_]+(?P<old>-old)?")


@contextmanager
def workshop(target: Path) -> Iterator[Path]:
    """A new folder beside a target, to make it in; nothing of it is left at the end.

    Signals that end a process raise KeyboardInterrupt in here, unless they wait (`stops.waiting`).
    """
    with waiting():
        new, release = _claimed(target)
        try:
            with ending():
                yield new
        finally:
            # Before the folder is removed: Windows lets nobody remove what is locked.
            release()
            shutil.rmtree(new, ignore_errors=True)


def _claimed(target: Path) -> tuple[Path, Callable[[], None]]:
    """A new folder that nobody else takes for a left one, and what ends that."""
    while True:
        new = target.with_name(f".{target.name}.unfinished-{secrets.token_hex(4)}")
        new.mkdir(0o700)
        try:
            release = claim(new)
        except OSError as error:
            # Without locks nobody removes what a killed run leaves, which is all.
            if error.errno in WITHOUT_LOCKS:
                return new, lambda: None
            if not isinstance(error, BlockingIOError | FileNotFoundError):
                shutil.rmtree(new, ignore_errors=True)
                raise
        else:
            if new.is_dir():
                return new, release
            release()
        # Another run has swept it in that moment.


def left_over(where: Path) -> Iterator[Path]:
    """Such folders in which nobody works any more; nobody takes one while it is looked at here."""
    for folder in sorted(where.iterdir()):
        is_folder = folder.is_dir() and not folder.is_symlink()
        if not is_folder or not _NAME.fullmatch(folder.name):
            continue
        # Another run works there, or nobody can tell.
        with suppress(OSError), ExitStack() as claimed:
            claimed.callback(claim(folder))
            maker = folder.with_name(folder.name.removesuffix("-old"))
            if maker != folder and maker.is_dir():
                claimed.callback(claim(maker))
            yield folder


def sweep(where: Path) -> None:
    """Remove such folders, and put back what one of them was to replace and has not."""
    for folder in left_over(where):
        found = _NAME.fullmatch(folder.name)
        target = folder.with_name(found["target"]) if found and found["old"] else None
        if target is not None and not os.path.lexists(target):
            folder.rename(target)
        else:
            shutil.rmtree(folder, ignore_errors=True)
