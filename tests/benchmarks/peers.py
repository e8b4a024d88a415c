"""What a sync costs next to the least it could cost, to an older version, and to what others write.

Run by hand: `python -m tests.benchmarks.peers [--scale 0.1] [--rounds N] [--latency S …]`. A world
is served by a process of its own. Four jobs follow each other: a first sync, one that finds nothing
new, an audit that finds nothing, and a sync after some of the world has changed. Each is done by
`ovk-archive`, then by bare httpx, which forgets the bodies (`floor`: the same requests; `pages`:
the same pages, a request each), and by others:

* `older`: another version of the program, installed for the Python that `--old` names;
* `naive`: requests and sqlite-utils, one page after the other (peers_naive.py);
* `dlt`: dlt's REST source into SQLite, if dlt is there (peers_dlt.py says how to get it).

All of them in turns in each round, every job in a new process; ratios are of one round. `missing`
is what exists in the world and is not in the archive, `outdated` what has another text by now:
a sync finds edits of older things in the course of several syncs, an audit finds them all.
`--linear` asks instead how a first sync grows with the world.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

# Modules here name each other as scripts do; with -m this folder is not where Python looks.
sys.path.insert(0, str(Path(__file__).parent))

from figures import say
from peers_served import FailedError, Peer, Served, Took, scaled, served
from peers_table import Line, as_json, growth, table, verdicts

# Nothing of the package is imported here: a child's peak begins with its parent's size (Linux).

SIZES = {"posts": 20_000, "commented": 2_000, "dialogs": 300, "messages": 100_000, "photos": 2_000}
#: What is done, in this order.
STAGES = ("first", "unchanged", "audit", "changed")
#: How much of the world changes before the last: half is new, half is edited.
SHARE = 0.01
#: Where those who ask for one page after the other need longer, they get a tenth of the world.
PATIENCE = 600
TENTH = 10
#: The smallest world of `--linear`, as a part of the whole, and how many times as large it grows.
SMALL, GROWTH = 0.05, (1, 4, 16)


def peers(options: argparse.Namespace, number: int) -> Iterator[Peer]:
    """Who is compared, in the order of this round: the older one before the newer, or after."""
    ours = Peer(name="ovk-archive", script="peers_sync.py", python=options.python, ours=True)
    floor = replace(ours, name="floor", script="peers_floor.py", replays=ours.name)
    pages = replace(floor, name="pages", singly=True)
    older = Peer(name="older", script="peers_sync.py", python=options.old or "", ours=True)
    three = (ours, floor, pages)
    four = (older, *three) if number % 2 else (*three, older)
    yield from four if options.old else three
    if not options.without_others:
        yield Peer(name="naive", script="peers_naive.py", python=options.python)
    if options.dlt and not options.without_others:
        yield Peer(name="dlt", script="peers_dlt.py", python=options.dlt)


def one_round(
    options: argparse.Namespace, dialect: str, latency: float, number: int
) -> Iterator[Line]:
    """All jobs of everybody, in a new world."""
    sizes, everybody = sized(options.scale), list(peers(options, number))
    tenth = not options.without_others and impatient(sizes, latency)
    with ExitStack() as stack:
        whole = small = stack.enter_context(served(sizes, dialect, scattered=options.scattered))
        if tenth:
            sizes = sized(options.scale / TENTH)
            small = stack.enter_context(served(sizes, dialect, scattered=options.scattered))
        for stage in STAGES:
            if stage == "changed":
                for world in dict.fromkeys((whole, small)):
                    world.change(SHARE)
            for peer in list(everybody):
                if stage == "audit" and not peer.ours:
                    continue
                slow = tenth and not peer.ours
                took = attempted(small if slow else whole, peer, latency, stage)
                if took is None:
                    # Its next job would not be the one that it is called.
                    everybody.remove(peer)
                    continue
                yield Line(dialect=dialect, latency=latency, round=number, stage=stage,
                           who=peer.name, took=scaled(took, TENTH) if slow else took,
                           tenth=slow)  # fmt: skip


def attempted(world: Served, peer: Peer, latency: float, stage: str) -> Took | None:
    """What a job took; nothing where others failed, which is told."""
    try:
        return world.run(peer, latency, audit=stage == "audit")
    except FailedError as failure:
        if peer.ours:
            raise
        say(f"{peer.name}, {stage}: {failure}")
        return None


def sized(scale: float) -> dict[str, int]:
    """A world of that part of the whole."""
    return {kind: max(1, round(number * scale)) for kind, number in SIZES.items()}


def impatient(sizes: dict[str, int], latency: float) -> bool:
    """Whether one page after the other takes too long, in the three jobs of those who do it."""
    listed = sum(sizes[kind] for kind in ("posts", "messages", "photos")) / 100
    opened = sizes["commented"] * 1.5 + sizes["dialogs"]
    return 3 * (listed + opened) * latency > PATIENCE


def compare(options: argparse.Namespace) -> Iterator[Line]:
    """Measure everything, and print a table for each dialect and latency."""
    for dialect in options.dialect:
        for latency in options.latency:
            rounds = range(options.rounds)
            lines = [
                line for number in rounds for line in one_round(options, dialect, latency, number)
            ]
            say(f"\ndialect {dialect}, {latency * 1000:g} ms of latency, {options.rounds} rounds")
            _tell((*table(lines), *verdicts(lines)))
            yield from lines


def linear(options: argparse.Namespace) -> dict[int, Took]:
    """First syncs of worlds that grow."""
    found: dict[int, Took] = {}
    ours = next(one for one in peers(options, 0) if not one.replays)
    for times in GROWTH:
        sizes = sized(options.scale * SMALL * times)
        # What every demo has would hide the growth.
        dialect, scattered = options.dialect[-1], options.scattered
        with served(sizes, dialect, alone=True, scattered=scattered) as world:
            found[times] = world.run(ours, options.latency[0])
    return found


def main() -> None:
    """Measure and print."""
    options = _options()
    options.dlt = options.dlt or sys.executable
    if not _has_dlt(options.dlt):
        options.dlt = None
    if options.linear:
        tooks = linear(options)
        say(f"first syncs of worlds that grow, from {sized(options.scale * SMALL)}")
        _tell(growth(tooks))
        return
    say(", ".join(f"{number} {kind}" for kind, number in sized(options.scale).items()))
    if not options.dlt:
        say("dlt: not installed")
    lines = list(compare(options))
    if options.json:
        told = {"sizes": sized(options.scale), "jobs": as_json(lines)}
        options.json.write_text(json.dumps(told, indent=1), encoding="utf-8")


def _has_dlt(python: str) -> bool:
    asked = "import importlib.util as u, sys; sys.exit(u.find_spec('dlt') is None)"
    return subprocess.run([python, "-c", asked], check=False).returncode == 0


def _tell(lines: Sequence[str] | Iterator[str]) -> None:
    for line in lines:
        say(line)


def _options() -> argparse.Namespace:
    summary = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.peers", description=summary)
    parser.add_argument("--scale", type=float, default=1.0, help="how large the world is")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--latency", type=float, nargs="+", default=[0.0, 0.02, 0.1], help="seconds of an answer"
    )
    parser.add_argument("--dialect", nargs="+", choices=("A", "B"), default=["A", "B"])
    parser.add_argument(
        "--python", default=sys.executable, help="it has the program, where this one is not meant"
    )
    parser.add_argument("--old", metavar="PYTHON", help="it has an older version of the program")
    parser.add_argument("--dlt", metavar="PYTHON", help="it has dlt")
    parser.add_argument("--without-others", action="store_true", help="neither naive nor dlt")
    parser.add_argument(
        "--scattered", action="store_true", help="each message is to anybody, not to the last one"
    )
    parser.add_argument("--linear", action="store_true", help="how a first sync grows")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all figures of all rounds")
    return parser.parse_args()


if __name__ == "__main__":
    main()
