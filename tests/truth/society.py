"""What a perfect archive would hold of people's relations, and of what the account is told."""

from typing import TYPE_CHECKING, Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.world.records import Notification, Pair

if TYPE_CHECKING:
    from ovk_archive.demo.world.world import World

#: (type, date, who did it, what it is about), as far as an answer tells.
Told = tuple[str, int, int | None, int | None]


def society(world: "World", dialect: str, owners: tuple[int, ...]) -> dict[str, Any]:
    """Say what can be read of these owners' relations, and of the account's own lists."""
    newer = dialect == "B"
    own = world.administered(world.account_id)
    return {
        **_people(world, dialect, [number for number in owners if number > 0]),
        "friend_requests": _requests(world, dialect),
        "group_settings": set(own),
        "group_members": _members(world, dialect, {*own, *(-n for n in owners if n < 0)}),
        "blacklist": set(world.blacklist) if newer else set(),
        "newsfeed_banned": set(world.ignored) if newer else set(),
        "notifications": _notifications(world, dialect),
        "newsfeed": _newsfeed(world, dialect),
    }


def _people(world: "World", dialect: str, people: list[int]) -> dict[str, Any]:
    def readable_by(refuse: privacy.Refusal) -> list[int]:
        return [number for number in people if privacy.allows(refuse, world, dialect, number)]

    users = world.users
    return {
        "friends": {(n, one) for n in readable_by(privacy.friends) for one in users[n].friends},
        "followers": {
            (n, one) for n in readable_by(privacy.followers) for one in users[n].followers
        },
        "memberships": {(n, one) for n in readable_by(privacy.groups) for one in users[n].groups},
        "statuses": {(n, users[n].status) for n in readable_by(privacy.status)},
    }


def _requests(world: "World", dialect: str) -> set[tuple[int, str]]:
    me = world.users[world.account_id]
    asked = {(number, "out") for number in me.follows} if dialect == "B" else set()
    return {(number, "in") for number in me.followers} | asked


def _members(world: "World", dialect: str, groups: set[int]) -> set[Pair]:
    shown = (n for n in groups if privacy.allows(privacy.members, world, dialect, n))
    return {(number, user) for number in shown for user in world.groups[number].members}


def _newsfeed(world: "World", dialect: str) -> set[Pair]:
    feed = world.feed(dialect)
    walls = {post.owner_id for post in feed}
    shown = {wall for wall in walls if privacy.allows(privacy.feed, world, dialect, wall)}
    return {(post.owner_id, post.id) for post in feed if post.owner_id in shown}


def _notifications(world: "World", dialect: str) -> set[Told]:
    """Leave out those of the second when the account looked: they are in neither list."""
    if world.events_off:
        return set()
    rows = (row for row in world.told(dialect) if row.date != world.last_viewed)
    return {(row.type, row.date, _actor(world, dialect, row), _about(row)) for row in rows}


def _actor(world: "World", dialect: str, row: Notification) -> int | None:
    if row.feedback is not None:
        kind, key = row.feedback
        return (world.posts[key] if kind == "post" else world.comments[key]).author_id
    told = {"like_post", "comment_post"} if dialect == "B" else {"like_post"}
    return row.actor_id if row.type in told else None


def _about(row: Notification) -> int | None:
    if row.parent is None:
        return None
    kind, key = row.parent
    return int(key[1] if kind == "post" else key)
