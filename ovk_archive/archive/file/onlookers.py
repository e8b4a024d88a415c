"""Whether others of this computer may look into an archive or its files, by their modes."""

import os
import shlex
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ovk_archive.archive.file.location import folder_of, real

#: Where Linux says what is mounted.
_MOUNTS = Path("/proc/self/mountinfo")
#: File systems that show one mode for all, which nobody can change.
_WITHOUT_MODES = frozenset(
    {
        *("vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "cifs", "smb3", "smbfs", "9p"),
        *("drvfs", "vboxsf", "fuse.gvfsd-fuse", "fuse.vmhgfs-fuse"),
    }
)


def onlookers(archive: Path, mounts: Path = _MOUNTS) -> Iterator[str]:
    """A sentence for the archive and for its folder, each if it is open to others."""
    archive = real(archive)
    for path, mode in ((archive, 0o600), (folder_of(archive), 0o700)):
        if found := _wide(path, mounts):
            yield (
                f"{path} is open to other users of this computer (mode {found:o}): "
                f"`chmod {mode:o} {shlex.quote(str(path))}` closes it."
            )


def _wide(path: Path, mounts: Path) -> int | None:
    """The mode, if it gives others something and means anything here."""
    with suppress(OSError):
        found = path.stat()
        mode = stat.S_IMODE(found.st_mode)
        if mode & 0o077 and os.name == "posix" and _has_modes(found.st_dev, mounts):
            return mode
    return None


def _has_modes(device: int, mounts: Path) -> bool:
    number = f"{os.major(device)}:{os.minor(device)}"
    with suppress(OSError):
        for line in mounts.read_text("utf-8", "replace").splitlines():
            where, _, what = line.partition(" - ")
            if where.split()[2:3] == [number]:
                return not _WITHOUT_MODES.intersection(what.split()[:1])
    return True
