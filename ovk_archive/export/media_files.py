"""`--with-media`: the stored files beside the tables, copied or linked, if they are whole."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ovk_archive.archive.archive import Archive
from ovk_archive.export.rows import Source
from ovk_archive.export.view import Values, View
from ovk_archive.media.catalogue import hash_in
from ovk_archive.media.place import vault_of
from ovk_archive.resources.media import MEDIA

FOLDER = "files"
_CHUNK = 1 << 20


@dataclass(slots=True)
class Files:
    """The files of one export.

    Attributes:
        links: hard links where the file system has them; an edit of one edits the archive's file.
        stored: how many there are, each content once.
        bytes: how many bytes they have.
        missing: those that the archive has lost.
        damaged: those whose bytes are not what their names say, or cannot be read.
    """

    archive: Archive
    links: bool = False
    stored: int = 0
    bytes: int = 0
    missing: set[str] = field(default_factory=set)
    damaged: set[str] = field(default_factory=set)

    def __call__(self, view: View) -> tuple[View, Callable[[Values], Values]]:
        """Let the column `path` say where a file is inside the export (`Transform`)."""
        names = [one.name for one in view.fields]
        if view.table is not MEDIA or "path" not in names:
            return view, _same
        return view, self._moved(names.index("path"))

    def _moved(self, place: int) -> Callable[[Values], Values]:
        def change(row: Values) -> Values:
            path = row[place]
            there = path and path not in self.missing and path not in self.damaged
            return (*row[:place], f"{FOLDER}/{path}" if there else None, *row[place + 1 :])

        return change

    def bring(self, source: Source, folder: Path) -> None:
        """Link or copy the files that the exported rows of table `media` name."""
        kept = vault_of(self.archive).folder
        for part in source.parts:
            if part.asked.table is MEDIA:
                rows = source.snapshot.stream(
                    f"select distinct path from media where ({part.asked.where}) "
                    "and path is not null order by path",
                    part.asked.values,
                )
                for (path,) in rows:
                    self._bring(path, kept / path, folder / FOLDER / path)

    def _bring(self, path: str, stored: Path, target: Path) -> None:
        if not stored.is_file():
            self.missing.add(path)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        is_linked = self.links and _linked(stored, target)
        found = _hash(stored) if is_linked else _copied(stored, target)
        if found != hash_in(path):
            target.unlink(missing_ok=True)
            self.damaged.add(path)
            return
        self.stored += 1
        self.bytes += target.stat().st_size


def _copied(stored: Path, target: Path) -> str:
    """Copy a file; the hash of what was copied."""
    with target.open("wb") as copy:
        return _hash(stored, copy.write)


def _hash(file: Path, write: Callable[[bytes], object] = len) -> str:
    """The hash of a file; each piece of it is handed on."""
    digest = hashlib.sha256()
    for chunk in _chunks(file):
        digest.update(chunk)
        write(chunk)
    return digest.hexdigest()


def _chunks(file: Path) -> Iterator[bytes]:
    """The bytes of a file; where it cannot be read they end, and have another hash."""
    with suppress(OSError), file.open("rb", buffering=0) as opened:
        while chunk := opened.read(_CHUNK):
            yield chunk


def _linked(stored: Path, target: Path) -> bool:
    # It may be another device, or a file system without links.
    with suppress(OSError):
        os.link(stored, target)
        return True
    return False


def _same(row: Values) -> Values:
    return row
