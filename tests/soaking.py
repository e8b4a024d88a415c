"""One life of a soak: how each sync is stopped, and what has to hold then."""

import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import worlds
from catastrophes import Catastrophes
from children import Child, Errand, Nursery
from lives import Month
from plans import DAY, FAULTS, HOUR, LEGAL, SIGNALS, Dice, Plan
from toy import DemoInstance, Limiter, Seen, World
from witness import Witness
from worlds import ALICE, LISTS, ME, OWNERS, Life, made

from ovk_archive.resources import DEFAULT_SECTIONS, SECTIONS

#: A sync that takes longer hangs.
_PATIENCE = 120.0


@dataclass
class Tally:
    """What a soak has done.

    Attributes:
        syncs: how many of which kind, end and trouble.
        killed: those that a SIGKILL met alive.
        refused: how often an archive was told that it asks too fast, at most.
        failures: by world, what was wrong.
    """

    worlds: int = 0
    syncs: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    verified: int = 0
    refused: int = 0
    failures: dict[str, list[str]] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Count what another has done, too."""
        self.worlds += other.worlds
        self.syncs += other.syncs
        self.killed += other.killed
        self.verified += other.verified
        self.refused = max(self.refused, other.refused)
        self.failures |= other.failures

    def lines(self) -> Iterator[str]:
        """What is to be said of it."""
        yield f"{self.worlds} worlds, {len(self.failures)} of them failed"
        for name, number in sorted(self.syncs.items()):
            yield f"  {number:6} {name}"
        yield f"{self.killed} syncs killed while they ran; verify ran {self.verified} times"
        yield f"error 29 came {self.refused} times in an archive's life at most"


class Soaked:
    """One world, and what happens to it."""

    def __init__(self, name: str, dialect: str, folder: Path, nursery: Nursery) -> None:
        self.tally = Tally(worlds=1)
        self._limiter = Limiter()
        self._rng = rng = random.Random(name)
        self._dialect = dialect
        self._folder = folder
        self._nursery = nursery
        self._world = _a_world(rng)
        self._month = Month(self._world, rng, dialect)
        self._fate = Catastrophes(self._world, rng, dialect)
        self._owners = rng.choice(((ME,), (ME, ALICE), OWNERS))
        self._size = rng.choice((None, None, 11, 17, 40))
        self._pause = rng.choice((HOUR, DAY, 3 * DAY))
        #: Whether calls travel together in this sync and in the next; an instance may change.
        self._together = rng.choice(((True, True), (True, True), (False, True), (True, False)))
        self._now = 0.0
        self._dice = Dice(rng, media=self._size is None)
        # What the last syncs do not ask for again may lack something for good.
        self._asked = set(DEFAULT_SECTIONS)
        self._path = folder / "archive.db"
        self._witness = Witness(self._world, dialect, self._path, self._owners, self._fate.restored)

    def live(self, syncs: int) -> Iterator[str]:
        """Sync it so often, then to the end; what goes wrong first, or nothing."""
        with DemoInstance(self._world, self._dialect) as instance:
            self._limiter = instance.limiter
            instance.faults.slow_seconds = 0.03
            instance.limiter.window = 0.1
            self._witness.look()
            for number in range(syncs):
                instance.has_execute = self._together[number % 2]
                plan = self._dice.plan(number)
                wrong = list(self._disturbed(instance, plan))
                if wrong:
                    yield from (f"sync {number + 1} ({plan}): {one}" for one in wrong)
                    return
            yield from self._ended(instance)

    def count(self) -> None:
        """Take down what can be counted only at the end."""
        self.tally.verified = self._witness.verified
        self.tally.refused = self._limiter.refusals

    # What happens

    def _pass(self) -> None:
        """Time goes by: it is another day, unless the server lies, which proves nothing so soon."""
        if self._dice.lies:
            self._dice.lies -= 1
            self._now += HOUR
            return
        self._now += self._pause
        self._month.day()
        if self._rng.random() < 0.25:
            self._fate.strike()

    def _disturbed(self, instance: DemoInstance, plan: Plan) -> Iterator[str]:
        """One sync as planned, then time that passes."""
        self.tally.syncs.update(plan.names())
        instance.faults.schedule = self._schedule(plan)
        instance.between = self._life(plan)
        instance.limiter.enabled = plan.limited
        instance.faults.poison = self._dice.poison(self._world) if plan.poisoned else set()
        child = self._nursery.start(self._errand(instance, plan))
        self._stop(instance, child, plan)
        instance.faults.schedule = instance.between = None
        instance.limiter.enabled = False
        instance.faults.poison = set()
        yield from _complaints(child, {0, 3} | LEGAL[plan.end])
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
            return rng.choice(FAULTS) if rng.random() < plan.rate else None

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
                self._witness.look()

        return live

    def _errand(self, instance: DemoInstance, plan: Plan) -> Errand:
        rng = self._rng
        sections = DEFAULT_SECTIONS
        if plan.kind == "sync --all" or (plan.kind == "audit" and rng.random() < 0.3):
            sections = SECTIONS
        elif plan.kind == "sections":
            sections = tuple(rng.sample(SECTIONS, rng.randint(1, 4)))
        self._asked.update(sections)
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
            grows=rng.random() < 0.5,
            many=rng.choice((1, 500)),
            concurrency=rng.choice((4, 4, 1)),
            ahead=self._now + plan.wrong,
            seed=rng.randint(0, 2**32),
        )

    def _stop(self, instance: DemoInstance, child: Child, plan: Plan) -> None:
        """Let it run, and stop it where that is planned."""
        if plan.end in SIGNALS:
            requests, seconds = plan.after
            most = len(instance.raw) + requests
            while len(instance.raw) < most and not child.wait(0.001):
                pass
            child.wait(seconds)
            child.send(SIGNALS[plan.end])
        if not child.wait(_PATIENCE):
            child.send(signal.SIGKILL)
            child.wait(_PATIENCE)
        self.tally.killed += child.status == -signal.SIGKILL

    # The end

    @property
    def _is_whole(self) -> bool:
        """Syncs have asked for every section."""
        return self._asked >= set(SECTIONS)

    def _ended(self, instance: DemoInstance) -> Iterator[str]:
        """Undisturbed syncs make the archive the world: news, all anew, and what is gone twice.

        They read all sections that any sync has read: of others nothing can be said.
        A month lies between any two, so that all that is due again after a while is due.
        """
        self._fate.restore()
        self._witness.look()
        kinds = ("sync --full", "audit", "audit", "sync --all" if self._is_whole else "sync")
        for number, kind in enumerate((*kinds, "audit", "audit")):
            self._now += 33 * DAY
            plan = Plan(kind, "by itself")
            self.tally.syncs.update(plan.names())
            errand = replace(
                self._errand(instance, plan),
                owners=self._owners,
                accept_losses=number > 1,
                sections=tuple(section for section in SECTIONS if section in self._asked),
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
    worlds.clock["now"] = 1_500_000_000
    counts = {name: rng.randint(0, 15) for name in LISTS}
    if rng.random() < 0.4:
        counts[rng.choice(("posts", "posts", "photos", "notes", *LISTS))] = rng.randint(60, 120)
    return made(rng.randint(0, 2**32), counts, dialogs=rng.randint(0, 3))


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
