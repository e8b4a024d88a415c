"""However many lists there are, few of them are in memory, and none is left out."""

from pathlib import Path
from typing import Any

import pytest
from syncing import ACCOUNT, query, run
from toy import DemoInstance
from worlds import a_commented_wall

from ovk_archive.archive import aside, coverage
from ovk_archive.sync.again import rereading

POSTS = 23


def few_at_a_time(patch: pytest.MonkeyPatch, number: int) -> None:
    """Let only so many lists be in memory at a time."""
    patch.setattr(rereading, "AT_A_TIME", number)
    patch.setattr(coverage, "_AT_A_TIME", number)


def added_up(path: Path) -> list[tuple[Any, ...]]:
    """What the archive says of its lists, times left out."""
    return query(
        path,
        "select resource, partition, counted, spanned, held, gone, missed, unexplained, "
        "reread_at is null from _coverage order by resource, partition",
    )


def kept(path: Path) -> list[tuple[Any, ...]]:
    """A sync, a comment that the instance loses, an audit: what is said of the lists after that."""
    world = a_commented_wall(POSTS)
    with DemoInstance(world, dialect="A") as instance:
        run(instance, path, sections=("wall",))
        comment = next(iter(world.comments.values()))
        world.delete_comment(comment.id)
        instance.reset_counts()
        run(instance, path, sections=("wall",), audit=True)
        assert instance.count("wall.getComments") >= POSTS
    return added_up(path)


@pytest.mark.parametrize("number", [1, 5, POSTS])
def test_few_lists_at_a_time_are_all_lists(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An audit reads each list again, and each is added up, however few are looked at at a time."""
    at_once = kept(tmp_path / "at-once.db")
    few_at_a_time(monkeypatch, number)

    assert kept(tmp_path / "archive.db") == at_once
    assert len(at_once) > POSTS
    # The one that was lost is looked for once more before it counts as gone.
    assert [row[1] for row in at_once if row[6]] == [f'{{"owner_id":{ACCOUNT},"post_id":1}}']


def test_a_list_that_is_new_is_opened_without_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive has nothing to say of it: each turn of its thread costs as much as ten rows."""
    questions: list[object] = []
    put = aside._Desk.put

    def counted(desk: aside._Desk, job: aside._Job) -> None:
        if job.archive is None:
            questions.append(job)
        put(desk, job)

    monkeypatch.setattr(aside._Desk, "put", counted)
    lists = 100
    world = a_commented_wall(lists)
    with DemoInstance(world) as instance:
        run(instance, tmp_path / "archive.db", sections=("wall",), rounds=0)
        first = len(questions)
        for post in world.wall(ACCOUNT):
            world.add_comment("post", ACCOUNT, post.id, text="и ещё")
        run(instance, tmp_path / "archive.db", sections=("wall",), rounds=0)

    assert first < lists / 2
    # Of a list that was opened before, it is asked what is known.
    assert len(questions) - first > lists
