"""Records that crash the server: their places are remembered, and pages are read around them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from syncing import ACCOUNT, execute, query, run
from toy import DemoInstance, World

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
VIDEOS = 9


def videos(path: Path) -> set[int]:
    """The videos that are held."""
    return {row[0] for row in query(path, "select id from videos")}


def watch(instance: DemoInstance, path: Path) -> tuple[Any, int]:
    """A sync of the videos, and how often they were asked for."""
    instance.reset_counts()
    return run(instance, path, sections=("video",)), instance.count("video.get")


def shelf(count: int = VIDEOS) -> tuple[World, list[int]]:
    """A world with videos, and their numbers in the list's order."""
    world = World.empty()
    ids = [world.add_video(ACCOUNT, str(number), date=1000 + number).id for number in range(count)]
    return world, ids[::-1]


@DIALECTS
@pytest.mark.parametrize("tied", [1, 3])
def test_a_wall_that_is_healed_lacks_nothing(dialect: str, tied: int, tmp_path: Path) -> None:
    """Once a post no longer crashes its page, all posts are held and nothing is called skipped.

    On [A] the parts around its place overlap, and posts of one second stand at the wall's end.
    """
    world, path = World.empty(), tmp_path / "archive.db"
    for number in range(14):
        world.add_post(ACCOUNT, text=str(number), date=1000 + max(0, number - tied + 1))
    with DemoInstance(world, dialect) as instance:
        instance.faults.poison = {("posts", (ACCOUNT, 13))}
        run(instance, path, sections=("wall",))
        instance.faults.poison = set()
        healed = run(instance, path, sections=("wall",))

    assert query(path, "select count(*) from posts") == [(14,)]
    assert healed.lists["posts"].skipped == 0
    assert healed.exit_code == 0


def test_large_pages_have_room_for_more_of_them(tmp_path: Path) -> None:
    """A page that has grown is not refused for what its parts would each have been read with."""
    world, path = World.empty(), tmp_path / "archive.db"
    for number in range(420):
        world.add_post(ACCOUNT, text=str(number))
    with DemoInstance(world, "B") as instance:
        instance.faults.poison = {("posts", (ACCOUNT, number)) for number in range(10, 310, 40)}
        report = run(instance, path, sections=("wall",), rounds=0)
        pages = [int(seen.params["count"]) for seen in instance.seen if seen.method == "wall.get"]

    assert max(pages) == 400
    assert query(path, "select count(*) from posts") == [(412,)]
    assert report.lists["posts"].skipped == 8
    assert report.exit_code == 3


@DIALECTS
@pytest.mark.parametrize("row", [0, 1, 4, VIDEOS - 2, VIDEOS - 1])
def test_an_unchanged_page_costs_two_requests(dialect: str, row: int, tmp_path: Path) -> None:
    """A crashing video is told once; then it is left out, as long as it is where it was.

    On [A] `offset` counts pages: the rows behind the n-th come in pages of n, 2n, 4n … rows.
    """
    world, ids = shelf()
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect) as instance:
        instance.faults.poison = {("videos", (ACCOUNT, ids[row]))}
        runs = [watch(instance, path) for _ in range(4)]
        instance.faults.poison = set()
        execute_due(path)
        healed, _ = watch(instance, path)

    behind = 1
    if dialect == "A":
        behind = next(n for n in range(1, 9) if (row + 1) * 2**n >= 109)
    assert [report.exit_code for report, _ in runs] == [3, 0, 0, 0]
    assert {report.lists["videos"].skipped for report, _ in runs} == {1}
    assert [report.lists["videos"].skipped_new for report, _ in runs] == [1, 0, 0, 0]
    # At either end something else may have come in its place: the row itself is asked for.
    at_an_end = row in {0, VIDEOS - 1}
    assert runs[2][1] == runs[3][1] <= (row > 0) + behind + at_an_end
    assert query(path, "select tries from _skipped") == [(4 if at_an_end else 2,)]
    assert healed.exit_code == 0
    assert healed.lists["videos"].skipped == 0
    assert videos(path) == set(ids)
    assert query(path, "select count(*) from _skipped where resolved_at is null") == [(0,)]


