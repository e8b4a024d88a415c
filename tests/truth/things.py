"""What a perfect archive would hold of what people own, give, choose and like."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.world.owned import Poll
from ovk_archive.demo.world.records import Liked, Pair

if TYPE_CHECKING:
    from ovk_archive.demo.world.world import World

#: (kind, owner_id, item_id): what likes.getList is asked about.
Likeable = tuple[str, int, int]

#: Under what comments show how many people like them; under notes they do not.
COUNTED = {"post", "photo", "topic"}


def owned(
    world: "World", dialect: str, owners: tuple[int, ...], posts: Iterable[Pair]
) -> dict[str, Any]:
    """Say which things of these owners are readable, by kind; `posts` are those that are."""
    polls = list(_polls(world, posts))
    return {
        "videos": _videos(world, dialect, owners),
        "gifts": _gifts(world, dialect, owners),
        "polls": {poll.id for poll in polls},
        "poll_votes": _votes(polls),
        "topics": _topics(world, dialect, owners),
        "documents": _documents(world, dialect, owners),
    }


def likes(world: "World", dialect: str, facts: dict[str, Any]) -> set[tuple[str, int, int, int]]:
    """Say who likes what, among everything else that is readable."""
    return {
        (*key, user)
        for key, thing in _likeable(world, facts)
        if privacy.viewable(world, dialect, thing)
        for user in thing.likers
    }


def _likeable(world: "World", facts: dict[str, Any]) -> Iterator[tuple[Likeable, Liked]]:
    tables = (("post", world.posts), ("photo", world.photos), ("video", world.videos))
    for kind, table in tables:
        for key in facts[f"{kind}s"]:
            yield (kind, *key), table[key]
    for number in facts["comments"]:
        comment = world.comments[number]
        if comment.kind in COUNTED:
            yield ("comment", comment.owner_id, number), comment


def _videos(world: "World", dialect: str, owners: Iterable[int]) -> set[Pair]:
    readable = (o for o in owners if privacy.allows(privacy.videos, world, dialect, o))
    return {(video.owner_id, video.id) for owner in readable for video in world.videos_of(owner)}


def _gifts(
    world: "World", dialect: str, owners: Iterable[int]
) -> set[tuple[int, int, int, int, str]]:
    readable = (o for o in owners if privacy.allows(privacy.gifts, world, dialect, o))
    return {
        (owner, 0 if gift.anonymous else gift.from_id, gift.date, gift.gift_id, gift.message)
        for owner in readable
        for gift in world.gifts_of(owner)
    }


def _polls(world: "World", posts: Iterable[Pair]) -> Iterator[Poll]:
    """Find the polls on posts; a repost shows photos only."""
    for key in posts:
        for kind, number in world.posts[key].attachments:
            if kind == "poll":
                yield world.polls[number]


def _votes(polls: Iterable[Poll]) -> set[tuple[int, int, int]]:
    return {
        (poll.id, choice.id, user)
        for poll in polls
        if not poll.anonymous
        for choice in poll.choices
        for user in choice.voters
    }


def _topics(world: "World", dialect: str, owners: Iterable[int]) -> set[Pair]:
    """Find the topics of the groups that were named, or that the account administers."""
    groups = {-owner for owner in owners if owner < 0}
    groups |= {group.id for group in world.groups.values() if world.account_id in group.admins}
    readable = (g for g in groups if privacy.allows(privacy.board, world, dialect, g))
    return {(group, topic.virtual_id) for group in readable for topic in world.topics_of(group)}


def _documents(world: "World", dialect: str, owners: Iterable[int]) -> set[int]:
    if dialect == "A":
        return set()
    shelves = {world.account_id, *(owner for owner in owners if owner < 0)}
    return {doc.id for owner in shelves for doc in world.documents_of(owner)}
