"""The rows of what people own: pictures, music, videos, documents, polls, gifts."""

from dataclasses import dataclass, field

from ovk_archive.demo.world.records import Liked, Pair, blob_hash


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
class Gift:
    """A gift that somebody received; `gift_id` is which of the catalogue."""

    id: int
    user_id: int
    from_id: int
    gift_id: int
    message: str
    date: int
    anonymous: bool = False
