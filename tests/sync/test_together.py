"""Syncs whose calls travel together: the same archive, in far fewer requests."""

from pathlib import Path

import pytest
from syncing import differences, query, run
from toy import DemoInstance
from truth import truth_of
from worlds import a_life

#: What an archive says, but not when it was said, nor in which order.
VERSIONS = "select resource, record_key, embedded, hex(content) from _versions order by 1, 2, 3, 4"
#: Where its lists stand.
CURSORS = "select resource, partition, {}, done, refused from _cursors order by 1, 2"


@pytest.mark.parametrize("size", [None, 100])
@pytest.mark.parametrize("rounds", [0, 20])
def test_it_is_the_same_archive(rounds: int, size: int | None, tmp_path: Path) -> None:
    """With and without it the same is saved, and each list stands at the same place."""
    contents, requests = [], []
    # How far pages grow depends on time, and on that where a request behind the end would begin.
    position = "position" if size else "json_remove(position, '$.offset')"
    with DemoInstance(a_life(), "B") as instance:
        for together in (True, False):
            path = tmp_path / f"{together}.db"
            instance.has_execute = together
            first = run(instance, path, rounds=rounds, size=size)
            again = run(instance, path, rounds=rounds, size=size)
            assert differences(truth_of(instance.world, "B"), path) == {}
            assert (first.exit_code, again.exit_code) == (0, 0)
            contents.append([query(path, sql) for sql in (VERSIONS, CURSORS.format(position))])
            requests.append((first.requests, again.requests))

    assert contents[0] == contents[1]
    assert requests[0][0] < requests[1][0] / 3
    assert requests[0][1] < requests[1][1] / 2


def test_older_rows_are_read_again_by_as_many_calls(tmp_path: Path) -> None:
    """That they travel together is no reason to ask a server for more of them."""
    path = tmp_path / "archive.db"
    with DemoInstance(a_life(), "B") as instance:
        run(instance, path)
        instance.reset_counts()
        news = run(instance, path, rounds=0)
        calls = instance.count()
        instance.reset_counts()
        report = run(instance, path, rounds=20)

    assert 15 <= instance.count() - calls <= 24
    assert report.requests - news.requests <= 8


def test_an_older_instance_is_asked_once(tmp_path: Path) -> None:
    """The archive remembers that it does not know `execute`: later syncs make one request less."""
    path = tmp_path / "archive.db"
    with DemoInstance(a_life(), "A") as instance:
        scripts = []
        for _ in range(3):
            instance.reset_counts()
            assert run(instance, path, rounds=0).exit_code == 0
            scripts.append([one for _, one, _ in instance.raw].count("/method/execute"))

    assert scripts == [1, 0, 0]


def test_an_instance_that_loses_it_loses_nothing(tmp_path: Path) -> None:
    """The next sync notices, makes each call alone, and remembers that."""
    path = tmp_path / "archive.db"
    with DemoInstance(a_life(), "B") as instance:
        run(instance, path, sections=("wall", "notes"))
        instance.has_execute = False
        instance.reset_counts()
        report = run(instance, path)
        scripts = [one for _, one, _ in instance.raw].count("/method/execute")
        assert differences(truth_of(instance.world, "B"), path) == {}

    assert report.exit_code == 0
    assert scripts == 1
    [(learnt,)] = query(path, "select value from _archive where name = 'execute'")
    assert "absent_at" in learnt
