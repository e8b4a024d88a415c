"""The toy's people: friends, groups, the feed, notifications, and what is true of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy import DemoInstance, World, WorldSize, generate
from truth import truth_of

from ovk_archive.demo.methods.php import ApiFault, Crash
from ovk_archive.demo.server.api import answer

RECORDINGS = Path(__file__).parents[1] / "recordings"
DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
PHANTOM = {"id": 0, "first_name": "DELETED", "last_name": "", "deactivated": "deleted"}

Asked = Callable[..., Any]


def asker(world: World, dialect: str) -> Asked:
    """Ask a toy instance as the account, without a socket between."""
    instance = DemoInstance(world, dialect)

    def ask(method: str, **params: Any) -> Any:
        return answer(instance, method, {k: str(v) for k, v in params.items()}, 1)

    return ask


def ids(found: dict[str, Any]) -> list[int]:
    """The ids of a list's records."""
    return [row["id"] for row in found["items"]]


def refused(ask: Asked, method: str, **params: Any) -> int:
    """Ask, and keep the code of the refusal."""
    with pytest.raises(ApiFault) as caught:
        ask(method, **params)
    return caught.value.code


def peopled(people: int = 5) -> World:
    """A world of the account and some others, of ids from 2."""
    world = World.empty()
    for number in range(people):
        world.add_user("Имя", str(number))
    return world


# Friends, followers, requests


@DIALECTS
def test_followers_are_paged_by_page_index(dialect: str) -> None:
    """Offsets of followers and requests count pages; past the end [A] shows a phantom."""
    world = peopled()
    for number in (2, 3, 4):
        world.follow(number, 1)
    ask = asker(world, dialect)
    nobody = [0] if dialect == "A" else []

    assert ids(ask("users.getFollowers", user_id=1, count=2, offset=1)) == [4]
    assert ids(ask("users.getFollowers", user_id=1, count=2, offset=2)) == nobody
    assert ids(ask("friends.getRequests", count=2, offset=1)) == [4]
    assert ids(ask("friends.getRequests", count=2, offset=2)) == nobody
    assert ask("friends.get", count=0)["items"] == []


def test_phantom_has_a_user_id() -> None:
    """The phantom among [A]'s requests has the user id 0."""
    assert asker(peopled(), "A")("friends.getRequests")["items"] == [PHANTOM | {"user_id": 0}]


@DIALECTS
def test_outgoing_requests(dialect: str) -> None:
    """[B] lists whom the account asked, under the count of those who ask; [A] ignores `out`."""
    world = peopled()
    world.follow(2, 1)
    for number in (3, 4):
        world.follow(1, number)
    ask = asker(world, dialect)

    found = ask("friends.getRequests", out=1)

    assert found["count"] == 1
    assert [row["user_id"] for row in found["items"]] == ([2] if dialect == "A" else [3, 4])
    assert refused(ask, "friends.getRequests", count=1000) == 100
    asked = {(2, "in")} if dialect == "A" else {(2, "in"), (3, "out"), (4, "out")}
    assert truth_of(world, dialect)["friend_requests"] == asked


@DIALECTS
def test_how_people_stand_to_each_other(dialect: str) -> None:
    """users.get tells 1 asked, 2 asks, 3 friend; friends.areFriends of [A] swaps 1 and 2."""
    world = peopled()
    world.follow(1, 2)
    world.follow(3, 1)
    world.befriend(1, 4)
    ask = asker(world, dialect)

    found = ask("users.get", user_ids="2,3,4,5", fields="friend_status")
    pairs = ask("friends.areFriends", user_ids="2,3,4,5")

    assert [user["friend_status"] for user in found] == [1, 2, 3, 0]
    expected = [2, 1, 3, 0] if dialect == "A" else [1, 2, 3, 0]
    assert [pair["friend_status"] for pair in pairs] == expected
    with pytest.raises(Crash):
        ask("friends.areFriends", user_ids="99")


def test_friendship_comes_and_goes() -> None:
    """Two who ask each other are friends; when one ends it, the other goes on following."""
    world = peopled()
    world.follow(1, 2)
    world.follow(2, 1)
    assert truth_of(world, "B")["friends"] == {(1, 2)}
    assert truth_of(world, "B")["friend_requests"] == set()

    world.unfriend(1, 2)

    assert truth_of(world, "B")["friends"] == set()
    assert truth_of(world, "B")["followers"] == {(1, 2)}
    world.befriend(1, 2)
    assert truth_of(world, "B")["followers"] == set()


