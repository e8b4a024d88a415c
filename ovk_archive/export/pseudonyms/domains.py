"""Which tables share pseudonyms: those that the same eyes can read on the instance.

What others can read names its pseudonyms: a public comment shows who wrote it. So nothing that only
the account sees has the same pseudonyms (decision 33).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """Tables in which one person has one pseudonym, which is another one elsewhere.

    Attributes:
        readers: who else can read these tables on the instance.
        links: `table.column` that tells in other words who is who in another domain; left out
            unless all tables share one domain.
    """

    name: str
    readers: str
    tables: tuple[str, ...]
    links: tuple[str, ...] = ()


PUBLIC = Domain(
    name="public",
    readers="everybody who can read walls, comments, photos and groups",
    tables=(
        "users", "groups", "memberships", "managed_groups", "group_settings", "group_members",
        "posts", "albums", "photos", "album_photos", "notes", "topics", "comments", "audio",
        "audio_collection", "playlists", "playlist_audio", "lyrics", "attachments", "videos",
        "polls", "poll_answers", "poll_votes", "documents", "likes",
    ),
    # Whose closed profile the account may see is its friend.
    links=("users.can_access_closed",),
)  # fmt: skip
#: Every domain. Friends and gifts are apart from messages, for lists of friends and gifts can be
#: read by others, too: whom they name would be named as the writer of messages.
DOMAINS: tuple[Domain, ...] = (
    PUBLIC,
    Domain(
        name="friends",
        readers="everybody who can read lists of friends and followers",
        tables=("friends", "followers"),
    ),
    Domain(name="requests", readers="nobody but the account", tables=("friend_requests",)),
    Domain(
        name="messages",
        readers="whoever wrote or received them",
        tables=("conversations", "messages"),
        # To whom one cannot write is often the one whose public profile is deleted.
        links=("conversations.can_write",),
    ),
    Domain(
        name="gifts", readers="everybody who can read lists of gifts, of most", tables=("gifts",)
    ),
    Domain(
        name="notifications",
        readers="nobody but the account; many tell of public things",
        tables=("notifications",),
        # It repeats public comments word by word.
        links=("notifications.text",),
    ),
    # Whose posts it shows is a friend.
    Domain(name="newsfeed", readers="nobody but the account", tables=("newsfeed",)),
)
_OF = {table: domain for domain in DOMAINS for table in domain.tables}
#: When the archive first met somebody would join a conversation to a row of users.
_SEEN = ("first_seen_at", "last_seen_at")
#: What stands in the place of those whom `--only-people` does not name.
OTHER = "[other]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hiding:
    """How much an export with pseudonyms hides.

    Attributes:
        times: exact, or to the day or the month.
        one_domain: everybody has one pseudonym in all tables.
        people: only these are told of; None for everybody.
        k: rows that are alike in fewer than so many are counted, if any.
    """

    times: str = "day"
    one_domain: bool = False
    people: frozenset[int] | None = None
    k: int | None = None

    def domain(self, table: str) -> Domain:
        """Whose pseudonyms a table has."""
        return PUBLIC if self.one_domain else _OF.get(table, PUBLIC)

    def dropped(self, table: str) -> frozenset[str]:
        """The columns of a table that are left out because they lead to another domain."""
        if self.one_domain:
            return frozenset()
        links = (link.split(".") for domain in DOMAINS for link in domain.links)
        seen = _SEEN if self.domain(table) is not PUBLIC else ()
        return frozenset([*(column for name, column in links if name == table), *seen])

    def stamps(self, table: str) -> str:
        """How exactly it is told when a row was seen or gone."""
        apart = self.domain(table) is not PUBLIC
        return "month" if apart or self.times == "month" else "day"

    def told(self, tables: Iterable[str]) -> dict[str, Any]:
        """What links what, for the manifest."""
        domains: dict[str, Any] = {}
        for table in tables:
            domain = self.domain(table)
            said = domains.setdefault(domain.name, {"readers": domain.readers, "tables": []})
            said["tables"].append(table)
        if self.one_domain:
            domains[PUBLIC.name]["readers"] = "differ: what others can read names the rest"
        return {"times": self.times, "one_domain": self.one_domain, "domains": domains}
