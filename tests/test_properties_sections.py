"""A record that crashes its page costs that record and what hangs on it, in every kind of list."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from syncing import differences, missing, run

from ovk_archive.demo import DemoInstance, World, WorldSize, generate
from ovk_archive.resources import SECTIONS

SMALL = WorldSize(
    posts=40, comments=60, dialogs=3, messages_per_dialog=10, photos=25, notes=10, tracks=14
)
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
    """The one of its second and kind about this."""
    told = world.notifications[key]
    about = None if told.parent is None else told.parent[1]
    number = about[1] if isinstance(about, tuple) else about
    same = {n for n in facts["notifications"] if n[:2] == (told.type, told.date)}
    return {"notifications": {n for n in same if n[3] == number}}


def _alone(name: str, wrap: Callable[[Any], Any] = lambda key: key) -> Any:
    """Nothing hangs on it."""
    return lambda _world, _facts, key: {name: {wrap(key)}}


#: Kind of poison -> what is lost with a record of that kind.
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
CASES = [(dialect, kind) for kind in LOST for dialect in "AB" if (dialect, kind) != ("A", "documents")]


@pytest.mark.parametrize(("dialect", "kind"), CASES)
def test_a_poisoned_record_is_set_apart(dialect: str, kind: str, tmp_path: Path) -> None:
    """A record that crashes its page is listed as skipped, all others are held; later it is had."""
    world = generate(11, SMALL)
    path = tmp_path / "archive.db"
    truth = world.truth(dialect)
    poisoned = _some(world, truth, kind)
    with DemoInstance(world, dialect=dialect) as instance:
        instance.faults.poison = {(kind, poisoned)}
        report = run(instance, path, sections=SECTIONS)
        gaps = missing(truth, path, everything=True)
        instance.faults.poison = set()
        healed = run(instance, path, sections=SECTIONS)

    assert report.exit_code == 3
    assert sum(one.skipped for one in report.lists.values()) >= 1
    assert not any(one.refused for one in report.lists.values())
    assert _flat(gaps) == {k: v for k, v in LOST[kind](world, _flat(truth), poisoned).items() if v}
    assert healed.exit_code == 0, healed
    assert differences(truth, path, everything=True) == {}


def _flat(facts: dict[str, Any]) -> Facts:
    """Facts as sets: an ordered list is its rows."""
    return {
        name: {(key, row) for key, one in rows.items() for row in one}
        if isinstance(rows, dict)
        else set(rows)
        for name, rows in facts.items()
    }


def _some(world: World, truth: dict[str, Any], kind: str) -> Any:
    """A record in the middle of its list, on which nothing hangs that has no place of its own."""
    rows = sorted(_candidates(world, truth, kind))
    return rows[len(rows) // 2]


def _candidates(world: World, truth: dict[str, Any], kind: str) -> Iterable[Any]:
    attached = {
        (f"{one}s" if one in ("photo", "video", "note") else one, key)
        for thing in (*world.posts.values(), *world.comments.values())
        for one, key in thing.attachments
    }
    match kind:
        case "posts" | "photos" | "videos" | "notes":
            plain = (key for key in truth[kind] if not world.thread(kind[:-1], *key))
            bare = (k for k in plain if kind != "posts" or not world.posts[k].attachments)
            return [key for key in bare if (kind, key) not in attached]
        case "audio":
            tracks = set(truth["audio_collection"][1]) - truth["lyrics"]
            return [number for number in tracks if ("audio", number) not in attached]
        case "messages":
            # The last one of a conversation stands in the list of these, too.
            return truth[kind] - {max(m.id for m in rows) for rows in world.dialogs.values()}
        case "users":
            return world.users[1].friends
        case "groups":
            return set(world.users[1].groups) - set(world.administered(1))
        case "gifts":
            return [gift.id for gift in world.gifts_of(1)]
        case "notifications":
            return [told.id for told in world.told("A") if told.date != world.last_viewed]
        case "documents":
            return [number for number in truth[kind] if ("doc", number) not in attached]
        case _:
            return truth[kind]