@DIALECTS
def test_refusals_of_relations(dialect: str) -> None:
    """Who may not be looked at has no friends, followers, groups or status in the truth."""
    world = peopled()
    world.users[2].closed = True
    world.users[3].hides = frozenset({"friends", "groups"})
    world.users[4].deleted = True
    world.users[5].banned = "спам"
    for number in (2, 3, 4, 5):
        world.users[number].friends.append(6)
        world.users[number].followers.append(6)
    ask = asker(world, dialect)
    truth = truth_of(world, dialect, (2, 3, 4, 5))

    older = dialect == "A"
    assert truth["friends"] == ({(5, 6)} if older else set())
    assert truth["followers"] == ({(3, 6), (5, 6)} if older else {(3, 6)})
    assert {owner for owner, _ in truth["statuses"]} == ({3, 5} if older else {3})
    codes = [refused(ask, "users.getFollowers", user_id=n) for n in (2, 4, 99)]
    assert codes == [15, 14, 14]
    assert refused(ask, "groups.get", user_id=3) == (15 if older else 260)
    assert refused(ask, "status.get", user_id=2) == 15


@DIALECTS
def test_status_with_music(dialect: str) -> None:
    """A track that plays turns [A]'s bare status into an object; [B]'s always is one."""
    world = peopled()
    world.users[1].status = "тишина"
    ask = asker(world, dialect)
    assert ask("status.get") == ("тишина" if dialect == "A" else {"text": "тишина"})

    world.users[1].playing = world.add_audio(1).id

    found = ask("status.get")
    assert found["status" if dialect == "A" else "text"] == "тишина"
    assert found["audio"]["id"] == 1
    assert truth_of(world, dialect)["statuses"] == {(1, "тишина")}


# Groups


@DIALECTS
def test_members_are_cut_from_the_end(dialect: str) -> None:
    """groups.getMembers takes the first `count` members and drops `offset` of them."""
    world = peopled(20)
    group = world.add_group("Клуб").id
    for number in range(12, 0, -1):
        world.join(number, group)
    ask = asker(world, dialect)

    assert ids(ask("groups.getMembers", group_id=group, count=3)) == [1, 2, 3]
    assert ids(ask("groups.getMembers", group_id=group, count=3, offset=2)) == [3]
    assert ids(ask("groups.getMembers", group_id=group, count=3, offset=3)) == []
    assert ids(ask("groups.getMembers", group_id=group, count=99, offset=10)) == [11, 12]
    assert ask("groups.getMembers", group_id=group)["count"] == (12 if dialect == "A" else 10)
    backwards = ids(ask("groups.getMembers", group_id=group, count=2, sort="id_desc"))
    assert backwards == ([12, 11] if dialect == "A" else [1, 2])


@DIALECTS
def test_members_of_a_banned_group(dialect: str) -> None:
    """[A] shows the members of a banned group, [B] does not; an unknown one has none."""
    world = peopled()
    group = world.add_group("Клуб", banned=True).id
    world.join(2, group)
    ask = asker(world, dialect)
    readable = {(group, 2)} if dialect == "A" else set()

    assert truth_of(world, dialect, (1, -group))["group_members"] == readable
    assert refused(ask, "groups.getMembers", group_id=99) == (125 if dialect == "A" else 15)


def test_members_of_the_older_have_fake_fields() -> None:
    """[A] lies about members whose profile is closed."""
    world = peopled()
    world.users[2].closed = True
    world.join(2, world.add_group("Клуб").id)

    (member,) = asker(world, "A")("groups.getMembers", group_id=1, fields="sex,bdate")["items"]

    assert (member["sex"], member["bdate"]) == (-1, "01.01.1970")


@DIALECTS
def test_groups_of_ones_own(dialect: str) -> None:
    """filter=admin lists what the account administers; [A] counts what it joined all the same."""
    world = peopled()
    for name in ("Первый", "Второй", "Третий"):
        world.join(1, world.add_group(name).id)
    world.make_admin(1, 2)
    ask = asker(world, dialect)

    found = ask("groups.get", filter="admin")

    assert ids(found) == [2]
    assert found["count"] == (3 if dialect == "A" else 1)
    assert ask("groups.getSettings", group_id=2)["title"] == "Второй"
    assert refused(ask, "groups.getSettings", group_id=1) == 15
    truth = truth_of(world, dialect)
    assert (truth["group_settings"], truth["group_members"]) == ({2}, {(2, 1)})
    assert truth["memberships"] == {(1, 1), (1, 2), (1, 3)}
    world.leave(1, 1)
    assert truth_of(world, dialect)["memberships"] == {(1, 2), (1, 3)}
    assert ask("groups.isMember", group_id=1, user_id=1) == 0


