"""What is to happen in a sync of a soak, decided by dice."""

import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from worlds import ME

from ovk_archive.demo import World

HOUR, DAY = 3600.0, 86_400.0
SIGNALS = {"SIGKILL": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "Ctrl-C": signal.SIGINT}
#: How a sync ends, and how often.
_ENDS = {
    "by itself": 40, "SIGKILL": 24, "SIGTERM": 6, "Ctrl-C": 6, "requests": 10, "duration": 3,
    "faults": 11,
}  # fmt: skip
#: How it may end then; whatever it is, the list of what is lacking makes a 3 of a 0.
LEGAL = {
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
FAULTS = ("500", "502", "503", "302", "html", "truncated", "cut", "cut_body", "slow", "400empty")
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
_WRONG = (None, -10 * DAY, 2 * HOUR, 23 * 365 * DAY)


@dataclass(frozen=True)
class Plan:
    """What is to happen in one sync.

    Attributes:
        kind, end: as in `_KINDS` and `_ENDS`.
        after: a signal comes after so many requests, and so many seconds.
        lives: the chance that something happens before a request is answered.
        lie: what is served instead of some lists, and which.
        wrong: by so many seconds the clock is wrong.
        rate: how many answers are faults.
        limited: the server refuses to be asked too fast.
        poisoned: some records crash the server.
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
    poisoned: bool = False

    def __str__(self) -> str:
        troubles = [
            f"{self.kind}, {self.end}",
            f"after {self.after[0]} requests" if self.end in SIGNALS else "",
            f"lies {self.lie[0]} of {', '.join(sorted(self.lie[1]))}" if self.lie else "",
            f"clock wrong by {self.wrong:.0f} s" if self.wrong else "",
            "media" if self.media else "",
            "poisoned" if self.poisoned else "",
            "limited" if self.limited else "",
        ]
        return ", ".join(filter(None, troubles))

    def names(self) -> Iterator[str]:
        """What is counted of it."""
        yield "syncs"
        yield f"kind: {self.kind}"
        yield f"end: {self.end}"
        if self.lie:
            yield f"lie: {self.lie[0]}"
        if self.wrong:
            yield "clock wrong"
        if self.media:
            yield "with media"
        if self.poisoned:
            yield "with records that crash"
        if self.limited:
            yield "with a limit"
        if self.lives:
            yield "while the world lives"


class Dice:
    """Plans the syncs of one world: one day lists are lied about, and for some syncs records crash.

    Attributes:
        lies: in so many syncs more, lists are lied about.
    """

    def __init__(self, rng: random.Random, *, media: bool) -> None:
        self.lies = 0
        self._rng = rng
        self._media = media
        self._lying = rng.randint(1, 20)
        self._poisoned = range(start := rng.randint(0, 60), start + rng.randint(1, 8))

    def plan(self, number: int) -> Plan:
        """Decide by dice what the next sync is like."""
        rng = self._rng
        end = rng.choices(list(_ENDS), list(_ENDS.values()))[0]
        if number == self._lying:
            self.lies = rng.randint(1, 3)
        lie = self._a_lie() if self.lies else None
        return Plan(
            kind=rng.choices(list(_KINDS), list(_KINDS.values()))[0],
            end=end,
            after=(rng.randint(0, 90), rng.uniform(0, 0.02)),
            lives=rng.choice((0.0, 0.0, 0.02, 0.1)),
            lie=lie,
            # A lie of another day would be believed.
            wrong=self._a_wrong_clock() if rng.random() < 0.04 and lie is None else 0.0,
            media=rng.random() < 0.1 and self._media,
            rate=rng.choice((0.05, 0.2, 0.5)) if end == "faults" else 0.0,
            limited=rng.random() < 0.1,
            poisoned=number in self._poisoned,
        )

    def _a_lie(self) -> tuple[str, frozenset[str]]:
        some = self._rng.sample(_LIED_ABOUT, self._rng.choice((1, 3, len(_LIED_ABOUT))))
        return self._rng.choice(_LIES), frozenset(some)

    def _a_wrong_clock(self) -> float:
        wrong = self._rng.choice(_WRONG)
        return -time.time() + 100 * DAY if wrong is None else wrong

    def poison(self, world: World) -> set[tuple[str, Any]]:
        """A few records that crash every page they are on: the same ones each time."""
        rng = random.Random(str(self._poisoned))
        records: list[tuple[str, Any]] = [
            *(("posts", (ME, number)) for number in range(1, 10)),
            *(("photos", (ME, number)) for number in range(1, 10)),
            *(("notes", (ME, number)) for number in range(1, 10)),
            *(("videos", (ME, number)) for number in range(1, 10)),
            *(("comments", number) for number in range(1, 20)),
            *(("messages", number) for number in range(1, 20)),
            *(("users", number) for number in list(world.users)[2:8]),
        ]
        return set(rng.sample(records, rng.randint(1, 3)))
