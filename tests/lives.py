"""Lives of many days: what happens on an instance between one sync and the next."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from truth import texts_of, truth_of
from worlds import ALICE, CLUB, ME, OWNERS, WORDS

from ovk_archive.demo import World

#: What operations of a world take, after the kind of thing: (owner, number), or (number,).
Key = tuple[int, ...]
#: A kind of thing, and its key.
Thing = tuple[str | int, ...]
#: What can be deleted, and brought back.
MORTAL = (
    "post", "comment", "message", "photo", "note", "audio", "video", "document", "topic", "album",
    "playlist",
)  # fmt: skip
EDITS: dict[str, str] = {
    **{kind: f"edit_{kind}" for kind in MORTAL if kind not in {"photo", "album", "playlist"}},
    "album": "rename_album",
    "playlist": "rename_playlist",
}
#: What has a text; the rest has a title.
_WRITTEN = {"post", "comment", "message"}
_COMMENTED = ("post", "photo", "note", "topic")
_DAY = 86_400
#: How long a suggested post waits at least, in days.
_PATIENCE = 2


@dataclass(frozen=True)
class Event:
    """What happened on which day, to what: "edit post" to ("post", 1, 5).

    What happens to the collection (1, track) happens to ("audio", track), what is said under a
    post to the post, and what is put into an album to the album.
    """

    day: int
    what: str
    thing: Thing


class Month:
    """A life of many days: things are written, edited, deleted, brought back, moved.

    Whatever happens to a thing is the only thing that happens to it on that day; `happened` has
    all events in their order. Each day begins a day after the newest thing there is.
    """

    def __init__(self, world: World, rng: random.Random, dialect: str) -> None:
        self.happened: list[Event] = []
        self._world = world
        self._rng = rng
        self._dialect = dialect
        self._today = 0
        self._texts = 0
        self._touched: set[Thing] = set()
        self._gone: dict[str, list[Key]] = {kind: [] for kind in MORTAL}
        self._taken_out: list[Key] = []
        self._suggested: dict[Key, int] = {}
        self._ways: dict[str, Callable[[], Key | None]] = {
            **{f"edit {kind}": partial(self._edit, kind) for kind in EDITS},
            **{f"delete {kind}": partial(self._delete, kind) for kind in MORTAL},
            **{f"undelete {kind}": partial(self._undelete, kind) for kind in MORTAL},
            **{f"comment {kind}": partial(self._comment, kind) for kind in _COMMENTED},
            "add post": self._add_post,
            "add message": self._add_message,
            "add photo": self._add_photo,
            "add note": self._add_note,
            "move track": self._move_track,
            "take out track": self._take_out_track,
            "put back track": self._put_back_track,
            "put into album": self._put_into_album,
            "take out of album": self._take_out_of_album,
            "put into playlist": self._put_into_playlist,
            "take out of playlist": self._take_out_of_playlist,
            "pin post": self._pin,
            "unpin post": self._unpin,
            "suggest post": self._suggest,
            "accept post": self._accept,
            "make friend": self._befriend,
            "lose friend": self._unfriend,
        }

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind of event that there is; documents are known to [B] only."""
        shown = (way for way in self._ways if self._dialect == "B" or "document" not in way)
        return frozenset(shown)

    def day(self) -> list[Event]:
        """Let a day pass, with up to six events, and say which."""
        self._today += 1
        self._touched.clear()
        self._world.moment(self._world.clock + _DAY)
        before = len(self.happened)
        for _ in range(self._rng.randint(0, 6)):
            self._something()
        return self.happened[before:]

    def _something(self) -> None:
        """Do the first of all ways, in any order, that there is an occasion for."""
        for way in self._rng.sample(sorted(self._ways), len(self._ways)):
            key = self._ways[way]()
            if key is not None:
                self.happened.append(Event(self._today, way, _thing(way, key)))
                return

    # What there is

    def _live(self, kind: str) -> list[Key]:
        """The live things of this kind that a sync of `OWNERS` reads."""
        world, people = self._world, (ME, ALICE)
        match kind:
            case "post":
                return [(owner, post.id) for owner in OWNERS for post in world.wall(owner)]
            case "comment":
                return [key for parent in _COMMENTED for key in self._thread(parent)]
            case "message":
                talks = (world.history(peer) for peer in self._people() if peer in world.dialogs)
                return [(message.id,) for talk in talks for message in talk]
            case "photo" | "note" | "video":
                mine: Callable[[int], list[Any]] = getattr(world, f"{kind}s_of")
                return [(owner, thing.id) for owner in people for thing in mine(owner)]
            case "topic":
                boards = {CLUB, *world.administered(ME)}
                topics = (topic for group in boards for topic in world.topics_of(group))
                return [(topic.group_id, topic.virtual_id) for topic in topics]
            case _:
                return list(dict.fromkeys((number,) for number in self._numbered(kind)))

    def _numbered(self, kind: str) -> Iterable[int]:
        """What has a number that counts everybody's."""
        world = self._world
        if kind == "document":
            shelves = (ME, -CLUB) if self._dialect == "B" else ()
            return (doc.id for owner in shelves for doc in world.documents_of(owner))
        if kind == "album":
            albums = (album for owner in OWNERS for album in world.albums_of(owner))
            return (album.id for album in albums if not album.system)
        if kind == "playlist":
            return (one.id for owner in OWNERS for one in world.playlists_of(owner))
        return (number for _, number in self._collected())

    def _collected(self) -> list[Key]:
        """The live tracks of the collections, as (owner, track)."""
        rows = ((owner, track) for owner in OWNERS for track in self._world.collection(owner))
        return [(owner, track.id) for owner, track in rows if not track.deleted]

    def _thread(self, kind: str) -> list[Key]:
        """The live comments under the live things of this kind."""
        parents = (self._parent(kind, key) for key in self._live(kind))
        return [(comment.id,) for parent in parents for comment in self._world.thread(*parent)]

    def _parent(self, kind: str, key: Key) -> tuple[str, int, int]:
        """What a thing is to its comments: a topic's owner is the group, negative."""
        owner, number = key
        return kind, -owner if kind == "topic" else owner, number

    def _people(self) -> list[int]:
        """Those who can do something, the account aside."""
        users = self._world.users.values()
        return [user.id for user in users if user.id != ME and not (user.deleted or user.banned)]

    # What has not been touched today

    def _free(self, kind: str, keys: Iterable[Key]) -> list[Key]:
        """Of these things of a kind, those to which nothing has happened today."""
        return [key for key in keys if (kind, *key) not in self._touched]

    def _touch(self, kind: str, key: Key) -> Key:
        self._touched.add((kind, *key))
        return key

    def _choose(self, kind: str, keys: Iterable[Key] | None = None) -> Key | None:
        """Choose a thing of a kind, of these or of all live ones, and touch it."""
        free = self._free(kind, self._live(kind) if keys is None else keys)
        return self._touch(kind, self._rng.choice(free)) if free else None

    def _text(self) -> str:
        """Something that nobody has said yet."""
        self._texts += 1
        end = self._rng.choice((" ", "\n", "\r\n"))
        return f"№ {self._texts}:{end}{self._rng.choice(WORDS)}."

    def _title(self) -> str:
        self._texts += 1
        return f"«{self._texts}» & Ко"

    def _html(self) -> str:
        self._texts += 1
        return f"<p>Правка <b>{self._texts}</b> &amp; конец</p>"

    # Events: each says to what it happened, or None if there was no occasion

    def _edit(self, kind: str) -> Key | None:
        key = self._choose(kind)
        if key is None:
            return None
        edit: Callable[..., None] = getattr(self._world, EDITS[kind])
        if kind == "audio":
            artist = "Другой исполнитель" if self._rng.random() < 0.5 else None
            edit(*key, title=self._title(), artist=artist)
        elif kind == "note":
            edit(*key, self._html())
        else:
            edit(*key, self._text() if kind in _WRITTEN else self._title())
        return key

    def _delete(self, kind: str) -> Key | None:
        key = self._choose(kind)
        if key is None:
            return None
        if kind == "post" and self._world.pins.get(key[0]) == key[1]:
            self._touch("pin", key[:1])
        getattr(self._world, f"delete_{kind}")(*key)
        self._gone[kind].append(key)
        return key

    def _undelete(self, kind: str) -> Key | None:
        gone = self._gone[kind]
        key = self._choose(kind, [key for key in gone if self._has_place(kind, key)])
        if key is not None:
            gone.remove(key)
            getattr(self._world, f"undelete_{kind}")(*key)
        return key

    def _has_place(self, kind: str, key: Key) -> bool:
        """Whether what a thing was under is there."""
        if kind != "comment":
            return True
        comment = self._world.comments[key[0]]
        owner = abs(comment.owner_id) if comment.kind == "topic" else comment.owner_id
        return (owner, comment.object_id) in self._live(comment.kind)

    def _comment(self, kind: str) -> Key | None:
        key = self._choose(kind)
        if key is None:
            return None
        author = self._rng.choice([ME, *self._people()])
        parent = self._parent(kind, key)
        said = self._world.add_comment(*parent, author=author, text=self._text())
        self._touch("comment", (said.id,))
        return key

    def _add_post(self) -> Key:
        owner = self._rng.choice(OWNERS)
        author = self._rng.choice([ME, *self._people()]) if owner == ME else owner
        post = self._world.add_post(owner, author=author, text=self._text())
        return self._touch("post", (owner, post.id))

    def _add_message(self) -> Key | None:
        people = self._people()
        known = [number for number in people if number in self._world.dialogs]
        peer = self._rng.choice(known if known and self._rng.random() < 0.8 else people)
        said = self._world.add_message(peer, out=self._rng.random() < 0.5, text=self._text())
        return self._touch("message", (said.id,))

    def _add_photo(self) -> Key:
        owner = self._rng.choice((ME, ALICE))
        albums = [album for album in self._world.albums_of(owner) if not album.system]
        free = self._free("album", [(album.id,) for album in albums])
        album = self._touch("album", self._rng.choice(free)) if free else (None,)
        photo = self._world.add_photo(owner, self._rng.choice((None, album[0])))
        return self._touch("photo", (owner, photo.id))

    def _add_note(self) -> Key:
        owner = self._rng.choice((ME, ALICE))
        note = self._world.add_note(owner, title=self._title(), source=self._html())
        return self._touch("note", (owner, note.id))

    def _move_track(self) -> Key | None:
        key = self._choose_track(self._collected())
        if key is not None:
            owner, track = key
            self._world.move_audio_to_front(track, owner)
        return key

    def _take_out_track(self) -> Key | None:
        key = self._choose_track(self._collected())
        if key is not None:
            owner, track = key
            self._world.remove_audio(track, owner)
            self._taken_out.append(key)
        return key

    def _put_back_track(self) -> Key | None:
        world = self._world
        live = [key for key in self._taken_out if not world.audio[key[1]].deleted]
        key = self._choose_track(live)
        if key is not None:
            owner, track = key
            self._taken_out.remove(key)
            world.collect(owner, track)
        return key

    def _choose_track(self, keys: Iterable[Key]) -> Key | None:
        """Choose one of these (owner, track), and touch the track."""
        free = [key for key in keys if ("audio", key[1]) not in self._touched]
        if not free:
            return None
        key = self._rng.choice(free)
        self._touch("audio", key[1:])
        return key

    def _put_into_album(self) -> Key | None:
        """Put a photo that is in no album into one of its owner's."""
        world = self._world
        loose = [key for key in self._live("photo") if not world.album_of((key[0], key[1]))]
        places = [(album, key) for (album,) in self._live("album") for key in loose]
        mine = (place for place in places if world.albums[place[0]].owner_id == place[1][0])
        found = self._choose_place("album", "photo", mine)
        if found is None:
            return None
        album, (owner, number) = found
        world.put_in_album(album, (owner, number))
        return (album,)

    def _take_out_of_album(self) -> Key | None:
        live, albums = set(self._live("photo")), self._world.albums
        places: list[tuple[int, Key]] = [
            (album, key)
            for (album,) in self._live("album")
            for key in albums[album].photos
            if key in live
        ]
        found = self._choose_place("album", "photo", places)
        if found is None:
            return None
        album, (owner, number) = found
        self._world.take_out_of_album(album, (owner, number))
        return (album,)

    def _put_into_playlist(self) -> Key | None:
        lists = self._world.playlists
        places = [
            (number, track)
            for (number,) in self._live("playlist")
            for track in self._live("audio")
            if track[0] not in lists[number].audio
        ]
        found = self._choose_place("playlist", "audio", places)
        if found is None:
            return None
        playlist, (track,) = found
        self._world.add_to_playlist(playlist, track)
        return (playlist,)

    def _take_out_of_playlist(self) -> Key | None:
        lists, audio = self._world.playlists, self._world.audio
        places: list[tuple[int, Key]] = [
            (number, (track,))
            for (number,) in self._live("playlist")
            for track in lists[number].audio
            if not audio[track].deleted
        ]
        found = self._choose_place("playlist", "audio", places)
        if found is None:
            return None
        playlist, (track,) = found
        self._world.remove_from_playlist(playlist, track)
        return (playlist,)

    def _choose_place(
        self, outer: str, inner: str, places: Iterable[tuple[int, Key]]
    ) -> tuple[int, Key] | None:
        """Choose a thing and the list that it is or will be in, and touch both."""
        free = [
            (number, key)
            for number, key in places
            if (outer, number) not in self._touched and (inner, *key) not in self._touched
        ]
        if not free:
            return None
        number, key = self._rng.choice(free)
        self._touch(outer, (number,))
        self._touch(inner, key)
        return number, key

    def _pin(self) -> Key | None:
        """Pin a post, or another one; the one that was pinned is touched by that, too."""
        pins = {(owner, number) for owner, number in self._world.pins.items()}
        walls = {owner for (owner,) in self._free("pin", [(owner,) for owner in OWNERS])}
        walls -= {owner for owner, number in pins if ("post", owner, number) in self._touched}
        posts = [key for key in self._live("post") if key[0] in walls and key not in pins]
        key = self._choose("post", posts)
        if key is not None:
            self._let_go(key[0])
            self._world.pin_post(*key)
        return key

    def _unpin(self) -> Key | None:
        pins = self._free("pin", [(owner,) for owner in OWNERS if owner in self._world.pins])
        key = self._choose("post", [(owner, self._world.pins[owner]) for (owner,) in pins])
        if key is not None:
            self._let_go(key[0])
            self._world.pin_post(key[0], None)
        return key

    def _let_go(self, owner: int) -> None:
        self._touch("pin", (owner,))
        if owner in self._world.pins:
            self._touch("post", (owner, self._world.pins[owner]))

    def _suggest(self) -> Key:
        author = self._rng.choice(self._people())
        post = self._world.suggest_post(-CLUB, author=author, text=self._text())
        self._suggested[-CLUB, post.id] = self._today
        return self._touch("post", (-CLUB, post.id))

    def _accept(self) -> Key | None:
        due = [k for k, since in self._suggested.items() if self._today - since >= _PATIENCE]
        key = self._choose("post", due)
        if key is not None:
            del self._suggested[key]
            self._world.accept_post(*key)
        return key

    def _befriend(self) -> Key | None:
        world = self._world
        blocked = set(world.blacklist)
        strangers = [
            (owner, other)
            for owner in (ME, ALICE)
            for other in self._people()
            if other not in {owner, *world.users[owner].friends, *blocked}
        ]
        key = self._choose("friend", strangers)
        if key is not None:
            world.befriend(*key)
        return key

    def _unfriend(self) -> Key | None:
        """End a friendship, but not with Alice: the account goes on reading her lists."""
        users = self._world.users
        friends = [(owner, other) for owner in (ME, ALICE) for other in users[owner].friends]
        key = self._choose("friend", [k for k in friends if set(k) != {ME, ALICE}])
        if key is not None:
            self._world.unfriend(*key)
        return key


