"""What people type is understood, and whatever else they type is text."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from ovk_archive.archive.search.query import MOST, parse
from ovk_archive.archive.search.words import composed, stems, words

ODD = "\"*()-:^+{}[]\\,.!?;#@_%&|~`'<>=/ \n\x00«»“”OR AND NOT NEAR кот"


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    """An index as archives have it, empty."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("create virtual table i using fts5(text, tokenize=\"ascii tokenchars '#@_~'\")")
        yield db


def found(db: sqlite3.Connection, query: str, *texts: str) -> list[int]:
    """The numbers of the texts that a query finds, counted from 1, best first."""
    match = parse(query).match
    db.execute("delete from i")
    for number, text in enumerate(texts, 1):
        some = words(text)
        entry = (number, " ".join([*some, *stems(some)]))
        db.execute("insert into i (rowid, text) values (?, ?)", entry)
    if match is None:
        return []
    asked = "select rowid from i where i match ? order by bm25(i, 1.0, 0.25)"
    return [row[0] for row in db.execute(asked, (match,))]


@pytest.mark.parametrize(
    ("query", "text", "is_found"),
    [
        ("ёлка", "Наша елка", True),
        ("ЕЛКА", "ёлки", True),
        ("кошками", "кошка", True),
        ("кошками", "много кошек", True),
        ("Кате", "Катя пришла", True),
        ("йод", "иод", False),
        ("архивы", "архив", True),
        ("архив", "архивы", True),
        ("сосиска", "cосиска", False),
        ("vk", "пишу во ВК и в VK", True),
        ("кот пёс", "пес и кот", True),
        ("кот пёс", "кот", False),
        ('"кот и пёс"', "Кот и пёс.", True),
        ('"кот и пёс"', "пёс и кот", False),
        ('"коты"', "кот", False),
        ("«кот и пёс»", "пёс и кот", False),
        ("кот -пёс", "кот и псы", True),
        ("кот -пёс", "кот и пёс", False),
        ('кот -"злой пёс"', "кот и злой пёс", False),
        ("кот OR пёс", "пёс", True),
        ("кот OR пёс дом", "пёс", False),
        ("кот or пёс", "пёс", False),
        ("кош*", "кошачий", True),
        ("кош*", "мошка", False),
        ("vk.com/id1*", "https://vk.com/id12?w=1", True),
        ("id12", "https://vk.com/id12?w=1", True),
        ("кто-то", "кто-то", True),
        ("кто-то", "то кто", False),
        ("#архив", "#архив", True),
        ("#архив", "архив", False),
        ("архив", "#архив", True),
        ("#арх*", "#архив", True),
        ("@anna_k", "спроси @anna_k", True),
        ("anna", "спроси @anna_k", True),
        ("👍", "Ок 👍🏽", True),
        ("👍🏽", "Ок 👍", False),
        ("OR", "or", True),
        ("кот OR", "кот", False),
        ("- кот", "кот", True),
        ('кот"', "кот", True),
        ("NEAR(кот)", "near кот", True),
        ("text:кот", "кот", False),
    ],
)
def test_queries_mean_what_people_mean(
    index: sqlite3.Connection, query: str, text: str, is_found: bool
) -> None:
    """Words in any form, phrases, what is not to be there, beginnings, alternatives, wholes."""
    assert bool(found(index, query, text)) == is_found


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("e-ma*", "every man has e-mails", ["e-mails"]),
        ("кто-т*", "кто-то ктото тот", ["кто-то"]),
        ("кош*", "кошка и кошачий", ["кошка", "кошачий"]),
        ("#новый_г*", "новый_год новые_годы", ["новый_год"]),
        ("@anna_k*", "спроси @anna_kate, не annak", ["anna_kate"]),
        ("кот", "коты и кот", ["коты", "кот"]),
        ('"два кота"', "два кота, два котика", ["два кота"]),
    ],
)
def test_what_is_marked_is_what_was_found(query: str, text: str, marked: list[str]) -> None:
    """Of words in a row that end with a star, the last alone is a beginning."""
    assert [text[start:end] for start, end in parse(query).spans(text)] == marked


@pytest.mark.parametrize("query", ["", " ", '"', '""', "*", "-", "()", "#", "\x00", "…", "« »"])
def test_a_query_without_a_word_finds_nothing(index: sqlite3.Connection, query: str) -> None:
    """Nothing to look for is said, and does not find everything."""
    assert found(index, query, "кот") == []
    assert parse(query).lack == "There is no word in what is searched for."


def test_words_that_must_lack_are_not_enough(index: sqlite3.Connection) -> None:
    """Who says only what is not to be there is told to add a word."""
    assert found(index, "-кот", "пёс") == []
    assert "add one" in str(parse("-кот").lack)


@pytest.mark.parametrize(
    "query",
    ["a" * 100_000, "а б " * 50_000, '"' + "а б " * 50_000, "(" * 100_000, "x OR " * 30_000 + "y",
     "-x " * 30_000 + "y", "ы" * 100_000 + "*", "\x00" * 100_000, '"' * 100_001],
    ids=len,
)  # fmt: skip
def test_long_queries_are_no_errors(index: sqlite3.Connection, query: str) -> None:
    """Any number of letters, words and signs; what is not looked for is told."""
    assert found(index, query, "кот") == []
    assert parse(query).cut == (len(words(query)) > MOST)


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(ODD))))
@settings(max_examples=examples(600))
def test_nothing_that_is_typed_is_an_error(index: sqlite3.Connection, query: str) -> None:
    """FTS5 understands what any text becomes; and either there is something to look for, or why
    not is said.
    """  # noqa: D205
    asked = parse(query)
    found(index, query, "кот")

    assert (asked.match is None) == (asked.lack is not None)
    asked.spans("кот и пёс")


@given(st.text(), st.data())
@settings(max_examples=examples(600))
def test_any_word_of_a_text_finds_it(
    index: sqlite3.Connection, text: str, data: st.DataObject
) -> None:
    """Whatever stands between two blanks of a text finds the text, if there is a word in it."""
    said = [word.replace('"', " ") for word in text.split() if words(word)]
    word = data.draw(st.sampled_from(said or ["кот"]))
    query = f'"{word}"' if data.draw(st.booleans()) else word.lstrip("-*«“”» ")

    if said and words(query.strip('"*')) and parse(query).match and not parse(query).unwanted:
        assert found(index, query, text) == [1]
        assert parse(query).spans(composed(text))
