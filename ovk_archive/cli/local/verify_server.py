"""Whether an archive is like what its instance has: asked, not written."""

import asyncio
import random
from contextlib import suppress
from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.api.pace import Pace
from ovk_archive.api.wire.waits import Unheard
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity, of_another
from ovk_archive.archive.runs import Journal
from ovk_archive.checks.sampling import Comparison, compare
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.account.current_account import saved, whose
from ovk_archive.cli.words.waiting import WaitWords
from ovk_archive.errors import ArchiveError


def compared_with_server(
    archive: Archive, sample: int, seed: int | None, *, quiet: bool
) -> Comparison | ArchiveError:
    """What the instance has, or why it cannot be asked."""
    try:
        return asyncio.run(_ask(archive, saved(archive=archive.path), sample, seed, quiet=quiet))
    except ArchiveError as error:
        return error


async def _ask(
    archive: Archive, credentials: Credentials, sample: int, seed: int | None, *, quiet: bool
) -> Comparison:
    pace = Pace(memory=Recall(archive))
    # Which records a sample has is no secret.
    rng = random.Random(seed)  # noqa: S311
    async with Client(credentials.instance, credentials.token, pace=pace) as client:
        client.waits = Unheard() if quiet else WaitWords()
        account = await whose(client)
        _refuse_others(archive, credentials.instance.key, account.id)
        return await compare(archive, client, account.id, sample, rng)


class Recall:
    """The pace that the instance has taught an archive open for reading (`PaceMemory`)."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def load(self) -> dict[str, Any]:
        """What syncs have learnt."""
        return Journal(self._archive).load()

    def save(self, state: dict[str, Any]) -> None:
        """Keep it for the next sync, unless one is running or the archive cannot be written."""
        path, identity = self._archive.path, self._archive.identity()
        with suppress(ArchiveError), Archive.open(path, identity) as writable:
            Journal(writable).save(state)


def _refuse_others(archive: Archive, instance: str, account_id: int) -> None:
    """Refuse the archive of another account, as a sync does; it may be read-only here."""
    identity = archive.identity()
    if (identity.instance, identity.account_id) != (instance, account_id):
        theirs = (identity.instance, str(identity.account_id))
        raise of_another(archive.path, theirs, Identity(instance, account_id, ""))
