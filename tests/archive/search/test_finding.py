"""What is found, in which order, and what is shown of it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from archives import everything
from indexes import keys, search, texts

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.search.context import lines, snippet
from ovk_archive.archive.search.query import parse
from ovk_archive.archive.tables.gone import mark_gone
from ovk_archive.archive.tables.store import store
from ovk_archive.archive.versions import checkpoints
from ovk_archive.resources import TABLES
from ovk_archive.resources.board import TOPICS
from ovk_archive.resources.groups import SETTINGS
from ovk_archive.resources.messages import MESSAGES
from ovk_archive.resources.notes import NOTES
from ovk_archive.resources.people import USERS
from ovk_archive.resources.vocabulary.columns import content, number
from ovk_archive.resources.vocabulary.rows import Row, Table
from ovk_archive.resources.vocabulary.searching import Search, texts_in, without_markup
from ovk_archive.resources.wall import POSTS

#: Writes rows into an archive, each call at another moment.
Write = Callable[..., None]


@pytest.fixture
def full(archive_path: Path) -> Path:
    """An archive of all that the toy has."""
    archive_path.write_bytes(everything())
    return archive_path


@pytest.fixture
def write(archive_path: Path) -> Write:
    """Writes rows into an archive."""

    def write(*rows: Row) -> None:
        with (
            Archive.open(archive_path, Identity("demo", 1, "http://demo")) as archive,
            archive.transaction() as db,
        ):
            store(db, rows, checkpoints.now(db))

    return write


def post(number: int, text: str, **more: Any) -> Row:
    """A post on the account's wall."""
    return POSTS.row({"id": number, "owner_id": 1, "from_id": 1, "text": text, **more})


def message(number: int, text: str, peer: int = 2, **more: Any) -> Row:
    """A message."""
    return MESSAGES.row({"id": number, "from_id": peer, "body": text, **more}, peer_id=peer)


