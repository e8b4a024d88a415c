"""What seldom happens, and much at a time: hundreds of deletions, floods, people and groups banned.

`Month` of `lives` has single events; this is what else a life can bring.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from worlds import ALICE, CLUB, ME, OWNERS, WORDS

from ovk_archive.demo import World

#: What operations of a world take, after the kind of thing.
Key = tuple[int, ...]
#: A list of the world: of which kind its rows are, and their keys.
Rows = tuple[str, list[Key]]
#: As many rows may vanish at once without much ado, however short the list is.
FEW = 20


class Catastrophes:
    """Strikes a world, once in a while; `restore` ends what keeps lists from being read.

    Attributes:
        told: what has happened, in its order.
    """

    def __init__(self, world: World, rng: random.Random, dialect: str) -> None:
        self.told: list[str] = []
        self._world = world
        self._rng = rng
        self._dialect = dialect
        self._texts = 0
        self._deleted: list[Rows] = []
        self._ways: dict[str, Callable[[], str | None]] = {
            "delete many": self._delete_many,
            "delete a conversation": self._delete_conversation,
            "empty a short list": self._empty_short_list,
            "bring many back": self._bring_back,
            "edit many": self._edit_many,
            "flood": self._flood,
            "lose all friends": self._lose_friends,
            "delete a page": self._delete_page,
            "ban somebody": self._ban_person,
            "close a profile": self._close_profile,
            "ban a group": self._ban_group,
        }

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind of catastrophe."""
        return frozenset(self._ways)

    def strike(self) -> str | None:
        """Let the first of all happen, in any order, for which there is an occasion."""
        with self._world.lock:
            for way in self._rng.sample(sorted(self._ways), len(self._ways)):
                what = self._ways[way]()
                if what is not None:
                    self.told.append(f"{way}: {what}")
                    return self.told[-1]
        return None

    def restore(self) -> None:
        """Whoever was deleted, banned or closed is there again, with all that they had."""
        with self._world.lock:
            for number, user in self._world.users.items():
                if number == ALICE:
                    user.deleted, user.banned, user.closed = False, None, False
            for group in self._world.groups.values():
                group.banned = False

    @contextmanager
    def restored(self) -> Iterator[None]:
        """See the world, for a moment, as if nobody were banned: what exists, shown or not."""
        with self._world.lock:
            alice, groups = self._world.users[ALICE], list(self._world.groups.values())
            was = alice.deleted, alice.banned, alice.closed
            banned = [group.banned for group in groups]
            self.restore()
            yield
            alice.deleted, alice.banned, alice.closed = was
            for group, ban in zip(groups, banned, strict=True):
                group.banned = ban

    # Lists

    def lists(self) -> list[Rows]:
        """Every list with rows that can be deleted, and be brought back."""
        world = self._world
        found: list[Rows] = [("post", [(o, p.id) for p in world.wall(o)]) for o in OWNERS]
        found += [("message", [(m.id,) for m in world.history(p)]) for p in sorted(world.dialogs)]
        for kind in ("photo", "note", "video"):
            of: Callable[[int], list[Any]] = getattr(world, f"{kind}s_of")
            found += [(kind, [(owner, one.id) for one in of(owner)]) for owner in (ME, ALICE)]
        found += [("audio", [(t.id,) for t in world.collection(ME) if not t.deleted])]
        if self._dialect == "B":
            found.append(("document", [(doc.id,) for doc in world.documents_of(ME)]))
        found += [("topic", [(t.group_id, t.virtual_id) for t in world.topics_of(CLUB)])]
        found += [("playlist", [(one.id,) for one in world.playlists_of(ME)])]
        found += [("album", [(a.id,) for a in world.albums_of(ME) if not a.system])]
        found += [("comment", [(c.id,) for c in said]) for said in self._threads()]
        return [(kind, rows) for kind, rows in found if rows]

    def _threads(self) -> Iterator[list[Any]]:
        """What is said under live things."""
        world = self._world
        things: dict[str, list[Any]] = {
            "post": world.wall(ME),
            "photo": world.photos_of(ME),
            "note": world.notes_of(ME),
        }
        for kind, rows in things.items():
            yield from (world.thread(kind, ME, one.id) for one in rows)
        yield from (world.thread("topic", -CLUB, t.virtual_id) for t in world.topics_of(CLUB))

    def _delete(self, kind: str, keys: list[Key]) -> None:
        for key in keys:
            if kind == "post" and self._world.pins.get(key[0]) == key[1]:
                self._world.pin_post(key[0], None)
            getattr(self._world, f"delete_{kind}")(*key)
        self._deleted.append((kind, keys))

    # Catastrophes: each says what happened, or None if there was no occasion

    def _delete_many(self) -> str | None:
        """A part of a list, more often of a long one."""
        lists = self.lists()
        if not lists:
            return None
        kind, rows = self._rng.choices(lists, [len(rows) for _, rows in lists])[0]
        share = self._rng.choice((0.2, 0.45, 0.6, 0.8, 1.0))
        keys = self._rng.sample(rows, max(1, int(share * len(rows))))
        self._delete(kind, keys)
        return f"{len(keys)} of {len(rows)} of kind {kind}"

    def _delete_conversation(self) -> str | None:
        peers = sorted(self._world.dialogs)
        if not peers:
            return None
        peer = self._rng.choice(peers)
        said = len(self._world.history(peer))
        self._world.delete_conversation(peer)
        return f"that with {peer}, {said} messages"

    def _empty_short_list(self) -> str | None:
        short = [(kind, rows) for kind, rows in self.lists() if len(rows) <= FEW]
        if not short:
            return None
        kind, rows = self._rng.choice(short)
        self._delete(kind, rows)
        return f"all {len(rows)} of kind {kind}"

    def _bring_back(self) -> str | None:
        """All that was deleted together, unless what it was under is gone itself."""
        kept = [one for one in self._deleted if one[0] not in {"comment", "message"}]
        if not kept:
            return None
        kind, keys = self._rng.choice(kept)
        self._deleted.remove((kind, keys))
        for key in keys:
            getattr(self._world, f"undelete_{kind}")(*key)
        return f"{len(keys)} of kind {kind}"

    def _edit_many(self) -> str | None:
        """All of a list."""
        lists = [(kind, rows) for kind, rows in self.lists() if kind in {"post", "message", "note"}]
        if not lists:
            return None
        kind, rows = self._rng.choice(lists)
        for key in rows:
            getattr(self._world, f"edit_{kind}")(*key, self._text())
        return f"{len(rows)} of kind {kind}"

    def _text(self) -> str:
        self._texts += 1
        return f"правка {self._texts} {self._rng.choice(WORDS)}"

    def _flood(self) -> str:
        """Many things at once, of one second or of several."""
        world, rng, count = self._world, self._rng, self._rng.randint(10, 60)
        peers = sorted(world.dialogs) or [ALICE]
        peer, owner = rng.choice(peers), rng.choice(OWNERS)
        ways: dict[str, Callable[[int], Any]] = {
            "posts": lambda at: world.add_post(owner, text=self._text(), date=at),
            "messages": lambda at: world.add_message(peer, text=self._text(), date=at),
            "notes": lambda at: world.add_note(ME, title=self._text(), date=at),
            "videos": lambda at: world.add_video(ME, date=at),
            "photos": lambda at: world.add_photo(ME, date=at),
        }
        what, pace = rng.choice(sorted(ways)), rng.choice((0, 0, 1, 30))
        start = world.clock + 60
        for number in range(count):
            ways[what](start + number * pace)
        return f"{count} {what}, one in {pace} s"

    def _lose_friends(self) -> str | None:
        """All of them but Alice, whose lists the account goes on reading."""
        friends = [number for number in self._world.users[ME].friends if number != ALICE]
        for number in friends:
            self._world.unfriend(ME, number)
        return str(len(friends)) if friends else None

    # Those whose lists can be read no more, for a while

    def _delete_page(self) -> str:
        user = self._world.users[ALICE]
        user.deleted = not user.deleted
        return f"Alice's is {'gone' if user.deleted else 'back'}"

    def _ban_person(self) -> str:
        user = self._world.users[self._rng.choice(sorted(self._world.users)[1:])]
        user.banned = "спам" if user.banned is None else None
        return f"{user.id} is {'free' if user.banned is None else 'banned'}"

    def _close_profile(self) -> str:
        user = self._world.users[ALICE]
        user.closed = not user.closed
        return f"Alice's is {'closed' if user.closed else 'open'}"

    def _ban_group(self) -> str:
        group = self._world.groups[self._rng.choice(sorted(self._world.groups))]
        group.banned = not group.banned
        return f"{group.id} is {'banned' if group.banned else 'free'}"
