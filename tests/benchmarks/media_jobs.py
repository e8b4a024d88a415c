"""One timed job of the benchmark of files, in a process of its own: a run, or bare streaming.

What to do comes as JSON on stdin, what it took goes as JSON to stdout.
"""

import asyncio
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx
from jobs import CONCURRENCY, timed

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.saving import Asked, save_rows
from ovk_archive.cli.backup.media_run import FileJob, run_files
from ovk_archive.resources.photos import PHOTOS


def main() -> None:
    """Do the job that stdin asks for."""
    task = json.load(sys.stdin)
    json.dump({"media": media, "bare": bare}[task["kind"]](task), sys.stdout)


def media(task: Mapping[str, Any]) -> dict[str, float]:
    """A first run over an archive whose photos are at these addresses."""
    path = Path(task["folder"]) / "archive.db"
    rows = [
        PHOTOS.row({"owner_id": 1, "id": number, "url": address})
        for number, address in enumerate(task["addresses"])
    ]
    with Archive.open(path, Identity("benchmark", 1, task["url"])) as archive:
        save_rows(archive, rows, Asked(name="photos", partition={}, numbers=()))

    def work() -> int:
        report = run_files(FileJob(path=path, concurrency=CONCURRENCY))
        if report.exit_code or report.stored != len(rows):
            raise RuntimeError(f"the run did not go well: {report.to_json()}")
        return report.requests

    return timed(work)


def bare(task: Mapping[str, Any]) -> dict[str, float]:
    """The same addresses streamed to disk, as fast as so many in flight allow."""
    return timed(lambda: asyncio.run(_stream_all(Path(task["folder"]), task["addresses"])))


async def _stream_all(folder: Path, addresses: list[str]) -> int:
    waiting = iter(enumerate(addresses))
    async with httpx.AsyncClient() as http, asyncio.TaskGroup() as tasks:
        for _ in range(CONCURRENCY):
            tasks.create_task(_stream(http, folder, waiting))
    return len(addresses)


async def _stream(
    http: httpx.AsyncClient, folder: Path, waiting: Iterable[tuple[int, str]]
) -> None:
    for number, address in waiting:
        async with http.stream("GET", address) as response:
            response.raise_for_status()
            with (folder / f"{number}.jpg").open("wb") as file:
                async for chunk in response.aiter_bytes():
                    file.write(chunk)


if __name__ == "__main__":
    main()
