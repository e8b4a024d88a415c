"""Where the records of a world live: tables, id counters, a clock and a cache of listings."""

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from ovk_archive.demo.world.records import (
    Album,
    Audio,
    Comment,
    Doc,
    Gift,
    Group,
    Message,
    Note,
    Notification,
    Pair,
    Photo,
    Playlist,
    Poll,
    Post,
    Topic,
    User,
    Video,
)

T = TypeVar("T")

#: The first second of every world (1 January 2020): worlds do not depend on today's date.
EPOCH = 1_577_836_800


class Store:
    """The tables of one instance, guarded by one lock."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clock = EPOCH
        self.account_id = 1
        self.users: dict[int, User] = {}
        self.groups: dict[int, Group] = {}
        self.posts: dict[Pair, Post] = {}
        self.pins: dict[int, int] = {}
        self.comments: dict[int, Comment] = {}
        self.threads: dict[tuple[str, int, int], list[Comment]] = {}
        self.messages: dict[int, Message] = {}
        self.dialogs: dict[int, list[Message]] = {}
        self.albums: dict[int, Album] = {}
        self.photos: dict[Pair, Photo] = {}
        self.notes: dict[Pair, Note] = {}
        self.audio: dict[int, Audio] = {}
        self.collections: dict[int, list[int]] = {}
        self.playlists: dict[int, Playlist] = {}
        self.bookmarks: dict[int, list[int]] = {}
        self.polls: dict[int, Poll] = {}
        self.videos: dict[Pair, Video] = {}
        self.docs: dict[int, Doc] = {}
        self.gifts: dict[int, Gift] = {}
        self.topics: dict[Pair, Topic] = {}
        self.commerce = True
        self.notifications: dict[int, Notification] = {}
        self.last_viewed = 0
        self.events_off = False
        self.blacklist: list[int] = []
        self.ignored: list[int] = []
        self.blobs: dict[str, tuple[str, Any]] = {}
        # Renderings of photos that somebody has asked for, so that they were made: (photo, size).
        self.thumbnails: set[tuple[int, str]] = set()
        self._counters: dict[Hashable, int] = {}
        self._listings: dict[tuple[Hashable, ...], Any] = {}

    def next_id(self, *counter: Hashable) -> int:
        """Count one more row of this counter."""
        self._counters[counter] = self._counters.get(counter, 0) + 1
        return self._counters[counter]

    def moment(self, date: int | None) -> int:
        """Say when something happens: as told, or a minute after the newest thing."""
        if date is None:
            date = self.clock + 60
        self.clock = max(self.clock, date)
        return date

    def listing(self, key: tuple[Hashable, ...], build: Callable[[], T]) -> T:
        """Return a listing, built once and kept until `touch` names its first word."""
        if key not in self._listings:
            self._listings[key] = build()
        found: T = self._listings[key]
        return found

    def touch(self, *words: str) -> None:
        """Forget the listings of these kinds."""
        for key in [key for key in self._listings if key[0] in words]:
            del self._listings[key]

    def user(self, user_id: int) -> User | None:
        """Return the person, unless there is none or they are deleted."""
        user = self.users.get(user_id)
        return None if user is None or user.deleted else user
