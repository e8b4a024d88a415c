"""`browse`: Datasette on an archive, with descriptions, names for numbers and dates for seconds."""

import asyncio
import os
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from archives import SMALL
from conftest import Cli
from datasette.app import Datasette
from syncing import run
from toy import DemoInstance, World, generate
from visiting import NO_TLS

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.runs import Journal
from ovk_archive.browse.plugin import render_cell
from ovk_archive.browse.questions import questions
from ovk_archive.browse.serving import application
from ovk_archive.resources import TABLES

Fetch = Callable[[str], str]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a name of its own."""
    path = tmp_path_factory.mktemp("browse") / "anna.db"
    with DemoInstance(generate(size=SMALL), "B") as toy:
        assert run(toy, path).exit_code == 0
    return path


@pytest.fixture(scope="module")
def served(archive: Path) -> Iterator[str]:
    """The address at which a child process serves the archive."""
    cli = Cli(archive.parent, {**os.environ, "NO_PROXY": "*"})
    child = cli.start("browse", archive, "--port", "0")
    assert child.stderr is not None
    line = child.stderr.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert found, line
    yield found[0]
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=20)
    # Ctrl-C is how it is meant to end, and nothing else was ever said. (Where `rich` is installed,
    # Datasette prints to stdout what was wrong with a visitor's SQL.)
    assert (child.returncode, err) == (0, "")


@pytest.fixture(scope="module")
def page(served: str) -> Iterator[Fetch]:
    """Fetches a page of it."""
    with httpx.Client(timeout=30, verify=NO_TLS, follow_redirects=True) as visitor:

        def fetch(path: str) -> str:
            answer = visitor.get(served + path)
            assert answer.status_code == 200, path
            return answer.text

        yield fetch


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_every_table_has_a_page(page: Fetch, table: str) -> None:
    """Each table for people has a page with its title and description."""
    declared = next(one for one in TABLES if one.name == table)
    html = page(f"/anna/{table}")
    assert f"{declared.title}</h1>" in html.replace("\n", "")
    assert declared.doc.replace("'", "&#39;") in html
    assert "column-descriptions" in html


@pytest.fixture
def ours(archive: Path) -> Datasette:
    """Datasette on the archive, not served."""
    return application(archive)


def test_front_page_shows_no_machinery(page: Fetch) -> None:
    """The front page is that of the pages; the tables are shown without the machinery."""
    assert "<h1>" in page("/")
    assert "pages.css" in page("/")
    visible = page("/anna").partition("ovk-machinery")[0]
    assert "/anna/posts" in visible
    assert "/anna/_cursors" not in visible


def test_people_have_names(page: Fetch) -> None:
    """Whoever wrote a post or message is shown by name, in rows and facets."""
    assert re.search(r'<a href="/anna/users/1">Анна Архивова</a>', page("/anna/posts"))
    assert re.search(r'<a href="/anna/users/1">Анна Архивова</a>', page("/anna/messages"))
    assert re.search(r'from_user_id=1"[^>]*>Анна Архивова', page("/anna/posts"))


def test_newest_first(page: Fetch, archive: Path) -> None:
    """Posts begin with the newest, its date in words and its seconds in reach."""
    with closing(sqlite3.connect(archive)) as db:
        newest, words = db.execute(
            "select max(date), datetime(max(date), 'unixepoch') from posts"
        ).fetchone()
    html = page("/anna/posts")
    first = html[html.index("<time") :]
    assert first.startswith(f'<time title="{newest} (unix seconds; shown as UTC)">{words}</time>')


def test_json_keeps_the_seconds(served: str) -> None:
    """Programs get dates as the API gave them."""
    rows = httpx.get(f"{served}/anna/posts.json?_shape=array", timeout=30, verify=NO_TLS).json()
    assert isinstance(rows[0]["date"], int)


def test_style_sheet_is_served(page: Fetch) -> None:
    """The style sheet that the pages name is there."""
    sheet = re.search(r'href="(/-/ovk-archive/[^"]+)"', page("/anna/posts"))
    assert sheet
    assert "column-descriptions" in page(sheet[1])


def test_archive_may_be_written_meanwhile(page: Fetch, archive: Path) -> None:
    """A sync goes on while somebody looks, and what it writes is seen."""
    page("/anna/_runs")
    with Archive.open(archive, Identity("demo", 1, "")) as held:
        number, _ = Journal(held).begin_run({"sections": ["seen-by-the-reader"]})
        Journal(held).end_run(number, {"outcome": "", "exit_code": 0, "requests": 0, "failures": 0})
    assert "seen-by-the-reader" in page("/anna/_runs")


def test_archive_cannot_be_changed(served: str) -> None:
    """What a visitor sends as SQL cannot write."""
    sql = "delete from posts"
    answer = httpx.get(f"{served}/anna.json", params={"sql": sql}, timeout=30, verify=NO_TLS)
    assert answer.status_code == 400


def test_open_starts_the_web_browser(cli: Cli, archive: Path, tmp_path: Path) -> None:
    """--open hands the address to the system's web browser."""
    seen = tmp_path / "seen"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > {seen}\n')
    script.chmod(0o755)
    cli.environment["BROWSER"] = str(script)
    child = cli.start("browse", archive, "--port", "0", "--open")
    assert child.stderr is not None
    address = child.stderr.readline().split()[4]
    answer = httpx.get(address, timeout=30, verify=NO_TLS, follow_redirects=True)
    assert answer.status_code == 200
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=20)
    assert seen.read_text().strip() == address


