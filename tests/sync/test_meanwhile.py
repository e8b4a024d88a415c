"""Lists that new rows open are read while more of these rows are coming."""

import time
from pathlib import Path

import pytest
from syncing import ACCOUNT, differences, query, run
from toy import DemoInstance, Seen, World
from truth import truth_of
from worlds import a_commented_wall

from ovk_archive.sync import sections

POSTS = 120


def synced(
    world: World, path: Path, fault: str | None = None, *, full: bool = False
) -> tuple[list[str], list[str]]:
    """Sync the wall; in which order walls and comments were asked for, and whose comments."""
    order: list[str] = []
    lists: list[str] = []

    def schedule(seen: Seen) -> str | None:
        method = seen.method.lower()
        if method in {"wall.get", "wall.getcomments"}:
            order.append(method)
        if method == "wall.get":
            time.sleep(0.03)  # Else the wall would be there before its first page is saved.
        if method == "wall.getcomments":
            lists.append(seen.params["post_id"])
            return fault if seen.params["post_id"] == "60" else None
        return None

    with DemoInstance(world, dialect="A") as instance:
        instance.faults.schedule = schedule
        run(instance, path, sections=("wall",), size=20, rounds=0, concurrency=1, full=full)
    return order, lists


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of new posts is worth reading their comments."""
    monkeypatch.setattr(sections, "MANY", 20)
    monkeypatch.setattr(sections, "LOOK", 0.001)


@pytest.mark.usefixtures("few_are_many")
def test_comments_are_read_before_the_wall_has_ended(tmp_path: Path) -> None:
    """The first comments do not wait for the last post, and each list is read once."""
    world, path = a_commented_wall(POSTS), tmp_path / "archive.db"

    order, lists = synced(world, path)

    first, last = order.index("wall.getcomments"), len(order) - order[::-1].index("wall.get")
    assert first < last
    assert sorted(map(int, lists)) == list(range(1, POSTS + 1))
    assert differences({"comments": truth_of(world, "A")["comments"]}, path) == {}


def test_few_posts_are_not_worth_it(tmp_path: Path) -> None:
    """Where there are not many posts, the wall comes first."""
    order, lists = synced(a_commented_wall(POSTS), tmp_path / "archive.db")

    assert order == sorted(order)
    assert len(lists) == POSTS


def test_a_list_that_cannot_be_read_is_not_tried_more_often(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """What could not be read meanwhile is left to the next run."""
    _, patiently = synced(a_commented_wall(POSTS), tmp_path / "patient.db", fault="500")
    request.getfixturevalue("few_are_many")
    order, lists = synced(a_commented_wall(POSTS), tmp_path / "archive.db", fault="500")

    assert order != sorted(order)
    assert lists.count("60") == patiently.count("60") > 0


@pytest.mark.usefixtures("few_are_many")
def test_who_asks_for_everything_asks_for_each_list_once(tmp_path: Path) -> None:
    """With --full all comments come after all posts: whether there were any before, or not."""
    world, path = a_commented_wall(POSTS), tmp_path / "archive.db"

    for _ in range(2):
        order, lists = synced(world, path, full=True)
        assert order == sorted(order)
        assert len(lists) == len(set(lists)) == POSTS


@pytest.mark.usefixtures("few_are_many")
def test_a_list_that_was_opened_before_is_left_to_its_turn(tmp_path: Path) -> None:
    """A comment that is missed meanwhile is not missed a second time by the same sync."""
    world, path = a_commented_wall(POSTS), tmp_path / "archive.db"
    synced(world, path)
    # Two others come, so that the list is opened, for its counter is another.
    comment = next(one for one in world.comments.values() if one.object_id == POSTS)
    world.delete_comment(comment.id)
    for text in "ab":
        world.add_comment("post", ACCOUNT, POSTS, text=text)
    for number in range(2 * sections.MANY):
        world.add_post(ACCOUNT, text=str(number))

    _, lists = synced(world, path)

    assert lists == [str(POSTS)]
    assert query(path, "select count(*) from comments where gone_at is not null") == [(0,)]
    assert query(path, "select count(*) from _absences") == [(1,)]
