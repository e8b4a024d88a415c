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
class Photo(Liked):
    """A photo; its owner is always the person who uploaded it."""

    owner_id: int
    id: int
    global_id: int
    date: int
    width: int
    height: int
    likers: list[int] = field(default_factory=list)
    deleted: bool = False

    @property
    def hash(self) -> str:
        """The name of the file."""
        return blob_hash("photo", self.global_id)


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
class Audio:
    """A track; `id` is the global id, `virtual_id` counts per uploader.

    Its file goes on naming it as it was named when it came, whatever it is called later.
    """

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
    tags: tuple[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.tags = (self.title, self.artist)

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
class Choice:
    """What can be chosen in a poll, and who chose it."""

    id: int
    text: str
    voters: list[int] = field(default_factory=list)


@dataclass
class Poll:
    """A poll; `end_date` 0 is never."""

    id: int
    owner_id: int
    question: str
    choices: list[Choice]
    multiple: bool = False
    anonymous: bool = False
    end_date: int = 0
    revotable: bool = True

    @property
    def answers(self) -> list[tuple[int, str, int]]:
        """The choices as (id, text, votes)."""
        return [(choice.id, choice.text, len(choice.voters)) for choice in self.choices]

    @property
    def voters(self) -> set[int]:
        """Everyone who voted."""
        return {user for choice in self.choices for user in choice.voters}

    def voted(self, user_id: int | None) -> list[int]:
        """Return the ids of what a person chose."""
        return [choice.id for choice in self.choices if user_id in choice.voters]


@dataclass
class Video(Liked):
    """A video of one's own, maybe still being converted, or a YouTube link."""

    owner_id: int
    id: int
    global_id: int
    title: str
    description: str | None
    date: int
    duration: int = 0
    youtube: str | None = None
    processed: bool = True
    likers: list[int] = field(default_factory=list)
    deleted: bool = False
    first_title: str = field(init=False)

    def __post_init__(self) -> None:
        self.first_title = self.title

    @property
    def has_file(self) -> bool:
        """Whether it is the instance's own, and converted."""
        return self.youtube is None and self.processed

    @property
    def hash(self) -> str:
        """The name of the file."""
        return blob_hash("video", self.global_id)


@dataclass
class Doc:
    """A document, known to the newer dialect only; a hidden one does not tell its owner."""

    id: int
    owner_id: int
    title: str
    ext: str
    size: int
    date: int
    type: int = 1
    tags: list[str] = field(default_factory=list)
    folder: int = 0
    hidden: bool = False
    preview: Photo | None = None
    deleted: bool = False
    first_title: str = field(init=False)

    def __post_init__(self) -> None:
        self.first_title = self.title

    @property
    def hash(self) -> str:
        """The name of the file."""
        return blob_hash("doc", self.id)


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
class Gift:
    """A gift that somebody received; `gift_id` is which of the catalogue."""

    id: int
    user_id: int
    from_id: int
    gift_id: int
    message: str
    date: int
    anonymous: bool = False


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