# The feed


def written(*walls: int) -> World:
    """A world with posts on these walls, one after the other."""
    world = peopled()
    world.befriend(1, 2)
    world.join(1, world.add_group("Клуб").id)
    for wall in walls:
        world.add_post(wall)
    return world


def walk(ask: Asked, count: int, **params: Any) -> list[tuple[int, int]]:
    """Follow `next_from` until there is none."""
    found: list[tuple[int, int]] = []
    cursor: Any = ""
    while cursor is not None and cursor is not False:
        page = ask("newsfeed.get", count=count, start_from=cursor, **params)
        found += [(post["owner_id"], post["id"]) for post in page["items"]]
        cursor = page.get("next_from")
    return found


@DIALECTS
def test_feed_is_of_subscriptions(dialect: str) -> None:
    """The feed is of the walls of the account, its friends, its groups and whom it follows."""
    world = written(1, 2, 3, -1, 4)
    world.follow(1, 4)
    world.delete_post(2, 1)
    ask = asker(world, dialect)

    assert walk(ask, 2) == [(4, 1), (-1, 1), (1, 1)]
    assert set(walk(ask, 1)) == truth_of(world, dialect)["newsfeed"]


@DIALECTS
def test_feed_pages(dialect: str) -> None:
    """`offset` counts pages; the cursor is a post's global id in [A], with its second in [B]."""
    ask = asker(written(1, 2, 1, 2), dialect)

    page = ask("newsfeed.get", count=2, offset=1)

    assert [post["owner_id"] for post in page["items"]] == [2, 1]
    date = page["items"][-1]["date"]
    assert page["next_from"] == (1 if dialect == "A" else f"{date}_1")
    ending = ask("newsfeed.get", count=2, offset=2)
    assert ending.get("next_from", "none") == (False if dialect == "A" else "none")


def test_cursor_of_the_older_passes_over() -> None:
    """[A]'s cursor is an id in a list that goes by date: what was dated back is lost."""
    world = written(1, 1)
    world.add_post(1, date=100)

    assert walk(asker(world, "A"), 1) == [(1, 2), (1, 1)]
    assert walk(asker(world, "B"), 1) == [(1, 2), (1, 1), (1, 3)]


def test_cursor_of_the_newer_is_exact() -> None:
    """[B]'s cursor parts posts of one second."""
    world = written()
    for _ in range(5):
        world.add_post(1, date=100)

    assert walk(asker(world, "B"), 2) == [(1, 5), (1, 4), (1, 3), (1, 2), (1, 1)]


def test_older_drops_closed_walls() -> None:
    """[A] drops posts of closed profiles after cutting the page, so that it may be empty."""
    world = written(1, 2, 2)
    world.users[2].closed = True
    older, newer = asker(world, "A"), asker(world, "B")

    page = older("newsfeed.get", count=2)

    assert (page["items"], page["next_from"]) == ([], 2)
    assert walk(older, 2) == [(1, 1)]
    assert truth_of(world, "A")["newsfeed"] == {(1, 1)}
    assert len(walk(newer, 2)) == len(truth_of(world, "B")["newsfeed"]) == 3


def test_newer_leaves_strangers_out() -> None:
    """[B] leaves out what others wrote on a wall, unless asked for it; the truth has it."""
    world = written(1)
    world.add_post(1, author=2)
    ask = asker(world, "B")

    assert walk(ask, 5) == [(1, 1)]
    assert set(walk(ask, 5, with_alien_wall_posts=1)) == truth_of(world, "B")["newsfeed"]


@DIALECTS
def test_feed_is_extended_by_default_in_the_newer(dialect: str) -> None:
    """[B] brings people and groups along unless told not to."""
    ask = asker(written(1), dialect)

    assert ("profiles" in ask("newsfeed.get")) == (dialect == "B")
    assert "profiles" in ask("newsfeed.get", extended=1)
    assert "profiles" not in ask("newsfeed.get", extended=0)


