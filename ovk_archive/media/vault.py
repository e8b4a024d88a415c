"""The folder of files beside an archive: each stored once, under the hash of its bytes.

No name in it comes from an address or from a server: finished files are `ab/abcd….jpg`, unfinished
ones are in a folder of their own and never look like finished ones.
"""

import base64
import hashlib
import mmap
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from ovk_archive.archive.file.disk import flush
from ovk_archive.archive.file.write_errors import translated
from ovk_archive.errors import StorageError
from ovk_archive.media import sniff, truncation

_UNFINISHED = ".unfinished"
_CHUNK = 1 << 20


class Partial:
    """A file on its way: what has come so far, and its hash.

    Attributes:
        size: bytes that are here.
        validator: by which the server knows this version of the file, so that it can go on where
            it stopped; None where it cannot.
        is_sure: somebody has said how long it is, or that this is its end.
    """

    def __init__(self, vault: "Vault", name: str) -> None:
        self._vault = vault
        self._name = name
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._head = b""
        self.is_whole = False
        self.is_sure = True
        self.path, self.validator = vault.left_over(name)
        self.size = self.path.stat().st_size if self.validator else 0

    def begin(self, validator: str | None) -> None:
        """Start from nothing."""
        if self.size or self._file is not None:
            self.discard()
        self.validator = validator
        self.path = self._vault.unfinished(self._name, validator)
        with _writing(self.path):
            self._file = _create(self.path)

    def go_on(self) -> None:
        """Continue what is here."""
        if self._file is None:
            self._forget()
            with _writing(self.path):
                self._file = self.path.open("r+b", buffering=0)
                while chunk := self._file.read(_CHUNK):
                    self._count(chunk)

    def write(self, chunk: bytes) -> None:
        """Add bytes."""
        assert self._file is not None  # noqa: S101 - begun before
        self._count(chunk)
        with _writing(self.path):
            view = memoryview(chunk)
            while view:
                view = view[self._file.write(view) :]

    def close(self) -> None:
        """No more comes for now: what can be continued is kept, the rest removed."""
        if self.is_whole:
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
        self.is_whole = False
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
        self.is_whole = True

    @property
    def is_cut(self) -> bool:
        """It is a picture that has no end."""
        with (
            _writing(self.path),
            self.path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            return truncation.is_cut(self.type.name, content)

    def _forget(self) -> None:
        self._hash, self.size = hashlib.sha256(), 0
        self._head = b""

    def _count(self, chunk: bytes) -> None:
        self._hash.update(chunk)
        self.size += len(chunk)
        if len(self._head) < sniff.HEAD:
            self._head += chunk[: sniff.HEAD - len(self._head)]


class Vault:
    """The folder. One process of an archive writes to it at a time: who holds the archive's lock.

    Args:
        folder: where it is.
        name: tells the archive from others, if these have their files in the same folder. What is
            unfinished is then apart from theirs; what is finished need not be, for where names are
            the same, bytes are.
    """

    def __init__(self, folder: Path, name: str = "") -> None:
        self.folder = folder
        self._coming = folder / (f"{_UNFINISHED}-{name}" if name else _UNFINISHED)
        self._made: set[Path] = set()
        self._flushed = 0
        self._left_over: dict[str, Path] = {}

    def begin(self) -> None:
        """Look at what earlier runs have left: what cannot be continued is removed."""
        self._make(self._coming)
        started = _machine_started()
        for path in self._coming.iterdir():
            # What was not flushed before the machine last started is anybody's guess.
            if "~" in path.name and path.stat().st_mtime >= started:
                self._left_over[path.name.partition("~")[0]] = path
            else:
                path.unlink()

    def receive(self, url: str) -> Partial:
        """The part of a file that an earlier run has left; empty if there is none."""
        return Partial(self, hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:40])

    def keep(self, partials: Sequence[Partial]) -> list[str]:
        """Put finished files in their places, safe from a power cut; their paths inside the folder.

        Where a file is already it has the same bytes, unless it was damaged: it is replaced.
        """
        paths = [f"{one.sha256[:2]}/{one.sha256}.{one.type.ending}" for one in partials]
        with _writing(self.folder):
            # Bytes before names: a file system may write them down in any order.
            for partial in partials:
                flush(partial.path)
            for partial, path in zip(partials, paths, strict=True):
                target = self.folder / path
                self._make(target.parent)
                partial.path.replace(target)
            for folder in {path[:2] for path in paths}:
                flush(self.folder / folder)
            self._flush_folders()
        return paths

    def unfinished(self, name: str, validator: str | None) -> Path:
        """Where a file is while it comes. The name holds all that is needed to go on."""
        version = base64.urlsafe_b64encode((validator or "").encode()).decode().rstrip("=")
        full = f"{name}~{version}" if validator else name
        return self._coming / full

    def left_over(self, name: str) -> tuple[Path, str | None]:
        """What an earlier run has left of a file, and its validator."""
        path = self._left_over.pop(name, None)
        if path is None:
            return self.unfinished(name, None), None
        version = path.name.partition("~")[2]
        return path, base64.urlsafe_b64decode(version + "=" * (-len(version) % 4)).decode()

    def files(self) -> Iterator[str]:
        """The paths of all finished files, in order."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            yield from (str(path.relative_to(self.folder)) for path in sorted(folder.iterdir()))

    def names(self, folder: str) -> set[str]:
        """The names in one of the folders inside; none if there is no such folder.

        Raises:
            StorageError: it cannot be read.
        """
        target = self.folder / folder
        try:
            return set(os.listdir(target))  # noqa: PTH208 - names are all that is wanted
        except (FileNotFoundError, NotADirectoryError):
            return set()
        except OSError as error:
            raise StorageError(f"{target} cannot be read: {error.strerror}.") from error

    def hash_of(self, path: str) -> str | None:
        """The hash of the bytes that are at a path now, or None if there is no file."""
        target = self.folder / path
        try:
            with target.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StorageError(f"{target} cannot be read: {error.strerror}.") from error

    def _make(self, folder: Path) -> None:
        if folder in self._made:
            return
        with _writing(folder):
            self.folder.mkdir(mode=0o700, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
        self._made.add(folder)

    def _flush_folders(self) -> None:
        """Write down the names of folders that are new to this run: who made them may be dead."""
        if len(self._made) > self._flushed:
            flush(self.folder)
            flush(self.folder.parent)
            self._flushed = len(self._made)


def _machine_started() -> float:
    """When this machine was started, unix time; 0 where the system does not tell."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return 0.0 if clock is None else time.time() - time.clock_gettime(clock)


def _create(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb", 0)


def _writing(path: Path) -> AbstractContextManager[None]:
    """The file system's errors as ours, while a file or a folder is written."""
    safe = "everything stored so far is intact"
    return translated(path.parent, f"{path} cannot be written", safe=safe)