def _thing(way: str, key: Key) -> Thing:
    """Say what an event is about: of a track of somebody's collection, the track."""
    kind = way.rpartition(" ")[2]
    return ("audio", *key[1:]) if kind == "track" else (kind, *key)


def contents(world: World, dialect: str, owners: tuple[int, ...]) -> dict[tuple[str, str], str]:
    """Say of every readable record by which text an edit of it is recognised.

    Keys are (table, record key as `_versions` writes it); values are as the archive's column has
    them. System albums are left out: their titles are the server's.
    """
    facts, said = truth_of(world, dialect, owners), texts_of(world, dialect)
    found = {
        (table, _written(key)): said[table, key].replace("\r\n", "\n")
        for table in ("posts", "comments", "messages", "notes")
        for key in facts[table]
    }
    found |= {("photos", _written(key)): "" for key in facts["photos"]}
    tables: dict[str, dict[Any, Any]] = {
        "videos": world.videos,
        "documents": world.docs,
        "topics": world.topics,
        "playlists": world.playlists,
        "albums": {key: album for key, album in world.albums.items() if not album.system},
    }
    found |= {
        (table, _written(key)): rows[key].title
        for table, rows in tables.items()
        for key in facts[table]
        if key in rows
    }
    tracks = {number for rows in facts["audio_collection"].values() for number in rows}
    return found | {("audio", str(number)): world.audio[number].title for number in tracks}


def present(world: World, dialect: str, owners: tuple[int, ...]) -> dict[str, set[str]]:
    """Say which records and relations there are: by table, keys as `_versions` writes them."""
    facts = truth_of(world, dialect, owners)
    found = {table: {_written(key) for key in facts[table]} for table in _PRESENT}
    for table in ("audio_collection", "playlist_audio"):
        lists: dict[int, list[int]] = facts[table]
        found[table] = {f"{owner}_{number}" for owner, rows in lists.items() for number in rows}
    return found


#: The facts of a world's truth that are sets of keys.
_PRESENT = (
    "posts", "comments", "messages", "photos", "notes", "videos", "documents", "topics", "albums",
    "playlists", "friends", "album_photos",
)  # fmt: skip


def _written(key: Any) -> str:
    return "_".join(map(str, key)) if isinstance(key, tuple) else str(key)
