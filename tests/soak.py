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
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import worlds
from catastrophes import Catastrophes
from children import Child, Errand, Nursery
from lives import Month
from witness import Witness
from worlds import ALICE, LISTS, ME, OWNERS, Life, made

from ovk_archive.demo import DemoInstance, World
from ovk_archive.demo.faults import Seen
from ovk_archive.resources import DEFAULT_SECTIONS, SECTIONS

_HOUR, _DAY = 3600.0, 86_400.0
#: A sync that takes longer hangs.
_PATIENCE = 120.0
_SIGNALS = {"SIGKILL": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "Ctrl-C": signal.SIGINT}
#: How a sync ends, and how often.
_ENDS = {
    "by itself": 40, "SIGKILL": 24, "SIGTERM": 6, "Ctrl-C": 6, "requests": 10, "duration": 3,
    "faults": 11,
}  # fmt: skip
#: How it may end then; whatever it is, the list of what is lacking makes a 3 of a 0.
_LEGAL = {
    "by itself": set[int](),
    "SIGKILL": {-9},
    "SIGTERM": {-15, 130},
    "Ctrl-C": {-2, 130},
    "requests": {75},
    "duration": {75},
    "faults": {13, 20},
}
_KINDS = {"sync": 50, "sync --full": 8, "sync --all": 12, "audit": 20, "sections": 10}
#: What is served instead of an answer, and how often it is in a sync that has faults.
_FAULTS = ("500", "502", "503", "302", "html", "truncated", "cut", "cut_body", "slow", "400empty")
#: A list of any of these may be lied about.
_LIED_ABOUT = (
    "wall.get", "messages.getConversations", "messages.getHistory", "photos.getAll", "photos.get",
    "photos.getAlbums", "notes.get", "notes.getComments", "audio.get", "audio.getAlbums",
    "video.get", "docs.get", "board.getTopics", "board.getComments", "friends.get",
    "users.getFollowers", "friends.getRequests", "groups.get", "account.getBanned",
    "newsfeed.getBanned", "wall.getComments", "photos.getComments", "gifts.get", "likes.getList",
)  # fmt: skip
_LIES = ("null", "bare", "false", "no-items", "counted-empty", "empty")
#: Seconds by which a clock is wrong once; None for 1970.
_WRONG = (None, -10 * _DAY, 2 * _HOUR, 23 * 365 * _DAY)


