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
from toy import DemoInstance, World, generate

from ovk_archive.resources import SECTIONS

#: What was synced, and how -> the port of the instance, and the archive as bytes.
_MADE: dict[Any, tuple[int, bytes]] = {}


@cache
def everything() -> bytes:
    """An archive of all sections."""
    with TemporaryDirectory() as folder, DemoInstance(generate(), "B") as instance:
        path = Path(folder) / "archive.db"
        assert run(instance, path, sections=SECTIONS).exit_code == 0
        return path.read_bytes()


@contextmanager
def already_synced(
    dialect: str, path: Path, make: Callable[[], World] = generate, **options: Any
) -> Iterator[DemoInstance]:
    """A toy instance in the middle of a test, and an archive of what it has.

    Its address is in the archive: so it has the same port each time. `make` must make the same
    world each time; `options` are those of the sync.
    """
    how = (dialect, make, *sorted(options.items()))
    port, body = _MADE.get(how, (0, b""))
    with _started(make(), dialect, port) as instance:
        if port and instance.url.endswith(f":{port}"):
            path.write_bytes(body)
        else:
            assert run(instance, path, **options).exit_code == 0
            _MADE[how] = urlsplit(instance.url).port or 0, path.read_bytes()
            instance.reset_counts()
        yield instance


def _started(world: World, dialect: str, port: int) -> DemoInstance:
    """An instance at a port, or at any if somebody else has that one by now."""
    with suppress(OSError), socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        return DemoInstance(world, dialect, port=port)
    return DemoInstance(world, dialect)
