"""The page of all tables: by section, a line on each, machinery apart; and a way to the pages."""

import re
from pathlib import Path

import pytest
from archives import SMALL
from datasette.app import Datasette
from datasette.database import Database
from datasetting import answer, html, text_of
from syncing import query, run
from toy import DemoInstance, generate

from ovk_archive.archive.search.declared import SEARCHED, index_of
from ovk_archive.browse.looks.wording import wording
from ovk_archive.browse.tables.sections import by_section, heading
from ovk_archive.resources import TABLES, VIEWS


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a small life."""
    path = tmp_path_factory.mktemp("sections") / "anna.db"
    with DemoInstance(generate(size=SMALL), "B") as instance:
        assert run(instance, path).exit_code == 0
    return path


def test_every_table_has_a_section() -> None:
    """Each table stands in one section, and each section has a name."""
    listed = [name for names in by_section().values() for name in names]
    assert sorted(listed) == sorted(table.name for table in TABLES)
    assert all(heading(wording("ru"), one) != one for one in by_section())


@pytest.mark.parametrize("language", ["en", "ru"])
def test_tables_stand_in_sections(
    made: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Headings in the reader's language, and for each table its title, its rows, what is in it."""
    counted = Database.table_counts
    # Datasette counts for some milliseconds only: on a busy machine that is not enough.
    monkeypatch.setattr(Database, "table_counts", lambda one, _: counted(one, 60_000))
    page = html(made, "", language)
    said = wording(language).translations.gettext
    for section, names in by_section().items():
        part = page.partition(f"<h3>{heading(wording(language), section)}</h3>")[2]
        part = part.partition("</section>")[0]
        assert re.findall(r'href="/anna/(\w+)"', part) == names
    for table in TABLES:
        line = page.partition(f'href="/anna/{table.name}"')[2].partition("</li>")[0]
        assert text_of(f"<{line}").startswith(said(table.title))
        assert said(table.doc) in text_of(line)
        rows = query(made, f"select count(*) from {table.name}")[0][0]
        assert f" {wording(language).number(rows)} " in text_of(line)


def test_rows_that_take_too_long_to_count(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Datasette had no time to count, nothing is said of how many there are."""

    async def none(*_: object) -> dict[str, None]:
        return dict.fromkeys(table.name for table in TABLES)

    monkeypatch.setattr(Database, "table_counts", none)
    page = html(made, "")
    assert 'href="/anna/posts"' in page
    assert "ovk-count" not in page


def test_machinery_stands_apart(made: Path) -> None:
    """Behind all tables, folded, are those of the machinery; the views are before."""
    before, _, machinery = html(made, "").partition('<details class="ovk-machinery">')
    assert 'href="/anna/_' not in before
    assert all(f'href="/anna/{view.name}"' in before for view in VIEWS)
    assert 'href="/anna/_cursors"' in machinery
    assert "where each list stands" in text_of(machinery).lower()
    alone = answer(Datasette([str(made)]), "/anna").text
    before, _, machinery = alone.partition('<details class="ovk-machinery">')
    assert not any(f'href="/anna/{index_of(one)}"' in before for one in SEARCHED)
    assert any(f'href="/anna/{index_of(one)}"' in machinery for one in SEARCHED)


def test_search_is_everywhere(made: Path) -> None:
    """Pages of tables, rows and queries have the box that searches, and the way to the pages."""
    key = query(made, "select id from users limit 1")[0][0]
    for address in ("", "/posts", f"/users/{key}", "/my_years", "?sql=select+1", "/posts_media"):
        page = html(made, address, "ru")
        assert page.count('<form action="/anna/-/search" role="search">') == 1, address
        assert 'href="/anna/-/">Смотреть архив страницами</a>' in page


def test_titles_are_in_the_language(made: Path) -> None:
    """A table and a question are called, and described, in the reader's language."""
    for address, title, doc in (
        ("/photos", "Фотографии", "Фотографии людей"),
        ("/my_years", "Мои годы в числах", "Сколько написано в каждом году"),
    ):
        page = html(made, address, "ru")
        assert text_of(page.partition("<h1")[2].partition("</h1>")[0]).endswith(title)
        assert doc in page.partition('class="metadata-description"')[2][:300]
        assert title not in html(made, address, "en")
