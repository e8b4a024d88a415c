"""Every section of the API, read from the toy and compared with what it has."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from clocks import clock
from syncing import ACCOUNT, differences, query, run
from toy import DemoInstance, World, WorldSize, generate
from truth import truth_of
from worlds import A_FEW, few_things

from ovk_archive.api.budget import Budget
from ovk_archive.archive.archive import Archive
from ovk_archive.checks.ledger import Ledger, ledger
from ovk_archive.resources import RESOURCES, SECTIONS

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
#: What only the newer servers have, by the titles of the lists.
NEWER = {"settings", "blacklist", "ignored sources", "friend requests sent", "documents"} | {
    "the instance's mirrors"
}
MUSIC = ("audio",)
SOCIAL = ("friends", "groups", "wall", "polls", "voters", "likes")
SHOWN = ("friends", "groups", "video", "gifts", "board", "members", "docs")


def book_of(path: Path) -> Ledger:
    """The ledger of an archive."""
    with Archive.read(path) as archive:
        return ledger(archive)


@DIALECTS
def test_all_of_the_demo_is_held(dialect: str, tmp_path: Path) -> None:
    """`sync --all` ends with 0, every list holds what exists, and the ledger says so."""
    world = generate(50, A_FEW)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        report = run(instance, path, sections=SECTIONS)
        again = run(instance, path, sections=SECTIONS)
        writes, marks = instance.writes, instance.online_marks

    assert report.exit_code == 0, report
    assert differences(truth_of(world, dialect), path, everything=True) == {}
    assert {(one.new, one.changed, one.gone) for one in again.lists.values()} == {(0, 0, 0)}
    assert (writes, marks) == (0, 0)
    book = book_of(path)
    assert book.complete
    assert {line.name for line in book.lists} == {one.name for one in RESOURCES}
    assert set(book.lacking) == (NEWER if dialect == "A" else set())
    assert query(path, "pragma foreign_key_check") == []


@DIALECTS
def test_a_closed_profile_refuses_and_the_rest_is_read(dialect: str, tmp_path: Path) -> None:
    """Where a closed profile refuses its lists the exit code is 3, and each refusal is named."""
    world = generate(51, A_FEW)
    path = tmp_path / "archive.db"
    closed = next(user.id for user in world.users.values() if user.closed and user.id not in
                  world.users[ACCOUNT].friends)  # fmt: skip
    with DemoInstance(world, dialect=dialect) as instance:
        report = run(instance, path, sections=SECTIONS, owners=(ACCOUNT, closed))

    assert report.exit_code == 3
    refused = {name for name, one in report.lists.items() if one.refused}
    assert {"posts", "friends", "videos", "gifts", "notes", "memberships"} <= refused
    assert differences(truth_of(world, dialect, (ACCOUNT, closed)), path, everything=True) == {}


@DIALECTS
def test_what_others_show_goes_in_beside_the_account(dialect: str, tmp_path: Path) -> None:
    """Friends, groups, videos and gifts of people; boards, members and documents of groups."""
    world = generate(52, A_FEW)
    world.add_video(2, "Чужое видео")
    world.add_gift(2, 3, 1, "Привет")
    other = world.add_group("Чужой клуб").id
    world.join(2, other)
    topic = world.add_topic(other, "О чужом", author=2)
    world.add_comment("topic", -other, topic.id, author=2)
    world.add_document(-other, "Устав")
    path = tmp_path / "archive.db"
    owners = (ACCOUNT, 2, -other)
    with DemoInstance(world, dialect=dialect) as instance:
        report = run(instance, path, sections=SHOWN, owners=owners)

    assert report.exit_code == 0, report
    truth = _of_sections(world, dialect, SHOWN, owners)
    assert truth.keys() >= {"friends", "memberships", "videos", "gifts", "topics", "documents"}
    assert differences(truth, path, everything=True) == {}
    assert query(path, f"select count(*) from topics where group_id = {other}") == [(1,)]
    assert query(path, f"select user_id from group_members where group_id = {other}") == [(2,)]


@DIALECTS
def test_an_account_without_anything(dialect: str, tmp_path: Path) -> None:
    """A new account's empty lists are complete, on [A] too, where some of them are crashes."""
    world = World.empty()
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        report = run(instance, path, sections=SECTIONS)

    assert report.exit_code == 0, report
    assert differences(truth_of(world, dialect), path, everything=True) == {}
    assert book_of(path).complete


