"""The words of a year: of one's own texts, in all their forms, without those that all use."""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from datasetting import figure, html
from syncing import execute, run
from toy import DemoInstance, World

from ovk_archive.browse.questions import questions
from ovk_archive.browse.tables.counting import Words


def counted(*texts: str | None) -> dict[str, int]:
    """The words of texts."""
    words = Words()
    for text in texts:
        words.step(text)
    return dict(json.loads(words.finalize()))


def test_forms_are_one_word() -> None:
    """Forms of a word are counted together, under the one that is used most."""
    assert counted("Кошка кошки", "Кошки, КОШКИ!", "cats cat cats") == {"кошки": 4, "cats": 3}


def test_common_words_are_left_out() -> None:
    """What says nothing of a year does not count: common words, numbers, signs, nothing at all."""
    assert counted("И это всё, что было, the and of", "12345 :) 😂 ё", "", None) == {}


def test_most_used_come_first() -> None:
    """The most used word is the first; of equals the alphabet decides."""
    assert list(counted("море гора гора берег")) == ["гора", "берег", "море"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with posts and messages of two years."""
    path = tmp_path_factory.mktemp("words") / "anna.db"
    with DemoInstance(World.empty(), "B") as toy:
        assert run(toy, path, sections=("profile",)).exit_code == 0
    rows = [(1, 1, "2021-03-01", "зима зима"), (2, 0, "2021-03-02", "чужое чужое чужое"),
            (3, 1, "2022-01-01", "лето"), (4, 1, "2021-12-31 23:59:59", "зимой")]  # fmt: skip
    me = 1
    execute(path, [
        *(f"insert into messages (id, out, date, text) values ({n}, {out}, "
          f"strftime('%s', '{day}'), '{text}')" for n, out, day, text in rows),
        *(f"insert into posts (owner_id, id, from_id, date, text) values ({me}, {n}, {author}, "
          f"strftime('%s', '2021-05-05'), '{text}')"
          for n, author, text in ((1, me, "море"), (2, 2, "чужая запись"))),
    ])  # fmt: skip
    return path


@pytest.mark.parametrize(
    ("year", "words"),
    [("2021", [["зима", 3], ["море", 1]]), ("2022", [["лето", 1]]), ("", [["лето", 1]]),
     ("1999", []), ("x' or 1", [["лето", 1]])],
)  # fmt: skip
def test_a_year_has_its_own_words(made: Path, year: str, words: list[list[object]]) -> None:
    """Only what the account wrote itself counts, in that year; without a year it is the last."""
    answer = html(made, f"/words_of_year.json?_shape=arrays&year={year}")
    assert json.loads(answer)["rows"] == words


def test_they_are_drawn(made: Path) -> None:
    """The answer has its plot."""
    assert "зима" in figure(html(made, "/words_of_year?year=2021"))


def test_large_years_are_looked_at_in_part(made: Path, tmp_path: Path) -> None:
    """Of 200,000 messages of a year about 20,000 are read, whoever writes at every second turn."""
    path = tmp_path / "large.db"
    path.write_bytes(made.read_bytes())
    execute(path, [
        ("with recursive n(i) as (select 10 union all select i + 1 from n where i < 200009) "
        "insert into messages (id, out, date, text) select i, i % 2, 1577836800 + i * 150, "
        "'слово' || char(1072 + i % 32) || ' и ещё восемь разных слов про погоду, еду и сон' "
        "from n"),
    ])  # fmt: skip
    with closing(sqlite3.connect(path)) as db:
        db.create_aggregate("ovk_words", 1, Words)  # type: ignore[arg-type]
        began = time.monotonic()
        found = dict(db.execute(questions()["words_of_year"]["sql"], {"year": "2020"}).fetchall())
        took = time.monotonic() - began
    assert 7_500 < found["погоду"] < 11_000
    assert took < 5, took
