"""Fixtures that many tests share: a toy instance, an archive's path, the command line."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from effort import IS_THOROUGH, SEED
from hypothesis import settings
from syncing import run
from toy import DemoInstance, generate
from warm import WarmProcess

from ovk_archive.cli.account import credentials
from ovk_archive.cli.account.credentials import Credentials

# No deadlines: how long an example takes is the machine's business.
settings.register_profile("quick", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=300)
settings.load_profile("thorough" if IS_THOROUGH else "quick")

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
PROGRAM = (sys.executable, "-m", "ovk_archive")
#: What a forked command can be given as well as a new one.
_FORKED = {"cwd", "stdin", "stdout", "stderr", "start_new_session"}


def pytest_configure(config: pytest.Config) -> None:
    """Let the dice fall as the seed says, unless another one is given to Hypothesis."""
    if config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = str(SEED)


def pytest_xdist_auto_num_workers() -> int:
    """Two workers for each processor: many tests wait for a clock, a socket, a process."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_finish() -> None:
    """Do not look through thousands of tests for garbage again and again."""
    gc.collect()
    gc.freeze()
    # A request makes hundreds of objects that end by themselves: by default each is a look round.
    gc.set_threshold(50_000, 50, 100)


def pytest_report_header() -> str:
    """Say how a run can be repeated."""
    profile = "HYPOTHESIS_PROFILE=thorough " if IS_THOROUGH else ""
    return f"The same dice again: {profile}OVK_TEST_SEED={SEED} .venv/bin/pytest"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the tester's own token or proxies, or writes where tokens are kept."""
    for name in [name for name in os.environ if name.startswith("OVK_")]:
        monkeypatch.delenv(name)
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("OVK_CONFIG_DIR", str(tmp_path / "config"))


@pytest.fixture
def archive_path(tmp_path: Path) -> Path:
    """Where an archive can be; there is none yet."""
    return tmp_path / "archive.db"


@pytest.fixture
def toy() -> Iterator[DemoInstance]:
    """A toy instance of the newer dialect."""
    with DemoInstance(generate(), "B") as instance:
        yield instance


@pytest.fixture(params=["A", "B"])
def any_toy(request: pytest.FixtureRequest) -> Iterator[DemoInstance]:
    """A toy instance of each dialect in turn."""
    with DemoInstance(generate(), request.param) as instance:
        yield instance


@dataclass
class Cli:
    """Runs the command line in a process of its own, with settings of its own.

    Attributes:
        config: where its token is.
        environment: what its process sees.
        before: what starts it, if it is not started as such.
        warm: what its processes are forked from, where nothing depends on how they start.
    """

    config: Path
    environment: dict[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    warm: WarmProcess | None = None

    def run(self, *arguments: object, stdin: str = "", **more: Any) -> Any:
        """Run a command to its end: stdout, stderr, returncode; all text."""
        folder = Path(more.get("cwd", Path.cwd()))
        plain = not self.before and not more.keys() - {"cwd"}
        if plain and self.warm is not None and self.warm.can(self.environment, folder):
            return self.warm.run(map(str, arguments), self.environment, folder, stdin=stdin)
        return subprocess.run(
            [*self.before, *PROGRAM, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=self.environment,
            timeout=60,
            check=False,
            **more,
        )

    def start(self, *arguments: object, **more: Any) -> "subprocess.Popen[str]":
        """Start a command and leave it running; its streams may be others than pipes."""
        more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        folder = Path(more.get("cwd", Path.cwd()))
        plain = not self.before and not more.keys() - _FORKED
        if plain and self.warm is not None and self.warm.can(self.environment, folder):
            more.pop("cwd", None)
            return self.warm.start(map(str, arguments), self.environment, folder, **more)
        return subprocess.Popen(
            [*self.before, *PROGRAM, *map(str, arguments)],
            text=True,
            encoding="utf-8",
            env=self.environment,
            **more,
        )

    def log_in(self, instance: DemoInstance, token: str | None = None) -> None:
        """Save the token of an instance, without asking it."""
        mine = Credentials(instance.url, instance.account_id, token or instance.token)
        credentials.save(mine, self.environment)


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmProcess]:
    """What commands are forked from."""
    process = WarmProcess()
    yield process
    process.close()


@pytest.fixture
def cli(tmp_path: Path, warm: WarmProcess) -> Cli:
    """The command line, logged in nowhere."""
    config = tmp_path / "config"
    # Set by the fixture above, as everything that runs in this process.
    environment = {**os.environ, "OVK_CONFIG_DIR": str(config), "PYTHONWARNINGS": "error"}
    return Cli(config, environment, warm=warm)


@pytest.fixture
def user(cli: Cli, toy: DemoInstance) -> Cli:
    """The command line, logged in to the toy instance."""
    cli.log_in(toy)
    return cli


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with notes in it, which no test writes to: it is copied."""
    path = tmp_path_factory.mktemp("made") / "archive.db"
    with DemoInstance(generate(), "B") as toy:
        assert run(toy, path, sections=("notes",)).exit_code == 0
    return path
