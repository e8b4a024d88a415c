"""Results page by page: each once, in the order of one search; and how many there are."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.search import finding
from ovk_archive.archive.search.declared import SEARCHED
from ovk_archive.archive.search.finding import Found, count, find
from ovk_archive.archive.search.query import parse
from ovk_archive.archive.search.wishes import Place, Wish
from ovk_archive.archive.tables.gone import mark_gone
from ovk_archive.archive.tables.store import store
from ovk_archive.archive.versions import checkpoints
from ovk_archive.resources.comments import COMMENTS
from ovk_archive.resources.messages import MESSAGES
from ovk_archive.resources.people import USERS
from ovk_archive.resources.vocabulary.rows import Row
from ovk_archive.resources.wall import POSTS

WHOSE = Identity("demo", 1, "http://demo")
#: The same and other texts, so that some results are as good as others.
TEXTS = st.sampled_from(("кот", "кот", "кошка кот", "кот и пёс " * 3, "пёс", ""))
#: Moments of which several rows share one, and none.
DATES = st.sampled_from((None, 0, 100, 100, 200, -5))
KINDS = st.sampled_from(("post", "message", "comment", "user"))
#: Rows: kind, number, text, date.
ROWS = st.lists(st.tuples(KINDS, st.integers(1, 9), TEXTS, DATES), max_size=25)
NARROWED: tuple[dict[str, Any], ...] = (
    {}, {}, {"tables": (MESSAGES, POSTS)}, {"gone": True}, {"since": 50}, {"until": 150},
    {"owners": (1,)}, {"peers": (2,)}, {"authors": (1, 2)}, {"gone": True, "since": 0},
)  # fmt: skip


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        Archive.open(path, WHOSE).close()
        return path.read_bytes()


def row(kind: str, number: int, text: str, date: int | None) -> Row:
    """A row of this kind."""
    when = {} if date is None else {"date": date}
    if kind == "post":
        owner = 1 if number % 2 else -7
        return POSTS.row({"id": number, "owner_id": owner, "from_id": 1, "text": text, **when})
    if kind == "message":
        peer = 2 + number % 2
        return MESSAGES.row({"id": number, "from_id": peer, "body": text, **when}, peer_id=peer)
    if kind == "comment":
        return COMMENTS.row({"id": number, "from_id": 2, "text": text, **when}, owner_id=1)
    return USERS.row({"id": number, "first_name": text, "last_name": "", "status": "кот"})


@contextmanager
def holding(rows: Sequence[tuple[str, int, str, int | None]]) -> Iterator[Any]:
    """An archive to which these were written one after another: later ones are edits."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        path.write_bytes(_empty())
        with Archive.open(path, WHOSE) as archive:
            for place, one in enumerate(rows):
                with archive.transaction() as db:
                    store(db, [row(*one)], checkpoints.now(db))
                    if place % 5 == 0 and one[0] == "message":
                        mark_gone(db, MESSAGES, [str(one[1])], "2026-01-01T00:00:00Z")
            with archive.reading() as db:
                yield db


def places(found: Sequence[Found]) -> list[Place]:
    """Where results stand."""
    return [one.place for one in found]


def page_by_page(db: Any, wish: Wish, limit: int, most: int) -> Iterator[Place]:
    """All that is found, so much at once; no more pages than there can be."""
    after, is_more = None, True
    for _ in range(most + 1):
        page, is_more = find(db, replace(wish, limit=limit, after=after))
        assert len(page) == limit or not is_more
        yield from places(page)
        if not is_more:
            return
        after = page[-1].place
    raise AssertionError("there is no end of pages")


@given(ROWS, st.sampled_from(NARROWED), st.integers(1, 4))
@settings(max_examples=examples(24))
def test_pages_are_one_search(
    rows: Sequence[tuple[str, int, str, int | None]], narrowed: dict[str, Any], limit: int
) -> None:
    """Behind each result come the next ones, until all were given once, however it is sorted."""
    with holding(rows) as db:
        for sort in ("best", "newest", "oldest"):
            wish = Wish(query=parse("кот"), sort=sort, limit=1000, **narrowed)
            every, more = find(db, wish)
            assert not more
            met = list(page_by_page(db, wish, limit, len(every)))
            assert met == places(every)


