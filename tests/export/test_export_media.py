"""Exports with stored files: copied or linked, and only those that are what their names say."""

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any, Self

import pytest
from conftest import Cli
from exporting import keep, records, write

from ovk_archive.archive.file.location import folder_of
from ovk_archive.export.selection import Selection

PICTURES = {owner: b"picture %d" % owner for owner in (1, 2, 3)}


def path_of(owner: int) -> str:
    """Where the picture of somebody's photo is stored."""
    name = hashlib.sha256(PICTURES[owner]).hexdigest()
    return f"{name[:2]}/{name}.png"


PATHS = {owner: path_of(owner) for owner in PICTURES}


def stored(path: Path, *lost: int) -> Path:
    """An archive with a stored picture each of some people; its folder of files."""
    photos = [("photos", {"owner_id": n, "id": 1, "url": f"http://x/{n}"}) for n in PICTURES]
    files = [
        ("media", {"url": f"http://x/{n}", "kind": "photos", "state": "stored",
                   "path": PATHS[n], "sha256": PATHS[n][3:67]})
        for n in PICTURES
    ]  # fmt: skip
    keep(path, [*photos, *files])
    for owner in PICTURES.keys() - set(lost):
        file = folder_of(path) / PATHS[owner]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(PICTURES[owner])
    return folder_of(path)


def in_export(folder: Path) -> dict[str, bytes]:
    """The files of an export by their places in it."""
    return {
        str(one.relative_to(folder)): one.read_bytes()
        for one in (folder / "files").rglob("*")
        if one.is_file()
    }


def spoil(file: Path) -> None:
    """Change one bit, as a disk may do."""
    content = bytearray(file.read_bytes())
    content[3] ^= 1
    file.write_bytes(content)


def test_files(tmp_path: Path, archive_path: Path) -> None:
    """Files of exported rows are copied, the table says where they are; a lost one is told of."""
    kept = stored(archive_path, 2)
    said = write(archive_path, tmp_path / "out", "ndjson", with_media=True, owners=(1, 2))
    found = records(tmp_path / "out" / "media.ndjson")
    (media,) = Selection(tables=("media",)).views()

    assert [one["path"] for one in found] == [f"files/{PATHS[1]}", None]
    assert in_export(tmp_path / "out") == {f"files/{PATHS[1]}": b"picture 1"}
    # Whoever edits the copy must not edit the archive.
    assert not (tmp_path / "out" / "files" / PATHS[1]).samefile(kept / PATHS[1])
    assert said["limits"][-1].startswith("1 stored files are missing")
    assert (said["missing_files"], said["damaged_files"]) == ([PATHS[2]], [])
    assert "path" not in media.sql


def test_files_are_linked_where_it_is_asked_for(
    cli: Cli, tmp_path: Path, archive_path: Path
) -> None:
    """With `--hard-links` a file takes no room of its own; with none it is refused."""
    kept, out = stored(archive_path), tmp_path / "out"
    refused = cli.run("export", archive_path, out, "--format", "csv", "--hard-links")
    done = cli.run("export", archive_path, out, "--format", "csv", "--hard-links", "--with-media")

    assert (refused.returncode, done.returncode) == (2, 0), done.stderr
    assert all((out / "files" / path).samefile(kept / path) for path in PATHS.values())


@pytest.mark.parametrize("links", [[], ["--hard-links"]])
def test_a_damaged_file_is_told_and_not_spread(
    links: list[str], cli: Cli, tmp_path: Path, archive_path: Path
) -> None:
    """A file with other bytes than its name says is left out, listed, and the exit code is 3."""
    kept, out = stored(archive_path), tmp_path / "out"
    spoil(kept / PATHS[2])
    damaged = (kept / PATHS[2]).read_bytes()
    done = cli.run("export", archive_path, out, "--format", "ndjson", "--with-media", *links)
    said = json.loads((out / "MANIFEST.json").read_text("utf-8"))
    rows = {one["url"][-1]: one["path"] for one in records(out / "media.ndjson")}

    assert done.returncode == 3, done.stderr
    assert in_export(out) == {f"files/{PATHS[n]}": PICTURES[n] for n in (1, 3)}
    assert "1 stored files are damaged and not exported" in done.stderr
    assert f"verify {archive_path} --media --repair" in done.stderr
    assert PATHS[2] in done.stderr
    assert (said["damaged_files"], said["missing_files"]) == ([PATHS[2]], [])
    assert sum("1 stored files are damaged" in one for one in said["limits"]) == 1
    assert rows == {"1": f"files/{PATHS[1]}", "2": None, "3": f"files/{PATHS[3]}"}
    # What the archive has is left to whoever repairs it.
    assert (kept / PATHS[2]).read_bytes() == damaged


def test_damaged_and_missing_files(cli: Cli, tmp_path: Path, archive_path: Path) -> None:
    """Both are listed; the exit code is that of missing ones, as the higher of two is elsewhere."""
    kept = stored(archive_path, 1)
    (kept / PATHS[3]).write_bytes(b"")
    wish = ("export", archive_path, tmp_path / "out", "--format", "csv", "--with-media", "--json")
    done = cli.run(*wish)
    said = json.loads(done.stdout)

    assert done.returncode == 40
    assert (said["missing_files"], said["damaged_files"]) == ([PATHS[1]], [PATHS[3]])
    assert "are missing and not exported" in done.stderr
    assert "are damaged and not exported" in done.stderr


def test_a_file_that_cannot_be_read_is_damaged(
    tmp_path: Path, archive_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that gives half of a file and then an error does not end the export."""
    kept = stored(archive_path)
    real = Path.open

    def bad_sectors(self: Path, *how: Any, **more: Any) -> Any:
        file = real(self, *how, **more)
        return _Failing(file) if self == kept / PATHS[1] and how == ("rb",) else file

    monkeypatch.setattr(Path, "open", bad_sectors)
    said = write(archive_path, tmp_path / "out", "csv", with_media=True)

    assert said["damaged_files"] == [PATHS[1]]
    assert in_export(tmp_path / "out") == {f"files/{PATHS[n]}": PICTURES[n] for n in (2, 3)}


class _Failing:
    """A file of which the second piece cannot be read."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._pieces = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, _: int) -> bytes:
        self._pieces += 1
        if self._pieces > 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return bytes(self._file.read(4))
