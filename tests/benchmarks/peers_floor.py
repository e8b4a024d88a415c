"""The floor: recorded requests made again by bare httpx, in a process of its own.

As they were, or each call alone, as fast as so many in flight allow; bodies are read and
forgotten. What to do comes as JSON on stdin, what it took goes as JSON to stdout. Nothing of the
package is imported.
"""

import asyncio
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx
from figures import measured

#: A path and its form, without the token.
Call = tuple[str, dict[str, str]]


async def fetch(task: Mapping[str, Any], calls: Iterable[Call]) -> None:
    """Make these requests."""
    waiting = iter(calls)
    async with (
        httpx.AsyncClient(base_url=task["url"]) as http,
        asyncio.TaskGroup() as tasks,
    ):
        for _ in range(task["concurrency"]):
            tasks.create_task(_drain(http, task["token"], waiting))


async def _drain(http: httpx.AsyncClient, token: str, waiting: Iterable[Call]) -> None:
    for path, form in waiting:
        # Whatever the answer is: a sync, too, gets some refusals.
        await http.post(path, data={**form, "access_token": token})


def main() -> None:
    """Do it."""
    task = json.load(sys.stdin)
    noted = json.loads(Path(task["calls"]).read_text(encoding="utf-8"))
    calls: list[Call] = noted["singly" if task["singly"] else "requests"]
    json.dump(measured(lambda: asyncio.run(fetch(task, calls))), sys.stdout)


if __name__ == "__main__":
    main()
