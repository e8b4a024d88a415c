"""Whether an archive is what it says: its database, its rows, and the files that were stored."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.checks.consistency import Consistency
from ovk_archive.errors import DamagedError
from ovk_archive.media.catalogue import Wanted, hash_in, note_whole, once_stored, stored_files
from ovk_archive.media.presence import Presence
from ovk_archive.media.vault import Vault


@dataclass(frozen=True, slots=True)
class Part:
    """One part of several that are as large as each other; parts are told apart by hashes.

    Attributes:
        number: which, from 1.
        of: how many there are.
    """

    number: int = 1
    of: int = 1

    def has(self, sha256: str) -> bool:
        """A file of this hash is in it."""
        return int(sha256[:8], 16) % self.of == self.number - 1


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not what was stored.

    Attributes:
        why: `missing` or `changed`.
        urls: the addresses that it came from.
    """

    path: str
    why: str
    urls: tuple[str, ...]


@dataclass(slots=True)
class Findings:
    """What is wrong.

    Attributes:
        database: what SQLite complains of.
        inner: how far the archive agrees with itself; None if SQLite complains.
        presence: how many stored files are in the folder by their names, if that could be told.
        files: how many files were looked at.
        orphans: files in the folder that no record names; they harm nothing.
        clock_ahead: the latest stamp of a run, if it lies in the future; no damage.
    """

    database: list[str] = field(default_factory=list)
    inner: Consistency | None = None
    presence: Presence | None = None
    files: int = 0
    damaged: list[Damage] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    clock_ahead: str | None = None

    @property
    def are_none(self) -> bool:
        """Nothing is wrong."""
        consistent = self.inner is None or self.inner.is_given
        return consistent and not (self.database or self.damaged)

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        damaged = [{"path": d.path, "why": d.why, "urls": list(d.urls)} for d in self.damaged]
        return {
            "database": self.database,
            "consistency": self.inner and self.inner.to_json(),
            "lost": self.presence and self.presence.missing,
            "files": self.files,
            "damaged": damaged,
            "orphans": self.orphans,
            "clock_ahead": self.clock_ahead,
        }


def check_database(archive: Archive) -> list[str]:
    """What SQLite finds wrong in the file; nothing, if it is whole."""
    try:
        rows = archive.query("pragma integrity_check")
        said = [line for (text,) in rows for line in str(text).splitlines()]
    except DamagedError as error:
        said = [_first_damage(archive) or error.what]
    return [] if said == ["ok"] else said


def _first_damage(archive: Archive) -> str | None:
    """The first thing that SQLite finds, where it cannot look through all of the file."""
    try:
        return str(archive.query("pragma integrity_check(1)")[0][0])
    except DamagedError:
        return None


def check_files(
    archive: Archive, vault: Vault, part: Part, tell: Callable[[], object]
) -> tuple[int, list[Damage]]:
    """Hash the stored files of a part again: how many, and which are damaged.

    `tell` is called after each.
    """
    count = 0
    damaged = []
    for path, sha256, urls in _by_path(archive):
        if not part.has(sha256):
            continue
        found = vault.hash_of(path)
        count += 1
        if found != sha256:
            damaged.append(Damage(path, "missing" if found is None else "changed", urls))
        tell()
    return count, damaged


def count_files(archive: Archive, part: Part) -> int:
    """How many stored files a part has."""
    return sum(part.has(sha256) for _, sha256, _ in _by_path(archive))


def orphans(archive: Archive, vault: Vault) -> Iterator[str]:
    """Files in the folder that no record names."""
    known = {path for path, _, _ in _by_path(archive)}
    return (path for path in vault.files() if path not in known)


def to_fetch(archive: Archive, damaged: list[Damage], turn: int) -> list[Wanted]:
    """What is to be fetched again: of each damaged file the address whose turn it is, from 0."""
    urls = {one.urls[turn] for one in damaged if turn < len(one.urls)}
    return [one for one in once_stored(archive) if one.url in urls]


def restored(archive: Archive, vault: Vault, damaged: list[Damage]) -> list[Damage]:
    """Note which damaged files are whole again, wherever they came from; those that are not."""
    whole = [one for one in damaged if vault.hash_of(one.path) == hash_in(one.path)]
    note_whole(archive, [one.path for one in whole])
    replaced = {path for path, _, _ in _by_path(archive)}
    return [one for one in damaged if one not in whole and one.path in replaced]


def _by_path(archive: Archive) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each stored file once: path, hash, the addresses that it came from."""
    path, sha256, urls = "", "", list[str]()
    for url, hashed, where in stored_files(archive):
        if where != path and urls:
            yield path, sha256, tuple(urls)
            urls = []
        path, sha256 = where, hashed
        urls.append(url)
    if urls:
        yield path, sha256, tuple(urls)
