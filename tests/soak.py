"""A soak: generated lives, synced again and again, and stopped in every way there is.

    python tests/soak.py --worlds 200 --syncs 25 --seed 1 [--dialect A] [--jobs 2] [--keep DIR]

Each world lives between its syncs and during them: single events (`lives.Month`), and now and then
a catastrophe (`catastrophes`). Each sync is one of several kinds, and ends by itself, by SIGKILL,
SIGTERM, Ctrl-C or a budget; or its server has faults, lies, crashes on a record, or refuses to be
asked so fast; or this computer's clock is wrong once.

After every stop, however it came, `verify` has to find nothing, no version may be lost, and nothing
may be marked as gone that never was away. After the last one a few undisturbed syncs and audits
have to make the archive the world; and a rebuild must change nothing.

A world that fails is printed with what differed, and with the command that lives it again: a world
depends on the seed and its number alone, as far as the moments of signals allow. `--keep` leaves
the archives of such worlds in a folder. A sync takes about half a second: `--jobs 2` lives
200 worlds of 25 syncs in half an hour. Exit code 1 says that a world has failed.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

from children import Nursery
from soaking import Soaked, Tally


def soak(name: str, dialect: str, syncs: int, nursery: Nursery, keep: Path | None = None) -> Tally:
    """Live one world."""
    with tempfile.TemporaryDirectory() as folder:
        soaked = Soaked(name, dialect, Path(folder), nursery)
        wrong = list(soaked.live(syncs))
        soaked.count()
        if wrong:
            soaked.tally.failures[f"{name} {dialect}"] = wrong
            if keep is not None:
                copy = keep / f"{name.replace('/', '-')}-{dialect}"
                shutil.copytree(folder, copy, dirs_exist_ok=True)
    return soaked.tally


def _soak_some(names: Sequence[tuple[str, str]], syncs: int, keep: Path | None) -> Tally:
    """Live some worlds, one after another, in a process of its own."""
    tally = Tally()
    with Nursery() as nursery:
        for name, dialect in names:
            tally.add(soak(name, dialect, syncs, nursery, keep))
    return tally


def _told(tally: Tally) -> None:
    for name, wrong in tally.failures.items():
        world, dialect = name.split()
        seed, number = world.split("/")
        for one in wrong:
            _say(f"world {number} [{dialect}]: {one}")
        _say(f"  again: python tests/soak.py --seed {seed} --only {number} --dialect {dialect}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Soak, and say what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--syncs", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dialect", choices=("A", "B"), help="default: each in turn")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", type=int, metavar="N", help="live this world alone")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="copy archives of failures there")
    wish = parser.parse_args()
    numbers = range(wish.worlds) if wish.only is None else (wish.only,)
    names = [(f"{wish.seed}/{n}", wish.dialect or "AB"[n % 2]) for n in numbers]
    # Two worlds at a time, so that a failure is told soon.
    parts = [names[start : start + 2] for start in range(0, len(names), 2)]
    tally = Tally()
    with ExitStack() as stack:
        pool = stack.enter_context(ProcessPoolExecutor(wish.jobs, get_context("spawn")))
        tasks = [pool.submit(_soak_some, part, wish.syncs, wish.keep) for part in parts]
        for task in as_completed(tasks):
            _told(task.result())
            tally.add(task.result())
    _say("\n".join(tally.lines()))
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
