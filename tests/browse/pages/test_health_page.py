"""Whether everything is here: a page of sentences in the reader's language."""

import re
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from archives import already_synced, small
from clocks import wait_for
from pasts import Past, past
from syncing import execute
from trees import Node
from visitor import Visitor

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.location import folder_of
from ovk_archive.browse.pages import aside, health
from ovk_archive.checks.ledger import Ledger, ledger

#: What may go wrong, each in its own way: how it is made, and what it is called in both languages.
TROUBLES = {
    "refused": (
        "update _cursors set refused = 'no', refused_code = 15 where resource = 'friends'",
        ("friends: 1 list refused", "друзья: 1 список закрыт"),
    ),
    "unanswered": (
        "update _cursors set refused = 'no', refused_code = null where resource = 'gifts'",
        ("gifts: 1 list without an answer", "подарки: 1 список без ответа"),
    ),
    "unfinished": (
        "update _cursors set done = 0 where resource = 'notes'",
        ("notes: 1 list not read to its end", "заметки: 1 список не дочитан"),
    ),
    "never": (
        "delete from _cursors where resource = 'notes'",
        ("notes: never read", "заметки: ещё ни разу не читали"),
    ),
    "ended": (
        """update _runs set outcome = 'transport', exit_code = 20, finished_at =
        '2026-03-04T05:06:07Z', report = json_object('message', 'Nobody answers.')""",
        (
            "ended early (March 4, 2026, 05:06): the instance could not be reached.",
            "раньше времени (4 марта 2026, 05:06): сервер был недоступен.",
        ),
    ),
    "files": (
        "update media set state = 'pending' where rowid = (select min(rowid) from media)",
        ("1 file is not here:", "Здесь нет 1 файла:"),
    ),
}


#: Changes nothing of what is counted.
WRITE = "insert into _runs (started_at) values ('2026-05-06T07:08:09Z')"


@pytest.fixture
def life(tmp_path: Path) -> Past:
    """An archive to which something happens; its path has no letter that a page might translate."""
    made = past(tmp_path)
    path = tmp_path / "1.db"
    folder_of(made.path).rename(folder_of(path))
    made.path.rename(path)
    return replace(made, path=path)


def in_both(path: Path) -> tuple[Node, Node]:
    """The page for English and for Russian readers."""
    english, russian = (Visitor(path, one).page("health").one("main") for one in ("en", "ru"))
    return english, russian


def foreign(page: Node) -> list[str]:
    """English words on a Russian page, but for commands and what is said to be English."""
    quoted = [one for one in page if one.attributes.get("lang") == "en" or one.tag == "code"]
    text = page.words
    for words in sorted((one.words for one in quoted), key=len, reverse=True):
        text = text.replace(words, "")
    return re.findall(r"[A-Za-z]{2,}", text)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_is_lacking_is_said_in_both_languages(trouble: str, life: Past) -> None:
    """The page names what is wrong and what to do about it, and nothing is left in English."""
    made, said = TROUBLES[trouble]
    execute(life.path, [made])
    pages = in_both(life.path)

    for page, sentence in zip(pages, said, strict=True):
        assert sentence in page.words
        commands = [one.words for one in page.all("code")]
        assert commands
        assert all(one.startswith("ovk-archive ") for one in commands)
    assert foreign(pages[1]) == []


def test_a_complete_archive_says_since_when(archive_path: Path) -> None:
    """The verdict has the day and the time; times of runs are written in the same way."""
    with already_synced("B", archive_path, small):
        execute(archive_path, [
            "update _cursors set finished_at = '2026-01-02T03:04:05.678901Z'",
            "update _runs set started_at = '2026-01-02T03:00:00.000000Z'",
        ])  # fmt: skip
        english, russian = in_both(archive_path)

    assert english.one("p.verdict").words == "Complete as of January 2, 2026, 03:04."
    assert "2 января 2026, 03:04" in russian.one("p.verdict").words
    assert "January 2, 2026, 03:00" in english.words
    assert foreign(russian) == []


def test_a_lost_folder_of_files(life: Past) -> None:
    """Where files are not in their folder, the page says how many, and what brings them back."""
    folder = folder_of(life.path)
    folder.rename(folder.with_name("elsewhere"))
    english, russian = in_both(life.path)

    assert "not where the archive looks for them" in english.words
    assert "нет там, где их ищет архив" in russian.words
    assert foreign(russian) == []


def test_a_folder_of_files_that_comes_and_goes(life: Past) -> None:
    """Each visit looks where the files are: nothing is written to the archive when they move."""
    folder = folder_of(life.path)
    lost = []
    for here, there in ((folder, "elsewhere"), (folder.with_name("elsewhere"), folder.name)):
        here.rename(folder.with_name(there))
        page = Visitor(life.path).page("health").one("main")
        lost.append("not where the archive looks for them" in page.words)

    assert lost == [True, False]


def test_words_of_other_programs_are_shown_as_they_are(life: Past) -> None:
    """What a run said of itself is text: neither a sentence to be filled, nor markup."""
    execute(life.path, ["update _runs set exit_code = 99, outcome = '100 % <b>odd</b> %(x)s'"])

    for page in in_both(life.path):
        assert "100 % <b>odd</b> %(x)s" in page.words


def test_a_large_archive_is_counted_aside(life: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page tells of the last runs at once, and of everything when it has been counted."""
    visitor = Visitor(life.path)
    expected = visitor.page("health").one("p.verdict").words
    monkeypatch.setattr(aside, "MANY", 1)
    execute(life.path, [WRITE])
    may_count = Event()

    def slowly(archive: Archive) -> Ledger:
        assert may_count.wait(20)
        return ledger(archive)

    monkeypatch.setattr(health, "ledger", slowly)
    page = visitor.page("health")
    assert (page.all("p.verdict"), len(page.all("p.counting"))) == ([], 1)
    assert page.one("table").all("tr")
    may_count.set()
    wait_for(lambda: visitor.page("health").all("p.verdict"))

    assert visitor.page("health").one("p.verdict").words == expected
