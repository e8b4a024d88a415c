"""The world of the benchmark, served by a process of its own that does as stdin tells it.

The first line of stdin says what to serve, the first line of stdout where it is; from then on each
line is a command, and has one line of answer. All of them are JSON.
"""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

from peers_words import text

from ovk_archive.demo import DemoInstance, World, generate
from ovk_archive.demo.server.http import Request
from ovk_archive.demo.server.trouble import Trouble, Visit

ME = 1
DATE = 1_600_000_000
#: In how many dialogs something is written while the archiver looks away: a tenth.
LIVELY = 10
#: Messages in a row with one person, on average: people write to each other in sittings.
SITTING = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much the account has, beside what every demo has.

    Attributes:
        commented: posts with one to three comments; every second has one to five likes as well.
    """

    posts: int
    commented: int
    dialogs: int
    messages: int
    photos: int


class Life:
    """What happens in the world: all of it out of one seed.

    Args:
        alone: nothing else is there, of what every demo has.
        scattered: whom a message is to has nothing to do with the one before: nobody writes so,
            and nothing is more work for an archive.
    """

    def __init__(self, sizes: Sizes, *, alone: bool, scattered: bool) -> None:
        self.world = World.empty() if alone else generate()
        self._random = Random(1)
        self._people = [
            self.world.add_user(f"Имя{n}", f"Фамилия{n}").id for n in range(sizes.dialogs)
        ]
        self._written: list[int] = []
        self._said: list[int] = []
        for number in range(sizes.posts):
            self._post(DATE + number * 60)
        for number, post in enumerate(self._random.sample(self._written, sizes.commented)):
            self._discuss(post, liked=number % 2 == 0)
        peer = 0
        for number in range(sizes.messages):
            if scattered or not number or self._random.random() < 1 / SITTING:
                # Some people are talked to much more than others.
                peer = self._people[int(len(self._people) * self._random.random() ** 2)]
            self._message(peer, DATE + number * 30)
        for number in range(sizes.photos):
            self.world.add_photo(ME, date=DATE + number)

    def change(self, share: float) -> dict[str, int]:
        """Half of the share is new, the other half is edited; how much that is, by kind."""
        posts, messages = (
            max(1, round(len(one) * share / 2)) for one in (self._written, self._said)
        )
        for key in self._random.sample(self._written, posts):
            self.world.edit_post(ME, key, text(self._random, 40, 600))
        for key in self._random.sample(self._said, messages):
            self.world.edit_message(key, text(self._random, 20, 300))
        lively = self._random.sample(self._people, max(1, len(self._people) // LIVELY))
        for number in range(posts):
            post = self._post(None)
            if number % 10 == 0:
                self._discuss(post, liked=True)
        for _ in range(messages):
            self._message(self._random.choice(lively), None)
        return {"posts": posts, "messages": messages}

    def truth(self) -> dict[str, dict[str, int | None]]:
        """By kind: the key of each record that there is, with the checksum of its text."""
        world = self.world
        posts = world.wall(ME)
        comments = [one for post in posts for one in world.thread("post", ME, post.id)]
        said = [one for one in world.messages.values() if not one.deleted]
        return {
            "posts": {f"{ME}_{post.id}": _sum(post.text) for post in posts},
            "comments": {str(one.id): _sum(one.text) for one in comments},
            "likes": {f"{ME}_{post.id}_{one}": None for post in posts for one in post.likers},
            "messages": {str(one.id): _sum(one.text) for one in said},
            "photos": {f"{ME}_{photo.id}": None for photo in world.photos_of(ME)},
        }

    def _post(self, date: int | None) -> int:
        post = self.world.add_post(ME, text=text(self._random, 40, 600), date=date)
        self._written.append(post.id)
        return post.id

    def _message(self, peer: int, date: int | None) -> None:
        out, said = self._random.random() < 0.5, text(self._random, 20, 300)
        self._said.append(self.world.add_message(peer, out=out, text=said, date=date).id)

    def _discuss(self, post: int, *, liked: bool) -> None:
        for _ in range(self._random.randint(1, 3)):
            author, said = self._random.choice(self._people), text(self._random, 10, 200)
            self.world.add_comment("post", ME, post, author=author, text=said)
        for one in self._random.sample(self._people, min(5, len(self._people))) if liked else ():
            self.world.like("post", ME, post, one)
            if self._random.random() < 0.3:
                break


class Recorded(Trouble):
    """No trouble, but it notes each request as HTTP has it, without its token.

    Attributes:
        requests: as they were made.
        singly: the same, but calls that travelled together as requests of their own.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.singly: list[tuple[str, dict[str, str]]] = []

    def visit(self, name: str, request: Request) -> Visit:
        """Note a request."""
        self.requests.append(_noted(request))
        if name != "execute":
            self.singly.append(_noted(request))
        return super().visit(name, request)

    def inner(self, outer: Visit, name: str, request: Request) -> Visit:
        """Note a call inside of a request, which is no request."""
        del outer
        self.singly.append(_noted(request))
        return Visit(name, request)


def _noted(request: Request) -> tuple[str, dict[str, str]]:
    form = {key: one for key, one in request.values.items() if key != "access_token"}
    return request.path, form


class Serving:
    """The commands, each a method: its parameters are the rest of the line."""

    def __init__(self, life: Life, instance: DemoInstance) -> None:
        self._life = life
        self._instance = instance
        self._began = 0.0

    def where(self) -> dict[str, Any]:
        """How to reach the account."""
        one = self._instance
        return {"url": one.url, "token": one.token, "account_id": one.account_id}

    def listen(self, latency: float) -> dict[str, Any]:
        """From now on answers take so long, and requests are noted."""
        self._instance.latency = latency
        self._instance.trouble = Recorded()
        self._began = time.process_time()
        return {}

    def told(self, file: str | None) -> dict[str, Any]:
        """How many requests came since then and what they cost; the file gets them."""
        used = time.process_time() - self._began
        trouble = self._instance.trouble
        assert isinstance(trouble, Recorded)
        if file is not None:
            noted = {"requests": trouble.requests, "singly": trouble.singly}
            Path(file).write_text(json.dumps(noted), encoding="utf-8")
        return {"requests": len(trouble.requests), "served": used}

    def change(self, share: float) -> dict[str, int]:
        """Let time go by."""
        with self._life.world.lock:
            return self._life.change(share)

    def truth(self, file: str) -> dict[str, Any]:
        """Write what there is into a file."""
        with self._life.world.lock:
            Path(file).write_text(json.dumps(self._life.truth()), encoding="utf-8")
        return {}


def _sum(said: str) -> int:
    return crc32(said.encode())


def main() -> None:
    """Serve until stdin ends."""
    wanted = json.loads(sys.stdin.readline())
    life = Life(Sizes(**wanted["sizes"]), alone=wanted["alone"], scattered=wanted["scattered"])
    with DemoInstance(life.world, wanted["dialect"]) as instance:
        serving = Serving(life, instance)
        _say(serving.where())
        for line in sys.stdin:
            command = json.loads(line)
            _say(getattr(serving, command.pop("do"))(**command))


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
