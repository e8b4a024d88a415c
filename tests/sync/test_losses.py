"""What a list no longer shows: when it is believed to be gone, and when it is not."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from archives import already_synced
from losing import LISTS, PLENTY, gone
from spoiling import spoiling
from syncing import execute, query, run
from toy import DemoInstance, Seen, World
from worlds import LISTS as LENGTHS
from worlds import a_life, few_things, made

from ovk_archive.api.budget import Budget
from ovk_archive.sync.plan import Lookback
from ovk_archive.sync.report import Report

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])


#: What somebody else may show.
OF_FRIENDS = ("friends", "groups", "wall", "photos", "notes", "audio")
WALL_AND_PHOTOS = ("wall", "photos")


def lying(seen: Seen) -> str | None:
    """Every list is said to be empty."""
    return "empty" if seen.method in LISTS else None


def one_of_each() -> World:
    """A world with something in each list."""
    return made(3, dict.fromkeys(LENGTHS, 1), dialogs=1)


def again(instance: DemoInstance, path: Path, **more: Any) -> Report:
    """A sync that reads all lists again."""
    return run(instance, path, rounds=PLENTY, **more)


@DIALECTS
def test_a_server_that_says_empty_once_marks_nothing(dialect: str, tmp_path: Path) -> None:
    """One sync in which every list is empty by mistake marks nothing, then or later.

    What happened meanwhile is found as ever: the post that was deleted is the only one marked.
    """
    path = tmp_path / "archive.db"
    with already_synced(dialect, path, a_life) as instance:
        instance.faults.schedule = lying
        mistaken = again(instance, path)
        at_once = gone(path)
        instance.faults.schedule = None
        again(instance, path)
        later = gone(path)
        instance.world.delete_post(1, instance.world.wall(1)[20].id)
        for _ in range(2):
            again(instance, path, sections=("wall",))

    assert mistaken.exit_code == 0
    assert mistaken.lists["posts"].withheld > 20
    assert at_once == later == {}
    assert gone(path)["posts"] == 1


@DIALECTS
def test_a_wiped_account_loses_nothing(dialect: str, tmp_path: Path) -> None:
    """However often all lists are empty, short ones too, no row is marked as gone.

    Told that it is true, the archive marks them and keeps every row; when they are back, none is
    marked any more.
    """
    path = tmp_path / "archive.db"
    how: dict[str, Any] = {"sections": ("friends", "wall", "photos", "notes", "video")}
    with already_synced(dialect, path, a_life) as instance:
        rows = query(path, "select count(*) from posts")
        instance.faults.schedule = lying
        for _ in range(3):
            again(instance, path, **how)
        wiped = gone(path)
        again(instance, path, accept_losses=True, **how)
        accepted = gone(path)
        kept = query(path, "select count(*) from posts")
        instance.faults.schedule = None
        run(instance, path, full=True, **how)

    assert wiped == {}
    assert accepted["notes"] > 0
    assert accepted["photos"] > 20
    assert kept == rows
    assert gone(path) == {}


@DIALECTS
@pytest.mark.parametrize("trouble", ["500", "502", "html"])
def test_a_list_that_fails_loses_nothing(dialect: str, trouble: str, tmp_path: Path) -> None:
    """A crash, an error of the web server or a page instead of an answer marks nothing."""
    path = tmp_path / "archive.db"
    with already_synced(dialect, path, one_of_each) as instance:
        instance.faults.schedule = lambda seen: trouble if seen.method in LISTS else None
        reports = [again(instance, path) for _ in range(3)]

    # What crashes is told once: of a list that is only read again, when it has done so twice. What
    # is not answered at all ends the run each time.
    assert [report.exit_code for report in reports] == ([3, 3, 0] if trouble == "500" else [20] * 3)
    assert gone(path) == {}
    assert query(path, "select count(*) from _absences") == [(0,)]


@DIALECTS
def test_a_list_that_is_closed_loses_nothing(dialect: str, tmp_path: Path) -> None:
    """A friend who closes the profile takes nothing out of the archive."""
    world, path = a_life(), tmp_path / "archive.db"
    how: dict[str, Any] = {"owners": (2,), "sections": OF_FRIENDS}
    with DemoInstance(world, dialect) as instance:
        again(instance, path, **how)
        held = query(path, "select count(*) from posts where owner_id = 2")
        world.users[2].hides = frozenset({"wall", "photos", "notes", "audio", "friends", "groups"})
        reports = [again(instance, path, **how) for _ in range(3)]

    assert held[0][0] > 0
    assert [report.exit_code for report in reports] == [3, 0, 0]
    assert all(report.lists["posts"].refused for report in reports)
    assert gone(path) == {}


@DIALECTS
def test_most_of_a_list_is_told_and_not_marked(dialect: str, tmp_path: Path) -> None:
    """More than half of a list and more than 20 rows at once wait for `accept_losses`."""
    world, path = World.empty(), tmp_path / "archive.db"
    for _ in range(40):
        world.add_note(1)
        world.add_post(1)
    sections = ("notes", "wall")
    with DemoInstance(world, dialect) as instance:
        again(instance, path, sections=sections)
        for number in range(1, 26):
            world.delete_note(1, number)
        reports = [again(instance, path, sections=sections) for _ in range(3)]
        before = gone(path)
        accepted = again(instance, path, sections=sections, accept_losses=True)

    assert [report.lists["notes"].withheld for report in reports] == [25, 25, 25]
    assert before == {}
    assert accepted.lists["notes"].gone == 25
    assert gone(path) == {"notes": 25}


@DIALECTS
def test_one_missing_look_is_not_enough(dialect: str, tmp_path: Path) -> None:
    """A row that one sync misses is marked by the next that misses it, since the first."""
    path = tmp_path / "archive.db"
    with already_synced(dialect, path, a_life) as instance:
        instance.world.delete_note(1, instance.world.notes_of(1)[3].id)
        again(instance, path, sections=("notes",))
        missed = gone(path)
        [(missed_at,)] = query(path, "select missed_at from _absences where resource = 'notes'")
        again(instance, path, sections=("notes",))

    assert missed == {}
    assert gone(path) == {"notes": 1}
    assert query(path, "select gone_at from notes where gone_at is not null") == [(missed_at,)]


@DIALECTS
def test_what_comes_back_is_marked_no_more(dialect: str, tmp_path: Path) -> None:
    """A post that was gone and is back has no mark, and its versions tell the story."""
    path = tmp_path / "archive.db"
    with already_synced(dialect, path, a_life) as instance:
        post = instance.world.wall(1)[20]
        instance.world.delete_post(1, post.id)
        for _ in range(2):
            again(instance, path, sections=("wall",))
        was_gone = gone(path)["posts"]
        instance.world.undelete_post(1, post.id)
        again(instance, path, sections=("wall",))

    story = query(
        path,
        "select gone_at is not null, first_seen_at < last_seen_at from _versions where "
        f"resource = 'posts' and record_key = '1_{post.id}' and embedded = 0 order by id",
    )
    assert was_gone == 1
    assert gone(path) == {}
    assert [one[0] for one in story] == [1, 0]
    [(gone_at, back_at)] = query(
        path, f"select gone_at, back_at from _absences where record_key = '1_{post.id}'"
    )
    assert gone_at < back_at


@DIALECTS
def test_what_hangs_on_a_deleted_thing_goes_with_it(dialect: str, tmp_path: Path) -> None:
    """Comments of a deleted post are marked with it, and are there again when it is.

    None of its lists is told as refused meanwhile.
    """
    world, path = a_life(), tmp_path / "archive.db"
    post = world.wall(1)[20]
    comments = [world.add_comment("post", 1, post.id).id for _ in range(3)]
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("wall",))
        world.delete_post(1, post.id)
        reports = [again(instance, path, sections=("wall",)) for _ in range(3)]
        hidden = query(path, f"select id from comments where post_id = {post.id} and gone_at")
        world.undelete_post(1, post.id)
        reports += [again(instance, path, sections=("wall",)) for _ in range(2)]

    assert {report.exit_code for report in reports} == {0}
    assert {row[0] for row in hidden} >= set(comments)
    assert gone(path) == {}


@DIALECTS
def test_an_audit_fills_a_gap(dialect: str, tmp_path: Path) -> None:
    """Rows that were lost here, whatever lost them, are had again: an audit leaves no list out."""
    path = tmp_path / "archive.db"
    lost = ("posts", "messages", "photos", "notes", "audio_collection", "comments")
    how: dict[str, Any] = {"sections": ("wall", "messages", "photos", "notes", "audio")}
    with already_synced(dialect, path, a_life) as instance:
        counts = [query(path, f"select count(*) from {table}") for table in lost]
        execute(path, [f"delete from {table} where rowid % 3 = 0" for table in lost])
        run(instance, path, rounds=0, **how)
        still = [query(path, f"select count(*) from {table}") for table in lost]
        report = run(instance, path, audit=True, **how)

    assert still != counts
    assert report.audit
    assert [query(path, f"select count(*) from {table}") for table in lost] == counts


@pytest.mark.parametrize(("dialect", "together"), [("A", False), ("B", False), ("B", True)])
def test_an_audit_goes_on_where_a_budget_ended_it(
    dialect: str, together: bool, tmp_path: Path
) -> None:
    """Budgeted runs together make one audit: each goes on, the last says that it is done.

    They need little more than the requests of one, beside those that look for news.
    """
    path = tmp_path / "archive.db"
    with already_synced(dialect, path, a_life) as instance:
        instance.has_execute = together
        whole = run(instance, path, audit=True, sections=WALL_AND_PHOTOS).requests
        news = run(instance, path, rounds=0, sections=WALL_AND_PHOTOS).requests
        spent, reports = 0, list[Report]()
        while not reports or not reports[-1].audit:
            reports.append(_budgeted(instance, path, news + (2 if together else 6)))
            spent += reports[-1].requests - news
            assert len(reports) < 30

    assert {report.exit_code for report in reports[:-1]} == {75}
    assert all(report.caught_up for report in reports)
    assert reports[-1].exit_code == 0
    assert spent <= (whole - news) + 3 * len(reports)


def _budgeted(instance: DemoInstance, path: Path, requests: int) -> Report:
    return run(
        instance,
        path,
        audit=True,
        sparing=True,
        budget=Budget(max_requests=requests),
        sections=WALL_AND_PHOTOS,
    )


def test_a_sync_makes_the_audit_that_is_due(tmp_path: Path) -> None:
    """An audit older than so many days is made by a sync; one that is younger, or never, is not."""
    path = tmp_path / "archive.db"
    notes: dict[str, Any] = {"sections": ("notes",)}
    with already_synced("B", path, few_things, **notes) as instance:
        young = run(instance, path, audit_every=30, **notes)
        execute(path, ["update _archive set value = '2020-01-01T00:00:00Z' where name = 'made_at'"])
        never = run(instance, path, audit_every=0, **notes)
        due = run(instance, path, audit_every=30, **notes)
        done = run(instance, path, audit_every=30, **notes)

    assert [one.audit for one in (young, never, due, done)] == [False, False, True, False]


@pytest.mark.parametrize(
    ("section", "table", "add", "edit"),
    [
        ("wall", "posts", lambda w: w.add_post(1, text="старое"), World.edit_post),
        ("notes", "notes", lambda w: w.add_note(1, source="старое"), World.edit_note),
    ],
)
def test_a_lookback_reads_the_newest_rows_again(
    section: str,
    table: str,
    add: Callable[[World], None],
    edit: Callable[[World, int, int, str], None],
    tmp_path: Path,
) -> None:
    """An edit of the 191st newest row is found by a lookback of 200 rows, and not of 100."""
    world, path = World.empty(), tmp_path / "archive.db"
    for _ in range(300):
        add(world)
    with DemoInstance(world, "B") as instance:
        run(instance, path, rounds=0, sections=(section,))
        edit(world, 1, 110, "новое")
        for rows, found in ((100, "старое"), (200, "новое")):
            run(instance, path, rounds=0, sections=(section,), lookback=Lookback(rows, 0))
            text = query(path, f"select text from {table} where id = 110")
            assert text == [(found,)], rows


def test_a_lookback_of_days_reads_what_is_recent(tmp_path: Path) -> None:
    """With 200 posts of this week an edit of the oldest of them is found by a plain sync."""
    world, path = World.empty(), tmp_path / "archive.db"
    for number in range(200):
        world.add_post(1, text="старое", date=int(time.time()) - 300_000 + number)
    with DemoInstance(world, "B") as instance:
        run(instance, path, rounds=0, sections=("wall",))
        world.edit_post(1, 1, "новое")
        run(instance, path, rounds=0, sections=("wall",))

    assert query(path, "select text from posts where id = 1") == [("новое",)]


@pytest.mark.parametrize("garbage", ["nonsense", "[]", '{"below": 7}', '{"below": [{"no": 1}]}'])
def test_a_garbled_position_is_begun_anew(garbage: str, tmp_path: Path) -> None:
    """A damaged cursor costs a reading of its list, and nothing else."""
    path = tmp_path / "archive.db"
    with already_synced("B", path, a_life) as instance:
        execute(path, [f"update _cursors set position = '{garbage}' where resource = 'posts'"])
        instance.world.add_post(1)
        report = run(instance, path, sections=("wall",))
        wall = instance.world.wall(1)

    assert report.exit_code == 0
    assert query(path, "select count(*) from posts where owner_id = 1") == [(len(wall),)]


@DIALECTS
def test_a_list_that_shows_fewer_rows_than_it_counts_loses_nothing(
    dialect: str, tmp_path: Path
) -> None:
    """Rows that the server counts and does not show are there: none is marked, however often."""
    world, path = World.empty(), tmp_path / "archive.db"
    for _ in range(12):
        world.add_note(1)

    def hiding(method: str, response: Any) -> Any:
        if method == "notes.get":
            [rows] = [one for one in response.values() if isinstance(one, list)]
            del rows[8:]
        return response

    with DemoInstance(world, dialect) as instance:
        again(instance, path, sections=("notes",))
        with spoiling(instance, hiding):
            for _ in range(3):
                again(instance, path, sections=("notes",))

    assert query(path, "select count(*), count(gone_at) from notes") == [(12, 0)]
