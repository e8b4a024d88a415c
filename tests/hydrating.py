"""Runs over things that are named by number, as tests make them."""

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from beginnings import begun
from syncing import ACCOUNT, QUICK, query
from toy import DemoInstance

from ovk_archive.api.address import parse_instance
from ovk_archive.api.batches import Batching
from ovk_archive.api.budget import Budget
from ovk_archive.api.client import Client
from ovk_archive.api.pace import Pace
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.by_number import Key
from ovk_archive.sync.wanted.hydration import Hydration
from ovk_archive.sync.wanted.tally import WantedReport


def hydrate(
    toy: DemoInstance,
    path: Path,
    keys: Mapping[str, Iterable[Key]],
    *,
    again: bool = False,
    budget: Budget | None = None,
) -> WantedReport:
    """One run against the toy instance, in this process, over real HTTP."""
    instance = parse_instance(toy.url)
    identity = Identity("demo", ACCOUNT, instance.url)
    begun(path, identity)

    async def run() -> WantedReport:
        with Archive.open(path, identity) as archive:
            client = Client(
                instance, toy.token, retries=QUICK, pace=Pace(window=0.0), budget=budget,
                batching=Batching(),
            )  # fmt: skip
            async with client:
                return await Hydration(client=client, archive=archive, keys=keys, again=again).run()

    return asyncio.run(run())


def said(path: Path, name: str) -> dict[str, dict[str, Any]]:
    """What the rows of a table say, by their keys; an empty text is none."""
    table = next(one for one in TABLES if one.name == name)
    columns = [column.name for column in table.columns]
    rows = query(path, f"select {', '.join(map(_quoted, columns))}, gone_at from {name}")
    found = {}
    for row in rows:
        values = dict(zip([*columns, "gone_at"], row, strict=True))
        key = "_".join(str(values[part]) for part in table.key)
        found[key] = {column: value or None for column, value in values.items()}
    return found


def _quoted(name: str) -> str:
    return f'"{name}"'