@pytest.mark.parametrize(
    ("query", "table", "expected"),
    [
        ("елка ежик", "comments", "к и ёлка: "),
        ("zerowidth", "comments", "zero\u200bwidth"),
        ("שלום", "comments", "שלום"),
        ("unicode", "comments", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢"),
        ("👍🏽", "comments", "👍🏽"),
        ("example.org/путь", "comments", "https://example.org/путь"),
        ("#память", "posts", "#архив #память"),
        ("иванову", "users", "Алиса Иванова"),
        ("вокзал поезд", "posts", "поезда и вокзалы"),
        ("жирный курсив", "notes", "<b>Жирный</b> и <i>курсив</i>"),
        ('"ёлки палки"', "messages", "Ёлки-палки!"),
    ],
)
def test_what_the_world_holds_is_found(full: Path, query: str, table: str, expected: str) -> None:
    """Real texts of many kinds are found by what people would type."""
    found = search(full, query, tables=tuple(one for one in TABLES if one.name == table))

    assert any(expected in str(text) for one in texts(found) for text in one.values())


def test_all_kinds_are_searched_at_once(full: Path) -> None:
    """One word is found in records of several kinds, each once."""
    found = keys(search(full, "архив", limit=1000))

    assert len(found) == len(set(found)) > 20
    assert len({one.partition(" ")[0] for one in found}) > 3


def test_an_exact_word_comes_first(archive_path: Path, write: Write) -> None:
    """Of any kinds, what has the word as it was typed comes before its other forms."""
    write(*[post(n, "кошки спят") for n in range(1, 20)], message(5, "весь день играли с кошками"))

    assert keys(search(archive_path, "кошками"))[0] == "messages 5"
    assert len(search(archive_path, "кошками")) == 20


def test_of_a_common_word_the_newest_are_ranked(
    archive_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where very many have a word, the newest are found; one that has it as typed in any case."""
    monkeypatch.setattr("ovk_archive.archive.search.finding._RANKED", 10)
    write(message(1, "кошками"), *[message(n, "кошка") for n in range(2, 100)])
    found = keys(search(archive_path, "кошками", limit=5))

    assert found[0] == "messages 1"
    assert {int(one.split()[1]) for one in found[1:]} <= set(range(89, 100))


def test_overwritten_texts_stay_findable(archive_path: Path, write: Write) -> None:
    """A text that an edit replaced is found, once, and said to be overwritten."""
    write(post(1, "был кот"))
    write(post(1, "стал пёс"))
    write(post(1, "был кот"))
    write(post(1, "стал слон"))

    (found,) = search(archive_path, "кот")
    assert found.former_until is not None
    assert (keys([found]), texts([found])[0]["text"]) == (["posts 1_1"], "был кот")
    assert [one.former_until for one in search(archive_path, "слон")] == [None]
    assert [keys([one]) for one in search(archive_path, "стал", gone=True)] == [["posts 1_1"]]


def test_what_an_attachment_lacks_was_not_overwritten(archive_path: Path, write: Write) -> None:
    """A record that comes as an attachment knows less; that is no other text."""
    person = {"id": 5, "first_name": "Катя", "last_name": "К", "about": "люблю кошек"}
    write(USERS.row(person))
    write(USERS.row({"id": 5, "first_name": "Катя", "last_name": "К"}, embedded=True))

    assert [one.former_until for one in search(archive_path, "Кате")] == [None]
    assert [one.former_until for one in search(archive_path, "кошка")] == [None]


def test_what_was_deleted_is_found(archive_path: Path, write: Write) -> None:
    """What is gone is found like the rest, and alone where that is asked for."""
    write(post(1, "кот"), post(2, "кот"))
    with (
        Archive.open(archive_path, Identity("demo", 1, "http://demo")) as archive,
        archive.transaction() as db,
    ):
        mark_gone(db, POSTS, ["1_2"], "2026-01-01T00:00:00Z")

    assert sorted(keys(search(archive_path, "кот"))) == ["posts 1_1", "posts 1_2"]
    assert keys(search(archive_path, "кот", gone=True)) == ["posts 1_2"]


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({}, ["messages 1", "messages 2", "posts -7_4", "posts 1_3", "topics 7_5"]),
        ({"peers": (2,)}, ["messages 1"]),
        ({"authors": (1, 3)}, ["messages 2", "posts 1_3"]),
        ({"owners": (-7,)}, ["posts -7_4", "topics 7_5"]),
        ({"since": 200}, ["messages 2", "posts -7_4", "posts 1_3"]),
        ({"until": 200}, ["messages 1"]),
        ({"since": 200, "until": 300}, ["messages 2"]),
        ({"tables": (POSTS,)}, ["posts -7_4", "posts 1_3"]),
    ],
)
def test_searches_are_narrowed(
    archive_path: Path, write: Write, narrowed: dict[str, Any], expected: Sequence[str]
) -> None:
    """By conversation, author, owner, time and kind; what tells nothing of it is left out."""
    write(
        message(1, "кот", 2, date=100),
        message(2, "кот", 3, date=200),
        post(3, "кот", date=300),
        post(4, "кот", owner_id=-7, from_id=-7, date=400),
        TOPICS.row({"title": "кот"}, group_id=7, id=5),
    )

    assert sorted(keys(search(archive_path, "кот", **narrowed))) == expected


def test_the_newest_and_the_oldest_come_first(archive_path: Path, write: Write) -> None:
    """By time, of all kinds together; what has none comes last."""
    write(post(1, "кот", date=200), message(2, "кот", date=100), message(3, "кот", date=300))
    write(USERS.row({"id": 9, "first_name": "Кот", "last_name": ""}))

    by_time = ["messages 3", "posts 1_1", "messages 2"]
    assert keys(search(archive_path, "кот", sort="newest")) == [*by_time, "users 9"]
    assert keys(search(archive_path, "кот", sort="oldest")) == [*by_time[::-1], "users 9"]
    assert keys(search(archive_path, "кот", sort="newest", limit=1)) == ["messages 3"]


POEMS = Table(
    name="poems",
    title="Poems",
    doc="Poems.",
    key=("id",),
    columns=(number("id", "Number"), content("verse", str, "The poem")),
    search=Search(columns={"verse": 1.0}),
)


def test_a_new_kind_is_searched_by_its_declaration(
    archive_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that says what is searched is searched; nothing else knows of it. Older archives
    get its index, too.
    """  # noqa: D205
    write(post(1, "кот"))
    tables = "ovk_archive.archive.tables"
    for place in ("migrations.TABLES", "schema.TABLES"):
        monkeypatch.setattr(f"{tables}.{place}", (*TABLES, POEMS))
    searched = (*(one for one in TABLES if one.search), POEMS)
    for place in ("declared.SEARCHED", "index.SEARCHED"):
        monkeypatch.setattr(f"ovk_archive.archive.search.{place}", searched)
    write(POEMS.row({"id": 3, "verse": "У лукоморья дуб зелёный"}))
    write(POEMS.row({"id": 3, "verse": "Златая цепь"}))

    found = search(archive_path, "зеленые дубы", tables=searched)
    assert [(keys([one]), one.former_until is None) for one in found] == [(["poems 3"], False)]
    assert keys(search(archive_path, "коты", tables=searched)) == ["posts 1_1"]


def test_tables_without_texts_are_not_searched() -> None:
    """What says nothing is searched has no index."""
    assert SETTINGS.search is None


@pytest.mark.parametrize(
    ("text", "query", "shown", "found"),
    [
        ("кот и пёс", "пёс", "кот и пёс", ["пёс"]),
        ("Коты, кот!", "кот", "Коты, кот!", ["Коты", "кот"]),
        ("кот и пёс", '"кот и"', "кот и пёс", ["кот и"]),
        ("кошачий", "кош*", "кошачий", ["кошачий"]),
        ("а\n\n б", "б", "а б", ["б"]),
        ("про #архив", "#архив", "про #архив", ["архив"]),
        ("пере\u00adнос", "перенос", "пере\u00adнос", ["пере\u00adнос"]),
    ],
)
def test_found_words_are_marked(text: str, query: str, shown: str, found: Sequence[str]) -> None:
    """The part that is shown has the found words, and says where they are."""
    part = snippet(MESSAGES, [text], parse(query))

    assert part.text == shown
    assert [part.text[start:end] for start, end in part.found] == found


@pytest.mark.parametrize("before", [0, 30, 300])
@pytest.mark.parametrize("after", [0, 30, 300])
def test_two_lines_are_shown(before: int, after: int) -> None:
    """Of a long text, two lines around the word; an ellipsis is where something was left out."""
    text = "слово " * before + "кот" + " слово" * after
    part = snippet(MESSAGES, [text], parse("коты"))
    shown = list(lines(part, 76))

    assert [part.text[start:end] for start, end in part.found] == ["кот"]
    assert len(shown) <= 2
    assert "".join(text for line in shown for text, _ in line).count("кот") == 1
    assert part.text.startswith("…") == (before > 0)
    assert part.text.endswith("…") == (after > 0)


def test_markup_is_not_shown() -> None:
    """Of notes, what people read is shown and searched."""
    note = '<p class="кот">Это <b>ж</b>ук &amp; <i>пёс</i></p>'
    part = snippet(NOTES, ["Название", note], parse("жук"))

    assert part.text == "Это жук & пёс"
    assert without_markup(note).split() == ["Это", "жук", "&", "пёс"]


def test_texts_in_json_are_read() -> None:
    """Of what a post repeats, only the texts are words."""
    assert (
        texts_in('[{"id": 5, "text": "кот", "attachments": "photo1_2"}, {"text": null}]') == "кот"
    )
    assert texts_in('["раз", "два"]').split() == ["раз", "два"]
    assert texts_in("{") == "{"


@pytest.mark.parametrize("more", [{}, {"owners": (1,)}])
def test_exact_words_come_first(archive_path: Path, write: Write, more: dict[str, Any]) -> None:
    """Texts that have the word as it was typed come before all that have other forms of it."""
    write(
        post(1, "кошки и коты спят"),
        post(2, "а мы играли с кошками весь день, и кот с нами: дом, лес, река, снег, море, небо"),
        post(3, "коты коты коты"),
    )
    assert keys(search(archive_path, "кошками", **more)) == ["posts 1_2", "posts 1_1"]
    assert keys(search(archive_path, "кот", **more))[0] == "posts 1_2"
    assert len(search(archive_path, "кот", **more)) == 3
