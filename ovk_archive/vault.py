"""The folder of files beside an archive: each stored once, under the hash of its bytes.

No name in it comes from an address or from a server: finished files are `ab/abcd….jpg`, unfinished
ones are in a folder of their own and never look like finished ones.
"""

import base64
import errno
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ovk_archive import sniff
from ovk_archive.errors import StorageError

_UNFINISHED = ".unfinished"
_CHUNK = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def folder_of(archive: Path) -> Path:
    """Where an archive's files are: `archive.media` beside `archive.db`."""
    folder = archive.with_suffix(".media")
    return folder if folder != archive else archive.with_name(f"{archive.name}.media")


class Partial:
    """A file on its way: what has come so far, and its hash.

    Attributes:
        size: bytes that are here.
        validator: by which the server knows this version of the file, so that it can go on where
            it stopped; None where it cannot.
    """

    def __init__(self, vault: "Vault", name: str) -> None:
        self._vault = vault
        self._name = name
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._head = self._tail = b""
        self._is_whole = False
        self.path, self.validator = vault.left_over(name)
        self.size = self.path.stat().st_size if self.validator else 0

    def begin(self, validator: str | None) -> None:
        """Start from nothing."""
        self.discard()
        self.validator = validator
        self.path = self._vault.unfinished(self._name, validator)
        with translated(self.path):
            self._file = _create(self.path)

    def go_on(self) -> None:
        """Continue what is here."""
        if self._file is None:
            self._forget()
            with translated(self.path):
                self._file = self.path.open("r+b", buffering=0)
                while chunk := self._file.read(_CHUNK):
                    self._count(chunk)

    def write(self, chunk: bytes) -> None:
        """Add bytes."""
        assert self._file is not None  # noqa: S101 - begun before
        self._count(chunk)
        with translated(self.path):
            view = memoryview(chunk)
            while view:
                view = view[self._file.write(view) :]

    def close(self) -> None:
        """No more comes for now: what can be continued is kept, the rest removed."""
        if self._is_whole:
            return
        if self._file is not None:
            self._file.close()
            self._file = None
        if self.validator is None or not self.size:
            self.discard()

    def discard(self) -> None:
        """Remove it."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self.path.unlink(missing_ok=True)
        self._is_whole = False
        self.validator = None
        self._forget()

    @property
    def type(self) -> sniff.Type:
        """What kind of file it is."""
        return sniff.sniff(self._head)

    @property
    def sha256(self) -> str:
        """The hash of what is here, hexadecimal."""
        return self._hash.hexdigest()

    def finish(self) -> None:
        """All of it is here: close it, and leave it for the vault."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._is_whole = True

    @property
    def is_cut(self) -> bool:
        """It is of a type that has a mark at its end, and lacks it."""
        return sniff.is_cut(self.type, self._tail)

    def _forget(self) -> None:
        self._hash, self.size = hashlib.sha256(), 0
        self._head = self._tail = b""

    def _count(self, chunk: bytes) -> None:
        self._tail = (self._tail + chunk[-sniff.TAIL :])[-sniff.TAIL :]
        self._hash.update(chunk)
        self.size += len(chunk)
        if len(self._head) < sniff.HEAD:
            self._head += chunk[: sniff.HEAD - len(self._head)]


class Vault:
    """The folder. One process writes to it at a time: who holds the archive's lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made: set[Path] = set()

    def receive(self, url: str) -> Partial:
        """What of a file is here from an earlier try, or nothing yet."""
        self._make(self.folder / _UNFINISHED)
        return Partial(self, hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:40])

    def keep(self, partial: Partial) -> str:
        """Put a finished file in its place, safe from a power cut; its path inside the folder.

        A file that is there already has the same bytes, unless it was damaged: it is replaced.
        """
        digest = partial.sha256
        relative = f"{digest[:2]}/{digest}.{partial.type.ending}"
        target = self.folder / relative
        with translated(partial.path):
            self._make(target.parent)
            _flush(partial.path)
            partial.path.replace(target)
        return relative

    def settle(self, paths: Iterator[str]) -> None:
        """Make the names of files that were kept safe from a power cut."""
        for parent in {(self.folder / path).parent for path in paths}:
            with translated(parent):
                _flush(parent)

    def unfinished(self, name: str, validator: str | None) -> Path:
        """Where a file is while it comes. The name holds all that is needed to go on."""
        version = base64.urlsafe_b64encode((validator or "").encode()).decode().rstrip("=")
        full = f"{name}~{version}" if validator else name
        return self.folder / _UNFINISHED / full

    def left_over(self, name: str) -> tuple[Path, str | None]:
        """An earlier try that can be continued, and its validator."""
        for path in (self.folder / _UNFINISHED).glob(f"{name}~*"):
            if path.stat().st_mtime < _machine_started():
                path.unlink()  # It was never flushed: what is in it now is anybody's guess.
                continue
            version = path.name.partition("~")[2]
            padded = version + "=" * (-len(version) % 4)
            return path, base64.urlsafe_b64decode(padded).decode()
        return self.unfinished(name, None), None

    def clean(self) -> None:
        """Remove unfinished files that cannot be continued."""
        for path in (self.folder / _UNFINISHED).glob("*"):
            if "~" not in path.name:
                path.unlink()

    def files(self) -> Iterator[str]:
        """The paths of all finished files, in order."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            yield from (str(path.relative_to(self.folder)) for path in sorted(folder.iterdir()))

    def hash_of(self, path: str) -> str | None:
        """The hash of the bytes that are at a path now, or None if there is no file."""
        target = self.folder / path
        try:
            with target.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"{target} cannot be read: {error.strerror}.") from error

    def _make(self, folder: Path) -> None:
        if folder in self._made:
            return
        with translated(folder):
            self.folder.mkdir(mode=0o700, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
        self._made.add(folder)


def _machine_started() -> float:
    """When this machine was started, unix time; 0 where the system does not tell."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return 0.0 if clock is None else time.time() - time.clock_gettime(clock)


def _create(path: Path) -> BinaryIO:
    path.touch(mode=0o600)
    return path.open("wb", buffering=0)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """The file system's errors as ours.

    Raises:
        StorageError: instead of them.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageError(
                f"No more can be written in {path.parent} ({error.strerror}): make room and run "
                "the same command again, everything stored so far is intact."
            ) from error
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error