def execute_due(path: Path) -> None:
    """Let every record be due for another try."""
    execute(path, ["update _skipped set last_at = '2020-01-01T00:00:00Z'"])


Change = Callable[[DemoInstance, World, list[int], int], None]


def arrive(instance: DemoInstance, world: World, ids: list[int], row: int) -> None:
    """One comes above all others, and one below."""
    del instance, ids, row
    world.add_video(ACCOUNT, "новое", date=2000)
    world.add_video(ACCOUNT, "старое", date=10)


def vanish(instance: DemoInstance, world: World, ids: list[int], row: int) -> None:
    """The one that crashes the server is deleted."""
    del instance
    world.delete_video(ACCOUNT, ids[row])


def replace(instance: DemoInstance, world: World, ids: list[int], row: int) -> None:
    """It is deleted, and others come."""
    vanish(instance, world, ids, row)
    arrive(instance, world, ids, row)


def isolate(instance: DemoInstance, world: World, ids: list[int], row: int) -> None:
    """Its neighbours are deleted."""
    del instance
    for neighbour in {row - 1, row + 1} & set(range(VIDEOS)):
        world.delete_video(ACCOUNT, ids[neighbour])


def spread(instance: DemoInstance, world: World, ids: list[int], row: int) -> None:
    """Another one crashes the server too."""
    del world
    instance.faults.poison.add(("videos", (ACCOUNT, ids[(row + 3) % VIDEOS])))


@DIALECTS
@pytest.mark.parametrize("row", [0, 4, VIDEOS - 1])
def test_what_moves_is_never_left_out(dialect: str, row: int, tmp_path: Path) -> None:
    """Whatever happens around a crashing video: all others are had by the very next sync."""
    world, ids = shelf()
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect) as instance:
        instance.faults.poison = {("videos", (ACCOUNT, ids[row]))}
        for _ in range(2):
            watch(instance, path)
        archive = path.read_bytes()
        for change in (arrive, vanish, replace, isolate, spread):
            # Each begins with the same videos, and the same archive.
            instance.world, _ = shelf()
            instance.faults.poison = {("videos", (ACCOUNT, ids[row]))}
            path.write_bytes(archive)
            change(instance, instance.world, ids, row)
            report, _ = watch(instance, path)
            crashing = {number for _, (_, number) in instance.faults.poison}
            shown = {one.id for one in instance.world.videos_of(ACCOUNT)}

            assert shown - crashing <= videos(path), change
            assert change is not spread or report.exit_code == 3


@DIALECTS
def test_a_row_noted_by_two_walks_is_read_once(dialect: str, tmp_path: Path) -> None:
    """A walk that was cut off leaves a second note of one row: the next one ends all the same."""
    world = World.empty()
    first, second, third, fourth = (world.add_note(ACCOUNT).id for _ in range(4))
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect) as instance:
        instance.faults.poison = {("notes", (ACCOUNT, second))}
        run(instance, path, sections=("notes",))
        world.delete_note(ACCOUNT, first)
        instance.faults.poison.add(("notes", (ACCOUNT, third)))
        instance.faults.schedule = lambda s: "502" if s.params.get("offset") == "90" else None
        run(instance, path, sections=("notes",))
        open_rows = "select row from _skipped where resolved_at is null order by row"
        assert query(path, open_rows) == [(0,), (1,), (1,)]
        instance.faults.schedule, instance.faults.poison = None, set()
        run(instance, path, sections=("notes",))
        assert query(path, open_rows) == []
        assert query(path, "select done from _cursors where resource = 'notes'") == [(1,)]
        run(instance, path, sections=("notes",), audit=True)

    held = query(path, "select id from notes where gone_at is null order by id")
    assert held == [(second,), (third,), (fourth,)]


