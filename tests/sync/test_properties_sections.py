"""A record that crashes its page costs that record and what hangs on it, in every kind of list."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from syncing import differences, missing, run
from toy import DemoInstance, World, WorldSize, generate
from truth import truth_of

from ovk_archive.resources import LOOKUPS, RESOURCES, SECTIONS

SMALL = WorldSize(
    posts=12, comments=14, dialogs=2, messages_per_dialog=4, photos=8, albums=3, notes=4, tracks=8,
    playlists=3, friends=6, videos=4, gifts=6, topics=4, documents=5, notifications=10,
)  # fmt: skip
Facts = dict[str, set[Any]]


def _thing(plural: str) -> Callable[[World, Facts, Any], Facts]:
    """Something with an owner and a number: its row, its likes, and its places in other lists."""
    singular = plural.removesuffix("s")

    def lost(world: World, facts: Facts, key: Any) -> Facts:
        del world
        return {
            plural: {key},
            "likes": {like for like in facts["likes"] if like[:3] == (singular, *key)},
            "newsfeed": {key} & facts["newsfeed"] if plural == "posts" else set(),
            "album_photos": {
                row for row in facts["album_photos"] if plural == "photos" and row[1:] == key
            },
        }

    return lost


def _comment(world: World, facts: Facts, key: int) -> Facts:
    del world
    likes = {like for like in facts["likes"] if (like[0], like[2]) == ("comment", key)}
    return {"comments": {key}, "likes": likes}


def _topic(world: World, facts: Facts, key: tuple[int, int]) -> Facts:
    """A topic, and all that was said in it."""
    said = [comment.id for comment in world.thread("topic", -key[0], key[1])]
    comments = [_comment(world, facts, number) for number in said]
    return {
        "topics": {key},
        "comments": set(said),
        "likes": {like for one in comments for like in one["likes"]},
    }


def _user(world: World, facts: Facts, key: int) -> Facts:
    """A person: wherever lists show who it is."""
    del world
    shown = {
        "friends": 1, "followers": 1, "friend_requests": 0, "group_members": 1, "poll_votes": 2,
        "blacklist": None,
    }  # fmt: skip
    return {
        name: {fact for fact in facts[name] if key == (fact if at is None else fact[at])}
        for name, at in shown.items()
    }


def _album(world: World, facts: Facts, key: int) -> Facts:
    del world
    return {"albums": {key}, "album_photos": {r for r in facts["album_photos"] if r[0] == key}}


def _playlist(world: World, facts: Facts, key: int) -> Facts:
    del world
    rows = {(key, track) for playlist, track in facts["playlist_audio"] if playlist == key}
    return {"playlists": {key}, "playlist_audio": rows}


def _conversation(world: World, facts: Facts, key: int) -> Facts:
    del facts
    return {"conversations": {key}, "messages": {m.id for m in world.history(key)}}


def _track(world: World, facts: Facts, key: int) -> Facts:
    del world
    names = ("audio_collection", "playlist_audio")
    return {name: {fact for fact in facts[name] if fact[1] == key} for name in names}


def _gift(world: World, facts: Facts, key: int) -> Facts:
    del facts
    gift = world.gifts[key]
    giver = 0 if gift.anonymous else gift.from_id
    return {"gifts": {(gift.user_id, giver, gift.date, gift.gift_id, gift.message)}}


def _notification(world: World, facts: Facts, key: int) -> Facts:
    date = world.notifications[key].date
    return {"notifications": {told for told in facts["notifications"] if told[1] == date}}


def _alone(name: str, wrap: Callable[[Any], Any] = lambda key: key) -> Any:
    """Nothing hangs on it."""
    return lambda _world, _facts, key: {name: {wrap(key)}}


#: Kind of poison -> what is lost with a record of that kind, its own table first.
LOST: dict[str, Callable[[World, Facts, Any], Facts]] = {
    "posts": _thing("posts"),
    "photos": _thing("photos"),
    "videos": _thing("videos"),
    "notes": _alone("notes"),
    "comments": _comment,
    "messages": _alone("messages"),
    "conversations": _conversation,
    "albums": _album,
    "playlists": _playlist,
    "audio": _track,
    "users": _user,
    "groups": _alone("memberships", lambda key: (1, key)),
    "gifts": _gift,
    "topics": _topic,
    "documents": _alone("documents"),
    "likes": _alone("likes"),
    "poll_votes": _alone("poll_votes"),
    "notifications": _notification,
}
#: List, or people looked up -> its table.
TABLES = {one.name: one.table.name for one in RESOURCES} | {
    one.name: one.table.name for one in LOOKUPS
}
#: Kinds of which a record crashes in one sync: none is in the lists of another of its group.
TOGETHER = (
    ("posts", "comments", "messages", "albums", "users", "gifts"),
    ("photos", "videos", "conversations", "playlists", "groups", "topics"),
    ("notes", "audio", "documents", "likes", "poll_votes", "notifications"),
)


def test_every_kind_is_poisoned() -> None:
    """Each kind of record that can crash a page is in one of the groups."""
    assert sorted(kind for kinds in TOGETHER for kind in kinds) == sorted(LOST)


@pytest.mark.parametrize("dialect", ["A", "B"])
@pytest.mark.parametrize("kinds", TOGETHER, ids="-".join)
def test_a_poisoned_record_is_set_apart(
    dialect: str, kinds: tuple[str, ...], tmp_path: Path
) -> None:
    """A record that crashes its page is listed as skipped, all others are held; later it is had."""
    world = generate(11, SMALL)
    path = tmp_path / "archive.db"
    truth = truth_of(world, dialect)
    known = [kind for kind in kinds if (dialect, kind) != ("A", "documents")]
    poisoned = {kind: _some(world, truth, kind) for kind in known}
    with DemoInstance(world, dialect=dialect) as instance:
        instance.faults.poison = set(poisoned.items())
        report = run(instance, path, sections=SECTIONS)
        gaps = missing(truth, path, everything=True)
        instance.faults.poison = set()
        healed = run(instance, path, sections=SECTIONS)

    lost = {kind: LOST[kind](world, _flat(truth), key) for kind, key in poisoned.items()}
    skipped = {TABLES[name] for name, one in report.lists.items() if one.skipped}
    assert report.exit_code == 3
    assert [kind for kind, facts in lost.items() if next(iter(facts)) not in skipped] == []
    assert not any(one.refused for one in report.lists.values())
    assert _flat(gaps) == _together(lost.values())
    assert healed.exit_code == 0, healed
    assert differences(truth, path, everything=True) == {}


def _together(losses: Collection[Facts]) -> Facts:
    """All that is lost, by table."""
    names = {name for lost in losses for name in lost}
    united = {name: set().union(*(lost.get(name, ()) for lost in losses)) for name in names}
    return {name: facts for name, facts in united.items() if facts}


def _flat(facts: dict[str, Any]) -> Facts:
    """Facts as sets: an ordered list is its rows."""
    return {
        name: {(key, row) for key, one in rows.items() for row in one}
        if isinstance(rows, dict)
        else set(rows)
        for name, rows in facts.items()
    }


def _some(world: World, truth: dict[str, Any], kind: str) -> Any:
    """A record in the middle of its list."""
    rows = sorted(_candidates(world, truth, kind))
    return rows[len(rows) // 2]


def _candidates(world: World, truth: dict[str, Any], kind: str) -> Iterable[Any]:
    """Records whose loss costs nothing but what `LOST` says."""
    lists: dict[str, Iterable[Any]] = {
        **truth,
        "audio": truth["audio_collection"].get(1, ()),
        "users": world.users[1].friends,
        "groups": set(world.users[1].groups) - set(world.administered(1)),
        "gifts": [number for number in world.gifts if _alike(world, number) == [number]],
        "notifications": _lone_notifications(world),
    }
    costly = set(_costly(world)) | {("audio", number) for number in truth["lyrics"]}
    return [key for key in lists[kind] if (kind, key) not in costly]


def _lone_notifications(world: World) -> list[int]:
    """Those that some list shows, and that are alone in their second."""
    dates = Counter(told.date for told in world.notifications.values())
    told = world.told("A")
    return [n.id for n in told if dates[n.date] == 1 and n.date != world.last_viewed]


def _alike(world: World, number: int) -> list[int]:
    """The gifts of the account that look like this one, in all but the number that [B] shows."""
    looks = {gift.id: _gift(world, {}, gift.id) for gift in world.gifts_of(1)}
    return [other for other, look in looks.items() if look == looks.get(number)]


def _costly(world: World) -> Iterator[tuple[str, Any]]:
    """What is attached to something, has comments or attachments, or stands in two lists."""
    plural = {"audio": "audio", "doc": "documents"}
    hung = [post.attachments for post in world.posts.values()]
    hung += [comment.attachments for comment in world.comments.values()]
    yield from ((plural.get(kind, f"{kind}s"), key) for some in hung for kind, key in some)
    yield from (("posts", key) for key, post in world.posts.items() if post.attachments)
    for comment in world.comments.values():
        if comment.kind != "topic":
            yield f"{comment.kind}s", (comment.owner_id, comment.object_id)
    # The last message of a conversation stands in the list of these, too.
    yield from (("messages", m.id) for peer in world.dialogs for m in world.history(peer)[:1])
