"""What all benchmarks share: a process's peak of memory, and how figures are printed.

Nothing of the package is imported here: a child's peak begins with its parent's size (Linux).
"""

import resource
import sys


def peak() -> int:
    """The most memory this process ever had, in bytes; Linux counts it in kilobytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def verdict(figure: float, aim: float) -> str:
    """Whether a figure is what it should be."""
    return f"aim: at most {aim:g}, {'met' if figure <= aim else 'missed'}"


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
