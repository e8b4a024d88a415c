"""Archives of the toy instance that are made once, and copied for each test that needs one."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from syncing import run
from toy import DemoInstance, World, WorldSize, generate

from ovk_archive.resources import SECTIONS

#: Some of everything, and more posts than one call asks for by their numbers.
SMALL = WorldSize(
    posts=60, comments=20, dialogs=3, messages_per_dialog=8, photos=8, albums=2, notes=6, tracks=15,
    playlists=2, friends=8, videos=3, gifts=3, topics=2, documents=3, notifications=5,
)  # fmt: skip
#: What was synced, and how -> the port of the instance, and the archive as bytes.
_MADE: dict[Any, tuple[int, bytes]] = {}


def small() -> World:
    """A small life, always the same."""
    return generate(size=SMALL)


@cache
def everything(size: WorldSize | None = None) -> bytes:
    """An archive of all sections."""
    with TemporaryDirectory() as folder, DemoInstance(generate(size=size), "B") as instance:
        path = Path(folder) / "archive.db"
        assert run(instance, path, sections=SECTIONS).exit_code == 0
        return path.read_bytes()


@contextmanager
def already_synced(
    dialect: str,
    path: Path,
    make: Callable[[], World] = generate,
    storage: str = "php",
    **options: Any,
) -> Iterator[DemoInstance]:
    """A toy instance in the middle of a test, and an archive of what it has.

    Its address is in the archive: so it has the same port each time. `make` must make the same
    world each time; `options` are those of the sync.
    """
    how = (dialect, make, storage, *sorted(options.items()))
    port, body = _MADE.get(how, (0, b""))
    with _started(make(), dialect, port, storage) as instance:
        if port and instance.url.endswith(f":{port}"):
            path.write_bytes(body)
            path.chmod(0o600)
        else:
            assert run(instance, path, **options).exit_code == 0
            _MADE[how] = urlsplit(instance.url).port or 0, path.read_bytes()
            instance.reset_counts()
        yield instance


def _started(world: World, dialect: str, port: int, storage: str) -> DemoInstance:
    """An instance at a port, or at any if somebody else has that one by now."""
    with suppress(OSError), socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        return DemoInstance(world, dialect, port=port, storage=storage)
    return DemoInstance(world, dialect, storage=storage)
