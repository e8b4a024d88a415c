"""Exports into copies of a lake, each killed one step later than the one before.

It is a process of its own that forks before it has threads: python killed_lakes.py ARCHIVE LAKE DIR
"""

import os
import shutil
import signal
import sys
from pathlib import Path

from ovk_archive.export.formats.parquet_columns import arrow
from ovk_archive.export.selection import Selection
from ovk_archive.export.writing import Wish, export

#: What Python says before it does what can be seen in a folder.
STEPS = {"os.rename", "shutil.rmtree"}


def main(archive: Path, lake: Path, folder: Path) -> None:
    """Go on until one is not killed."""
    folder.mkdir()
    # Once, and not in each child: it looks whether there is pandas, and imports all of it.
    arrow().array([1])
    for step in range(1, 200):
        copy = folder / f"{step:03}"
        shutil.copytree(lake, copy)
        child = os.fork()
        if not child:
            _killed_at(step)
            tables = ("users", "posts", "messages")
            wish = Wish(selection=Selection(tables=tables), format="parquet", archive="anna")
            export(archive, copy, wish)
            os._exit(0)
        ended = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(ended):
            raise SystemExit(ended)
    raise SystemExit("it never came to its end")


def _killed_at(step: int) -> None:
    done = 0

    def watch(event: str, values: tuple[object, ...]) -> None:
        nonlocal done
        if event in STEPS or (event == "ctypes.dlsym" and values[1] == "renameat2"):
            done += 1
            if done == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
