"""Worlds that hypothesis makes up, and what happens in them while we read."""

import random
from collections.abc import Callable
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
        for _ in range(rng.randint(1, most)):
            world.add_message(peer, out=rng.random() < 0.5, text=rng.choice(WORDS), date=_when(rng))
    album = world.add_album(1)
    for _ in range(counts["photos"]):
        world.add_photo(1, album.id if rng.random() < 0.6 else None)
    for number in range(counts["notes"]):
        world.add_note(1, title=f"Заметка {number}", date=1_600_000_000 + number)
    playlist = world.add_playlist(1)
    for _ in range(counts["tracks"]):
        track = world.add_audio(1)
        if rng.random() < 0.4:
            world.add_to_playlist(playlist.id, track.id)
    for _ in range(sum(counts.values()) // 8):
        _delete_something(world, rng)


def _post(world: World, rng: random.Random, people: list[int]) -> None:
    post = world.add_post(1, author=rng.choice(people), text=rng.choice(WORDS), date=_when(rng))
    for _ in range(rng.choice((0, 0, 0, 1, 3, 25))):
        world.add_comment("post", 1, post.id)


#: Messages and posts come in the order of their numbers, several in one second.
_clock = {"now": 1_500_000_000}


def _when(rng: random.Random) -> int:
    _clock["now"] += rng.choice((0, 0, 1, 50))
    return _clock["now"]


def _delete_something(world: World, rng: random.Random) -> None:
    """One row of any kind vanishes."""
    kind = rng.choice(("post", "message", "photo", "note", "audio", "comment"))
    rows = {
        "post": lambda: [(1, p.id) for p in world.wall(1)],
        "message": lambda: [(m.id,) for m in world.messages.values() if not m.deleted],
        "photo": lambda: [(1, p.id) for p in world.photos_of(1)],
        "note": lambda: [(1, n.id) for n in world.notes_of(1)],
        "audio": lambda: [(a.id,) for a in world.collection(1) if not a.deleted],
        "comment": lambda: [(c.id,) for c in world.comments.values() if not c.deleted],
    }[kind]()
    if rows:
        getattr(world, f"delete_{kind}")(*rng.choice(rows))


def life(world: World, rng: random.Random, pause: float = 0.5) -> Callable[[Any], None]:
    """What happens before each answer: rows arrive, vanish, come back, move to the top."""
    hidden = [key for key, post in world.posts.items() if post.deleted]

    def write() -> None:
        world.add_post(1, text=rng.choice(WORDS), date=_when(rng))

    def pin() -> None:
        wall = world.wall(1)
        world.pin_post(1, rng.choice(wall).id if wall and rng.random() < 0.8 else None)

    def unhide() -> None:
        if hidden:
            world.undelete_post(*hidden.pop())

    def talk() -> None:
        peers = sorted(world.dialogs)
        if peers:
            world.add_message(rng.choice(peers), out=True, text=rng.choice(WORDS), date=_when(rng))

    def move() -> None:
        tracks = world.collection(1)
        if tracks:
            world.move_audio_to_front(rng.choice(tracks).id)

    things: tuple[Callable[[], Any], ...] = (
        write, pin, unhide, talk, move,
        lambda: world.add_photo(1),
        lambda: world.add_note(1),
        lambda: world.add_audio(1),
        lambda: _delete_something(world, rng),
        lambda: _delete_something(world, rng),
    )  # fmt: skip

    def happen(_seen: Any) -> None:
        while rng.random() > pause:
            rng.choice(things)()

    return happen
