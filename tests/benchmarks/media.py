"""How much slower a run over files is than streaming them bare, and how much memory it needs.

Run by hand: `python tests/benchmarks/media.py [--rounds N] [--files N]`. Files of 100 kB are served
by a process of its own; runs and bare streaming alternate, each in a new process. Then one file of
1 GB is fetched, for the peak of memory.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from figures import say

# Nothing of the package is imported here: a child's peak begins with its parent's size (Linux).

HERE = Path(__file__).parent
GIGABYTE = 1_000_000_000
MEGABYTE = 1e6
#: What the ratio should be at most.
AIM = 1.2


def job(kind: str, url: str, addresses: list[str]) -> dict[str, Any]:
    """One timed job in a process and a folder of its own."""
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        task = {"kind": kind, "url": url, "folder": folder, "addresses": addresses}
        done = subprocess.run(
            [sys.executable, str(HERE / "media_jobs.py")],
            input=json.dumps(task),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    took: dict[str, Any] = json.loads(done.stdout)
    return took


def main() -> None:
    """Measure and print."""
    options = _options()
    command = [sys.executable, str(HERE / "fileserver.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        try:
            compare(url, options)
        finally:
            server.terminate()


def compare(url: str, options: argparse.Namespace) -> None:
    """Several rounds, each in the other order, and one large file."""
    addresses = [f"{url}/{number}" for number in range(options.files)]
    ratios, peaks = [], []
    for turn in range(options.rounds):
        order = ("bare", "media") if turn % 2 else ("media", "bare")
        took = {kind: job(kind, url, addresses) for kind in order}
        ratios.append(took["media"]["seconds"] / took["bare"]["seconds"])
        peaks.append(took["media"]["peak"] / MEGABYTE)
        say(
            f"media {took['media']['seconds']:6.2f} s, bare {took['bare']['seconds']:6.2f} s, "
            f"ratio {ratios[-1]:.2f}"
        )
    say(
        f"ratio: min {min(ratios):.2f}, median {median(ratios):.2f}, max {max(ratios):.2f} "
        f"(aim: at most {AIM})"
    )
    big = job("media", url, [f"{url}/0?{GIGABYTE}"])
    say(
        f"peak of memory: {max(peaks):.1f} MB; one file of 1 GB: {big['peak'] / MEGABYTE:.1f} MB, "
        f"{big['seconds']:.1f} s"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--files", type=int, default=2000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
