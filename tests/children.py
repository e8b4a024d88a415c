"""Syncs in processes of their own, that can be killed: forked from one that is warm.

A new interpreter takes a second to import everything; a fork of one that has, a few milliseconds.
So `Nursery` starts this module as a program, and that forks for every errand.
"""

import asyncio
import gc
import importlib
import json
import os
import random
import select
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from syncing import QUICK, paged

from ovk_archive.api.address import parse_instance
from ovk_archive.api.batches import Batching
from ovk_archive.api.budget import Budget
from ovk_archive.api.client import Client
from ovk_archive.api.pace import Pace, PaceMemory
from ovk_archive.api.wire.connections import connect
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import is_saving
from ovk_archive.archive.facts import Learnt
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.runs import Journal
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.backup.run_display import Display, read
from ovk_archive.cli.backup.sync_run import Job, Settings
from ovk_archive.cli.interrupts import Interrupts
from ovk_archive.cli.words.output import complain, print_json
from ovk_archive.cli.words.summary import conclude
from ovk_archive.errors import ArchiveError
from ovk_archive.resources import DEFAULT_SECTIONS, RESOURCES
from ovk_archive.sync import sections as reading
from ovk_archive.sync.engine import Sync
from ovk_archive.sync.plan import Options
from ovk_archive.sync.report import Report


@dataclass(frozen=True, kw_only=True)
class Errand:
    """One sync, as a child process makes it.

    Attributes:
        out: the files `out` and `err` in it get what the child says.
        concurrency: requests in flight; with one, no list is read ahead.
        grows: pages may grow, where there is a `size`.
        many: so many new rows have their lists read before the rest of them is there.
        size: rows per page; without it, the sync is the command's own, up to its words.
        rounds: requests that read old rows again; where there is a `size`.
        ahead: by so many seconds the child's clock is wrong.
        window: seconds of the pace.
    """

    url: str
    token: str
    path: str
    out: str
    sections: tuple[str, ...] = DEFAULT_SECTIONS
    owners: tuple[int, ...] = ()
    full: bool = False
    audit: bool = False
    audit_every: int = 30
    accept_losses: bool = False
    media: bool = False
    max_requests: int | None = None
    max_duration: float | None = None
    size: int | None = None
    grows: bool = False
    many: int = reading.MANY
    concurrency: int = 4
    rounds: int = 20
    ahead: float = 0.0
    window: float = 0.12
    seed: int = 0


