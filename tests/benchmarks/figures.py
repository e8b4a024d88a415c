"""What all benchmarks share: what a process takes, and how figures are printed.

Nothing of the package is imported here: a child's peak begins with its parent's size (Linux).
"""

import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path


def peak(whose: int = resource.RUSAGE_SELF) -> int:
    """The most memory this process ever had, in bytes; Linux counts it in kilobytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(whose).ru_maxrss * unit


def verdict(figure: float, aim: float) -> str:
    """Whether a figure is what it should be."""
    return f"aim: at most {aim:g}, {'met' if figure <= aim else 'missed'}"


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def measured(work: Callable[[], object]) -> dict[str, float]:
    """Do the work: seconds, CPU seconds, peak of memory and bytes written, imports left out.

    Children that the work waits for count too. `written` is what was given to write calls, sockets
    left out, whatever the file system made of it (Linux only, else nothing).
    """
    began, before, wrote = time.perf_counter(), os.times(), _written()
    work()
    seconds, after = time.perf_counter() - began, os.times()
    user, system = (
        sum(after[place] - before[place] for place in (mine, mine + 2)) for mine in (0, 1)
    )
    return {
        "seconds": seconds,
        "cpu": user + system,
        "user": user,
        "peak": max(peak(), peak(resource.RUSAGE_CHILDREN)),
        "written": _written() - wrote,
    }


def _written() -> int:
    counters = Path("/proc/self/io")
    if not counters.exists():
        return 0
    lines = (line.partition(":") for line in counters.read_text(encoding="ascii").splitlines())
    return int({name: value for name, _, value in lines}["wchar"])
