"""Where an export goes: made aside, put in its place at once, so that no half of one is seen."""

import ctypes
import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from ovk_archive.archive.file.disk import flush, set_mode
from ovk_archive.archive.file.stops import waiting
from ovk_archive.archive.file.unfinished import sweep, workshop
from ovk_archive.archive.file.write_errors import translated
from ovk_archive.errors import BadInputError, StorageError

MANIFEST = "MANIFEST.json"
#: What the manifest of an export says of itself.
MADE_BY = "ovk-archive export"
#: What file managers put into folders that somebody looks at.
_OF_DESKTOPS = {".ds_store", "thumbs.db", "desktop.ini"}
#: Of Linux's `renameat2`: two names change places.
_EXCHANGE, _AT_FDCWD = 2, -100


@contextmanager
def placed(target: Path, *, force: bool) -> Iterator[Path]:
    """A new folder to write in, which is put at `target` at the end if all went well.

    Raises:
        BadInputError: something is at `target`, and it is not to be replaced or no export.
        StorageError: nothing can be written there.
    """
    if target.name in ("", ".."):
        # What `.` and `..` are called has to be known.
        target = target.resolve()
    _check(target, force=force)
    with writing(target.parent):
        sweep(target.parent)
        with workshop(target) as new:
            yield new
            set_mode(new, _mode(target))
            flush_all(new)
            # A signal between two names would leave none.
            with waiting():
                swap_in(new, target)


def _check(target: Path, *, force: bool) -> None:
    if not target.parent.is_dir():
        raise StorageError(
            f"There is no directory {target.parent}: make it, or name another folder."
        )
    if not os.path.lexists(target):
        return
    if not force:
        raise BadInputError(
            f"{target} exists: name another folder, or add --force to replace an export."
        )
    ours = None if target.is_symlink() or not target.is_dir() else _written_in(target)
    if ours is None:
        raise BadInputError(
            f"{target} is no export of ovk-archive, so it is not replaced: name another folder."
        )
    for path in sorted(target.rglob("*")):
        is_known = path.relative_to(target).as_posix() in ours or is_of_desktop(path)
        if not is_known and not _is_folder(path):
            raise BadInputError(
                f"{path} is not part of the export, and would be lost: move it, or name another "
                "folder."
            )


def _written_in(target: Path) -> set[str] | None:
    """The files of the export that a folder is; none if it is empty, None if it is no export."""
    if all(map(is_of_desktop, target.iterdir())):
        return set()
    try:
        said = json.loads((target / MANIFEST).read_bytes())
        files = {one["path"] for one in said["files"]}
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return {MANIFEST, *files} if said.get("made_by") == MADE_BY else None


def is_of_desktop(path: Path) -> bool:
    """A file manager has put it there, for itself."""
    return path.name.lower() in _OF_DESKTOPS and path.is_file() and not path.is_symlink()


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _mode(target: Path) -> int:
    """Who may read it stays as it was; a new one is private, as the archive is."""
    return stat.S_IMODE(target.stat().st_mode) if target.is_dir() else 0o700


def swap_in(new: Path, target: Path) -> None:
    """Put the new folder in the old one's place; the old one goes."""
    if not target.is_dir() or not any(target.iterdir()):
        new.rename(target)
    elif not exchange(new, target):
        # Between these two there is none for a moment; the next run would put the old one back.
        old = new.with_name(f"{new.name}-old")
        target.rename(old)
        new.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    flush(target.parent)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places at once, where the system can."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    names = [os.fsencode(path) for path in (one, other)]
    return int(rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _EXCHANGE)) == 0


def flush_all(folder: Path) -> None:
    """Bytes before names: after a power cut an export is whole, or not there."""
    for where, _, files in os.walk(folder):
        for name in files:
            flush(Path(where) / name)
        flush(Path(where))


def writing(folder: Path) -> AbstractContextManager[None]:
    """The file system's errors as ours, while an export is written."""
    return translated(
        folder,
        f"The export cannot be written in {folder}",
        safe="nothing was left half written",
        advice="; check its permissions, or name another folder",
    )
