"""Which files of a lake are an archive's own, so that nothing else is ever replaced."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from ovk_archive.errors import BadInputError
from ovk_archive.export.formats.parquet_paths import ABOUT, partition
from ovk_archive.export.selection import VERSIONS
from ovk_archive.export.target_folder import MANIFEST, is_of_desktop
from ovk_archive.resources import TABLES


def check_ours(lake: Path, name: str) -> set[str]:
    """The folders in the lake that are this archive's, as `posts/archive=anna`.

    Raises:
        BadInputError: something lies in its places that it has not put there.
    """
    ours = _written(lake, name)
    former = {"/".join(path.split("/")[:2]) for path in ours}
    found = {one for one in {*former, *_places(name)} if os.path.lexists(lake / one)}
    for place in sorted(found):
        for path in _files(lake / place):
            if path.relative_to(lake).as_posix() not in ours and not is_of_desktop(path):
                raise BadInputError(
                    f"{path} was not put there by an export as {name}, and would be lost: move it, "
                    "or take another name."
                )
    return found


def _places(name: str) -> Iterator[str]:
    for table in (*TABLES, VERSIONS):
        yield partition(table.name, name)
    yield f"{ABOUT}/{name}"


def _files(place: Path) -> Iterator[Path]:
    """Whatever is in a folder but folders; itself, if it is none."""
    if place.is_symlink() or not place.is_dir():
        yield place
        return
    for path in sorted(place.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            yield path


def _written(lake: Path, name: str) -> set[str]:
    """The files that the last export of this name has written."""
    manifest = lake / ABOUT / name / MANIFEST
    try:
        said = json.loads(manifest.read_bytes())
        return {manifest.relative_to(lake).as_posix(), *(one["path"] for one in said["files"])}
    except (OSError, ValueError, TypeError, KeyError):
        return set()
