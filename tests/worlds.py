"""Worlds that hypothesis makes up, and what happens in them while we read."""

import random
from typing import Any

from hypothesis import strategies as st

from ovk_archive.demo import World

TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\r"), max_size=30
)
WORDS = ("да", "a < b && c > d", "&amp;lt; не дважды", "ё 🏳️‍🌈", "", "[id2|Алиса], привет")


@st.composite
def worlds(draw: st.DrawFn, most: int = 60) -> World:
    """A world with lists of any length up to `most`, deleted rows and equal times among them."""
    seed = draw(st.integers(0, 2**32))
    counts = {name: draw(st.integers(0, most)) for name in ("posts", "photos", "notes", "tracks")}
    world = World.empty()
    peopled(world, random.Random(seed), counts, dialogs=draw(st.integers(0, 4)), most=most)
    return world


def peopled(
    world: World, rng: random.Random, counts: dict[str, int], *, dialogs: int, most: int
) -> None:
    """Fill a world."""
    people = [1, *(world.add_user(f"Имя{i}", f"Фамилия{i}").id for i in range(4))]
    for _ in range(counts["posts"]):
        _post(world, rng, people)
    for peer in people[1 : dialogs + 1]:
        _talk(world, rng, peer, rng.randint(1, most))
    _photos(world, rng, counts["photos"])
    for number in range(counts["notes"]):
        world.add_note(1, title=f"Заметка {number}", date=1_600_000_000 + number)
    _tracks(world, rng, counts["tracks"])
    for _ in range(sum(counts.values()) // 8):
        _delete_something(world, rng)


def _post(world: World, rng: random.Random, people: list[int]) -> None:
    post = world.add_post(1, author=rng.choice(people), text=rng.choice(WORDS), date=_when(rng))
    for _ in range(rng.choice((0, 0, 0, 1, 3, 25))):
        world.add_comment("post", 1, post.id)


def _talk(world: World, rng: random.Random, peer: int, count: int) -> None:
    for _ in range(count):
        world.add_message(peer, out=rng.random() < 0.5, text=rng.choice(WORDS), date=_when(rng))


def _photos(world: World, rng: random.Random, count: int) -> None:
    album = world.add_album(1)
    for _ in range(count):
        world.add_photo(1, album.id if rng.random() < 0.6 else None)


def _tracks(world: World, rng: random.Random, count: int) -> None:
    playlist = world.add_playlist(1)
    for _ in range(count):
        track = world.add_audio(1)
        if rng.random() < 0.4:
            world.add_to_playlist(playlist.id, track.id)


#: Messages and posts come in the order of their numbers, several in one second.
_clock = {"now": 1_500_000_000}


def _when(rng: random.Random) -> int:
    _clock["now"] += rng.choice((0, 0, 1, 50))
    return _clock["now"]


def _delete_something(world: World, rng: random.Random) -> None:
    """One row of any kind vanishes."""
    kind, rows = rng.choice(
        (
            ("post", [(1, post.id) for post in world.wall(1)]),
            ("message", [(m.id,) for m in world.messages.values() if not m.deleted]),
            ("photo", [(1, photo.id) for photo in world.photos_of(1)]),
            ("note", [(1, note.id) for note in world.notes_of(1)]),
            ("audio", [(track.id,) for track in world.collection(1) if not track.deleted]),
            ("comment", [(c.id,) for c in world.comments.values() if not c.deleted]),
        )
    )
    if rows:
        getattr(world, f"delete_{kind}")(*rng.choice(rows))


class Life:
    """What happens before each answer: rows arrive, vanish, come back, move to the top.

    `pause` is the chance that nothing more happens; `unhide` lets deleted posts come back.
    """

    def __init__(self, world: World, rng: random.Random, *, pause: float, unhide: bool) -> None:
        self._world = world
        self._rng = rng
        self._pause = pause
        self._hidden = [k for k, post in world.posts.items() if post.deleted and unhide]

    def __call__(self, _seen: Any) -> None:
        """Live a little."""
        things = (self._write, self._pin, self._come_back, self._talk, self._move, self._add)
        while self._rng.random() > self._pause:
            if self._rng.random() < 0.25:
                _delete_something(self._world, self._rng)
            else:
                self._rng.choice(things)()

    def _write(self) -> None:
        self._world.add_post(1, text=self._rng.choice(WORDS), date=_when(self._rng))

    def _pin(self) -> None:
        wall = self._world.wall(1)
        some = self._rng.choice(wall).id if wall and self._rng.random() < 0.8 else None
        self._world.pin_post(1, some)

    def _come_back(self) -> None:
        if self._hidden:
            self._world.undelete_post(*self._hidden.pop())

    def _talk(self) -> None:
        peers = sorted(self._world.dialogs)
        _clock["now"] += 1  # Messages that arrive now are of a second of their own.
        if peers:
            _talk(self._world, self._rng, self._rng.choice(peers), 1)

    def _move(self) -> None:
        tracks = self._world.collection(1)
        if tracks:
            self._world.move_audio_to_front(self._rng.choice(tracks).id)

    def _add(self) -> None:
        self._rng.choice((self._world.add_photo, self._world.add_note, self._world.add_audio))(1)
