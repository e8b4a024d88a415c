"""The first page: how the last run ended, whether everything is here, and what was written when."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import pytest
from archives import everything
from clocks import wait_for
from looking import book_of
from pasts import ME, NOTICED, Past, past
from syncing import execute, query
from visitor import Visitor

from ovk_archive.browse.looks.addresses import Addresses
from ovk_archive.browse.looks.wording import wording
from ovk_archive.browse.pages import aside, of_archives
from ovk_archive.browse.pages.of_archives import overview as first_page
from ovk_archive.browse.pages.visits import Visit
from ovk_archive.browse.showing.overview import Year, over_the_years, overview
from ovk_archive.browse.showing.parts.reading import Reading, Rows
from ovk_archive.errors import StorageError

#: Changes nothing of what is counted.
WRITE = "insert into _runs (started_at) values ('2026-05-06T07:08:09Z')"


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """An archive of everything, to be changed."""
    path = tmp_path / "archive.db"
    path.write_bytes(everything())
    return path


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """An archive with a past."""
    return past(tmp_path_factory.mktemp("overview"))


@pytest.fixture
def changed(life: Past, tmp_path: Path) -> Past:
    """A copy, to be written to."""
    copy = tmp_path / "archive.db"
    copy.write_bytes(life.path.read_bytes())
    return replace(life, path=copy)


def verdict(path: Path) -> tuple[str, bool]:
    """What the first page says of the archive, and whether it says so in green."""
    node = Visitor(path).page("").one("p.verdict")
    return node.words, "good" in node.attributes["class"].split()


RUN = "insert into _runs (started_at, finished_at, exit_code) values ('{0}', {1}, {2})"
BEGAN, ENDED = "2026-05-06T07:08:09Z", "'2026-05-06T07:09:09Z'"


@pytest.mark.parametrize(
    ("code", "is_good"), [(0, True), (3, True), (40, True), (75, False), (20, False), (30, False)]
)
def test_how_the_last_run_ended(code: int, is_good: bool, whole: Path) -> None:
    """Runs that README calls complete are good ones; others left something undone."""
    execute(whole, [RUN.format(BEGAN, ENDED, code)])
    said, is_green = verdict(whole)

    assert book_of(whole).complete
    assert is_green == is_good
    assert said.startswith("Last saved" if is_good else "The last run")


def test_while_a_run_is_under_way(whole: Path) -> None:
    """A run that has not ended leaves nothing undone yet; it is said that it has begun."""
    execute(whole, [RUN.format(BEGAN, "null", "null")])
    said, is_green = verdict(whole)

    assert is_green
    assert said.startswith("Last saved")
    assert "A run that began" in said


@pytest.mark.parametrize(
    "statement",
    [
        "update _cursors set done = 0 where resource = 'notes'",
        "update _cursors set refused = 'no', refused_code = 15 where resource = 'notes'",
        "update _cursors set refused = 'no answer' where resource = 'photos'",
        "delete from _cursors where resource = 'friends'",
        "insert into _skipped (resource, partition, place) values ('notes', '{}', '')",
    ],
)
def test_it_says_what_health_says(statement: str, whole: Path) -> None:
    """What the page of health calls incomplete is not green here, however the last run ended."""
    assert verdict(whole)[1]
    execute(whole, [statement])
    said, is_green = verdict(whole)

    assert not book_of(whole).complete
    assert not is_green
    assert "Not everything is here yet." in said


def test_what_was_named_and_not_had_is_no_lack(whole: Path) -> None:
    """A number on somebody's list, of which the instance gives nothing, is no lack here."""
    put = "insert into _skipped (resource, partition, place) values"
    execute(whole, [f"""{put} ('hydrate', '{{"table":"notes"}}', '1_999')"""])

    assert book_of(whole).complete
    assert verdict(whole)[1]


MANY = """
insert into messages (id, peer_id, from_id, date, text)
with recursive n (i) as (select 1 union all select i + 1 from n where i < 10500)
select 5000000 + i, 2, 2, 1400000000 + i, 'x' from n
"""
OTHERS = "insert into posts (owner_id, id, date) values (77, 1, 1400000000), (77, 2, 1100000000)"


def test_years_are_counted_to_the_last(changed: Past) -> None:
    """A year's numbers are exact, however many; posts are those of the wall that it leads to."""
    execute(changed.path, [MANY, OTHERS])
    years = Visitor(changed.path).json("")["page"]["years"]
    told = {one["year"]: (one["posts"], one["messages"]) for one in years}
    sql = "select cast(strftime('%Y', date, 'unixepoch') as int), count(*) from {} group by 1"
    posts = dict(query(changed.path, sql.format(f"posts where owner_id = {ME} and date > 0")))
    messages = dict(query(changed.path, sql.format("messages where date > 0")))

    assert told[2014][1] > 10_000
    assert 2004 not in told
    assert {year: both for year, both in told.items() if any(both)} == {
        year: (posts.get(year, 0), messages.get(year, 0)) for year in {*posts, *messages}
    }