@DIALECTS
def test_several_crashing_rows_of_a_page(dialect: str, tmp_path: Path) -> None:
    """Four of them, two side by side, cost no more than the stretches between them."""
    world, ids = shelf(40)
    path = tmp_path / "archive.db"
    bad = [ids[3], ids[10], ids[11], ids[30]]
    with DemoInstance(world, dialect) as instance:
        instance.faults.poison = {("videos", (ACCOUNT, one)) for one in bad}
        runs = [watch(instance, path) for _ in range(4)]

    assert [report.exit_code for report, _ in runs] == [3, 0, 0, 0]
    assert videos(path) == set(ids) - set(bad)
    assert {report.lists["videos"].skipped for report, _ in runs} == {4}
    assert runs[3][1] <= (4 if dialect == "B" else 16)


@DIALECTS
@pytest.mark.parametrize("kind", ["friends", "photos", "gifts"])
def test_every_way_to_page_reads_around(dialect: str, kind: str, tmp_path: Path) -> None:
    """Pages, rows and ends: an unchanged list with a crashing record costs a few requests."""
    world = World.empty()
    path = tmp_path / "archive.db"
    friends = [world.add_user("Друг", str(number)).id for number in range(12)]
    for one in friends:
        world.befriend(ACCOUNT, one)
        world.add_gift(ACCOUNT, one, 1, "подарок")
        world.add_photo(ACCOUNT)
    methods = {"friends": "friends.get", "photos": "photos.getAll", "gifts": "gifts.get"}
    bad: dict[str, tuple[str, Any]] = {
        "friends": ("users", friends[7]),
        "photos": ("photos", (ACCOUNT, world.photos_of(ACCOUNT)[7].id)),
        "gifts": ("gifts", 7),
    }
    with DemoInstance(world, dialect) as instance:
        instance.faults.poison = {bad[kind]}
        codes = []
        for _ in range(4):
            instance.reset_counts()
            report = run(instance, path, sections=(kind,), window=0.01, rounds=0)
            codes.append(report.exit_code)
        asked = instance.count(methods[kind])

    assert codes == [3, 0, 0, 0]
    assert asked <= 6
    assert report.lists[kind].skipped == 1


@DIALECTS
def test_one_run_asks_once(dialect: str, tmp_path: Path) -> None:
    """What crashed when news were read is not asked for by the round of the same run."""
    world = World.empty()
    album = world.add_album(ACCOUNT).id
    photos = [world.add_photo(ACCOUNT, album) for _ in range(12)]
    path = tmp_path / "archive.db"
    bad = photos[5].id

    def crashes(instance: DemoInstance) -> int:
        return sum(s.status == 500 and s.method == "photos.getAll" for s in instance.seen)

    with DemoInstance(world, dialect) as instance:
        instance.faults.poison = {("photos", (ACCOUNT, bad))}
        counts = []
        for _ in range(4):
            instance.reset_counts()
            report = run(instance, path, sections=("photos",), window=0.01)
            counts.append(crashes(instance))
            assert report.lists["photos"].skipped == 1

    # The page twice, its halves, the row, and the row without its sizes.
    assert counts[0] <= 9
    # The row, and the row without its sizes, for it was due once more.
    assert counts[1] == 2
    assert counts[2:] == [0, 0]


@DIALECTS
def test_a_person_who_crashes_the_server_is_left_out(dialect: str, tmp_path: Path) -> None:
    """An unchanged sync does not ask for them again, and says nothing."""
    world = World.empty()
    for number in range(12):
        post = world.add_post(ACCOUNT)
        world.add_comment("post", ACCOUNT, post.id, author=world.add_user("Автор", str(number)).id)
    path = tmp_path / "archive.db"
    runs = []
    with DemoInstance(world, dialect) as instance:
        instance.faults.schedule = lambda s: (
            "500" if s.method == "users.get" and "5" in s.params["user_ids"].split(",") else None
        )
        for _ in range(4):
            instance.reset_counts()
            report = run(instance, path, sections=("wall",))
            runs.append((report.exit_code, instance.count("users.get")))
        instance.faults.schedule = None
        execute_due(path)
        healed = run(instance, path, sections=("wall",))

    assert [code for code, _ in runs] == [3, 0, 0, 0]
    assert runs[3][1] == 0
    assert report.lists["users"].skipped == 1
    assert healed.exit_code == 0
    assert query(path, "select count(*) from _skipped where resolved_at is null") == [(0,)]
