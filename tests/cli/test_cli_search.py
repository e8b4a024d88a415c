"""`ovk-archive search`: what is printed, for people and for programs."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from archives import everything
from conftest import Cli
from datasette.utils import tilde_encode
from hypothesis import given
from hypothesis import strategies as st
from indexes import without_index
from places import bound_by_permissions, on_read_only_disk
from sentences import assert_one_sentence
from terminal import at_terminal

from ovk_archive.browse.paths import page_of

ESCAPE = "\x1b"


@pytest.fixture
def full(archive_path: Path) -> Path:
    """An archive of all that the toy has."""
    archive_path.write_bytes(everything())
    return archive_path


def test_who_where_when_and_two_lines(full: Path, cli: Cli) -> None:
    """Each that is found has a line of facts, and below it what was found."""
    done = cli.run("search", full, "грибы", "под", "Воскресенском", "--in", "posts", "--limit", 3)
    facts = [line for line in done.stdout.splitlines() if line and not line.startswith(" ")]

    assert (done.returncode, done.stderr) == (0, "There is more: these are 3 (--limit).\n")
    assert len(facts) == 3
    assert all(re.search(r"· Posts.* · \d{4}-\d\d-\d\d \d\d:\d\d UTC · posts -?\d+_\d+", one)
               for one in facts)  # fmt: skip
    assert done.stdout.count("собирали грибы под Воскресенском") >= 3
    assert ESCAPE not in done.stdout


def test_found_words_are_bold_on_a_terminal(full: Path, cli: Cli) -> None:
    """There, and nowhere else."""
    code, shown = at_terminal(cli, "search", full, "гриб", "--in", "posts", "--limit", "1")

    assert code == 0
    assert f"{ESCAPE}[1mгрибы{ESCAPE}[0m" in shown


def test_json_is_a_line_for_each(full: Path, cli: Cli) -> None:
    """Programs get the facts, and the path of the row's page."""
    done = cli.run("search", full, "-дача", "фотография", "OR", "грибы", "--json", "--limit", 500)
    lines = [json.loads(line) for line in done.stdout.splitlines()]

    assert len(lines) > 10
    for one in lines:
        table, key = one["table"], ",".join(one["key"].split("_"))
        assert one["page"] == f"/{full.stem}/{table}/{key}"
        found = {one["snippet"][start:end].lower()[:4] for start, end in one["found"]}
        assert found <= {"фото", "гриб"}
        assert found
        assert "дачи" not in one["snippet"]
    assert {one["who_name"] for one in lines} > {"Анна Архивова"}


def test_archived_texts_are_shown_and_not_obeyed(full: Path, cli: Cli) -> None:
    """What a terminal would obey is spelt out; JSON means what it meant."""
    text = f"кукарача {ESCAPE}[31m\u202e красная"
    with closing(sqlite3.connect(full)) as db:
        db.execute("update posts set text = ? where rowid = 1", (text,))
        db.commit()
    plain = cli.run("search", full, "кукарача")
    as_json = cli.run("search", full, "кукарача", "--json")

    assert r"\x1b[31m\u202e" in plain.stdout
    assert ESCAPE not in plain.stdout + as_json.stdout
    assert json.loads(as_json.stdout)["snippet"] == text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (["щщщщщ"], "Nothing was found.\n"),
        (["*", '"'], "There is no word in what is searched for.\n"),
        (["-help"], "All these words are excluded: add one to look for.\n"),
    ],
)
def test_nothing_found_is_no_error(full: Path, cli: Cli, query: list[str], said: str) -> None:
    """One sentence says so, and the exit code is 0."""
    done = cli.run("search", full, *query)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", said)


def test_words_may_begin_like_options(full: Path, cli: Cli) -> None:
    """A word with a minus is one that is not to be there; what begins with two is an option."""
    plain = cli.run("search", full, "грибы", "--json", "--limit", 1000, "--owner", 1)
    without = cli.run("search", full, "-harder", "-Подробности", "грибы", "--json", "--limit", 1000,
                      "--owner", 1)  # fmt: skip
    wrong = cli.run("search", full, "грибы", "--sorted")

    assert 0 < without.stdout.count("\n") < plain.stdout.count("\n")
    assert wrong.returncode == 2
    assert "--sort" in wrong.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--in", "mesages"), "Did you mean messages"),
        (("--since", "2024"), "is not a date such as 2024-12-31"),
        (("--from", "nobody.here"), "Nobody whom the archive knows is called nobody.here"),
    ],
)
def test_what_cannot_be_meant_is_said(
    full: Path, cli: Cli, options: tuple[str, str], said: str
) -> None:
    """A table that is none, a date that is none, a person that nobody knows."""
    done = cli.run("search", full, "кот", *options)

    assert done.returncode == 2
    assert said in done.stderr


def test_an_archive_without_an_index_is_searched(full: Path, cli: Cli) -> None:
    """The index is made first."""
    before = cli.run("search", full, "архив").stdout
    without_index(full)

    assert cli.run("search", full, "архив").stdout == before != ""


@pytest.mark.parametrize("kind", ["disk", "file"])
def test_a_read_only_archive_without_an_index(
    full: Path, cli: Cli, tmp_path: Path, kind: str
) -> None:
    """Everything but searching goes on, and searching says what to do."""
    folder = tmp_path / "there"
    folder.mkdir()
    without_index(full)
    archive = folder / "archive.db"
    shutil.copy(full, archive)
    more = {}
    if kind == "disk":
        cli.before = on_read_only_disk(folder)
    else:
        archive.chmod(0o444)
        folder.chmod(0o555)
        more = bound_by_permissions()
    status = cli.run("status", archive, **more)
    found = cli.run("search", archive, "архив", **more)

    assert "has no search index" not in status.stderr
    assert status.returncode in (0, 3)
    assert_one_sentence(found, 30, "has no search index", "let it be written once")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_paths_are_those_of_datasette(text: str) -> None:
    """Keys are written into paths as Datasette writes them."""
    assert page_of("a b", "posts", (-1, text)) == f"/a+b/posts/-1,{tilde_encode(text)}"