class Asked:
    """A connection that remembers what it was asked."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.statements: list[str] = []

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Ask it."""
        self.statements.append(sql)
        return self._connection.execute(sql, parameters)


def test_years_are_counted_once(changed: Past) -> None:
    """What takes long to count is counted again only when the archive has been written to."""

    def look() -> tuple[int, int]:
        with closing(sqlite3.connect(changed.path)) as connection:
            asked = Asked(connection)
            shown = sum(one.messages for one in years_shown(asked, changed.path))
            return shown, sum(map(is_counting, asked.statements))

    before, first = look()
    assert first > 0
    assert look() == (before, 0)
    execute(changed.path, ["delete from messages where id in (select max(id) from messages)"])
    after, again = look()
    assert (after, again) == (before - 1, first)


def is_counting(statement: str) -> bool:
    """This counts the messages of a year."""
    return statement.startswith("select count(*) from messages where date")


def years_shown(asked: Asked, path: Path) -> Sequence[Year]:
    """The years of the first page."""
    shown = first_page(Visit(asked, path, Addresses("archive"), wording("en")))
    years: Sequence[Year] = shown["page"].years
    return years


def test_a_large_archive_does_not_wait_for_its_years(
    changed: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first page is there before its years are counted; the next one has them."""
    expected = written_to_as_large(changed.path, monkeypatch)
    may_count = Event()
    real = over_the_years

    def slowly(db: Reading) -> tuple[Year, ...]:
        assert may_count.wait(20)
        return real(db)

    monkeypatch.setattr(of_archives, "over_the_years", slowly)
    visitor = Visitor(changed.path)
    first, second = visitor.page(""), visitor.page("")
    assert [one.one("p.counting").words for one in (first, second)] == [
        "This is being counted. Show it"
    ] * 2
    assert list(first.all("ul.years")) == []
    may_count.set()
    wait_for(lambda: not visitor.page("").all("p.counting"))
    assert years_of(visitor) == expected
    # A program that asks is given all at once.
    execute(changed.path, [WRITE])
    assert len(visitor.json("")["page"]["years"]) == len(expected)


def test_a_count_that_fails_aside_is_told_of(
    changed: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be counted aside is counted while the visitor waits."""
    expected = written_to_as_large(changed.path, monkeypatch)

    def refused(_: Path) -> Any:
        raise StorageError("no more connections")

    monkeypatch.setattr(aside, "connect_for_reading", refused)
    visitor = Visitor(changed.path)
    visitor.page("")
    wait_for(lambda: not visitor.page("").all("p.counting"))

    assert years_of(visitor) == expected


def test_a_count_that_takes_long_is_shown_though_a_sync_writes(
    changed: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was counted while the archive was written to is shown once it is there."""
    expected = written_to_as_large(changed.path, monkeypatch)
    real = over_the_years

    def slowly(db: Reading) -> tuple[Year, ...]:
        sleep(0.6)
        return real(db)

    monkeypatch.setattr(of_archives, "over_the_years", slowly)
    monkeypatch.setattr(aside, "_FRESH", 0.5)
    visitor = Visitor(changed.path)
    visitor.page("")
    execute(changed.path, [WRITE])
    wait_for(lambda: not aside._UNDER_WAY[changed.path, "years"].is_alive())

    assert years_of(visitor) == expected


def written_to_as_large(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let an archive count as large, and all that was counted be forgotten; what it said before."""
    before = years_of(Visitor(path))
    monkeypatch.setattr(aside, "MANY", 1)
    execute(path, [WRITE])
    return before


def years_of(visitor: Visitor) -> list[str]:
    """What the first page says of each year."""
    return [one.attributes["title"] for one in visitor.page("").one("ul.years").all("a")]


@pytest.mark.parametrize(
    ("kind", "table"),
    [("friends", "friends"), ("groups", "memberships"), ("audio", "audio_collection")],
)
def test_tiles_count_what_is_left(kind: str, table: str, changed: Past) -> None:
    """Who is a friend no longer is not counted as one; likewise groups and tracks."""
    before = Visitor(changed.path).json("")["page"]["counts"][kind]["number"]
    one = f"rowid = (select rowid from {table} where gone_at is null limit 1)"
    execute(changed.path, [f"update {table} set gone_at = '{NOTICED}' where {one}"])

    assert Visitor(changed.path).json("")["page"]["counts"][kind]["number"] == before - 1


def test_on_this_day_the_newest_comes_first(changed: Past) -> None:
    """Of several posts of one day, the last is told first."""
    day = int(datetime(2019, 11, 1, tzinfo=UTC).timestamp())
    put = "insert into posts (owner_id, id, from_id, date, text)"
    rows = ", ".join(f"({ME}, {9000 + n}, {ME}, {day + 60 * n}, 'x')" for n in range(3))
    execute(changed.path, [f"{put} values {rows}"])
    with closing(sqlite3.connect(changed.path)) as connection:
        found = overview(connection, datetime(2026, 11, 1, tzinfo=UTC), None).on_this_day

    numbers = [one.id for one in found if one.id >= 9000]
    assert numbers == [9002, 9001, 9000]
