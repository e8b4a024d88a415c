"""An archive's part of a lake: made aside inside the lake, and put in its places when it is whole.

In `_archives/.NAME` it is made, and whoever works there has it claimed; what a killed run leaves
there the next run finishes or removes.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ovk_archive.archive.file.claims import claim
from ovk_archive.archive.file.disk import WITHOUT_LOCKS
from ovk_archive.archive.file.stops import ending, waiting
from ovk_archive.errors import ArchiveLockedError, BadInputError, StorageError
from ovk_archive.export.formats.parquet_paths import ABOUT
from ovk_archive.export.lake import names
from ovk_archive.export.lake.agreement import check_types
from ovk_archive.export.lake.ownership import check_ours
from ovk_archive.export.lake.swapping import finish, promise
from ovk_archive.export.target_folder import flush_all, is_of_desktop, writing

_MAKING = "making"


@contextmanager
def placed_in(lake: Path, name: str) -> Iterator[Path]:
    """A new folder that is laid out as the lake is; its folders go into the lake at the end.

    Raises:
        BadInputError: it is no lake, or something in it would be lost, or cannot be read together.
        ArchiveLockedError: another export of this name is under way.
        StorageError: nothing can be written there.
    """
    names.checked(name)
    _check(lake)
    with writing(lake):
        fresh = _made(lake)
        names.check_taken(lake / ABOUT, name)
        shop = lake / ABOUT / f".{name}"
        shop.mkdir(exist_ok=True)
        release = _claimed(lake, name, shop)
        try:
            _heal_others(lake, shop)
            finish(lake, shop)
            with _workshop(lake, shop, fresh=fresh) as new:
                ours = check_ours(lake, name)
                yield new
                check_types(lake, name, new)
                flush_all(new)
                with waiting():
                    promise(shop, new, name, ours)
            finish(lake, shop)
        finally:
            release()


def _check(lake: Path) -> None:
    if not lake.parent.is_dir():
        raise StorageError(f"There is no directory {lake.parent}: make it, or name another folder.")
    if not os.path.lexists(lake):
        return
    if not lake.is_dir():
        raise BadInputError(f"{lake} is no folder: name another one.")
    if not (lake / ABOUT).is_dir() and not all(map(is_of_desktop, lake.iterdir())):
        raise BadInputError(
            f"{lake} is no lake of ovk-archive, for it has no folder {ABOUT}: name a folder that "
            "is empty or new."
        )


def _made(lake: Path) -> bool:
    """Make what there is of every lake; whether it is new."""
    fresh = not (lake / ABOUT).exists()
    with suppress(FileExistsError):
        # Only its owner can read a new one, as with an archive.
        lake.mkdir(mode=0o700)
    (lake / ABOUT).mkdir(exist_ok=True)
    return fresh


def _claimed(lake: Path, name: str, shop: Path) -> Callable[[], None]:
    try:
        return claim(shop)
    except BlockingIOError:
        raise ArchiveLockedError(
            f"Another export into {lake} as {name} is under way: wait for it to end, or take "
            "another name."
        ) from None
    except OSError as error:
        # Without locks nobody else can be kept away, nor is it likely that there is somebody.
        if error.errno not in WITHOUT_LOCKS:
            raise
        return lambda: None


def _heal_others(lake: Path, own: Path) -> None:
    """Finish what killed runs of other names have left; whoever is at work is left alone."""
    for shop in (lake / ABOUT).glob(".*/"):
        if shop == own or not any(shop.iterdir()):
            continue
        with suppress(OSError):
            release = claim(shop)
            try:
                finish(lake, shop)
            finally:
                release()


@contextmanager
def _workshop(lake: Path, shop: Path, *, fresh: bool) -> Iterator[Path]:
    """Where the new part is made; nothing of it is left if that does not end well."""
    new = shop / _MAKING
    new.mkdir()
    with waiting():
        try:
            with ending():
                yield new
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            if fresh:
                with suppress(OSError):
                    for folder in (shop, lake / ABOUT, lake):
                        folder.rmdir()
            raise
