"""Worlds that hypothesis makes up, and what happens in them while we read."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from ovk_archive.demo import World, WorldSize, generate

WORDS = ("да", "a < b && c > d", "&amp;lt; не дважды", "ё 🏳️‍🌈", "", "[id2|Алиса], привет")
#: Every list whose length a world draws; the rest follows from these.
LISTS = (
    "posts", "feed", "photos", "notes", "tracks", "videos", "gifts", "documents", "friends",
    "followers", "asked", "groups", "members", "topics", "notifications", "blocked", "ignored",
)  # fmt: skip
#: What can be deleted.
KINDS = ("post", "message", "photo", "note", "audio", "comment", "video", "document", "topic")
#: The account; a friend and a community whose lists are read too, where a test says so.
ME, ALICE, CLUB = 1, 2, 1
OWNERS = (ME, ALICE, -CLUB)


@st.composite
def worlds(draw: st.DrawFn, most: int = 30) -> World:
    """A world with lists of any length up to `most`, deleted rows and equal times among them."""
    # Not 0: else the first example would be an empty world, each day.
    seed = draw(st.integers(0, 2**32).filter(bool))
    counts = {name: draw(st.integers(0, most)) for name in LISTS}
    return made(seed, counts, dialogs=draw(st.integers(0, 3)))


def made(seed: int, counts: dict[str, int], *, dialogs: int) -> World:
    """A world out of a seed."""
    world, rng = World.empty(), random.Random(seed)
    crowd = _people(world, rng, counts)
    _groups(world, rng, counts, crowd)
    _photos(world, counts["photos"], rng)
    _tracks(world, rng, counts["tracks"])
    _belongings(world, rng, counts, crowd)
    for number in range(counts["notes"]):
        world.add_note(ME, title=f"Заметка {number}", date=1_600_000_000 + number)
    _posts(world, rng, counts, crowd)
    _topics(world, rng, counts["topics"], crowd)
    _comments(world, rng, crowd)
    _like_some(world, rng, crowd)
    _notifications(world, rng, counts["notifications"], crowd)
    for peer in crowd[:dialogs]:
        _talk(world, rng, peer, rng.randint(1, 40))
    for _ in range(sum(counts.values()) // 12):
        _delete_something(world, rng)
    return world


def _people(world: World, rng: random.Random, counts: dict[str, int]) -> list[int]:
    """A crowd, some of it befriended; Alice is the first friend, and has friends of her own."""
    sizes = [counts[name] for name in ("friends", "followers", "asked")]
    world.add_user("Алиса", "Иванова")
    crowd = [ALICE, *(_person(world, rng, number) for number in range(sum(sizes) + 6))]
    rest = iter(crowd)
    ways: tuple[Callable[[int], None], ...] = (
        lambda number: world.befriend(ME, number),
        lambda number: world.follow(number, ME),
        lambda number: world.follow(ME, number),
    )
    for way, size in zip(ways, sizes, strict=True):
        for _ in range(size):
            way(next(rest))
    for number in rng.sample(crowd[1:], 5):
        rng.choice((world.befriend, world.follow))(number, ALICE)
    world.blacklist.extend(rng.sample(crowd[1:], min(counts["blocked"], len(crowd) - 1)))
    world.ignored.extend(rng.sample(crowd[1:], min(counts["ignored"], len(crowd) - 1)))
    return crowd


def _person(world: World, rng: random.Random, number: int) -> int:
    about: dict[str, Any] = rng.choice(
        ({}, {}, {}, {}, {"closed": True}, {"deleted": True}, {"banned": "спам"})
    )
    hides = frozenset({"wall"}) if rng.random() < 0.1 else frozenset()
    return world.add_user(f"Имя{number}", f"Фамилия{number}", hides=hides, **about).id


def _groups(world: World, rng: random.Random, counts: dict[str, int], crowd: Sequence[int]) -> None:
    """The club, and others; the account administers up to three of them."""
    for number in range(counts["groups"] + 1):
        group = world.add_group(f"Клуб {number}").id
        if number < counts["groups"]:
            world.join(ME, group)
        if number < 3 and rng.random() < 0.6:
            world.make_admin(ME, group)
        if rng.random() < 0.2:
            world.ignore_source(-group)
    for number in rng.sample(crowd, min(counts["members"], len(crowd))):
        world.join(number, CLUB)


def _photos(world: World, count: int, rng: random.Random) -> None:
    album = world.add_album(ME)
    world.add_photo(ALICE, world.add_album(ALICE).id)
    for _ in range(count):
        world.add_photo(ME, album.id if rng.random() < 0.6 else None)


def _tracks(world: World, rng: random.Random, count: int) -> None:
    playlist = world.add_playlist(ME)
    for _ in range(count):
        lyrics = "Слова & <музыка>" if rng.random() < 0.1 else None
        track = world.add_audio(ME, lyrics=lyrics)
        if rng.random() < 0.4:
            world.add_to_playlist(playlist.id, track.id)


def _belongings(
    world: World, rng: random.Random, counts: dict[str, int], crowd: Sequence[int]
) -> None:
    for _ in range(counts["videos"]):
        _film(world, rng)
    for _ in range(counts["gifts"]):
        _give(world, rng, crowd, date=_when(rng))
    for number in range(counts["documents"]):
        world.add_document(ME, f"Файл {number}", rng.choice(("txt", "png", "pdf")), date=_when(rng))
    world.add_video(ALICE)
    world.add_gift(ALICE, ME, 1)
    world.add_document(-CLUB, "Устав", "pdf")


def _film(world: World, rng: random.Random) -> None:
    youtube = "dQw4w9WgXcQ" if rng.random() < 0.2 else None
    world.add_video(ME, youtube=youtube, processed=rng.random() < 0.8, date=_when(rng))


def _give(world: World, rng: random.Random, crowd: Sequence[int], date: int | None = None) -> None:
    """Few givers and words: [A] shows nothing by which two equal gifts could be told apart."""
    giver = rng.choice(crowd[:3])
    secret = rng.random() < 0.2
    world.add_gift(ME, giver, rng.randint(1, 4), rng.choice(WORDS[:2]), anonymous=secret, date=date)


def _posts(world: World, rng: random.Random, counts: dict[str, int], crowd: Sequence[int]) -> None:
    """Walls of the account and of those it subscribes to, written in turns.

    One whose wall is hidden may write much at a time: whole pages of the newsfeed are empty then.
    """
    walls = [ME] * counts["posts"] + [0] * counts["feed"]
    rng.shuffle(walls)
    hidden, place = _hidden(world), rng.randint(0, len(walls))
    if hidden and rng.random() < 0.5:
        walls[place:place] = [rng.choice(hidden)] * 60
    for wall in walls:
        if wall == ME:
            _post(world, rng, crowd)
        elif wall:
            world.add_post(wall, date=_when(rng))
        else:
            _news(world, rng, date=_when(rng))
    world.add_post(ALICE, date=_when(rng))
    world.add_post(-CLUB, date=_when(rng))


def _post(world: World, rng: random.Random, crowd: Sequence[int]) -> None:
    author = rng.choice([ME, *crowd[:4]])
    hung = _attachment(world, rng, crowd) if rng.random() < 0.3 else []
    text, date = rng.choice(WORDS), _when(rng)
    world.add_post(ME, author=author, text=text, date=date, attachments=hung)


def _attachment(world: World, rng: random.Random, crowd: Sequence[int]) -> list[tuple[str, Any]]:
    """Polls hang on the account's own posts only: which sync asks for others is not promised."""
    if rng.random() < 0.5:
        votes = [rng.randint(0, len(crowd) // 2) for _ in range(2)]
        multiple, secret = rng.random() < 0.5, rng.random() < 0.2
        answers = [("да", votes[0]), ("нет", votes[1])]
        poll = world.add_poll(ME, "Да?", answers, multiple=multiple, anonymous=secret)
        return [("poll", poll.id)]
    docs = [("doc", doc.id) for doc in world.documents_of(ME)]
    things = [(type(t).__name__.lower(), (ME, t.id)) for t in (*_photos_and_videos(world),)]
    return rng.sample([*docs, *things], min(2, len(docs) + len(things)))


def _photos_and_videos(world: World) -> list[Any]:
    return [*world.photos_of(ME), *world.videos_of(ME)]


def _subscriptions(world: World) -> list[int]:
    me = world.users[ME]
    return [*me.friends, *me.follows, *(-group for group in me.groups)]


def _hidden(world: World) -> list[int]:
    """Those whose posts the newsfeed leaves out, on one of the dialects at least."""
    people = [world.users[number] for number in _subscriptions(world) if number > 0]
    return [user.id for user in people if user.closed or "wall" in user.hides]


def _news(world: World, rng: random.Random, date: int | None = None) -> None:
    """Something for the newsfeed."""
    walls = _subscriptions(world)
    if walls:
        wall = rng.choice(walls)
        world.add_post(wall, author=wall if rng.random() < 0.7 else ME, date=date)


def _topics(world: World, rng: random.Random, count: int, crowd: Sequence[int]) -> None:
    """Discussions in the account's communities, and in others, so that their numbers differ."""
    for _ in range(count):
        group = rng.choice([_own(world)[0]] * 3 + [*world.groups])
        topic = world.add_topic(
            group, author=rng.choice([-group, *crowd]), date=_when(rng), pinned=rng.random() < 0.1
        )
        for _ in range(rng.choice((0, 1, 1, 2, 25))):
            world.add_comment("topic", -group, topic.virtual_id, author=rng.choice(crowd))


def _own(world: World) -> list[int]:
    """The groups whose boards are read, if any."""
    return world.administered(ME) or [CLUB]


def _comments(world: World, rng: random.Random, crowd: Sequence[int]) -> None:
    for kind, owner, number in _commentable(world):
        for _ in range(rng.choice((0, 0, 0, 0, 0, 1, 3, 25))):
            world.add_comment(kind, owner, number, author=rng.choice(crowd))


def _commentable(world: World) -> list[tuple[str, int, int]]:
    lists: dict[str, list[Any]] = {
        "post": world.wall(ME),
        "photo": world.photos_of(ME),
        "note": world.notes_of(ME),
    }
    return [(kind, ME, thing.id) for kind, things in lists.items() for thing in things]


def _likeable(world: World) -> list[tuple[str, int, int]]:
    """What is liked, of the lists that are read."""
    lists: dict[str, list[Any]] = {
        "post": world.wall(ME),
        "photo": world.photos_of(ME),
        "video": world.videos_of(ME),
    }
    things = [(kind, ME, thing.id) for kind, rows in lists.items() for thing in rows]
    said = [c for c in world.comments.values() if not c.deleted and c.kind != "note"]
    return [*things, *(("comment", comment.owner_id, comment.id) for comment in said)]


def _like_some(world: World, rng: random.Random, crowd: Sequence[int]) -> None:
    """Some like one thing in ten, and once in a while everybody does."""
    things = _likeable(world)
    for thing in rng.sample(things, len(things) // 10):
        fans = rng.choice((1, 1, 2, 3, len(crowd)))
        for number in rng.sample(crowd, min(fans, len(crowd))):
            world.like(*thing, number)


def _notifications(world: World, rng: random.Random, count: int, crowd: Sequence[int]) -> None:
    """The older part has been looked at, maybe in the very second when one came."""
    viewed = rng.randint(0, count)
    for number in range(count):
        told = _notify(world, rng, crowd, date=_when(rng))
        if number + 1 == viewed:
            world.last_viewed = told + rng.randint(0, 1)


def _notify(world: World, rng: random.Random, crowd: Sequence[int], date: int | None = None) -> int:
    actor = rng.choice(crowd)
    posts = sorted(key for key in world.posts if key[0] == ME)
    if not posts or rng.random() < 0.1:
        posts = [(-CLUB, world.add_post(-CLUB).id)]
    if rng.random() < 0.2:
        return world.notify("wall", date, actor=actor, feedback=("post", rng.choice(posts))).date
    kind = rng.choice(("like_post", "comment_post", "copy_post", "mention"))
    return world.notify(kind, date, actor=actor, parent=("post", rng.choice(posts))).date


def _talk(world: World, rng: random.Random, peer: int, count: int) -> None:
    for _ in range(count):
        world.add_message(peer, out=rng.random() < 0.5, text=rng.choice(WORDS), date=_when(rng))


#: Messages and posts come in the order of their numbers, several in one second.
clock = {"now": 1_500_000_000}


def _when(rng: random.Random) -> int:
    clock["now"] += rng.choice((0, 0, 1, 50))
    return clock["now"]


def _delete_something(world: World, rng: random.Random, kinds: Sequence[str] = ()) -> None:
    """One row of any kind vanishes, or of one of these kinds."""
    rows: dict[str, list[Any]] = {
        "post": [(post.owner_id, post.id) for post in world.posts.values()],
        "message": [(m.id,) for m in world.messages.values() if not m.deleted],
        "photo": [(ME, photo.id) for photo in world.photos_of(ME)],
        "note": [(ME, note.id) for note in world.notes_of(ME)],
        "audio": [(track.id,) for track in world.collection(ME) if not track.deleted],
        "comment": [(c.id,) for c in world.comments.values() if not c.deleted],
        "video": [(ME, video.id) for video in world.videos_of(ME)],
        "document": [(doc.id,) for doc in world.documents_of(ME)],
        "topic": [key for key, topic in world.topics.items() if not topic.deleted],
    }
    kind = rng.choice(kinds or KINDS)
    if rows[kind]:
        getattr(world, f"delete_{kind}")(*rng.choice(rows[kind]))


class Life:
    """What happens before each answer: rows arrive, vanish, come back, move to the top.

    `pause` is the chance that nothing more happens; `unhide` lets deleted posts come back. What a
    person does to another or to a group happens once in a life, so that whatever is true before
    and after was true throughout; a like or a vote, once in all the lives that share `spent`.

    A life is full of a few things, or has a little of everything: of one kind of thing alone there
    would seldom be enough.
    """

    def __init__(
        self,
        world: World,
        rng: random.Random,
        *,
        pause: float,
        unhide: bool = False,
        spent: set[Any] | None = None,
    ) -> None:
        self._world = world
        self._rng = rng
        self._pause = pause
        self._hidden = [k for k, post in world.posts.items() if post.deleted and unhide]
        self._crowd = [number for number in world.users if number != ME]
        self._changed: set[Any] = set()
        self._spent = set() if spent is None else spent
        writings = (self._write, self._pin, self._come_back, self._talk, self._comment, self._news)
        belongings = (self._move, self._add, self._gift, self._video, self._topic, self._told)
        society = (self._person, self._group, self._member, self._mark, self._like, self._vote)
        things = (*writings, *belongings, *society)
        self._things = rng.sample(things, rng.choice((2, 5, len(things))))
        self._mortal = rng.sample(KINDS, rng.choice((1, len(KINDS))))

    def __call__(self, _seen: Any) -> None:
        """Live a little."""
        while self._rng.random() > self._pause:
            if self._rng.random() < 0.25:
                _delete_something(self._world, self._rng, self._mortal)
            else:
                self._rng.choice(self._things)()

    def _once(self, *fact: Any) -> bool:
        """Whether this has not changed yet in this life."""
        fresh = fact not in self._changed
        self._changed.add(fact)
        return fresh

    def _first(self, *fact: Any) -> bool:
        """Whether this has not changed yet in any life."""
        fresh = fact not in self._spent
        self._spent.add(fact)
        return fresh

    def _write(self) -> None:
        self._world.add_post(ME, text=self._rng.choice(WORDS), date=_when(self._rng))

    def _pin(self) -> None:
        wall = self._world.wall(ME)
        some = self._rng.choice(wall).id if wall and self._rng.random() < 0.8 else None
        self._world.pin_post(ME, some)

    def _come_back(self) -> None:
        if self._hidden:
            self._world.undelete_post(*self._hidden.pop())

    def _talk(self) -> None:
        peers = sorted(self._world.dialogs)
        clock["now"] += 1  # Messages that arrive now are of a second of their own.
        if peers:
            _talk(self._world, self._rng, self._rng.choice(peers), 1)

    def _comment(self) -> None:
        world, author = self._world, self._rng.choice(self._crowd)
        topics = [("topic", -g, n) for (g, n), topic in world.topics.items() if not topic.deleted]
        under = [*_commentable(world), *topics]
        if under:
            world.add_comment(*self._rng.choice(under), author=author)

    def _news(self) -> None:
        _news(self._world, self._rng, date=_when(self._rng))

    def _move(self) -> None:
        tracks = self._world.collection(ME)
        if tracks:
            self._world.move_audio_to_front(self._rng.choice(tracks).id)

    def _add(self) -> None:
        world = self._world
        self._rng.choice((world.add_photo, world.add_note, world.add_audio, self._document))(ME)

    def _document(self, owner: int) -> None:
        self._world.add_document(owner, "Новый файл")

    def _gift(self) -> None:
        _give(self._world, self._rng, self._crowd)

    def _video(self) -> None:
        if self._rng.random() < 0.5:
            self._world.add_video(ME, processed=self._rng.random() < 0.5)
            return
        for video in self._world.videos_of(ME)[:3]:
            self._world.process_video(ME, video.id)

    def _topic(self) -> None:
        group = self._rng.choice(_own(self._world)[:2])
        topics = self._world.topics_of(group)
        if not topics or self._rng.random() < 0.5:
            self._world.add_topic(group, author=self._rng.choice(self._crowd))
            return
        # From the first page only: one that jumps to the top from below is missed, until the list's
        # walk has `jumps`.
        topic = self._rng.choice(topics[:10])
        self._world.pin_topic(group, topic.virtual_id, pinned=not topic.pinned)

    def _told(self) -> None:
        if self._rng.random() < 0.2:
            self._world.mark_viewed()
        else:
            _notify(self._world, self._rng, self._crowd)

    def _person(self) -> None:
        """Somebody becomes a friend, or stops being one; asks, is asked, thinks better of it."""
        world, other = self._world, self._rng.choice(self._crowd)
        if not self._once("person", other):
            return
        me = world.users[ME]
        if other in me.friends:
            world.unfriend(ME, other)
        elif other in me.followers:
            self._rng.choice((world.befriend, world.unfollow))(other, ME)
        elif other in me.follows:
            self._rng.choice((world.befriend, world.unfollow))(ME, other)
        elif self._rng.random() < 0.5:
            world.befriend(ME, other)
        else:
            world.follow(*self._rng.choice(((ME, other), (other, ME))))

    def _group(self) -> None:
        group = self._rng.choice(list(self._world.groups))
        if self._rng.random() < 0.1 and group not in self._world.administered(ME):
            self._world.make_admin(ME, group)
        self._join_or_leave(ME, group)

    def _member(self) -> None:
        self._join_or_leave(self._rng.choice(self._crowd), self._rng.choice(_own(self._world)))

    def _join_or_leave(self, user: int, group: int) -> None:
        if not self._once("member", user, group):
            return
        inside = user in self._world.groups[group].members
        (self._world.leave if inside else self._world.join)(user, group)

    def _mark(self) -> None:
        """The account blocks or ignores somebody, or does so no longer; or has news of itself."""
        other = self._rng.choice(self._crowd)
        marked = self._rng.choice((self._world.blacklist, self._world.ignored))
        if self._rng.random() < 0.2:
            self._world.users[ME].status = self._rng.choice(WORDS)
        elif self._once("marked", marked is self._world.ignored, other):
            (marked.remove if other in marked else marked.append)(other)

    def _like(self) -> None:
        things = _likeable(self._world)
        if not things:
            return
        thing, fan = self._rng.choice(things), self._rng.choice(self._crowd)
        liked = self._world.likeable(*thing)
        if liked is not None and liked.likers and self._rng.random() < 0.5:
            fan = self._rng.choice(liked.likers)
        if liked is not None and self._first("like", thing, fan):
            (self._world.unlike if fan in liked.likers else self._world.like)(*thing, fan)

    def _vote(self) -> None:
        polls = list(self._world.polls.values())
        if not polls:
            return
        poll, voter = self._rng.choice(polls), self._rng.choice(self._crowd)
        if not self._first("vote", poll.id, voter):
            return
        if voter in poll.voters:
            self._world.unvote(poll.id, voter)
        else:
            self._world.vote(poll.id, self._rng.choice(poll.choices).id, voter)


def few_things() -> World:
    """A world with a little of everything; the last post has comments."""
    world = World.empty()
    friend = world.add_user("Друг", "Друзей").id
    world.befriend(ME, friend)
    for number in range(3):
        post = world.add_post(ME, text=str(number))
        world.add_comment("post", ME, post.id, author=friend)
    world.add_message(friend, out=False, text="привет")
    world.add_note(ME, title="Заметка", source="текст")
    world.add_video(ME, "Видео")
    return world


def three_of_each() -> World:
    """A world with something in each list, always the same."""
    clock["now"] = 1_500_000_000
    return made(3, dict.fromkeys(LISTS, 3), dialogs=2)


#: The sections that `few_things` has something of.
FEW_SECTIONS = ("profile", "friends", "wall", "messages", "notes", "video")
#: A little of everything, but more than 20 posts and photos: so many are not believed to be gone.
_SIZE = WorldSize(
    posts=24, comments=6, dialogs=2, messages_per_dialog=5, photos=30, albums=2, notes=5, tracks=3,
    playlists=1, friends=3, videos=2, gifts=2, topics=1, documents=2, notifications=2,
)  # fmt: skip


def a_life(seed: int = 1) -> World:
    """An invented life, a short one; of a seed always the same."""
    return generate(seed, _SIZE)


#: A life with one of each kind of thing, at least, and two or three of most.
A_FEW = WorldSize(
    posts=8, comments=10, dialogs=2, messages_per_dialog=3, photos=6, albums=2, notes=3, tracks=5,
    playlists=2, friends=4, videos=3, gifts=4, topics=3, documents=4, notifications=6,
)  # fmt: skip


def small_demo() -> World:
    """The demo's world with less of everything: what is in its archive's columns is here too."""
    size = WorldSize(
        posts=36, comments=40, dialogs=2, messages_per_dialog=6, photos=10, albums=3, notes=4,
        tracks=6, playlists=2, friends=5, videos=4, gifts=4, topics=3, documents=4,
        notifications=6,
    )  # fmt: skip
    return generate(1, size)


def a_commented_wall(posts: int) -> World:
    """A wall on which each post has a comment."""
    world = World.empty()
    for number in range(posts):
        post = world.add_post(1, text=str(number))
        world.add_comment("post", 1, post.id, text=f"к {number}")
    return world
