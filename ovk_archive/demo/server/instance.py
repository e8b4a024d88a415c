"""DemoInstance: the toy instance on a real socket, in a thread of this process."""

import asyncio
import socket
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

import uvicorn

from ovk_archive.demo.server.application import App
from ovk_archive.demo.server.faults import Faults, Seen
from ovk_archive.demo.server.limiter import Limiter
from ovk_archive.demo.server.tokens import Tokens
from ovk_archive.demo.world.world import World

if TYPE_CHECKING:
    from collections.abc import Callable


class _Server(uvicorn.Server):
    """Uvicorn that looks ten times as often whether it should stop: tests start hundreds."""

    async def main_loop(self) -> None:
        """Wait for the end."""
        while not self.should_exit:  # noqa: ASYNC110 - another thread sets this flag
            await asyncio.sleep(0.01)


class DemoInstance:
    """An OpenVK of dialect "A" (2024-07) or "B" (2026-08) that serves a world.

    Attributes:
        url, login, password, token, account_id: how to reach it, and as whom.
        seen: every answered method call, in the order of the answers.
        raw: every HTTP request: verb, path with query, headers.
        faults, limiter, latency: how it misbehaves.
        clock: the unix time of its answers' `Date`.
        between: called under the world's lock before each method is answered.
        online_marks, writes: what an archiver must not cause.
        storage: who serves files: "php" as most instances do, or "nginx".
        bugs: errors of the toy itself (or of `between`); leaving the `with` block raises them.
    """

    def __init__(
        self, world: World, dialect: str = "A", *, port: int = 0, storage: str = "php"
    ) -> None:
        if dialect not in {"A", "B"}:
            raise ValueError(f"no such dialect: {dialect}")
        if storage not in {"php", "nginx"}:
            raise ValueError(f"no such storage: {storage}")
        self.storage = storage
        self.world = world
        self.dialect = dialect
        self.faults = Faults()
        self.limiter = Limiter()
        self.latency = 0.0
        self.clock: Callable[[], float] = time.time
        self.between: Callable[[Seen], None] | None = None
        self.seen: list[Seen] = []
        self.raw: list[tuple[str, str, dict[str, str]]] = []
        self.online_marks = 0
        self.writes = 0
        self.bugs: list[Exception] = []
        self.banned = False
        self.account_id = world.account_id
        self.tokens = Tokens(self.account_id, dialect)
        self.token = self.tokens.issue()
        self._port = port
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.url = ""

    @property
    def login(self) -> str:
        """The e-mail that logs in."""
        return self.tokens.login

    @property
    def password(self) -> str:
        """The password that goes with it."""
        return self.tokens.password

    @property
    def two_factor(self) -> str | None:
        """The code that /token demands, if any."""
        return self.tokens.two_factor

    @two_factor.setter
    def two_factor(self, code: str | None) -> None:
        self.tokens.two_factor = code

    def count(self, method: str | None = None) -> int:
        """Count the answered calls, of one method or of all."""
        if method is None:
            return len(self.seen)
        return sum(seen.method.lower() == method.lower() for seen in self.seen)

    def fetched(self) -> list[str]:
        """List the addresses outside of the API that were asked for, in order."""
        return [address for _, address, _ in self.raw if not address.startswith("/method/")]

    def reset_counts(self) -> None:
        """Forget what was asked so far."""
        self.seen.clear()
        self.raw.clear()
        self.online_marks = 0
        self.writes = 0
        self.limiter.refusals = 0

    def revoke(self) -> None:
        """Forget all tokens, as "end all sessions" does."""
        self.tokens.revoke()

    def ban(self) -> None:
        """Ban the account."""
        self.banned = True

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
        app = App(self)
        return uvicorn.Config(
            app,
            http=app.transports.protocol(),
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
