"""No page reads a whole large table: what SQLite says of each statement that any page asks."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest
from pasts import ME, Past, past

from ovk_archive.browse.pages.answers import Asked, answered
from ovk_archive.browse.pages.routes import PAGES
from ovk_archive.browse.showing.parts.reading import Plain, Rows

#: What grows with the years of a life.
LARGE = {
    *("posts", "messages", "photos", "comments", "_versions", "attachments", "media", "audio"),
    *("likes", "_absences", "_former_texts", "videos", "notes", "documents", "notifications"),
    *("playlists", "playlist_audio", "audio_collection", "album_photos", "gifts"),
}
#: Statement -> why it may read a whole table, or an index of it.
ALLOWED = {
    # Up to so many rows are counted; of more it is said that there are more.
    r"select count\(\*\) from \(select 1 from \w+( where owner_id = \d+)? limit \?\)": "bounded",
    r"select exists \(select 1 from _cursors where .*\)": "once for each state of the archive",
}
#: Statement -> how much it sorts before it tells the first row.
SORTED = {
    r"select c.peer_id, .* from conversations c .*": "as many as one has written with",
    r"select .* from (album_photos|audio_collection|playlist_audio) where .*": "one list",
    r"select a.id, a.title from album_photos p .*": "the albums of one photo",
    r"select p.id, .* from playlists p .*": "the playlists of one person",
    r"with several as .* from _records where .*": "what the records of one page were",
    r"select g.key, .* from \(select \* from gifts .* limit \?\) g .*": "one page",
    r"select .* from _versions where resource = .* and record_key = \? .*": "what one record was",
}


class Watched:
    """A connection that remembers what it was asked, and how SQLite would go about it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._plain = Plain(connection)
        self.plans: dict[str, list[str]] = {}

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Ask it."""
        if sql not in self.plans and sql.lstrip().lower().startswith(("select", "with")):
            plan = self._plain.execute(f"explain query plan {sql}", parameters)
            self.plans[sql] = [str(row[3]) for row in plan]
        return self._plain.execute(sql, parameters)


def paths(life: Past) -> Iterator[tuple[str, dict[str, str]]]:
    """Each page, in each of the ways in which it can be asked for.

    But not whether everything is here: that counts all rows, as `status` does.
    """
    record = f"{ME}_{life.pinned}"
    for path in ("", "dialogs", "documents", "polls", "notifications", "changes"):
        yield path, {}
    yield "documents", {"before": "3"}
    yield "polls", {"before": "3"}
    yield "dialogs", {"before": "1600000000", "peer": "3"}
    yield "notifications", {"before": "1600000000", "key": "x"}
    yield "notifications", {"key": "x"}
    yield "changes", {"before": "1000", "at": "2026", "table": "posts", "key": "1_1"}
    message = str(max(one.id for one in life.world.history(life.talk)))
    for name in ("before", "after", "at"):
        yield f"dialog/{life.talk}", {name: message}
    yield f"dialog/{life.talk}", {"since": "2020-01-01"}
    for kind in ("wall", "photos", "notes", "audio", "videos", "gifts", "friends", "groups"):
        yield f"{kind}/{ME}", {}
        yield f"{kind}/{ME}", {"before": "9", "after": "1", "key": "x", "id": "1"}
    yield f"wall/{ME}", {"year": "2021"}
    yield f"likes/{ME}", {}
    yield f"likes/{ME}", {"kind": "post", "of": "1", "after": "1"}
    yield f"photos/{ME}", {"albums": "9"}
    for path in ("user/2", "group/1", "board/1", "track/1", "playlist/1", "album/1", "likes/1"):
        yield path, {}
    yield f"post/{record}", {}
    for kind in ("photo", "note", "video", "topic"):
        yield f"{kind}/1_1", {}
        yield f"comments/{kind}/1_1", {}
    yield f"comments/post/{ME}_{life.much}", {"after": "10"}
    yield f"comment/{life.gone['comments']}", {}
    yield "album/1", {"after": "1", "of": "1", "id": "1"}
    yield from (("called/anna", {}), ("media/00", {}))


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """An archive with a past."""
    return past(tmp_path_factory.mktemp("plans"))


@pytest.fixture(scope="module")
def plans(life: Past) -> dict[str, list[str]]:
    """Each statement of all pages but the search, and its plan."""
    with closing(sqlite3.connect(life.path)) as connection:
        watched = Watched(connection)
        asked = set()
        for path, query in paths(life):
            scope = {"type": "http", "headers": [], "method": "GET"}
            answer = answered(watched, life.path, Asked("archive", path, query, "en", "", scope))
            assert answer.status_code < 500, path
            asked |= {page.template for page in PAGES if re.fullmatch(page.pattern, path)}
        assert asked == {page.template for page in PAGES} - {"search", "health"}
        return watched.plans


def scanned(plan: Sequence[str]) -> set[str]:
    """The tables of which all is read; through an index, too."""
    found = {re.match(r"SCAN (\w+)", step) for step in plan}
    return {one[1] for one in found if one}


def test_no_page_reads_a_whole_table(plans: dict[str, list[str]]) -> None:
    """Large tables are searched by an index, but where it is said why not."""
    bad = {sql: plan for sql, plan in plans.items() if scanned(plan) & (LARGE | _ALIASES)}
    unexplained = {sql: plan for sql, plan in bad.items() if not why(sql)}

    assert len(plans) > 80
    assert unexplained == {}


#: How statements call the tables for short.
_ALIASES = {"t", "m", "m0", "m1", "v", "e", "p", "a"}


def why(sql: str, allowed: dict[str, str] = ALLOWED) -> str | None:
    """Why this statement may read a whole table, or sort."""
    plain = " ".join(sql.split())
    return next((reason for known, reason in allowed.items() if re.fullmatch(known, plain)), None)


def sorts(plan: Sequence[str]) -> bool:
    """All that is found is put in order before the first row is told.

    Rows that come in their order but for the last part of it are no such case: reading stops when
    the page is full.
    """
    return any("TEMP B-TREE FOR ORDER BY" in step for step in plan)


def used(
    plans: dict[str, list[str]], known: Iterable[str], does: Callable[[list[str]], object]
) -> set[str]:
    """Those of the known statements that are asked, and do what is said of them."""
    return {
        one
        for sql, plan in plans.items()
        for one in known
        if does(plan) and re.fullmatch(one, " ".join(sql.split()))
    }


def test_no_page_sorts_what_grows(plans: dict[str, list[str]]) -> None:
    """Rows come in their order, by an index; what is sorted is short, and it is said why."""
    bad = {sql: plan for sql, plan in plans.items() if sorts(plan) and not why(sql, SORTED)}

    assert bad == {}


def test_each_sort_is_needed(plans: dict[str, list[str]]) -> None:
    """What is allowed to sort is asked, and does sort."""
    assert used(plans, SORTED, sorts) == set(SORTED)


def test_no_page_reads_a_whole_kind(plans: dict[str, list[str]]) -> None:
    """An index is not used for its first column only, where that says no more than a kind."""
    kinds = re.compile(r"\((resource|type|kind|state)=\?\)")

    assert {sql: plan for sql, plan in plans.items() if any(map(kinds.search, plan))} == {}


def test_pages_of_dated_entries_are_found_by_their_dates(plans: dict[str, list[str]]) -> None:
    """A later page of gifts and notifications does not begin by reading the earlier ones."""
    later = {sql: plan for sql, plan in plans.items() if "(date, key) < (?, ?)" in sql}

    assert len(later) == 2
    assert all(any("date<?" in step for step in plan) for plan in later.values())


def test_each_exception_is_needed(plans: dict[str, list[str]]) -> None:
    """What is allowed is asked, and does read a whole table or index."""
    assert used(plans, ALLOWED, scanned) == set(ALLOWED)


def test_no_page_asks_twice_whose_archive_it_is(life: Past) -> None:
    """The frame around a page knows it from one question."""
    with closing(sqlite3.connect(life.path)) as connection:
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        scope = {"type": "http", "headers": [], "method": "GET"}
        answered(Plain(connection), life.path, Asked("archive", "polls", {}, "en", "", scope))

    assert sum("'account_id'" in one for one in asked) == 1


def test_no_page_counts_its_way(plans: dict[str, list[str]]) -> None:
    """Pages go on from a key: rows that were shown are not read again to be skipped."""
    assert [sql for sql in plans if re.search(r"\boffset\b", sql, re.IGNORECASE)] == []


def test_a_day_of_a_wall_is_found_by_its_date(plans: dict[str, list[str]]) -> None:
    """For what was on this day in each year, the whole wall is not read once for each year."""
    of_day = "from posts where owner_id = ? and date >= ? and date < ? order by"
    found = [plan for sql, plan in plans.items() if of_day in sql]

    assert found
    assert all("idx_posts_owner_id_date" in plan[0] for plan in found)


def test_a_year_of_a_wall_is_found_by_its_date(plans: dict[str, list[str]]) -> None:
    """The last post before a year is found without sorting the wall."""
    last_before = "select id from posts where owner_id = ? and date < ?"
    (plan,) = (plan for sql, plan in plans.items() if last_before in sql)

    assert "idx_posts_owner_id_date" in plan[0]
    # Of one moment there are few.
    assert plan[1:] in ([], ["USE TEMP B-TREE FOR RIGHT PART OF ORDER BY"])
