"""How many rows are asked for at once: more where a server is fast, fewer where it is slow."""

from collections.abc import Iterable
from contextlib import ExitStack, suppress

import pytest

from ovk_archive.api.request_size import PageSizes

FORM = {"count": "100"}


def sizes_after(answers: Iterable[float | None], method: str = "wall.get") -> int:
    """Rows worth asking for, after answers that took so long; a negative one is no answer."""
    now = 0.0
    sizes = PageSizes(lambda: now)
    for took in answers:
        with suppress(OSError), sizes.timed(method, FORM):
            now += abs(took or 0)
            if took is None or took < 0:
                raise OSError
    return sizes.rows("wall.get", 100, 400)


@pytest.mark.parametrize(
    ("answers", "rows"),
    [
        ([], 100),
        ([0.1], 400),
        ([0.1, 3.0, 0.1], 400),
        ([0.6, 0.1], 100),
        ([0.1, 11.0], 200),
        ([0.1, 11.0, 11.0], 100),
        ([11.0, 0.1, 11.0, 11.0, 11.0], 25),
        ([-61.0], 50),
        ([-0.1], 100),
    ],
)
def test_the_first_answer_and_slow_ones_decide(answers: list[float], rows: int) -> None:
    """A fast first answer lets pages grow; a slow one, or one that never comes, halves them."""
    assert sizes_after(answers) == rows


def test_each_method_is_learnt_by_itself() -> None:
    """That one list is answered soon says nothing of another."""
    assert sizes_after([0.1], "notes.get") == 100


def test_what_is_no_page_teaches_nothing() -> None:
    """A call without a number of rows is no page."""
    sizes = PageSizes()
    with sizes.timed("wall.get", {"posts": "1_2"}):
        pass

    assert sizes.rows("wall.get", 100, 400) == 100


def test_no_list_is_asked_for_more_than_it_may_be() -> None:
    """Where servers refuse larger pages, they do not grow."""
    sizes = PageSizes(lambda: 0.0)
    with sizes.timed("board.getTopics", FORM):
        pass

    assert sizes.rows("board.getTopics", 100, 100) == 100


@pytest.mark.parametrize(
    ("walks", "took", "rows"),
    [(0, 0.1, 400), (1, 0.1, 400), (10, 0.1, 400), (20, 0.1, 200), (80, 0.1, 100), (80, 11.0, 50)],
)
def test_lists_that_are_read_side_by_side_share(walks: int, took: float, rows: int) -> None:
    """Of many lists, no page is larger than usual; a slow server gets smaller ones still."""
    now = 0.0
    sizes = PageSizes(lambda: now, shared=lambda: 4000)
    with sizes.timed("messages.getHistory", FORM):
        now += took
    with ExitStack() as open_lists:
        for _ in range(walks):
            open_lists.enter_context(sizes.walking("messages.getHistory"))
        open_lists.enter_context(sizes.walking("wall.get"))

        assert sizes.rows("messages.getHistory", 100, 1000) == rows

    # Those that are read no more have no share.
    assert sizes.rows("messages.getHistory", 100, 1000) == (400 if took < 1 else 50)