@dataclass
class Child:
    """A sync under way.

    Attributes:
        status: its exit code when it has ended; negative if a signal killed it.
    """

    pid: int
    errand: Errand
    _nursery: "Nursery" = field(repr=False)
    status: int | None = None

    def wait(self, seconds: float) -> bool:
        """Wait so long; whether it has ended."""
        if self.status is None:
            line = self._nursery.line(seconds)
            self.status = None if line is None else int(line)
        return self.status is not None

    def send(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.status is None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    @property
    def said(self) -> str:
        """What it said to people."""
        return (Path(self.errand.out) / "err").read_text("utf-8", "replace")

    @property
    def report(self) -> dict[str, Any] | None:
        """Its report, if it came to that."""
        text = (Path(self.errand.out) / "out").read_text("utf-8")
        report: dict[str, Any] | None = json.loads(text) if text.strip() else None
        return report


class Nursery:
    """The warm process; it runs one child at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._half = b""

    def __enter__(self) -> Self:
        paths = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
        before = os.environ.get("PYTHONPATH")
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([*paths, *filter(None, [before])])
        }
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        process = self._running
        self._pipe(process.stdin).close()
        self._pipe(process.stdout).close()
        process.wait()

    def start(self, errand: Errand) -> Child:
        """Start a sync."""
        pipe = self._pipe(self._running.stdin)
        pipe.write(json.dumps(asdict(errand)).encode() + b"\n")
        pipe.flush()
        pid = self.line(60)
        if pid is None:
            raise TimeoutError("no child was born within a minute")
        return Child(int(pid), errand, self)

    def line(self, seconds: float) -> str | None:
        """The next line that the warm process says, if it does within so long."""
        pipe = self._pipe(self._running.stdout)
        while b"\n" not in self._half:
            if not select.select([pipe], [], [], seconds)[0]:
                return None
            read = os.read(pipe.fileno(), 4096)
            if not read:
                raise ChildProcessError("the warm process has ended")
            self._half += read
        line, _, self._half = self._half.partition(b"\n")
        return line.decode()

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


# In the warm process


#: What a sync imports only when it runs.
_LATE = (
    *("httpcore", "anyio._backends._asyncio", "certifi", "sqlite_utils.migrations", "tqdm"),
    *("ovk_archive.archive.file.onlookers", "ovk_archive.archive.tables.migrations"),
)


def _warm_up() -> None:
    """Import what else a child will need, so that no child has to."""
    # sqlite-utils imports it where it is installed, and uses it for its own command line only.
    sys.modules["pandas"] = None  # type: ignore[assignment]
    for name in _LATE:
        importlib.import_module(name)
    del sys.modules["pandas"]
    # To read the certificates takes longer than a small sync.
    connect(1)
    gc.freeze()


def _serve() -> None:
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            os._exit(_run(Errand(**_tuples(json.loads(line)))))
        _answer(pid)
        _, status = os.waitpid(pid, 0)
        _answer(os.waitstatus_to_exitcode(status))


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


# In the child


def _run(errand: Errand) -> int:
    """The exit code, as the command line ends with it."""
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(Path(errand.out) / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, number)
    random.seed(errand.seed)
    set_clock(errand.ahead)
    if errand.many != reading.MANY:
        reading.MANY, reading.LOOK = errand.many, 0.005
    try:
        code = _command(errand) if errand.size is None else asyncio.run(_paged(errand))
    except ArchiveError as error:
        complain(str(error), error.exit_code)
        code = error.exit_code
    except KeyboardInterrupt:
        code = 130
    except BaseException:  # noqa: BLE001 - the child ends here, whatever it was
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def set_clock(ahead: float) -> None:
    """Let the clock of this process be wrong by so many seconds; nothing else is changed."""
    real = time.time
    time.time = lambda: real() + ahead
    for name, module in sys.modules.items():
        if name.startswith("ovk_archive.") and getattr(module, "datetime", None) is datetime:
            module.datetime = _Shifted  # type: ignore[attr-defined]


class _Shifted(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.fromtimestamp(time.time(), tz)


def _pace(window: float) -> Any:
    def pace(memory: PaceMemory) -> Pace:
        return Pace(window=window, clock=time.time, memory=memory)

    return pace


def _command(errand: Errand) -> int:
    """The command's own way."""
    job = Job(
        path=Path(errand.path),
        sections=errand.sections,
        owners=tuple(f"id{one}" if one > 0 else f"club{-one}" for one in errand.owners),
        full=errand.full,
        concurrency=errand.concurrency,
        max_requests=errand.max_requests,
        max_duration=errand.max_duration,
        media=errand.media,
        audit=errand.audit,
        audit_every=errand.audit_every,
        accept_losses=errand.accept_losses,
    )
    settings = Settings(instance_key="demo", retries=QUICK, pace=_pace(errand.window))
    credentials = Credentials(errand.url, None, errand.token)
    return read(job, credentials, Display(as_json=True), settings)


async def _paged(errand: Errand) -> int:
    """The same with pages of another size, and another share for the rounds."""
    instance = parse_instance(errand.url)
    with Interrupts() as interrupts:
        identity = Identity("demo", 1, instance.url)
        with Archive.open(Path(errand.path), identity) as archive:
            report = await _synced(errand, archive, interrupts)
    print_json(report.to_json())
    return conclude(report, quiet=False)


async def _synced(errand: Errand, archive: Archive, interrupts: Interrupts) -> Report:
    async with Client(
        parse_instance(errand.url),
        errand.token,
        pace=_pace(errand.window)(Journal(archive)),
        budget=Budget(errand.max_requests, errand.max_duration),
        concurrency=errand.concurrency,
        retries=QUICK,
        batching=Batching(Learnt(archive, "execute"), is_saving),
    ) as client:
        sync = Sync(
            client=interrupts.watch(client),
            archive=archive,
            account_id=1,
            options=_options(errand),
            resources=tuple(paged(one, errand.size or 0, grows=errand.grows) for one in RESOURCES),
        )
        return await sync.run()


def _options(errand: Errand) -> Options:
    return Options(
        sections=errand.sections,
        owners=errand.owners,
        full=errand.full,
        concurrency=errand.concurrency,
        sparing=errand.max_requests is not None,
        rounds=errand.rounds,
        audit_every=errand.audit_every,
        audit=errand.audit,
        accept_losses=errand.accept_losses,
    )


if __name__ == "__main__":
    _warm_up()
    _serve()