@DIALECTS
def test_feed_marks_the_account_online(dialect: str) -> None:
    """Reading the feed is counted, unless it is told not to mark the account."""
    instance = DemoInstance(written(1), dialect)

    answer(instance, "newsfeed.get", {}, 1)
    answer(instance, "newsfeed.get", {"forGodSakePleaseDoNotReportAboutMyOnlineActivity": "1"}, 1)

    assert instance.online_marks == 1


# Notifications


def told() -> World:
    """A world whose account was told of a like, a comment, a repost and an alien post."""
    world = written(1)
    world.add_post(1, author=2)
    post = ("post", (1, 1))
    for kind in ("like_post", "comment_post", "copy_post"):
        world.notify(kind, actor=2, parent=post)
    world.notify("wall", actor=2, feedback=("post", (1, 2)))
    return world


def test_who_did_it() -> None:
    """Each dialect tells in its own form who did what, or not at all."""
    world = told()
    older = asker(world, "A")("notifications.get")["items"][::-1]
    newer = asker(world, "B")("notifications.get", archived=0)["items"][::-1]

    assert [item["type"] for item in older] == ["like_post", "comment_post", "copy_post", "wall"]
    assert older[0]["feedback"]["id"] == 2
    assert newer[0]["feedback"] == {"count": 1, "items": [{"from_id": 2}]}
    assert older[1]["feedback"] is None
    assert newer[1]["feedback"]["id"] == 2
    assert older[2]["feedback"] is newer[2]["feedback"] is None
    assert older[3]["parent"] is None
    assert older[3]["feedback"]["from_id"] == 2
    actors = {
        (kind, actor, about) for kind, _, actor, about in truth_of(world, "A")["notifications"]
    }
    assert ("comment_post", None, 1) in actors
    assert ("wall", 2, None) in actors
    newest = {
        (kind, actor, about) for kind, _, actor, about in truth_of(world, "B")["notifications"]
    }
    assert actors ^ newest == {("comment_post", None, 1), ("comment_post", 2, 1)}


@DIALECTS
def test_viewed_notifications_are_another_list(dialect: str) -> None:
    """`archived` parts what was viewed from what was not, and its default differs."""
    world = told()
    ask = asker(world, dialect)
    assert ask("account.getCounters")["notifications"] == 4

    world.mark_viewed()
    world.notify("like_post", actor=2, parent=("post", (1, 1)))

    sizes = [len(ask("notifications.get", archived=n)["items"]) for n in (0, 1)]
    assert sizes == [1, 4]
    assert len(ask("notifications.get")["items"]) == (1 if dialect == "A" else 4)
    assert ask("account.getCounters")["notifications"] == 1
    assert ask("notifications.get")["last_viewed"] == world.last_viewed


@DIALECTS
def test_notification_of_the_moment_of_viewing(dialect: str) -> None:
    """What came in the second when the account looked is in neither list, nor in the truth."""
    world = told()
    world.mark_viewed()
    world.notify("like_post", world.last_viewed, actor=2, parent=("post", (1, 1)))
    ask = asker(world, dialect)

    assert sum(len(ask("notifications.get", archived=n)["items"]) for n in (0, 1)) == 4
    assert len(truth_of(world, dialect)["notifications"]) == 4


def test_replies_are_told_by_the_newer_only() -> None:
    """[A] knows no replies to comments."""
    world = told()
    said = world.add_comment("post", 1, 1)
    reply = world.add_comment("post", 1, 1, author=2, reply_to=said.id)
    feedback = ("comment", reply.id)
    world.notify("reply_comment", actor=2, parent=("comment", said.id), feedback=feedback)

    item = asker(world, "B")("notifications.get", archived=0)["items"][0]

    assert (item["parent"]["id"], item["parent"]["post"]["id"]) == (said.id, 1)
    assert (item["feedback"]["id"], item["feedback"]["owner_id"]) == (reply.id, 2)
    assert len(asker(world, "A")("notifications.get")["items"]) == 4
    newest = (item["type"], item["date"], 2, said.id)
    assert truth_of(world, "B")["notifications"] - truth_of(world, "A")["notifications"] >= {newest}


