"""How long a walk is followed: as long as a list can be read, and no longer."""

from pathlib import Path

from syncing import query, run
from toy import DemoInstance, Seen, World

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.growing import Growing
from ovk_archive.api.paging.windows import ROWS
from ovk_archive.sync.page.patience import ENDLESS, SPARE, Patience


def test_a_walk_that_starts_over_may_take_as_long_again() -> None:
    """A list of more pages than may bring nothing new is read a second time to its end."""
    patience = Patience(Anchored())
    read = 0
    for _ in range(2):
        patience.page(None, read, 0)
        read = 0
        for _ in range(ENDLESS + 50):
            patience.page(None, read, read + 90)
            read += 90
            assert not patience.endless


def test_a_walk_without_news_comes_to_an_end() -> None:
    """So many pages in a row that bring nothing new are of a list without end."""
    patience = Patience(Anchored())
    for _ in range(ENDLESS + 1):
        assert not patience.endless
        patience.page(None, 100, 100)
    patience.page(None, 100, 100)

    assert patience.endless


def test_twice_the_pages_that_were_promised_and_some_more() -> None:
    """The first count says how many pages there may be; later ones do not."""
    patience = Patience(Anchored(size=100, overlap=10))
    for page in range(2 * 11 + SPARE):
        assert patience.left > 0
        patience.page(900 + 1000 * page, 90 * page, 90 * page + 90)

    assert patience.left <= 0


def test_lists_in_one_window_need_no_patience() -> None:
    """A window that grows is read in few pages, whatever the server counts."""
    patience = Patience(Growing(ROWS))
    for page in range(100):
        patience.page(1, page, page + 1)

    assert patience.left > 0


def test_a_wall_that_grows_for_ever_is_left_and_gone_on_with(tmp_path: Path) -> None:
    """While a wall grows by more than a page per request, the run reads the rest and names it.

    Once it is quiet, the next sync holds all of it.
    """
    world = World.empty()
    for _ in range(30):
        world.add_post(1)
    world.add_note(1)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect="B") as instance:

        def grow(seen: Seen) -> None:
            if seen.method == "wall.get":
                for _ in range(11):
                    world.add_post(1)

        instance.between = grow
        report = run(instance, path, size=20)
        asked = instance.count("wall.get")
        instance.between = None
        later = run(instance, path, size=20)

    assert report.exit_code == 3
    assert report.lists["posts"].unfinished == [{"owner_id": 1}]
    assert asked <= 2 * (1 + 41 // 10) + SPARE
    assert query(path, "select count(*) from notes") == [(1,)]
    assert later.exit_code == 0
    assert query(path, "select count(*) from posts") == [(len(world.wall(1)),)]
