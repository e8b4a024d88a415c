"""The rows of people and of what they write: plain dataclasses, without any dialect.

How an API generation shows them is the business of the modules that answer methods.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

#: (owner_id, virtual id): the natural key of posts, photos, notes and videos.
Pair = tuple[int, int]

#: What hangs on a post or a comment: ("photo", (1, 5)), ("audio", 12), ("poll", 3) …
Attachment = tuple[str, Any]


def blob_hash(kind: str, number: int) -> str:
    """128 hex digits that stand for one file (real servers take whirlpool of the bytes)."""
    return hashlib.sha512(f"{kind}-{number}".encode()).hexdigest()


class Liked:
    """What people like; `likers` are in the order in which they did."""

    owner_id: int
    likers: list[int]
    deleted: bool

    @property
    def likes(self) -> int:
        """How many people like it."""
        return len(self.likers)


@dataclass
class User:
    """A person; `hides` names the sections that nobody else may read.

    `followers` asked to be friends and were not answered, `follows` are those whom this person
    asked in vain; `playing` is the track that plays in the status line.
    """

    id: int
    first_name: str
    last_name: str
    sex: int = 2
    screen_name: str | None = None
    status: str | None = None
    city: str | None = None
    about: str | None = None
    interests: str | None = None
    music: str | None = None
    telegram: str | None = None
    birthday: str | None = None
    closed: bool = False
    deleted: bool = False
    banned: str | None = None
    verified: bool = False
    online: bool = False
    last_seen: int = 0
    avatar: int | None = None
    hides: frozenset[str] = frozenset()
    friends: list[int] = field(default_factory=list)
    followers: list[int] = field(default_factory=list)
    follows: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    playing: int | None = None


@dataclass
class Group:
    """A community; its walls and albums have the owner `-id`."""

    id: int
    name: str
    screen_name: str | None = None
    description: str | None = None
    site: str | None = None
    banned: bool = False
    wall_open: bool = True
    members: list[int] = field(default_factory=list)
    admins: list[int] = field(default_factory=list)


@dataclass
class Post(Liked):
    """A record of a wall; a suggested one has a number, and waits for an administrator.

    An archived one, which [B] alone knows, its owner sees by its number only.
    """

    owner_id: int
    id: int
    author_id: int
    date: int
    text: str
    attachments: list[Attachment] = field(default_factory=list)
    repost_of: Pair | None = None
    signer_id: int | None = None
    platform: str | None = "api"
    explicit: bool = False
    geo: tuple[str, str] | None = None
    copyright: str | None = None
    likers: list[int] = field(default_factory=list)
    deleted: bool = False
    global_id: int = 0
    suggested: bool = False
    archived: bool = False

    @property
    def shown(self) -> bool:
        """Whether its wall shows it."""
        return not (self.deleted or self.suggested or self.archived)


@dataclass
class Comment(Liked):
    """A comment under a post, a photo, a note or a topic: one sequence of ids for all of them."""

    id: int
    kind: str
    owner_id: int
    object_id: int
    author_id: int
    date: int
    text: str
    attachments: list[Attachment] = field(default_factory=list)
    reply_to: int | None = None
    likers: list[int] = field(default_factory=list)
    deleted: bool = False


@dataclass
class Message:
    """A message between the account and one other person."""

    id: int
    peer_id: int
    out: bool
    date: int
    text: str
    read: bool = True
    deleted: bool = False


@dataclass
class Note(Liked):
    """A note: HTML, with links written as a person wrote them."""

    owner_id: int
    id: int
    global_id: int
    title: str
    source: str
    date: int
    likers: list[int] = field(default_factory=list)
    deleted: bool = False


@dataclass
class Notification:
    """What the account was told: `parent` and `feedback` are ("post" | "comment", key)."""

    id: int
    type: str
    date: int
    actor_id: int
    parent: tuple[str, Any] | None = None
    feedback: tuple[str, Any] | None = None


@dataclass
class Topic:
    """A discussion in a community: `id` counts all of them, `virtual_id` the community's."""

    id: int
    group_id: int
    virtual_id: int
    title: str
    author_id: int
    date: int
    closed: bool = False
    pinned: bool = False
    deleted: bool = False