@given(ROWS, st.sampled_from(NARROWED), st.integers(1, 30))
@settings(max_examples=examples(24))
def test_counts_are_true(
    rows: Sequence[tuple[str, int, str, int | None]], narrowed: dict[str, Any], most: int
) -> None:
    """Of each kind as many are counted as are found, up to a number."""
    with holding(rows) as db:
        wish = Wish(query=parse("кот"), limit=1000, **narrowed)
        found = Counter(one.table.name for one in find(db, replace(wish, tables=SEARCHED))[0])
        for table in SEARCHED:
            assert count(db, table, wish, most) == min(most, found[table.name])


@pytest.mark.parametrize(("sort", "first"), [("newest", [90, 89]), ("oldest", [1, 2])])
def test_of_very_many_an_end_is_enough(sort: str, first: list[int]) -> None:
    """The newest or oldest of very many come from an end of their table, and no others do."""
    rows = [("message", number, "кот", number) for number in range(1, 91)]
    wish = Wish(query=parse("кот"), sort=sort, limit=1)
    with (
        holding(rows) as db,
        patch.object(finding, "_MANY", 80),
        patch.object(finding, "_NEAR", 20),
    ):
        assert from_the_end(db, wish) == [(number, number) for number in first]
        assert from_the_end(db, replace(wish, limit=30)) is None
        assert from_the_end(db, replace(wish, sort="best")) is None
        assert from_the_end(db, replace(wish, query=parse("пёс"))) is None


def from_the_end(db: Any, wish: Wish) -> list[tuple[int, float]] | None:
    """Messages that are found without a look at each of them."""
    return finding._from_the_end(db, MESSAGES, wish, ("", []))


#: Many of which several have the same time, some none, and few another text.
CROWDS = st.lists(
    st.tuples(
        st.just("message"),
        st.integers(1, 40),
        st.sampled_from(("кот", "кот и кот", "кот", "пёс")),
        st.sampled_from((None, 0, 100, 200, 200, 300, 400)),
    ),
    min_size=25,
    max_size=40,
    unique_by=lambda one: one[1],
)


@given(CROWDS, st.integers(1, 4), st.integers(2, 12), st.booleans())
@settings(max_examples=examples(24))
def test_pages_from_an_end_are_the_same(
    rows: list[tuple[str, int, str, int | None]], limit: int, near: int, is_edited: bool
) -> None:
    """Pages that come from an end of a table are those of a search that looks at each result."""
    if is_edited:
        rows.append(("message", rows[0][1], "кот без хвоста", rows[0][3]))
    with (
        holding(rows) as db,
        patch.object(finding, "_MANY", 3),
        patch.object(finding, "_NEAR", near),
    ):
        for sort in ("newest", "oldest"):
            wish = Wish(query=parse("кот"), sort=sort, limit=1000)
            every = find(db, wish)[0]
            assert list(page_by_page(db, wish, limit, len(every))) == places(every)


@pytest.mark.parametrize("query", ["", "-кот", "!"])
def test_without_a_word_nothing_is_counted(query: str) -> None:
    """Where nothing can be looked for there is nothing."""
    with holding([("post", 1, "кот", 1)]) as db:
        assert count(db, POSTS, Wish(query=parse(query)), 10) == 0
        assert count(db, POSTS, Wish(query=parse("кот")), 10) == 1


def test_a_place_that_is_nowhere_is_no_error() -> None:
    """Behind a result that is no longer there come those that come behind where it stood."""
    rows = [("message", number, "кот", number) for number in range(1, 9)]
    with holding(rows) as db:
        wish = Wish(query=parse("кот"), sort="oldest")
        for place in (Place(3.5, "messages", 77), Place(3, "comments", 1), Place(3, "posts", 9)):
            found = find(db, replace(wish, after=place))[0]
            assert {one.key[0] for one in found} - {3} == {4, 5, 6, 7, 8}