@DIALECTS
def test_events_that_are_switched_off_are_a_fact(dialect: str, tmp_path: Path) -> None:
    """An instance without a store of events (1289) has no notifications, and nothing has failed."""
    world = World.empty()
    world.events_off = True
    path, told = tmp_path / "archive.db", ("notifications",)
    with DemoInstance(world, dialect=dialect) as instance:
        report = run(instance, path, sections=told)
        instance.reset_counts()
        run(instance, path, sections=told)
        asked = instance.count("notifications.get")
        run(instance, path, sections=told, full=True)

    assert report.exit_code == 0, report
    assert "notifications" in book_of(path).lacking
    assert asked == 0, "what was absent an hour ago is not asked for again"
    assert instance.count("notifications.get") > 0, "with --full it is"


Change = Callable[[World], Any]
#: What can end: table, how it ends, and how it begins again.
ENDINGS: dict[str, tuple[str, Change, Change]] = {
    "friend": ("friends", lambda w: w.unfriend(1, 2), lambda w: w.befriend(1, 2)),
    "membership": ("memberships", lambda w: w.leave(1, 2), lambda w: w.join(1, 2)),
    "like": (
        "likes",
        lambda w: w.unlike("post", 1, _liked(w), 2),
        lambda w: w.like("post", 1, _liked(w), 2),
    ),
    "vote": ("poll_votes", lambda w: w.unvote(1, 2), lambda w: w.vote(1, _answer(w), 2)),
}


def _liked(world: World) -> int:
    """A post that nothing but the tests below likes."""
    return world.wall(1)[0].id


def _one_of_each_ending() -> World:
    """A world with one of each of these, among others."""
    world = few_things()
    for name in ("Первый", "Второй"):
        world.join(1, world.add_group(name).id)
    world.befriend(1, world.add_user("Вера", "Другая").id)
    world.follow(world.add_user("Лев", "Третий").id, 1)
    world.add_post(1, attachments=[("poll", world.add_poll(1, "Да?", [("да", 0)]).id)])
    world.like("post", 1, _liked(world), 2)
    world.vote(1, _answer(world), 2)
    return world


def _present_differs(world: World, dialect: str, path: Path) -> dict[str, Any]:
    """Where they differ in what these sections read."""
    return differences(_of_sections(world, dialect, SOCIAL), path, everything=True)


def _of_sections(
    world: World, dialect: str, sections: tuple[str, ...], owners: tuple[int, ...] = (ACCOUNT,)
) -> dict[str, Any]:
    """What is true of what some sections read."""
    tables = {one.table.name for one in RESOURCES if one.section in sections}
    truth = truth_of(world, dialect, owners)
    if "wall" not in sections:
        truth["comments"] = {n for n in truth["comments"] if world.comments[n].kind == "topic"}
    return {name: facts for name, facts in truth.items() if name in tables}


def _answer(world: World) -> int:
    return world.polls[1].answers[0][0]


def _gone(path: Path) -> dict[str, int]:
    """How many rows of each of these tables are marked."""
    marked = "select count(gone_at) from {}"
    return {table: query(path, marked.format(table))[0][0] for table, _, _ in ENDINGS.values()}


@DIALECTS
def test_what_ends_is_missed_twice_then_gone(dialect: str, tmp_path: Path) -> None:
    """One walk without a row proves nothing; the next marks it; if it comes back the mark goes."""
    world, path = _one_of_each_ending(), tmp_path / "archive.db"
    none, one = ({table: number for table, _, _ in ENDINGS.values()} for number in (0, 1))
    with DemoInstance(world, dialect=dialect) as instance:
        run(instance, path, sections=SOCIAL)
        for _, end, _ in ENDINGS.values():
            end(world)
        run(instance, path, sections=SOCIAL)
        assert _gone(path) == none, "missed once"
        # Nothing at all is left of some of these lists: that is believed on another day.
        with clock(timedelta(days=1)):
            run(instance, path, sections=SOCIAL)
        assert _gone(path) == one, "missed twice"
        assert _present_differs(world, dialect, path) == {}
        for _, _, begin_again in ENDINGS.values():
            begin_again(world)
        for _ in range(2):
            run(instance, path, sections=SOCIAL)

    assert _gone(path) == none
    assert _present_differs(world, dialect, path) == {}
    story = "select resource, count(gone_at), count(back_at) from _absences group by 1"
    told = [line for line in query(path, story) if line[0] in one]
    assert sorted(told) == [(table, 1, 1) for table in sorted(one)]


