"""Serves an archive with Datasette, behind a guard. A sync may go on meanwhile."""

import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm
from starlette.responses import RedirectResponse

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.location import real
from ovk_archive.browse import metadata, plugin
from ovk_archive.browse.database import ArchiveDatabase
from ovk_archive.browse.guard import App, Guard, Receive, Scope, Send
from ovk_archive.browse.looks.addresses import Addresses
from ovk_archive.browse.ours import is_ours
from ovk_archive.errors import ArchiveError, BadInputError

_SETTINGS = {
    "default_page_size": 50,
    # Large archives are worth a moment's waiting; nobody else is kept waiting by it.
    "sql_time_limit_ms": 5000,
    "facet_time_limit_ms": 1000,
    "truncate_cells_html": 400,
    "suggest_facets": False,
}


def listen(host: str, port: int) -> socket.socket:
    """A socket at this address; port 0 is any free one.

    Raises:
        BadInputError: the port is taken, or the host is not this machine's.
    """
    try:
        return socket.create_server((host, port), family=_family(host))
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else "no such port"
        raise BadInputError(
            f"Nothing can be served at {host}:{port} ({why}): choose another --port or --host."
        ) from error


def application(archive: Path) -> Datasette:
    """Datasette on an archive.

    Raises:
        StorageError: there is no archive there.
    """
    archive = real(archive)
    Archive.read(archive).close()
    if not pm.is_registered(plugin):
        pm.register(plugin, "ovk_archive")
    # What it says of tables comes from the plugin.
    about = metadata.shipped(archive.stem) | {"databases": {}}
    datasette = Datasette(
        metadata=about,
        settings=_SETTINGS,
    )
    # It gives itself one where it is given no file.
    datasette.remove_database("_memory")
    datasette.add_database(ArchiveDatabase(datasette, archive), archive.stem)
    return datasette


def guarded(datasette: Datasette, host: str, password: str | None = None) -> App:
    """Datasette for those who may look: see `guard.py`. It opens on the pages of the archive."""
    name = next(name for name in datasette.databases if is_ours(datasette, name))
    return Guard(_opening_on(datasette.app(), Addresses(name).page()), host, password)


def _opening_on(app: App, page: str) -> App:
    """The front page leads to this one."""

    async def lead(scope: Scope, receive: Receive, send: Send) -> None:
        # Who follows a link from elsewhere may see the front page only, and goes on from there.
        is_from_elsewhere = any(
            name == b"sec-fetch-site" and value not in (b"same-origin", b"none")
            for name, value in scope.get("headers", ())
        )
        if scope["type"] == "http" and scope["path"] == "/" and not is_from_elsewhere:
            await RedirectResponse(page)(scope, receive, send)
        else:
            await app(scope, receive, send)

    return lead


class _Server(uvicorn.Server):
    """Tells when it answers; from then on no Ctrl-C is lost, as one can be while modules load."""

    def __init__(self, config: uvicorn.Config, tell: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = tell

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell()


def serve(
    datasette: Datasette, app: App, listener: socket.socket, tell: Callable[[], None]
) -> None:
    """Answer requests until Ctrl-C, or SIGTERM; `tell` is called when they are answered."""
    # uvicorn raises anew what has ended it, and there is something to do after that.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Who asks is who connects: no header says otherwise.
    config = uvicorn.Config(
        app, ws="none", log_level="error", access_log=False, proxy_headers=False
    )
    with suppress(KeyboardInterrupt):
        _Server(config, tell).run([listener])
    for database in datasette.databases.values():
        database.close()
        if isinstance(database, ArchiveDatabase):
            # SQLite's own files go with the last who may write.
            with suppress(ArchiveError):
                Archive.read(Path(database.path)).close()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
