"""How much slower a first sync is than fetching its pages bare, and how much memory it needs.

Run by hand: `python tests/benchmarks/sync.py [--rounds N] [--latency S …]`. A generated world is
served by a process of its own; sync and bare fetching alternate, each in a new process, so that
whatever else the machine does hits both. Ratios are of neighbours in time.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from figures import say, verdict

# Nothing of the package is imported here: a child's peak begins with its parent's size (Linux).

JOBS = Path(__file__).with_name("jobs.py")
DIALOGS = 20
#: What the ratio should be at most, by latency.
AIMS = {0.0: 1.3, 0.05: 1.1}
MOST_MEGABYTES = 120
MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Took:
    """What one job took.

    Attributes:
        seconds: from the first line of work to the last, imports left out.
        cpu: seconds of processor time in between.
        user: those of them that the system did not use.
        peak: bytes of memory the process had at most, imports included.
    """

    requests: int
    seconds: float
    cpu: float
    user: float
    peak: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A sync and the same pages fetched bare, one right after the other."""

    sync: Took
    bare: Took

    @property
    def ratio(self) -> float:
        """How many times as long the sync took."""
        return self.sync.seconds / self.bare.seconds


class Bench:
    """Jobs against one served world; files are kept in a folder that somebody else removes."""

    def __init__(self, where: dict[str, Any], folder: Path) -> None:
        self._where = where
        self._folder = folder
        self._record = folder / "calls.json"
        self._numbers = count()

    def sync(self, **more: Any) -> Took:
        """A first sync; its archive is removed."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            return self._run(kind="sync", archive=f"{folder}/archive.db", **more)

    def record(self) -> None:
        """Note what a sync asks for, for `bare`."""
        self.sync(record=str(self._record))

    def bare(self) -> Took:
        """The noted calls and nothing else."""
        return self._run(kind="bare", record=str(self._record))

    def pair(self) -> Pair:
        """Both, each time in the other order."""
        if next(self._numbers) % 2:
            bare = self.bare()
            return Pair(self.sync(), bare)
        sync = self.sync()
        return Pair(sync, self.bare())

    def _run(self, **task: Any) -> Took:
        # On stdin, where no other process sees the token.
        done = subprocess.run(
            [sys.executable, str(JOBS)],
            input=json.dumps({**self._where, **task}),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return Took(**json.loads(done.stdout))


@contextmanager
def served(posts: int, messages: int, latency: float) -> Iterator[Bench]:
    """A world of that size in a process of its own."""
    sizes = {"--posts": posts, "--dialogs": DIALOGS, "--messages": messages, "--latency": latency}
    options = [str(word) for option in sizes.items() for word in option]
    command = [sys.executable, "-m", "ovk_archive.demo", "--dialect", "B", *options]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo,
    ):
        assert demo.stdout is not None
        try:
            yield Bench(json.loads(demo.stdout.readline()), Path(folder))
        finally:
            demo.terminate()


def compare(options: argparse.Namespace, latency: float) -> list[Pair]:
    """Several rounds at one latency."""
    with served(options.posts, options.messages, latency) as bench:
        bench.record()
        return [bench.pair() for _ in range(options.rounds)]


def quarter(options: argparse.Namespace) -> Took:
    """A sync of a world of a quarter of the size."""
    with served(options.posts // 4, options.messages // 4, 0.0) as bench:
        return bench.sync()


def report(latency: float, pairs: Sequence[Pair]) -> int:
    """Print a latency's figures; the peak of its syncs."""
    ratios = [pair.ratio for pair in pairs]
    aim = AIMS.get(latency)
    say(f"\n{latency * 1000:g} ms of latency, {pairs[0].sync.requests} requests")
    say(f"{'':12}{'min':>9}{'median':>9}{'max':>9}")
    _line("sync, s", [pair.sync.seconds for pair in pairs])
    _line("bare, s", [pair.bare.seconds for pair in pairs])
    _line("ratio", ratios, "" if aim is None else f"  {verdict(median(ratios), aim)}")
    _line("sync CPU, s", [pair.sync.cpu for pair in pairs])
    _line("bare CPU, s", [pair.bare.cpu for pair in pairs])
    _line("sync, MB", [pair.sync.peak / MEGABYTE for pair in pairs])
    return max(pair.sync.peak for pair in pairs)


def main() -> None:
    """Measure and print."""
    options = _options()
    say(
        f"{options.posts} posts, {options.messages} messages in {DIALOGS} dialogs, "
        f"{options.rounds} rounds"
    )
    most = max(report(latency, compare(options, latency)) for latency in options.latency)
    small = quarter(options)
    say("\nPeak of memory")
    say(f"whole world {most / MEGABYTE:9.1f} MB  {verdict(most / MEGABYTE, MOST_MEGABYTES)}")
    say(f"a quarter   {small.peak / MEGABYTE:9.1f} MB  {small.requests} requests")


def _line(name: str, figures: Sequence[float], more: str = "") -> None:
    three = (min(figures), median(figures), max(figures))
    say(f"{name:12}" + "".join(f"{figure:9.2f}" for figure in three) + more)


def _options() -> argparse.Namespace:
    summary = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(description=summary)
    parser.add_argument("--rounds", type=int, default=5, help="pairs at each latency")
    parser.add_argument(
        "--latency", type=float, nargs="+", default=list(AIMS), help="seconds before each answer"
    )
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--messages", type=int, default=100_000, help="in all dialogs together")
    return parser.parse_args()


if __name__ == "__main__":
    main()
