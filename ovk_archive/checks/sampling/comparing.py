"""Compares an archive with its server: the counts, and some records."""

import random
from dataclasses import asdict, dataclass
from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.archive.archive import Archive
from ovk_archive.checks.sampling.choosing import choose
from ovk_archive.checks.sampling.counts import Count, count_lists
from ovk_archive.checks.sampling.looking import Sampled, look_at


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing an archive with its server."""

    counts: tuple[Count, ...]
    samples: tuple[Sampled, ...]
    requests: int

    @property
    def agrees(self) -> bool:
        """Nothing of what was compared has changed there since the last sync."""
        samples = not any(one.differ or one.missing for one in self.samples)
        return samples and all(one.agrees for one in self.counts)

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {**asdict(self), "agrees": self.agrees}


async def compare(
    archive: Archive, client: Client, account_id: int, sample: int, rng: random.Random
) -> Comparison:
    """Ask for the account's counts, and for some records.

    Raises:
        AuthError: the token is refused.
        RateLimitedError: the instance refused too many requests, twice.
        TransportError: no answer.
    """
    counts = await count_lists(archive, client, account_id)
    samples = await look_at(archive, client, choose(archive, sample, rng))
    return Comparison(tuple(counts), samples, client.requests)
