"""One timed job of the benchmark in a process of its own: a sync, or the same pages bare.

What to do comes as JSON on stdin, what it took goes as JSON to stdout.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from figures import peak

from ovk_archive.api.client import Client
from ovk_archive.api.methods import form_of
from ovk_archive.archive.search import index as search_index
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.backup.sync_run import Job, run_sync

CONCURRENCY = 4
SECTIONS = ("wall", "messages")

#: A method and its form, without the token.
Call = tuple[str, dict[str, str]]


def main() -> None:
    """Do the job that stdin asks for."""
    task = json.load(sys.stdin)
    json.dump({"sync": sync, "bare": bare}[task["kind"]](task), sys.stdout)


def sync(task: Mapping[str, Any]) -> dict[str, float]:
    """A first sync into a new archive, as the command line runs it.

    With `record` in the task the calls are written there, for `bare`; such a run is not for timing.
    """
    calls: list[Call] = []
    credentials = Credentials(task["url"], task["account_id"], task["token"])
    job = Job(path=Path(task["archive"]), sections=SECTIONS, concurrency=CONCURRENCY, media=False)

    def work() -> int:
        report = run_sync(job, credentials)
        if report.exit_code or report.failures:
            raise RuntimeError(f"the sync did not go well: {report.to_json()}")
        return report.requests

    # As if this SQLite had no search.
    index = patch.object(search_index, "is_possible", lambda: False)
    with (
        _recorded(calls) if "record" in task else nullcontext(),
        index if task.get("without_index") else nullcontext(),
    ):
        took = timed(work)
    if "record" in task:
        Path(task["record"]).write_text(json.dumps(calls), encoding="utf-8")
    return took


def bare(task: Mapping[str, Any]) -> dict[str, float]:
    """The recorded calls, as fast as so many in flight allow; bodies are read and forgotten."""
    calls: list[Call] = json.loads(Path(task["record"]).read_text(encoding="utf-8"))
    return timed(lambda: asyncio.run(_fetch(task, calls)))


def timed(work: Callable[[], int]) -> dict[str, float]:
    """Run the work, which says how many requests it made: seconds, CPU seconds, peak of memory."""
    began, used, user = time.perf_counter(), time.process_time(), os.times().user
    requests = work()
    return {
        "requests": requests,
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - used,
        "user": os.times().user - user,
        "peak": peak(),
    }


async def _fetch(task: Mapping[str, Any], calls: list[Call]) -> int:
    waiting = iter(calls)
    async with httpx.AsyncClient() as http, asyncio.TaskGroup() as tasks:
        for _ in range(CONCURRENCY):
            tasks.create_task(_drain(http, task, waiting))
    return len(calls)


async def _drain(http: httpx.AsyncClient, task: Mapping[str, Any], waiting: Iterable[Call]) -> None:
    for method, form in waiting:
        data = {**form, "access_token": task["token"]}
        response = await http.post(f"{task['url']}/method/{method}", data=data)
        response.raise_for_status()


def _recorded(calls: list[Call]) -> AbstractContextManager[object]:
    """Note every call of every client."""
    call = Client.call

    async def noting(
        client: Client, method: str, params: Mapping[str, object] | None = None, **more: bool
    ) -> Any:
        calls.append((method, form_of(method, params or {})))
        return await call(client, method, params, **more)

    return patch.object(Client, "call", noting)


if __name__ == "__main__":
    main()
