"""A client as tests use it, and what comes of one call."""

import asyncio
from typing import Any

from conftest import Cli
from scripted import ScriptedServer

from ovk_archive.api.address import Instance
from ovk_archive.api.client import Client
from ovk_archive.api.pace import Pace
from ovk_archive.api.retries import Retries
from ovk_archive.cli.account import credentials
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.errors import ArchiveError

TOKEN = "7-5ec2e75e-ca7f00d5-jill"
QUICK = Retries(attempts=3, wait_initial=0.01, wait_max=0.02, jitter=0.01)


def new_client(instance: Instance, **settings: Any) -> Client:
    """A client with a token, which loses no time."""
    settings.setdefault("retries", QUICK)
    settings.setdefault("pace", Pace(window=0.05))
    return Client(instance, TOKEN, **settings)


def ask(
    instance: Instance, method: str = "wall.get", isolating: bool = False, **params: Any
) -> Any:
    """The answer to one call."""

    async def run() -> Any:
        async with new_client(instance) as one:
            return await one.call(method, params, isolating=isolating)

    return asyncio.run(run())


def ask_and_count(server: ScriptedServer, method: str = "wall.get") -> tuple[Any, int, int]:
    """What came of one call (value or error), the requests, and the failures among them."""

    async def run() -> tuple[Any, int, int]:
        async with new_client(server.instance) as one:
            try:
                outcome = await one.call(method)
            except ArchiveError as error:
                outcome = error
            return outcome, one.requests, one.failures

    return asyncio.run(run())


def log_in(cli: Cli, server: ScriptedServer) -> None:
    """Save a token of a scripted server."""
    credentials.save(Credentials(server.instance.url, 1, "token"), cli.environment)
