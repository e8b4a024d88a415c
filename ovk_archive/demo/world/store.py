"""Where the records of a world live: tables, id counters, a clock and a cache of listings."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ovk_archive.demo.world.owned import Album, Audio, Doc, Gift, Photo, Playlist, Poll, Video
from ovk_archive.demo.world.records import (
    Comment,
    Group,
    Message,
    Note,
    Notification,
    Pair,
    Post,
    Topic,
    User,
)

T = TypeVar("T")

#: The first second of every world (1 January 2020): worlds do not depend on today's date.
EPOCH = 1_577_836_800


@dataclass(eq=False, repr=False)
class Store:
    """The tables of one instance, guarded by one lock."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    clock: int = EPOCH
    account_id: int = 1
    users: dict[int, User] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    posts: dict[Pair, Post] = field(default_factory=dict)
    pins: dict[int, int] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    threads: dict[tuple[str, int, int], list[Comment]] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    dialogs: dict[int, list[Message]] = field(default_factory=dict)
    albums: dict[int, Album] = field(default_factory=dict)
    photos: dict[Pair, Photo] = field(default_factory=dict)
    notes: dict[Pair, Note] = field(default_factory=dict)
    audio: dict[int, Audio] = field(default_factory=dict)
    collections: dict[int, list[int]] = field(default_factory=dict)
    playlists: dict[int, Playlist] = field(default_factory=dict)
    bookmarks: dict[int, list[int]] = field(default_factory=dict)
    polls: dict[int, Poll] = field(default_factory=dict)
    videos: dict[Pair, Video] = field(default_factory=dict)
    docs: dict[int, Doc] = field(default_factory=dict)
    gifts: dict[int, Gift] = field(default_factory=dict)
    topics: dict[Pair, Topic] = field(default_factory=dict)
    commerce: bool = True
    notifications: dict[int, Notification] = field(default_factory=dict)
    last_viewed: int = 0
    events_off: bool = False
    blacklist: list[int] = field(default_factory=list)
    ignored: list[int] = field(default_factory=list)
    blobs: dict[str, tuple[str, Any]] = field(default_factory=dict)
    # Renderings of photos that somebody has asked for, so that they were made: (photo, size).
    thumbnails: set[tuple[int, str]] = field(default_factory=set)
    _counters: dict[Hashable, int] = field(default_factory=dict)
    _listings: dict[tuple[Hashable, ...], Any] = field(default_factory=dict)

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
