"""DemoInstance: the toy instance on a real socket, in a thread of this process."""

import asyncio
import socket
import threading
import time
from types import TracebackType
from typing import Self

import uvicorn

from ovk_archive.demo.server.application import App
from ovk_archive.demo.server.state import State
from ovk_archive.demo.world.world import World


class _Server(uvicorn.Server):
    """Uvicorn that looks ten times as often whether it should stop: tests start hundreds."""

    async def main_loop(self) -> None:
        """Wait for the end."""
        while not self.should_exit:  # noqa: ASYNC110 - another thread sets this flag
            await asyncio.sleep(0.01)


class DemoInstance(State):
    """The toy instance on 127.0.0.1, in a `with` block or between `start` and `stop`."""

    def __init__(
        self, world: World, dialect: str = "A", *, port: int = 0, storage: str = "php"
    ) -> None:
        super().__init__(world, dialect, storage)
        self._port = port
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if error is None and self.bugs:
            raise RuntimeError("the toy instance itself failed") from self.bugs[0]

    def start(self) -> None:
        """Listen, and return when requests are answered."""
        # Named TCP outright: asyncio sets TCP_NODELAY only then, and answers are 40 ms faster.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = _Server(self._config())
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="demo instance", daemon=True
        )
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.002)

    def stop(self) -> None:
        """Stop listening; answers under way are dropped."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join()

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            App(self),
            http=self.trouble.protocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=1,
        )
