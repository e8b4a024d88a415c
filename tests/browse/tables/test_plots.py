"""Each question is answered with a plot above its rows: drawn here, and told in words as well."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from archives import SMALL
from datasetting import figure, html, text_of
from syncing import execute, query, run
from toy import DemoInstance, generate

from ovk_archive.browse.looks.wording import wording
from ovk_archive.browse.questions import questions
from ovk_archive.browse.tables.plots import Plot, Squares, plot


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a small life, of which something was deleted, and something is of today."""
    path = tmp_path_factory.mktemp("plots") / "anna.db"
    with DemoInstance(generate(size=SMALL), "B") as instance:
        assert run(instance, path).exit_code == 0
    execute(path, [("insert into _absences (resource, record_key, missed_at, gone_at) "
                   "values ('posts', '1_1', '2024-05-01', '2024-05-02')")])  # fmt: skip
    return path


@pytest.mark.parametrize("name", questions())
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_question_has_a_plot(made: Path, name: str, language: str) -> None:
    """Above the rows of an answer stands a plot with a title, without a script or a style."""
    day = query(made, "select strftime('%m-%d', max(date), 'unixepoch') from posts")[0][0]
    page = html(made, f"/{name}?day={day}", language)
    drawn = figure(page)
    assert "<rect" in drawn
    assert text_of(drawn.partition("<figcaption>")[2].partition("</figcaption>")[0])
    assert page.index("ovk-plot") < page.index('class="rows-and-columns"')
    assert not re.search(r"<script| style=| on\w+=|https?:", drawn)
    _Sound().feed(drawn)


class _Sound(HTMLParser):
    """Nothing of a plot says `nan`, is less than nothing, or larger than the whole."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {key: value or "" for key, value in attrs}
        for key in ("x", "y", "width", "height", "fill-opacity") if tag == "rect" else ():
            if key in told:
                assert 0 <= float(told[key].rstrip("%")) <= 100, told


def test_a_plot_says_its_numbers(made: Path) -> None:
    """Whoever sees no picture reads the same numbers."""
    year, posts = query(made, "select strftime('%Y', date, 'unixepoch'), count(*) from posts "
                        "where owner_id = 1 group by 1 order by 1 desc limit 1")[0]  # fmt: skip
    assert f"{year} : Posts {posts}" in text_of(figure(html(made, "/my_years")))
    name, theirs, mine = query(made, "select u.name, sum(not out), sum(out) from messages m "
                               "join users u on u.id = peer_id "
                               "group by 1 order by 2 desc")[0]  # fmt: skip
    assert f"{name} {theirs} + {mine}" in text_of(figure(html(made, "/who_wrote_me_most")))


def test_what_cannot_be_drawn_is_not(made: Path) -> None:
    """No rows, no numbers, or somebody's own query: no plot, and no error."""
    said = wording("en")
    assert plot(said, "my_years", ("year",), []) is None
    names = ("name", "theirs", "mine")
    assert plot(said, "who_wrote_me_most", names, [("a", "x", None), ("b", 0, -5)]) is None
    assert plot(said, "another", ("a",), [(1,)]) is None
    assert "ovk-plot" not in html(made, "?sql=select+1")
    assert "ovk-plot" not in html(made, "/on_this_day?day=99-99")


def test_long_answers_are_drawn_in_part() -> None:
    """Of many rows the first are drawn, in their own proportions."""
    rows = [(f"{number}", 1000 - number, number) for number in range(1000)]
    drawn = plot(wording("en"), "who_wrote_me_most", ("name", "theirs", "mine"), rows)
    assert isinstance(drawn, Plot)
    assert [bar.label for bar in drawn.bars] == [str(number) for number in range(20)]
    assert drawn.most == 1000


def test_the_week_begins_with_monday() -> None:
    """Sunday is 0 in the rows and the last line of the squares."""
    drawn = plot(wording("ru"), "hours_and_weekdays", ("weekday", "hour", "written"),
                 [("0", "23", 5), ("1", "00", 2)])  # fmt: skip
    assert isinstance(drawn, Squares)
    assert (drawn.days[0][0], drawn.days[0][1][0], drawn.days[6][1][23]) == ("пн", 2, 5)
    assert drawn.most == 5
