"""What a large archive costs: a sync that finds nothing new, a page of a view, verify, status.

Run by hand: `python tests/benchmarks/large.py [--posts N] [--messages N]`. An archive of an account
that is computed from numbers is made without a network; then each job runs in a process of its
own. User CPU is the figure to trust on a machine that others use too. Temporary disk is what files
without a name take (Linux only).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from figures import say, verdict

# Nothing of the package is imported here: a child's peak begins with its parent's size (Linux).

HERE = Path(__file__).parent
MEGABYTE = 1e6
#: What an unchanged sync may take at most: seconds of user CPU.
MOST_SYNC = 4
#: And the slowest page of a view: seconds.
MOST_PAGE = 1


class Bench:
    """Jobs over one archive."""

    def __init__(self, **task: Any) -> None:
        self._task = task

    def run(self, kind: str, name: str) -> dict[str, Any]:
        """One job; its figures are printed."""
        done = subprocess.run(
            [sys.executable, str(HERE / "large_jobs.py")],
            input=json.dumps({**self._task, "kind": kind}),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        took: dict[str, Any] = json.loads(done.stdout)
        figures = (took["user"], took["system"], took["seconds"])
        sizes = (took["peak"] / MEGABYTE, took["temporary"] / MEGABYTE)
        say(
            f"{name:18}" + "".join(f"{one:9.2f}" for one in figures)
            + "".join(f"{one:9.0f}" for one in sizes) + f"  {took['said']}"
        )  # fmt: skip
        return took


@contextmanager
def served(sizes: dict[str, int]) -> Iterator[str]:
    """The address of a server of such an account, in a process of its own."""
    command = [sys.executable, str(HERE / "large_world.py")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            server.stdin.write(json.dumps(sizes))
            server.stdin.close()
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def measure(bench: Bench, archive: Path) -> None:
    """Every job, and whether the aims are met."""
    say(f"{'':18}{'user s':>9}{'system s':>9}{'wall s':>9}{'MB':>9}{'temp MB':>9}")
    # The first sync after the making adds up all lists, and reads what was not made.
    bench.run("sync", "first routine sync")
    unchanged = bench.run("sync", "unchanged sync")
    slowest = bench.run("page", "pages of a view")
    bench.run("status", "status")
    bench.run("due", "files due")
    verified = bench.run("verify", "verify")
    size = archive.stat().st_size
    say(f"\nunchanged sync: {unchanged['user']:.1f} s  {verdict(unchanged['user'], MOST_SYNC)}")
    say(f"page of a view: {slowest['said']:.3f} s  {verdict(slowest['said'], MOST_PAGE)}")
    say(f"archive: {size / MEGABYTE:.0f} MB")
    say(f"temporary disk of verify / archive: {verified['temporary'] / size:.2f}")
    say(f"user CPU of verify / unchanged sync: {verified['user'] / unchanged['user']:.1f}")


def main() -> None:
    """Make an archive, unless one is kept, and measure."""
    options = _options()
    sizes = {
        "posts": options.posts,
        "messages": options.messages,
        "peers": options.peers,
        "photos": options.posts // 2,
    }
    say(", ".join(f"{count} {name}" for name, count in sizes.items()))
    with tempfile.TemporaryDirectory() as folder, served(sizes) as url:
        archive = options.archive or Path(folder) / "archive.db"
        bench = Bench(url=url, archive=str(archive), sizes=sizes)
        if not archive.exists():
            bench.run("make", "(making)")
        measure(bench, archive)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--peers", type=int, default=300)
    parser.add_argument(
        "--archive", type=Path, help="make the archive here, and keep it; or use it again"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
