"""What an archive says of itself, and what its server says of it."""

import asyncio
import random
from pathlib import Path

from syncing import QUICK
from toy import DemoInstance

from ovk_archive.api.address import parse_instance
from ovk_archive.api.client import Client
from ovk_archive.archive.archive import Archive
from ovk_archive.checks.ledger import Ledger, Line, ledger
from ovk_archive.checks.sampling import Comparison, Count, compare


def book_of(path: Path) -> Ledger:
    """The ledger of an archive."""
    with Archive.read(path) as archive:
        return ledger(archive)


def lines_of(path: Path) -> dict[str, Line]:
    """Its lines, by name."""
    return {line.name: line for line in book_of(path).lists}


#: More records than the toy instance has.
ALL = 10_000


def compared(instance: DemoInstance, path: Path, sample: int = ALL, seed: int = 1) -> Comparison:
    """An archive compared with its server."""

    async def ask() -> Comparison:
        with Archive.read(path) as archive:
            async with Client(parse_instance(instance.url), instance.token, retries=QUICK) as one:
                return await compare(archive, one, instance.account_id, sample, random.Random(seed))

    return asyncio.run(ask())


def odd(comparison: Comparison) -> dict[str, Count]:
    """The counts that are not as expected."""
    return {one.name: one for one in comparison.counts if not one.agrees}
