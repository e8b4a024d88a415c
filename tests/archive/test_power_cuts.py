"""What a power cut leaves: nothing has a name before its bytes, and its folder, are on the disk."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from exporting import keep, message, post, write

from ovk_archive.archive.copies import copy
from ovk_archive.export.pseudonyms.key import load_key
from ovk_archive.media.vault import Vault

pytestmark = pytest.mark.skipif(os.name != "posix", reason="folders are flushed by POSIX alone")


@dataclass
class Disk:
    """What was written down, in order: the system's calls are watched, and made.

    Attributes:
        flushed: of each call: the file's or folder's number, its size or the names in it, when.
        named: where something got its last name -> its number, and when.
    """

    flushed: list[tuple[int, int | frozenset[str], int]] = field(default_factory=list)
    named: dict[Path, tuple[int, int]] = field(default_factory=dict)
    _now: int = 0

    def tick(self) -> int:
        """The next moment."""
        self._now += 1
        return self._now

    def flush(self, descriptor: int) -> None:
        """What a call of `fsync` brings to the disk; no disk is asked to."""
        found = os.fstat(descriptor)
        is_folder = stat.S_ISDIR(found.st_mode)
        # A folder that is open has a number, and no path.
        content = frozenset(os.listdir(descriptor)) if is_folder else found.st_size
        self.flushed.append((found.st_ino, content, self.tick()))

    def is_whole(self, path: Path, before: Path | None = None) -> bool:
        """All that is in a file or a folder was written down; before `before` got its name."""
        found = path.stat()
        is_folder = stat.S_ISDIR(found.st_mode)
        content = frozenset(one.name for one in path.iterdir()) if is_folder else found.st_size
        end = self.named[before][1] if before else self.tick()
        return any(
            when < end
            for number, said, when in self.flushed
            if (number, said) == (found.st_ino, content)
        )

    def has_name(self, path: Path) -> bool:
        """Its folder was written down after it got its name, with that name in it."""
        folder, since = path.parent.stat().st_ino, self.named.get(path, (0, 0))[1]
        return any(
            when > since and not isinstance(said, int) and path.name in said
            for number, said, when in self.flushed
            if number == folder
        )


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A disk whose caches are watched."""
    watched = Disk()
    for name in ("rename", "replace"):
        real = getattr(os, name)

        def called(old: Path, new: Path, real: object = real, **more: object) -> None:
            real(old, new, **more)  # type: ignore[operator]
            watched.named[Path(new)] = Path(new).stat().st_ino, watched.tick()

        monkeypatch.setattr(os, name, called)
    monkeypatch.setattr(os, "fsync", watched.flush)
    return watched


def test_a_stored_file(disk: Disk, tmp_path: Path) -> None:
    """A file is on the disk before it has its name; then its name is, and those of its folders."""
    vault = Vault(tmp_path / "a.db.media")
    vault.begin()
    partials = []
    for content in (b"one", b"another"):
        partial = vault.receive(f"http://x/{content!r}")
        partial.begin(None)
        partial.write(content)
        partial.finish()
        partials.append(partial)
    files = [vault.folder / path for path in vault.keep(partials)]

    assert sorted(file.read_bytes() for file in files) == [b"another", b"one"]
    assert [disk.is_whole(file, before=file) for file in files] == [True, True]
    assert [disk.has_name(file) for file in files] == [True, True]
    assert [disk.has_name(file.parent) for file in files] == [True, True]
    assert disk.has_name(vault.folder)


def test_a_folder_that_another_run_has_made(disk: Disk, tmp_path: Path) -> None:
    """Whoever made the folders may have been killed before they were written down."""
    vault = Vault(tmp_path / "a.db.media")
    for folder in range(256):
        (vault.folder / f"{folder:02x}").mkdir(parents=True)
    vault.begin()
    partial = vault.receive("http://x/")
    partial.begin(None)
    partial.write(b"one")
    partial.finish()
    (path,) = vault.keep([partial])

    assert disk.has_name((vault.folder / path).parent)
    assert disk.has_name(vault.folder)


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
def test_an_export(kind: str, disk: Disk, tmp_path: Path, archive_path: Path) -> None:
    """Every file and folder of an export is on the disk before it has its place; then its name."""
    keep(archive_path, [post(1), message(1)])
    out = tmp_path / "out"
    write(archive_path, out, kind, tables=("posts", "messages"))
    inside = [out, *out.rglob("*")]

    assert len(inside) >= 5
    assert [path for path in inside if not disk.is_whole(path, before=out)] == []
    assert disk.has_name(out)


def test_an_export_in_the_place_of_another(disk: Disk, tmp_path: Path, archive_path: Path) -> None:
    """The same where two exports change places: the last that is done is to write that down."""
    keep(archive_path, [post(1)])
    out = tmp_path / "out"
    write(archive_path, out, "csv", tables=("posts",))
    before = len(disk.flushed)
    write(archive_path, out, "csv", tables=("posts",))
    again = disk.flushed[before:]
    inside = {path.stat().st_ino for path in (out, *out.rglob("*"))}

    assert inside <= {number for number, *_ in again[:-1]}
    assert again[-1][0] == tmp_path.stat().st_ino


def test_a_snapshot(disk: Disk, tmp_path: Path, archive_path: Path) -> None:
    """A copy of an archive is on the disk before it has its name, and then its name is."""
    keep(archive_path, [post(1)])
    made, _ = copy(archive_path, tmp_path / "copy.db")

    assert disk.is_whole(made, before=made)
    assert disk.has_name(made)


def test_a_key(disk: Disk, tmp_path: Path) -> None:
    """A key that pseudonyms were made with is not lost: its bytes and its name are on the disk."""
    load_key(tmp_path / "key", None, new=True)

    assert disk.is_whole(tmp_path / "key")
    assert disk.has_name(tmp_path / "key")
