"""Lists from which rows vanish, and what an archive makes of it."""

from pathlib import Path

from syncing import query
from toy import World, WorldSize, generate

from ovk_archive.resources import DERIVED

#: More requests than all lists take: every list is read again by every sync.
PLENTY = 100_000
#: Every method that lists what may vanish.
LISTS = frozenset(
    {
        "wall.get", "wall.getById", "wall.getComments", "messages.getConversations",
        "messages.getHistory", "photos.getAlbums", "photos.getAll", "photos.get",
        "photos.getComments", "notes.get", "notes.getComments", "audio.get", "audio.getAlbums",
        "video.get", "docs.get", "board.getTopics", "board.getComments", "friends.get",
        "users.getFollowers", "friends.getRequests", "groups.get", "account.getBanned",
        "gifts.get", "notifications.get",
    }
)  # fmt: skip

#: A little of everything, but more than 20 posts and photos: so many are not believed to be gone.
SIZE = WorldSize(
    posts=30,
    comments=30,
    dialogs=2,
    messages_per_dialog=25,
    photos=30,
    albums=2,
    notes=6,
    tracks=5,
    playlists=1,
    friends=4,
    videos=2,
    gifts=2,
    topics=2,
    documents=2,
    notifications=2,
)


def a_life() -> World:
    """A world from which much can vanish, always the same."""
    return generate(size=SIZE)


def gone(path: Path) -> dict[str, int]:
    """How many rows of each table are marked as gone, where any is."""
    counts = {
        table.name: query(path, f'select count(gone_at) from "{table.name}"')[0][0]
        for table in DERIVED
    }
    return {name: count for name, count in counts.items() if count}
