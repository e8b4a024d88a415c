"""Runs over files as tests make them, and what is in a folder of files."""

import asyncio
import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from beginnings import begun
from syncing import ACCOUNT, query

from ovk_archive.api.address import Instance, parse_instance
from ovk_archive.api.budget import Budget
from ovk_archive.api.retries import Retries
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.location import folder_of
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.saving import Asked, save_rows
from ovk_archive.demo.world import files as drawn
from ovk_archive.media.catalogue import Choice, survey
from ovk_archive.media.download import Downloader
from ovk_archive.media.place import vault_of
from ovk_archive.media.run import Files
from ovk_archive.resources.audio import AUDIO
from ovk_archive.resources.docs import DOCUMENTS
from ovk_archive.resources.photos import PHOTOS
from ovk_archive.sync.report import FileReport

#: As stubborn as in earnest, but not as patient.
QUICK = Retries(attempts=3, wait_initial=0.001, wait_max=0.002, jitter=0.001)
MEGABYTE = 1_000_000


def picture(seed: int = 1) -> bytes:
    """A small image that is not like those of other seeds."""
    return drawn.png(seed, 64, 48)


def name_files(path: Path, url: str, *addresses: str, **more: Any) -> None:
    """Make an archive whose photos are at these addresses; the later, the newer."""
    rows = [
        PHOTOS.row({"owner_id": 1, "id": number, "date": number, "url": address, **more})
        for number, address in enumerate(addresses, 1)
    ]
    _save(path, url, rows)


def name_documents(path: Path, url: str, *documents: tuple[str, int | None]) -> None:
    """Make an archive with documents: addresses, and sizes as records say them."""
    rows = [
        DOCUMENTS.row({"id": number, "owner_id": 1, "url": address, "size": size})
        for number, (address, size) in enumerate(documents, 1)
    ]
    _save(path, url, rows)


def name_tracks(path: Path, url: str, *addresses: str) -> None:
    """Make an archive with tracks at these addresses."""
    rows = [
        AUDIO.row({"unique_id": _coded(number), "owner_id": 1, "id": 1, "url": address})
        for number, address in enumerate(addresses, 1)
    ]
    _save(path, url, rows)


def _coded(number: int) -> str:
    return base64.b64encode(str(number).encode()).decode()


def _save(path: Path, url: str, rows: Iterable[Any]) -> None:
    identity = Identity("demo", ACCOUNT, url)
    begun(path, identity)
    with Archive.open(path, identity) as archive:
        save_rows(archive, rows, Asked(name="photos", partition={}, numbers=()))
        survey(archive)


def fetch(
    url: str | Instance,
    path: Path,
    *,
    budget: Budget | None = None,
    concurrency: int = 4,
    max_file_bytes: int = 2 << 30,
    **choice: Any,
) -> FileReport:
    """One run over the files of an archive, in this process, over real HTTP."""
    instance = url if isinstance(url, Instance) else parse_instance(url)
    chosen = Choice(max_file_bytes=max_file_bytes, **choice)

    async def run() -> FileReport:
        with Archive.open(path, Identity("demo", ACCOUNT, instance.url)) as archive:
            async with Downloader(
                instance,
                concurrency=concurrency,
                budget=budget,
                max_file_bytes=max_file_bytes,
                retries=QUICK,
            ) as downloader:
                files = Files(archive, vault_of(archive), downloader, chosen, concurrency)
                return await files.run()

    return asyncio.run(run())


def on_disk(path: Path) -> dict[str, bytes]:
    """Every file under a name that says it is whole: path in the folder -> bytes."""
    folder = folder_of(path)
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.glob("[0-9a-f][0-9a-f]/*")
    }


def unfinished(path: Path) -> list[Path]:
    """Files that have not come to their end."""
    return sorted((folder_of(path) / ".unfinished").glob("*"))


def wrongly_named(path: Path) -> list[str]:
    """Files whose name is not the hash of their bytes."""
    return [
        name
        for name, content in on_disk(path).items()
        if name.rpartition("/")[2].partition(".")[0] != hashlib.sha256(content).hexdigest()
        or name[:2] != name[3:5]
    ]


def states(path: Path) -> dict[str, tuple[str, str | None]]:
    """Address -> state and error."""
    rows = query(path, "select url, state, error from media")
    return {url: (state, error) for url, state, error in rows}


def state(path: Path) -> tuple[str, str]:
    """State and error of the only file."""
    ((found, error),) = states(path).values()
    return found, error or ""
