"""The page that searches: what is found, how many of each kind, and page after page."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from syncing import execute, query
from visits import Visitor, text_of

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.search.finding import Wish, count, find
from ovk_archive.archive.search.query import parse
from ovk_archive.resources import TABLES

ALL = {table.name: table for table in TABLES if table.search}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Posts, messages and notes with a few words in many forms, some of one second, some edited."""
    path = tmp_path_factory.mktemp("search") / "anna.db"
    Archive.open(path, Identity("demo", 1, "http://demo")).close()
    words = ("кот", "коты", "кошка", "пёс", "дом")
    rows = []
    for number in range(1, 91):
        text = " ".join(words[(number * k) % 5] for k in (1, 2, 3)) + f" {number}"
        date = "null" if number % 17 == 0 else 1_600_000_000 + number // 7
        gone = "'2024-01-01T00:00:00Z'" if number % 11 == 0 else "null"
        rows += [
            (
                f"insert into posts (owner_id, id, from_id, date, text, gone_at) "
                f"values (1, {number}, {1 + number % 3}, {date}, '{text}', {gone})"
            ),
            (
                f"insert into messages (id, peer_id, from_id, date, text) "
                f"values ({number}, {2 + number % 2}, 1, {date}, '{text}')"
            ),
        ]
    for number in range(1, 9):
        note = f"(1, {number}, 'кот', '<p>дом {number}</p>', {1_600_000_000 + number})"
        rows.append(f"insert into notes (owner_id, id, title, text, date) values {note}")
    rows.append("insert into users (id, name, screen_name) values (1, 'Анна', 'anna')")
    execute(path, rows)
    # What another program wrote is taken in when the archive is next opened.
    Archive.open(path, Identity("demo", 1, "http://demo")).close()
    return path


def places(archive: Path, wish: Wish) -> list[tuple[str, object]]:
    """What is found, by table and key, in its order."""
    with Archive.read(archive) as held, held.reading() as db:
        found, more = find(db, wish)
    assert not more
    return [(one.table.name, "_".join(map(str, one.key))) for one in found]


def paged(archive: Path, address: str) -> list[tuple[str, object]]:
    """What all pages of a search show, one after another."""
    found: list[tuple[str, object]] = []
    while address:
        told = Visitor(archive).json(address)
        found += [(one["table"], one["key"]) for one in told["page"]["results"]]
        address = told["next"]
        assert len(found) < 1000
    return found


TYPED = ["кот", "кошка пёс", '"кот коты"', "дом -пёс", "ко*", "кот OR пёс", "7"]


@given(
    st.fixed_dictionaries(
        {
            "q": st.sampled_from(TYPED),
            "sort": st.sampled_from(["best", "newest", "oldest"]),
            "in": st.sampled_from([None, "posts", "messages", "notes"]),
            "gone": st.sampled_from([None, 1]),
            "from": st.sampled_from([None, 1, 2]),
        }
    )
)
@settings(max_examples=examples(60))
def test_pages_together_have_all_results(archive: Path, asked: dict[str, Any]) -> None:
    """All pages of a search together are what one long search finds: nothing twice, nothing left
    out, whatever it is sorted by, also among rows of one second and rows without a time.
    """  # noqa: D205
    wish = Wish(
        query=parse(asked["q"]),
        tables=(ALL[asked["in"]],) if asked["in"] else tuple(ALL.values()),
        authors=(asked["from"],) if asked["from"] else (),
        gone=bool(asked["gone"]),
        sort=asked["sort"],
        limit=1000,
    )
    told = "&".join(f"{name}={quote(str(one))}" for name, one in asked.items() if one)
    assert paged(archive, f"/anna/-/search?{told}") == places(archive, wish)


def test_counts_by_kind_are_true(archive: Path) -> None:
    """Beside each kind stands how many results it has, under the same filters."""
    page = Visitor(archive).json("/anna/-/search?q=" + quote("кот") + "&from=1")["page"]
    wish = Wish(query=parse("кот"), authors=(1,))
    with Archive.read(archive) as held, held.reading() as db:
        truth = {name: count(db, table, wish, 1001) for name, table in ALL.items()}
    assert {one["table"]: one["number"] for one in page["kinds"]} == {
        name: number for name, number in truth.items() if number
    }
    assert truth["messages"] == len(
        query(archive, "select 1 from messages where text like '%кот%'")
    )


def test_no_more_is_counted_than_is_shown(archive: Path) -> None:
    """Counting ends at the number that is asked for."""
    with Archive.read(archive) as held, held.reading() as db:
        assert count(db, ALL["messages"], Wish(query=parse("кот")), 5) == 5


def test_what_was_found_is_marked(archive: Path) -> None:
    """The words that were found stand out in their context, and lead to the record."""
    html = Visitor(archive).html("/anna/-/search?q=" + quote("кошками"))
    assert "<mark>кошка</mark>" in html
    assert 'href="/anna/-/dialog/2?at=' in html
    assert 'href="/anna/-/post/1_' in html


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Search"),
        ("нетакогослова", "Nothing was found."),
        ("-кот", "These are only words that are not to be there"),
        ("...", "There is no word in what is searched for."),
        ("<script>alert(1)</script>", "Nothing was found."),
        ('" ( * NEAR : \x00', "Nothing was found."),
    ],
)
def test_what_is_said_where_nothing_is_found(archive: Path, typed: str, said: str) -> None:
    """Whatever is typed, the page says what came of it, in a sentence."""
    assert said in text_of(Visitor(archive).html(f"/anna/-/search?q={quote(typed)}"))
