"""A list that lives: rows arrive, vanish, come back, get pinned, between any two requests."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ovk_archive.api.paging.paginator import Worth
from ovk_archive.api.paging.positions import Page
from ovk_archive.api.paging.windows import Window


@dataclass
class Harshness:
    """How much happens between two requests: a chance, and at most so many rows."""

    insert: float = 0.5
    delete: float = 0.3
    unhide: float = 0.0
    pin: float = 0.0
    jump: float = 0.0
    burst: int = 5


@dataclass
class LivingList:
    """The truth of one newest-first list, and what a server says of it.

    Attributes:
        rows: keys, newest first.
        dead: keys that keep their places but are never shown.
        pinned: the key that is shown first, and only there.
        off_by_one: without a pinned row every offset but 0 acts as one less ([A], wall.get).
        counts: the answers tell the number of rows.
    """

    rng: random.Random
    rows: list[int]
    dead: set[int] = field(default_factory=set)
    hidden: dict[int, int] = field(default_factory=dict)
    pinned: int | None = None
    off_by_one: bool = False
    counts: bool = True
    requests: int = 0
    always: set[int] = field(default_factory=set)
    newest: int = 0

    def __post_init__(self) -> None:
        self.newest = max(self.rows, default=0)
        self.begin()

    def begin(self) -> None:
        """From now on, whatever vanishes once did not exist throughout."""
        self.always = self.visible()

    def visible(self) -> set[int]:
        """What the list shows."""
        return {key for key in self.rows if key not in self.dead}

    def answer(self, window: Window) -> Page:
        """A page, as the server would give it."""
        self.requests += 1
        listed = [key for key in self.rows if key != self.pinned]
        start = window.start
        aside = 0
        if self.pinned is not None:
            listed = [self.pinned, *listed]
        elif self.off_by_one and start:
            start -= 1
        slots = listed[start : start + window.size]
        shown = [key for key in slots if key not in self.dead]
        if self.pinned is not None and window.start == 0 and self.pinned in shown:
            shown.remove(self.pinned)
            aside = 1
        return Page(
            keys=tuple(map(str, shown)),
            aside=aside,
            total=(len(self.rows) if self.dead else len(self.visible())) if self.counts else None,
            slots=len(self.rows) if self.dead else None,
        )

    def live(self, how: Harshness) -> None:
        """What happens between two requests."""
        rng = self.rng
        if rng.random() < how.insert:
            for _ in range(rng.randint(1, how.burst)):
                self.newest += 1
                self.rows.insert(0, self.newest)
        if rng.random() < how.delete:
            for _ in range(min(len(self.rows), rng.randint(1, how.burst))):
                self.remove(rng.choice(self.rows))
        if rng.random() < how.unhide and self.hidden:
            key, place = self.hidden.popitem()
            self.rows.insert(min(place, len(self.rows)), key)
        if rng.random() < how.pin:
            self.pinned = rng.choice([None, *self.rows[:200]])
        if rng.random() < how.jump and self.rows:
            key = rng.choice(self.rows)
            self.rows.remove(key)
            self.rows.insert(0, key)

    def remove(self, key: int) -> None:
        """Take a row out of the list, and remember where it stood."""
        self.hidden[key] = self.rows.index(key)
        self.rows.remove(key)
        self.always.discard(key)
        if self.pinned == key:
            self.pinned = None


@dataclass
class Asked:
    """The pages of a walk; some are asked for before it comes to them, and answered in any order.

    Attributes:
        most: as many pages beside the next one.
        between: what happens between two answers.
    """

    living: LivingList
    paginator: Any
    most: int = 0
    between: Callable[[], None] = lambda: None
    held: dict[Window, Page] = field(default_factory=dict)

    def page(self, position: Any, window: Window) -> Page:
        """The page of a window, as it was when it was answered."""
        wanted = (window, *self.paginator.ahead(position, self.most))
        self.held = {one: page for one, page in self.held.items() if one in wanted}
        asked = [one for one in wanted if one not in self.held]
        for one in self.living.rng.sample(asked, len(asked)):
            self.held[one] = self.living.answer(one)
            self.between()
        return self.held.pop(window)


def changing(rng: random.Random) -> Worth:
    """A server that is fast at one moment and slow at another: pages grow and shrink."""
    times = 1.0

    def rows(usual: int, most: int) -> int:
        nonlocal times
        if rng.random() < 0.3:
            times = rng.choice([0.25, 0.5, 1, 1, 4])
        return min(most, round(usual * times))

    return rows


def walk(paginator: Any, living: LivingList, how: Harshness, saved: Any, **more: Any) -> Any:
    """One run of a paginator over a living list: (keys seen, position as saved, requests)."""
    position = paginator.begin(saved, full=more.get("full", False), expected=0)
    asked = Asked(living, paginator, more.get("ahead", 0), partial(living.live, how))
    seen: set[int] = set()
    budget = more.get("budget", 10_000)
    for requests in range(budget):
        window = paginator.window(position)
        if window is None:
            return seen, position.to_json(), requests
        page = asked.page(position, window)
        seen |= {int(key) for key in page.keys}
        if page.aside and living.pinned is not None:
            seen.add(living.pinned)
        after = paginator.after(position, page)
        assert after != position, "the paginator runs in circles"
        position = paginator.sized(after, more.get("worth", min))
    return seen, position.to_json(), budget
