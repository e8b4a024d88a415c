"""Syncs a toy instance that runs in this very process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ovk_archive.api.address import parse_instance
from ovk_archive.api.login import sign_in
from ovk_archive.archive.archive import Archive
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.backup.run_display import Display, read
from ovk_archive.cli.backup.sync_run import Job, Settings
from ovk_archive.cli.words.output import say
from ovk_archive.demo import DemoInstance, generate
from ovk_archive.errors import StorageError


def sync_toy(archive: Path, dialect: str, seed: int, *, quiet: bool) -> int:
    """Start the toy, sign in, sync; the exit code."""
    port = _port_of(archive)
    _make_directory(archive.parent)
    with _running(dialect, seed, port) as toy:
        instance = parse_instance(toy.url)
        if not quiet:
            say(f"A toy OpenVK (dialect {dialect}) answers at {toy.url} for a moment.")
        signed = asyncio.run(sign_in(instance, toy.login, toy.password))
        credentials = Credentials(instance.url, signed.user_id, signed.token)
        # Its port may change and its world does not: that is what the archive is bound to.
        settings = Settings(instance_key=f"demo-{dialect}-{seed}.localhost")
        # No advice on what is lacking: the toy is away in a moment.
        display = Display(quiet=quiet, next_steps=False)
        return read(Job(path=archive), credentials, display, settings)


@contextmanager
def _running(dialect: str, seed: int, port: int) -> Iterator[DemoInstance]:
    """The toy on this port, or on any free one if it is taken.

    Addresses of photos contain the port: on another one every photo has a new address, and so
    a new version.
    """
    world = generate(seed)
    toy = DemoInstance(world, dialect.upper(), port=port)
    try:
        toy.start()
    except OSError:
        toy = DemoInstance(world, dialect.upper())
        toy.start()
    try:
        yield toy
    finally:
        toy.stop()


def _port_of(archive: Path) -> int:
    """Where the toy was when the archive was made, 0 if there is none yet."""
    if not archive.exists():
        return 0
    with Archive.read(archive) as held:
        return urlsplit(held.identity().url).port or 0


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The directory {directory} cannot be made: {error.strerror}."
        ) from error
