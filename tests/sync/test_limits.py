"""Servers that limit reads of photos and board ([A]): at most one refusal, ever, and no ban."""

from pathlib import Path

import pytest
from syncing import differences, query, run
from toy import DemoInstance, Seen, World, WorldSize, generate
from truth import truth_of

#: The server's window shrunk from 20 s, and ours from 21 s.
SERVER_WINDOW, OUR_WINDOW = 0.8, 0.84


def a_world(seed: int) -> World:
    """Many photos and topics with comments, and a little of what is not limited."""
    size = WorldSize(
        posts=12, comments=24, dialogs=2, messages_per_dialog=3, notes=2, tracks=3, playlists=1,
        friends=4, videos=2, gifts=2, topics=4, documents=2, notifications=3,
    )  # fmt: skip
    return generate(seed, size)


def test_one_refusal_is_the_price_of_learning(tmp_path: Path) -> None:
    """A first sync under the real limiter meets one code 29, ends complete, and is not banned."""
    world = a_world(30)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect="A") as instance:
        instance.limiter.enabled = True
        instance.limiter.window = SERVER_WINDOW
        report = run(instance, path, window=OUR_WINDOW)
        refused = [seen for seen in instance.seen if seen.error_code == 29]

        assert report.exit_code == 0, report
        assert len(refused) == 1
        assert not instance.limiter.banned
        assert differences(truth_of(world, "A"), path) == {}


@pytest.mark.parametrize("at_once", [1, 16])
def test_slow_answers_cost_no_second_refusal(tmp_path: Path, at_once: int) -> None:
    """Calls that take long on their way, now and then: still one code 29, at any concurrency."""
    with DemoInstance(a_world(30), dialect="A") as instance:
        instance.limiter.enabled = True
        instance.limiter.window = SERVER_WINDOW

        def now_and_then(seen: Seen) -> None:
            # What comes next takes so long before it is looked at.
            instance.latency = 0.2 if instance.count(seen.method) % 5 == 0 else 0.0

        instance.between = now_and_then
        report = run(
            instance, tmp_path / "archive.db", window=OUR_WINDOW, sections=("photos", "wall"),
            concurrency=at_once,
        )  # fmt: skip

        assert report.exit_code == 0, report
        assert instance.limiter.refusals == 1


def test_what_was_learnt_outlives_the_process(tmp_path: Path) -> None:
    """Later syncs, begun at once or interrupted, are never refused again."""
    world = a_world(31)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect="A") as instance:
        instance.limiter.enabled = True
        instance.limiter.window = SERVER_WINDOW
        run(instance, path, window=OUR_WINDOW, sections=("photos", "board"))
        assert [seen.error_code for seen in instance.seen].count(29) == 1
        instance.reset_counts()
        for _ in range(2):
            run(instance, path, window=OUR_WINDOW, sections=("photos",), full=True)

        assert [seen for seen in instance.seen if seen.error_code == 29] == []
        assert query(path, "select count(*) from _pace") == [(1,)]


def test_other_lists_go_on_while_photos_wait(tmp_path: Path) -> None:
    """While reads of photos wait for their turn, everything else is read."""
    path = tmp_path / "archive.db"
    with DemoInstance(a_world(32), dialect="A") as instance:
        instance.limiter.enabled = True
        instance.limiter.window = SERVER_WINDOW
        run(instance, path, window=OUR_WINDOW)
        order = [seen.method.lower().partition(".")[0] for seen in instance.seen]

    last_other = max(i for i, name in enumerate(order) if name in ("wall", "messages", "notes"))
    waiting = [i for i, name in enumerate(order) if name == "photos" and i > last_other]
    assert len(waiting) > 3