@dataclass
class Tally:
    """What a soak has done.

    Attributes:
        syncs: how many of which kind, end and trouble.
        killed: those that a SIGKILL met alive.
        failures: by world, what was wrong.
    """

    worlds: int = 0
    syncs: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    verified: int = 0
    failures: dict[str, list[str]] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Count what another has done, too."""
        self.worlds += other.worlds
        self.syncs += other.syncs
        self.killed += other.killed
        self.verified += other.verified
        self.failures |= other.failures

    def lines(self) -> Iterator[str]:
        """What is to be said of it."""
        yield f"{self.worlds} worlds, {len(self.failures)} of them failed"
        for name, number in sorted(self.syncs.items()):
            yield f"  {number:6} {name}"
        yield f"{self.killed} syncs killed while they ran; verify ran {self.verified} times"


@dataclass(frozen=True)
class Plan:
    """What is to happen in one sync.

    Attributes:
        kind, end: as in `_KINDS` and `_ENDS`.
        after: a signal comes after so many requests, and so many seconds.
        lives: the chance that something happens before a request is answered.
        lie: what is served instead of some lists, and which.
        wrong: by so many seconds the clock is wrong.
    """

    kind: str
    end: str
    after: tuple[int, float] = (0, 0.0)
    lives: float = 0.0
    lie: tuple[str, frozenset[str]] | None = None
    wrong: float = 0.0
    media: bool = False
    rate: float = 0.0
    limited: bool = False

    def __str__(self) -> str:
        troubles = [
            f"{self.kind}, {self.end}",
            f"after {self.after[0]} requests" if self.end in _SIGNALS else "",
            f"lies {self.lie[0]} of {', '.join(sorted(self.lie[1]))}" if self.lie else "",
            f"clock wrong by {self.wrong:.0f} s" if self.wrong else "",
            "media" if self.media else "",
        ]
        return ", ".join(filter(None, troubles))


class Soaked:
    """One world, and what happens to it."""

    def __init__(self, name: str, dialect: str, folder: Path, nursery: Nursery) -> None:
        self.tally = Tally(worlds=1)
        self._rng = rng = random.Random(name)
        self._dialect = dialect
        self._folder = folder
        self._nursery = nursery
        self._world = _a_world(rng)
        self._month = Month(self._world, rng, dialect)
        self._fate = Catastrophes(self._world, rng, dialect)
        self._owners = rng.choice(((ME,), (ME, ALICE), OWNERS))
        self._size = rng.choice((None, None, 11, 17, 40))
        self._pause = rng.choice((_HOUR, _DAY, 3 * _DAY))
        self._now = 0.0
        self._lying = rng.randint(1, 20)
        self._lies = 0
        self._is_whole = False
        self._path = folder / "archive.db"
        self._witness = Witness(self._world, dialect, self._path, self._owners, self._fate.restored)

    def live(self, syncs: int) -> Iterator[str]:
        """Sync it so often, then to the end; what goes wrong first, or nothing."""
        with DemoInstance(self._world, self._dialect) as instance:
            instance.faults.slow_seconds = 0.03
            instance.limiter.window = 0.1
            self._witness.look()
            for number in range(syncs):
                plan = self._plan(number)
                wrong = list(self._disturbed(instance, plan))
                if wrong:
                    yield from (f"sync {number + 1} ({plan}): {one}" for one in wrong)
                    return
            yield from self._ended(instance)
        self.tally.verified = self._witness.verified

    # What happens

    def _plan(self, number: int) -> Plan:
        """Decide by dice what the next sync is like."""
        rng = self._rng
        end = rng.choices(list(_ENDS), list(_ENDS.values()))[0]
        if number == self._lying:
            self._lies = rng.randint(1, 3)
        lie = self._a_lie() if self._lies else None
        return Plan(
            kind=rng.choices(list(_KINDS), list(_KINDS.values()))[0],
            end=end,
            after=(rng.randint(0, 90), rng.uniform(0, 0.02)),
            lives=rng.choice((0.0, 0.0, 0.02, 0.1)),
            lie=lie,
            wrong=self._a_wrong_clock() if rng.random() < 0.04 else 0.0,
            media=rng.random() < 0.1 and self._size is None,
            rate=rng.choice((0.05, 0.2, 0.5)) if end == "faults" else 0.0,
            limited=rng.random() < 0.1,
        )

    def _a_lie(self) -> tuple[str, frozenset[str]]:
        some = self._rng.sample(_LIED_ABOUT, self._rng.choice((1, 3, len(_LIED_ABOUT))))
        return self._rng.choice(_LIES), frozenset(some)

    def _a_wrong_clock(self) -> float:
        wrong = self._rng.choice(_WRONG)
        return -time.time() + 100 * _DAY if wrong is None else wrong

    def _pass(self) -> None:
        """Time goes by: it is another day, unless the server lies, which proves nothing so soon."""
        if self._lies:
            self._lies -= 1
            self._now += _HOUR
            return
        self._now += self._pause
        self._month.day()
        if self._rng.random() < 0.25:
            self._fate.strike()

    def _disturbed(self, instance: DemoInstance, plan: Plan) -> Iterator[str]:
        """One sync as planned, then time that passes."""
        self.tally.syncs.update(_names(plan))
        instance.faults.schedule = self._schedule(plan)
        instance.between = self._life(plan)
        instance.limiter.enabled = plan.limited
        child = self._nursery.start(self._errand(instance, plan))
        self._stop(instance, child, plan)
        instance.faults.schedule = instance.between = None
        instance.limiter.enabled = False
        yield from _complaints(child, {0, 3} | _LEGAL[plan.end])
        self._witness.look()
        if self._path.exists():
            yield from self._witness.objections()
        self._pass()
        self._witness.look()

    def _schedule(self, plan: Plan) -> Callable[[Seen], str | None] | None:
        rng, lie = random.Random(self._rng.random()), plan.lie

        def schedule(seen: Seen) -> str | None:
            if lie is not None and seen.method in lie[1]:
                return lie[0]
            return rng.choice(_FAULTS) if rng.random() < plan.rate else None

        return schedule

    def _life(self, plan: Plan) -> Callable[[Seen], None] | None:
        """What happens between two requests of a sync."""
        if not plan.lives:
            return None
        rng = random.Random(self._rng.random())
        life = Life(self._world, rng, pause=1 - plan.lives)

        def live(seen: Seen) -> None:
            life(seen)
            if rng.random() < plan.lives / 20:
                self._fate.strike()

        return live

    def _errand(self, instance: DemoInstance, plan: Plan) -> Errand:
        rng = self._rng
        sections = DEFAULT_SECTIONS
        if plan.kind == "sync --all" or (plan.kind == "audit" and rng.random() < 0.3):
            sections, self._is_whole = SECTIONS, True
        elif plan.kind == "sections":
            sections = tuple(rng.sample(SECTIONS, rng.randint(1, 4)))
        return Errand(
            url=instance.url,
            token=instance.token,
            path=str(self._path),
            out=str(self._folder),
            sections=sections,
            owners=rng.choice(((), self._owners)),
            full=plan.kind == "sync --full",
            audit=plan.kind == "audit",
            media=plan.media,
            max_requests=rng.randint(1, 80) if plan.end == "requests" else None,
            max_duration=rng.uniform(0.02, 0.6) if plan.end == "duration" else None,
            size=self._size,
            ahead=self._now + plan.wrong,
            seed=rng.randint(0, 2**32),
        )

    def _stop(self, instance: DemoInstance, child: Child, plan: Plan) -> None:
        """Let it run, and stop it where that is planned."""
        if plan.end in _SIGNALS:
            requests, seconds = plan.after
            most = len(instance.raw) + requests
            while len(instance.raw) < most and not child.wait(0.001):
                pass
            child.wait(seconds)
            child.send(_SIGNALS[plan.end])
        if not child.wait(_PATIENCE):
            child.send(signal.SIGKILL)
            child.wait(_PATIENCE)
        self.tally.killed += child.status == -signal.SIGKILL

    # The end

    def _ended(self, instance: DemoInstance) -> Iterator[str]:
        """Undisturbed syncs make the archive the world: news, all anew, and what is gone twice.

        A month lies between any two, so that all that is due again after a while is due.
        """
        self._fate.restore()
        self._witness.look()
        kinds = ("sync --full", "audit", "audit", "sync --all" if self._is_whole else "sync")
        for number, kind in enumerate((*kinds, "audit", "audit")):
            self._now += 33 * _DAY
            plan = Plan(kind, "by itself")
            self.tally.syncs.update(_names(plan))
            errand = replace(
                self._errand(instance, plan),
                owners=self._owners,
                accept_losses=number > 1,
                sections=SECTIONS if self._is_whole else DEFAULT_SECTIONS,
            )
            child = self._nursery.start(errand)
            child.wait(_PATIENCE)
            wrong = list(_complaints(child, {0, 3})) or list(self._witness.objections())
            if wrong:
                yield from (f"last sync {number + 1} ({kind}): {one}" for one in wrong)
                return
        yield from self._witness.differences(everything=self._is_whole)
        yield from self._witness.rebuilt()


def _a_world(rng: random.Random) -> World:
    """Short lists, and sometimes a long one."""
    worlds._clock["now"] = 1_500_000_000
    counts = {name: rng.randint(0, 15) for name in LISTS}
    if rng.random() < 0.4:
        counts[rng.choice(("posts", "posts", "photos", "notes", *LISTS))] = rng.randint(60, 120)
    return made(rng.randint(0, 2**32), counts, dialogs=rng.randint(0, 3))


def _names(plan: Plan) -> Iterator[str]:
    yield "syncs"
    yield f"kind: {plan.kind}"
    yield f"end: {plan.end}"
    if plan.lie:
        yield f"lie: {plan.lie[0]}"
    if plan.wrong:
        yield "clock wrong"
    if plan.media:
        yield "with media"
    if plan.lives:
        yield "while the world lives"


def _complaints(child: Child, legal: set[int]) -> Iterator[str]:
    """What is wrong with how a sync ended."""
    said = child.said
    if child.status not in legal:
        yield f"exit code {child.status}: {said[-1500:]}"
    elif "Traceback" in said:
        yield f"a traceback: {said[-1500:]}"
    report: dict[str, Any] | None = child.report if child.status in (0, 3) else None
    if report is not None and report["exit_code"] != child.status:
        yield f"exit code {child.status}, and {report['exit_code']} in its report"


def soak(name: str, dialect: str, syncs: int, nursery: Nursery, keep: Path | None = None) -> Tally:
    """Live one world."""
    with tempfile.TemporaryDirectory() as folder:
        soaked = Soaked(name, dialect, Path(folder), nursery)
        wrong = list(soaked.live(syncs))
        if wrong:
            soaked.tally.failures[f"{name} {dialect}"] = wrong
            if keep is not None:
                shutil.copytree(folder, keep / f"{name.replace('/', '-')}-{dialect}")
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
    # A few worlds at a time, so that a failure is told soon.
    parts = [names[start : start + 4] for start in range(0, len(names), 4)]
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
