"""Lists from which rows vanish, and what an archive makes of it."""

from pathlib import Path

from syncing import query

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


def gone(path: Path) -> dict[str, int]:
    """How many rows of each table are marked as gone, where any is."""
    counted = (f"select '{one.name}', count(gone_at) from \"{one.name}\"" for one in DERIVED)
    return {name: count for name, count in query(path, " union all ".join(counted)) if count}