@DIALECTS
def test_a_list_that_is_empty_by_mistake_loses_nothing(dialect: str, tmp_path: Path) -> None:
    """More than half of a list, and more than 20 rows, are not believed to be gone at once."""
    world = generate(55, A_FEW)
    for number in range(30):
        world.befriend(1, world.add_user(f"Друг{number}", "Новый").id)
    friends = list(world.users[1].friends)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        run(instance, path, sections=("friends",))
        world.users[1].friends.clear()
        reports = [run(instance, path, sections=("friends",)) for _ in range(3)]
        world.users[1].friends.extend(friends)
        run(instance, path, sections=("friends",))

    assert {one.lists["friends"].withheld for one in reports} == {len(friends)}
    assert query(path, "select count(gone_at) from friends") == [(0,)]
    assert query(path, "select count(*) from _absences where back_at is null") == [(0,)]


def test_older_servers_do_not_pass_off_requests_received_as_sent(tmp_path: Path) -> None:
    """[A] ignores `out` and would answer with the requests received: none of them is stored."""
    world = generate(56, A_FEW)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect="A") as instance:
        run(instance, path, sections=("friends",))

    directions = query(path, "select direction, count(*) from friend_requests group by direction")
    assert directions == [("in", len(world.users[1].followers))]


@DIALECTS
def test_a_video_is_had_when_it_has_been_processed(dialect: str, tmp_path: Path) -> None:
    """A placeholder is no file; a later sync finds the video processed."""
    world = World.empty()
    video = world.add_video(1, "Ещё не готово", processed=False)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        run(instance, path, sections=("video",))
        before = query(path, "select player from videos")
        world.process_video(1, video.id)
        run(instance, path, sections=("video",))

    assert before == [(None,)]
    assert ".mp4" in query(path, "select player from videos")[0][0]


@DIALECTS
def test_a_vote_cannot_be_taken_back_where_the_world_says_so(dialect: str, tmp_path: Path) -> None:
    """`disable_unvote`, which servers send upside down here and there, is stored as it is."""
    world = World.empty()
    fixed = world.add_poll(1, "Навсегда?", [("да", 1), ("нет", 0)], revotable=False)
    loose = world.add_poll(1, "Как угодно?", [("да", 1), ("нет", 0)], revotable=True)
    for poll in (fixed, loose):
        world.add_post(1, text="Опрос", attachments=[("poll", poll.id)])
    path = tmp_path / "archive.db"
    expected = [(fixed.id, 1), (loose.id, 0)]
    with DemoInstance(world, dialect=dialect) as instance:
        run(instance, path, sections=("wall",))
        attached = query(path, "select id, disable_unvote from polls order by id")
        run(instance, path, sections=("polls",))

    assert attached == expected
    assert query(path, "select id, disable_unvote from polls order by id") == expected


#: One of each kind of thing, and two where only the second shows that a list goes on.
_ONE = WorldSize(
    posts=2, comments=3, dialogs=1, messages_per_dialog=2, photos=2, albums=1, notes=1, tracks=2,
    playlists=1, friends=2, videos=1, gifts=1, topics=1, documents=1, notifications=1,
)  # fmt: skip


@DIALECTS
@pytest.mark.parametrize("budget", [7, 16])
def test_small_budgets_make_one_sync_together(dialect: str, budget: int, tmp_path: Path) -> None:
    """However few requests each run may make, after enough runs everything is there."""
    world = generate(57, _ONE)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        for _ in range(200):
            report = run(instance, path, budget=Budget(budget, None), sparing=True)
            if report.exit_code != 75:
                break

    assert report.exit_code == 0, report
    assert differences(truth_of(world, dialect), path) == {}
    assert book_of(path).complete


@DIALECTS
def test_a_group_that_crashes_the_server_is_no_end_of_the_list(
    dialect: str, tmp_path: Path
) -> None:
    """A poisoned group is skipped and told; the last one is not taken for the end of the list."""
    world = generate(58, A_FEW)
    last = world.users[ACCOUNT].groups[-1]
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        instance.faults.poison = {("groups", last)}
        report = run(instance, path, sections=("groups",))
        held = query(path, "select group_id from memberships")
        instance.faults.poison = set()
        healed = run(instance, path, sections=("groups",))

    assert report.exit_code == 3
    assert report.lists["memberships"].skipped == 1
    assert (last,) not in held
    assert len(held) == len(world.users[ACCOUNT].groups) - 1
    assert healed.exit_code == 0
    assert differences({"memberships": truth_of(world, dialect)["memberships"]}, path) == {}