@pytest.mark.parametrize("value", [None, 0, -5, "text", 10**15])
def test_what_is_no_date_is_left_alone(value: object, ours: Datasette) -> None:
    """Only a plausible time is shown as one."""
    assert render_cell({}, value, "date", "posts", "anna", ours) is None


def test_dates_of_other_queries_are_left_alone(ours: Datasette) -> None:
    """A column of somebody's own query is shown as it is, and so are those of other databases."""
    assert render_cell({}, 1577836800, "date", None, "anna", ours) is None
    assert render_cell({}, 1577836800, "date", "posts", "other", ours) is None
    assert render_cell({}, 1577836800, "date", "posts", "anna", ours) is not None


@pytest.mark.parametrize("name", questions())
def test_questions_are_answered(page: Fetch, served: str, name: str) -> None:
    """What people ask of an archive is there to be asked, and answered."""
    assert f'href="/anna/{name}"' in page("/anna")
    answer = httpx.get(f"{served}/anna/{name}.json?_shape=objects&day=today", verify=NO_TLS)
    assert answer.status_code == 200, answer.text
    rows = answer.json()["rows"]
    assert rows or name in ("deleted_since", "on_this_day")


def test_years_add_up(served: str, archive: Path) -> None:
    """The numbers of all years together are those of the tables."""
    rows = httpx.get(f"{served}/anna/my_years.json?_shape=array", verify=NO_TLS).json()
    with closing(sqlite3.connect(archive)) as db:
        assert sum(row["messages"] for row in rows) == _count(db, "messages")
        assert sum(row["posts"] for row in rows) == _count(db, "posts where owner_id = 1")
        assert sum(row["notes"] for row in rows) == _count(db, "notes where owner_id = 1")


def _count(db: sqlite3.Connection, what: str) -> int:
    return int(db.execute(f"select count(*) from {what} where date > 0".replace(
        "where owner_id = 1 where", "where owner_id = 1 and")).fetchone()[0])  # fmt: skip


def test_a_row_leads_to_its_page(page: Fetch) -> None:
    """Behind the key of a record stands the way to its page, and above the tables that to all."""
    row = re.search(r'href="/anna/posts/1,(\d+)"', page("/anna/posts"))
    assert row
    assert f'href="/anna/-/post/1_{row[1]}"' in page(f"/anna/posts/1,{row[1]}")
    assert 'href="/anna/-/"' in page("/anna")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("кошками", True), ("кошка", True), ("ЕЛКА", True), ("кошками ёлка", True),
        ('"кошек среди"', False), ('"среди кошек"', True), ("кошка -ёлка", False), ("кош*", True),
        ("собака", False), ('" ( * NEAR', False), ("-", False),
    ],
)  # fmt: skip
def test_the_search_box_of_a_table(typed: str, found: bool, tmp_path: Path) -> None:
    """Datasette's own box finds words in any form, phrases and the rest; nothing is an error."""
    path = tmp_path / "archive.db"
    world = World.empty()
    world.add_note(1, title="Слово", source="Ёлка среди кошек")
    world.add_note(1, title="Другое", source="о море")
    with DemoInstance(world, "B") as toy:
        assert run(toy, path, sections=("notes",)).exit_code == 0

    rows = asyncio.run(_searched(path, "notes", typed))

    assert rows == (["Слово"] if found else [])


async def _searched(path: Path, table: str, typed: str) -> list[str]:
    visitor = application(path).client
    answer = await visitor.get(
        f"/archive/{table}.json", params={"_search": typed, "_shape": "array"}
    )
    assert answer.status_code == 200, answer.text
    return [row["title"] for row in answer.json()]
