"""The rows of the toy instance: plain dataclasses, without any dialect.

They hold what a person wrote; how an API generation shows it is the business of the
modules that answer methods.
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


@dataclass
class User:
    """A person; `hides` names the sections that nobody else may read."""

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
    groups: list[int] = field(default_factory=list)


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
class Post:
    """A record of a wall."""

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
    likes: int = 0
    deleted: bool = False


@dataclass
class Comment:
    """A comment under a post, a photo or a note: one sequence of ids for all of them."""

    id: int
    kind: str
    owner_id: int
    object_id: int
    author_id: int
    date: int
    text: str
    attachments: list[Attachment] = field(default_factory=list)
    reply_to: int | None = None
    likes: int = 0
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
class Album:
    """A photo album; `photos` keeps deleted ones too, as the server's relation does."""

    id: int
    owner_id: int
    title: str
    description: str | None
    created: int
    updated: int | None = None
    system: str = ""
    deleted: bool = False
    photos: list[Pair] = field(default_factory=list)


@dataclass
class Photo:
    """A photo; its owner is always the person who uploaded it."""

    owner_id: int
    id: int
    global_id: int
    date: int
    width: int
    height: int
    likes: int = 0
    deleted: bool = False

    @property
    def hash(self) -> str:
        """The name of the file."""
        return blob_hash("photo", self.global_id)


@dataclass
class Note:
    """A note: HTML, with links written as a person wrote them."""

    owner_id: int
    id: int
    global_id: int
    title: str
    source: str
    date: int
    deleted: bool = False


@dataclass
class Audio:
    """A track; `id` is the global id, `virtual_id` counts per uploader."""

    id: int
    owner_id: int
    virtual_id: int
    artist: str
    title: str
    duration: int
    genre: int = 18
    lyrics: str | None = None
    explicit: bool = False
    withdrawn: bool = False
    ready: bool = True
    deleted: bool = False

    @property
    def hash(self) -> str:
        """The name of the file."""
        return blob_hash("audio", self.id)


@dataclass
class Playlist:
    """A list of tracks in an order of its own."""

    id: int
    owner_id: int
    title: str
    description: str | None
    created: int
    modified: int | None = None
    deleted: bool = False
    audio: list[int] = field(default_factory=list)


@dataclass
class Poll:
    """A poll: answers are (id, text, votes)."""

    id: int
    owner_id: int
    question: str
    answers: list[tuple[int, str, int]]
    multiple: bool = False
    anonymous: bool = False
    end_date: int = 0
    voted: list[int] = field(default_factory=list)


@dataclass
class Video:
    """A video of one's own, or a YouTube link."""

    owner_id: int
    id: int
    global_id: int
    title: str
    description: str | None
    date: int
    duration: int = 0
    youtube: str | None = None
    likes: int = 0
    deleted: bool = False

    @property
    def hash(self) -> str:
        """The name of the file."""
        return blob_hash("video", self.global_id)


@dataclass
class Doc:
    """A document, known to the newer dialect only."""

    id: int
    owner_id: int
    title: str
    ext: str
    size: int
    date: int
    type: int = 1

    @property
    def hash(self) -> str:
        """The name of the file."""
        return blob_hash("doc", self.id)
