"""A new part of a lake goes to its places: folder by folder, and to the end, whoever is killed.

Once the new part is whole it gets a name that promises this (`ready`), with a plan. Each of its
folders changes places with the old one at once; the plan tells by hashes which ones have, so that
the next run can do the rest.
"""

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

from ovk_archive.archive.file.disk import flush
from ovk_archive.export.formats.parquet_paths import ABOUT
from ovk_archive.export.target_folder import MANIFEST, swap_in

_READY, _DONE, _GONE, _PLAN = "ready", "done", "gone", "plan.json"


def promise(shop: Path, new: Path, name: str, old: Collection[str]) -> None:
    """Say that a new part is whole: from now on it will be in the lake, now or by the next run.

    Args:
        shop: where the archive's part is made.
        new: the new part, laid out as the lake.
        name: the archive's.
        old: the folders that its former part has in the lake.
    """
    manifest = new / ABOUT / name / MANIFEST
    files = {one["path"]: one["sha256"] for one in json.loads(manifest.read_bytes())["files"]}
    files[manifest.relative_to(new).as_posix()] = _hash(manifest)
    plan = new / _PLAN
    plan.write_text(json.dumps({"files": files, "old": sorted(old)}), encoding="utf-8")
    flush(plan)
    flush(new)
    new.rename(shop / _READY)
    flush(shop)


def finish(lake: Path, shop: Path) -> None:
    """Do what is left to do of a promise, and remove what else is in the shop."""
    ready = shop / _READY
    if (ready / _PLAN).is_file():
        _bring(lake, shop, ready)
        # What is removed is no promise any more.
        ready.rename(shop / _DONE)
    for left in shop.iterdir():
        shutil.rmtree(left)


def _bring(lake: Path, shop: Path, ready: Path) -> None:
    plan = json.loads((ready / _PLAN).read_bytes())
    places: dict[str, dict[str, str]] = defaultdict(dict)
    for path, digest in plan["files"].items():
        places["/".join(path.split("/")[:2])][path] = digest
    for place in sorted(set(plan["old"]) - set(places)):
        _take_away(lake / place, shop)
    # What tells of the data comes last.
    for place in sorted(places, key=lambda one: (one.startswith(ABOUT), one)):
        if not _is(lake, place, places[place]) and _is(ready, place, places[place]):
            (lake / place).parent.mkdir(exist_ok=True)
            swap_in(ready / place, lake / place)
            flush((ready / place).parent)


def _take_away(folder: Path, shop: Path) -> None:
    """An old folder that has no successor goes at once, and then from the disk."""
    if folder.is_dir():
        gone = shop / _GONE / folder.parent.name
        shutil.rmtree(gone, ignore_errors=True)
        gone.parent.mkdir(exist_ok=True)
        folder.rename(gone)
        flush(folder.parent)


def _is(root: Path, place: str, files: Mapping[str, str]) -> bool:
    """Whether a folder has these files and no others."""
    found = [path for path in (root / place).rglob("*") if not path.is_dir()]
    names = {path.relative_to(root).as_posix() for path in found}
    return names == set(files) and all(_hash(root / name) == files[name] for name in names)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