@DIALECTS
def test_notifications_can_be_off(dialect: str) -> None:
    """Without an event database notifications are refused, as recorded; so are long pages."""
    world = told()
    ask = asker(world, dialect)
    assert refused(ask, "notifications.get", count=101) == 125

    world.events_off = True

    with pytest.raises(ApiFault) as caught:
        ask("notifications.get")
    folder = {"A": "2024-07", "B": "2026-08"}[dialect]
    recorded = json.loads((RECORDINGS / folder / "eventdb-off__Notifications.get.json").read_text())
    body = recorded["body"]
    assert (caught.value.code, caught.value.message) == (body["error_code"], body["error_msg"])
    assert truth_of(world, dialect)["notifications"] == set()


# The account's own lists


def test_lists_of_the_newer_only() -> None:
    """The blacklist and the ignored sources exist in [B]."""
    world = peopled()
    world.add_group("Клуб")
    world.block(2)
    world.ignore_source(3)
    world.ignore_source(-1)
    ask = asker(world, "B")

    assert ids(ask("account.getBanned")) == [2]
    assert ask("newsfeed.getBanned") == {"groups": [-1], "members": [3]}
    assert ids(ask("newsfeed.getBanned", extended=1, merge=1)) == [3, 1]
    assert (truth_of(world, "B")["blacklist"], truth_of(world, "B")["newsfeed_banned"]) == (
        {2},
        {3, -1},
    )
    assert (truth_of(world, "A")["blacklist"], truth_of(world, "A")["newsfeed_banned"]) == (
        set(),
        set(),
    )
    older = asker(world, "A")
    for method in ("account.getBanned", "account.getOvkSettings", "newsfeed.getBanned"):
        assert refused(older, method) == 3


POISON: list[tuple[tuple[str, Any], str, dict[str, Any]]] = [
    (("users", 2), "friends.get", {}),
    (("users", 3), "friends.getRequests", {}),
    (("users", 3), "users.getFollowers", {"user_id": 1}),
    (("users", 2), "groups.getMembers", {"group_id": 1}),
    (("groups", 1), "groups.get", {}),
    (("posts", (1, 1)), "newsfeed.get", {}),
    (("notifications", 1), "notifications.get", {"archived": 0}),
]


@DIALECTS
@pytest.mark.parametrize(("key", "method", "params"), POISON)
def test_poison(dialect: str, key: tuple[str, Any], method: str, params: dict[str, Any]) -> None:
    """A poisoned record crashes every page that it is on."""
    world = told()
    world.follow(3, 1)
    world.join(2, 1)
    instance = DemoInstance(world, dialect)
    values = {name: str(value) for name, value in params.items()}
    answer(instance, method, values, 1)

    instance.faults.poison.add(key)

    with pytest.raises(Crash):
        answer(instance, method, values, 1)


# The generated world


@DIALECTS
def test_generated_truth_is_what_can_be_read(dialect: str) -> None:
    """The generated world has some of everything, and big pages read all of its truth."""
    world = generate()
    ask = asker(world, dialect)
    truth = truth_of(world, dialect, (1, 2, 3, 4, 5, -1))
    readable = [n for n, _ in truth["statuses"]]

    for method, key in (("friends.get", "friends"), ("users.getFollowers", "followers")):
        owners = [n for n in readable if n != 5 or key == "followers"]
        found = {(n, i) for n in owners for i in ids(ask(method, user_id=n, count=999)) if i}
        assert found == truth[key]
    feed = ask("newsfeed.get", count=999, with_alien_wall_posts=1)["items"]
    assert {(post["owner_id"], post["id"]) for post in feed} == truth["newsfeed"]
    members = ids(ask("groups.getMembers", group_id=1, count=999))
    assert {(1, number) for number in members} == truth["group_members"]
    items = [
        item
        for archived in (0, 1)
        for item in ask("notifications.get", count=100, archived=archived)["items"]
    ]
    assert {(item["type"], item["date"]) for item in items} == {
        row[:2] for row in truth["notifications"]
    }
    assert {owner for owner, _ in truth["friends"]} == {1, 2, 3}
    assert {owner for owner, _ in truth["followers"]} == {1, 3, 5}
    empty = {key for key, rows in truth.items() if not rows}
    expected = {"blacklist", "newsfeed_banned", "documents"} if dialect == "A" else set()
    assert empty == expected


def test_small_worlds_have_relations_too() -> None:
    """A world of nothing but people can be generated; nobody tells of posts that are not there."""
    world = generate(1, WorldSize(posts=0, friends=0, photos=0, notes=0, tracks=0))

    assert world.notifications == {}
    assert len(world.users[1].followers) == 6
