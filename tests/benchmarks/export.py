"""How much slower an export is than the plainest loop over the same rows, and its peak of memory.

Run by hand: `python tests/benchmarks/export.py [--rounds N] [--messages N] [--formats F …]`. An
export, with its hashes and package and written through to the disk, and the plain loop alternate,
each in a new process: the messages from `sqlite3` to `json.dumps` or `csv.writer`; for Parquet that
of CSV. With pseudonyms it is the same loop, which names everybody. Ratios are of neighbours in
time.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from figures import say, verdict

# Nothing of the package is imported here: a child's peak begins with its parent's size (Linux).

JOBS = Path(__file__).with_name("export_jobs.py")
#: What its options are called -> what they are.
FORMATS: dict[str, dict[str, Any]] = {
    "json": {"format": "json"},
    "ndjson": {"format": "ndjson"},
    "csv": {"format": "csv"},
    "parquet": {"format": "parquet"},
    "parquet by year": {"format": "parquet", "partition": "year"},
    "ndjson with pseudonyms": {"format": "ndjson", "pseudonyms": True},
    "csv with pseudonyms": {"format": "csv", "pseudonyms": True},
    "parquet with pseudonyms": {"format": "parquet", "pseudonyms": True},
}
#: What the ratio and the peak should be at most.
AIM = 1.5
AIM_WITH_PSEUDONYMS = 3
MOST_MEGABYTES = 150
MEGABYTE = 1e6

Took = dict[str, float]


def job(**task: Any) -> Took:
    """One job in a process and a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, str(JOBS)],
            input=json.dumps({"folder": folder, **task}),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    took: Took = json.loads(done.stdout)
    return took


def compare(name: str, archive: Path, rounds: int) -> list[tuple[Took, Took]]:
    """Exports and plain loops, each time in the other order."""
    pairs = []
    for turn in range(rounds):
        order = ("plain", "export") if turn % 2 else ("export", "plain")
        took = {kind: job(kind=kind, archive=str(archive), **FORMATS[name]) for kind in order}
        pairs.append((took["export"], took["plain"]))
    return pairs


def report(name: str, pairs: list[tuple[Took, Took]]) -> None:
    """Print a format's figures."""
    ratios = [export["seconds"] / plain["seconds"] for export, plain in pairs]
    peak = max(export["peak"] for export, _ in pairs) / MEGABYTE
    one, _ = pairs[0]
    say(f"\n{name}: {one['bytes'] / MEGABYTE:.1f} MB in {one['files']:.0f} file(s)")
    say(f"{'':12}{'min':>9}{'median':>9}{'max':>9}")
    _line("export, s", [export["seconds"] for export, _ in pairs])
    _line("plain, s", [plain["seconds"] for _, plain in pairs])
    _line("export CPU, s", [export["cpu"] for export, _ in pairs])
    _line("plain CPU, s", [plain["cpu"] for _, plain in pairs])
    aim = AIM_WITH_PSEUDONYMS if FORMATS[name].get("pseudonyms") else AIM
    _line("ratio", ratios, f"  {verdict(median(ratios), aim)}")
    _line("ratio of CPU", [export["cpu"] / plain["cpu"] for export, plain in pairs])
    say(f"{'peak, MB':14}{peak:7.1f}  {verdict(peak, MOST_MEGABYTES)}")


def main() -> None:
    """Measure and print."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive.db"
        job(kind="make", archive=str(archive), messages=options.messages)
        say(
            f"{options.messages} messages, archive of {archive.stat().st_size / MEGABYTE:.0f} MB, "
            f"{options.rounds} rounds"
        )
        for name in options.formats:
            report(name, compare(name, archive, options.rounds))


def _line(name: str, figures: list[float], more: str = "") -> None:
    three = (min(figures), median(figures), max(figures))
    say(f"{name:14}" + "".join(f"{figure:9.2f}" for figure in three)[2:] + more)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