def test_a_list_that_had_rows_is_not_empty_because_it_crashes(tmp_path: Path) -> None:
    """[A] crashes where there are no groups; where there were some, that is a failure to tell."""
    world = generate(59, A_FEW)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect="A") as instance:
        run(instance, path, sections=("groups",))
        instance.faults.schedule = lambda seen: "500" if seen.method == "groups.get" else None
        reports = [run(instance, path, sections=("groups",)) for _ in range(3)]

    assert [report.exit_code for report in reports] == [3, 0, 0]
    assert all(report.lists["memberships"].refused for report in reports)
    assert query(path, "select count(gone_at) from memberships") == [(0,)]


@DIALECTS
def test_empty_pages_are_not_the_end_of_the_newsfeed(dialect: str, tmp_path: Path) -> None:
    """[A] drops hidden posts after it has cut a page: whole pages are empty, and more follows."""
    world = World.empty()
    shy = world.add_user("Вера", "Скрытная", closed=True).id
    world.follow(ACCOUNT, shy)
    for wall, posts in ((ACCOUNT, 20), (shy, 350), (ACCOUNT, 20)):
        for _ in range(posts):
            world.add_post(wall)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        run(instance, path, sections=("newsfeed",))

    truth = {"newsfeed": truth_of(world, dialect)["newsfeed"]}
    assert len(truth["newsfeed"]) >= 40
    assert differences(truth, path, everything=True) == {}


def _music_differs(world: World, dialect: str, path: Path, *owners: int) -> dict[str, Any]:
    """Where they differ in what section `audio` reads."""
    truth = truth_of(world, dialect, owners)
    names = ("audio_collection", "playlists", "playlist_audio", "lyrics")
    return differences({name: truth[name] for name in names}, path)


@DIALECTS
def test_tracks_of_bookmarked_playlists_are_read(dialect: str, tmp_path: Path) -> None:
    """A playlist of somebody else among one's own: its tracks are held, until it is let go."""
    world = World.empty()
    other = world.add_user("Вера", "Чужая").id
    playlist = world.add_playlist(other, "Чужой плейлист")
    mine = world.add_playlist(1, "Свой")
    for _ in range(3):
        track = world.add_audio(other, lyrics="Слова").id
        world.add_to_playlist(playlist.id, track)
    world.add_to_playlist(mine.id, track)
    world.bookmark_playlist(playlist.id)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        assert run(instance, path, sections=MUSIC).exit_code == 0
        found = _music_differs(world, dialect, path, ACCOUNT)
        listed = query(path, "select owner_id, listed_by from playlists order by id")
        whose = query(path, "select owner_id from _cursors where resource = 'playlist_audio'")
        world.forget_playlist(playlist.id)
        for _ in range(2):
            run(instance, path, sections=MUSIC, audit=True)

    assert found == {}
    assert len(world.playlists[playlist.id].audio) == 3
    assert listed == [(other, 1), (1, 1)]
    assert set(whose) == {(1,)}
    assert query(path, "select id from playlists where gone_at is null") == [(mine.id,)]
    assert query(path, "select playlist_id from playlist_audio where gone_at is null") == [
        (mine.id,)
    ]


@DIALECTS
def test_a_bookmarked_playlist_of_an_owner_who_is_read_too(dialect: str, tmp_path: Path) -> None:
    """Listed by its owner and by the account: it is there once, and stays as long as either."""
    world = World.empty()
    world.add_user("Вера", "Чужая")
    playlist = world.add_playlist(2, "Общий")
    world.add_to_playlist(playlist.id, world.add_audio(2).id)
    world.bookmark_playlist(playlist.id)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        for _ in range(2):
            report = run(instance, path, sections=MUSIC, owners=(1, 2))
        world.forget_playlist(playlist.id)
        for _ in range(3):
            run(instance, path, sections=MUSIC, owners=(1, 2), audit=True)

    assert report.exit_code == 0
    assert _music_differs(world, dialect, path, 1, 2) == {}
    assert query(path, "select gone_at from playlists") == [(None,)]
    assert query(path, "select count(*), count(gone_at) from playlist_audio") == [(1, 0)]
