"""The index follows what is written, whoever writes, and equals one made anew."""

import os
import signal
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from archives import SMALL, everything
from effort import some
from hypothesis import given, settings
from hypothesis import strategies as st
from indexes import contents, keys, made_anew, search, without_index
from older import made_older
from syncing import query

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.rebuild import rebuild
from ovk_archive.archive.search import index
from ovk_archive.archive.search.declared import SEARCHED, shared_triggers, triggers
from ovk_archive.archive.tables.store import store
from ovk_archive.archive.versions import checkpoints
from ovk_archive.resources import TABLES
from ovk_archive.resources.notes import NOTES
from ovk_archive.resources.people import USERS
from ovk_archive.resources.wall import POSTS

WHOSE = Identity("demo", 1, "http://demo")
TEXTS = ("кот", "Кошки, #архив", "кошка кот", "", "ёлка в лесу", "<b>й</b>", "a\x00b", "x" * 50)


@cache
def empty() -> bytes:
    """A new archive."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        Archive.open(path, WHOSE).close()
        return path.read_bytes()


@pytest.fixture
def full(archive_path: Path) -> Path:
    """An archive of all kinds of things."""
    archive_path.write_bytes(everything(SMALL))
    return archive_path


def written(archive: Archive, kind: str, number: int, text: Any) -> None:
    """One record is read: of its own list, or as an attachment."""
    embedded = kind == "part"
    record: dict[str, Any] = {"id": number, "owner_id": 1, "from_id": 1, "text": text}
    rows = [POSTS.row(record, embedded=embedded), NOTES.row({**record, "title": str(text)[:5]})]
    name = {"id": number, "first_name": text, "last_name": "Я"}
    rows.append(USERS.row(name, embedded=embedded))
    with archive.transaction() as db:
        store(db, rows, checkpoints.now(db))


def done(path: Path, step: tuple[str, int, str]) -> None:
    """One step of a history: this program's, or another program's that knows nothing of us."""
    kind, number, text = step
    if kind == "rebuild":
        with Archive.open(path, WHOSE) as archive:
            rebuild(archive, lambda *_: None)
        return
    if kind in ("own", "part"):
        with Archive.open(path, WHOSE) as archive:
            written(archive, kind, number, text)
        return
    by_hand = {
        "edit": ("update or replace posts set text = ? where id = ?", (text, number)),
        "delete": ("delete from posts where id = ?", (number,)),
        "insert": (
            "insert or ignore into posts (owner_id, id, text) values (1, ?, ?)",
            (number, text),
        ),
        "renumber": ("update or ignore users set id = id + 3 where id = ?", (number,)),
        "forget": ("delete from _records where record_key like '%' || ?", (number,)),
        "vacuum": ("vacuum", ()),
    }
    with closing(sqlite3.connect(path)) as db:
        db.execute(*by_hand[kind])
        db.commit()


STEPS = st.tuples(
    st.sampled_from(
        [
            "own",
            "own",
            "part",
            "edit",
            "delete",
            "insert",
            "renumber",
            "forget",
            "vacuum",
            "rebuild",
        ]
    ),
    st.integers(1, 3),
    st.sampled_from(TEXTS),
)


@given(st.lists(STEPS, min_size=1, max_size=8))
@settings(max_examples=some(60, 10))
def test_it_equals_one_made_anew(steps: Sequence[tuple[str, int, str]]) -> None:
    """After any edits and deletions, by whomever, the index is what its tables say."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        path.write_bytes(empty())
        for step in steps:
            done(path, step)
        Archive.read(path).close()

        assert contents(path) == made_anew(path)
        assert contents(path)["noted"] == []


def test_that_of_a_synced_archive_equals_one_made_anew(full: Path) -> None:
    """A sync of everything leaves the index that its tables say, and much is in it."""
    found = contents(full)

    assert found == made_anew(full)
    assert len(found["messages_fts"]) > 150
    assert {name for name, some in found.items() if name.endswith("_fts") and not some} <= {
        "photos_fts"
    }


def test_rebuild_leaves_it_as_it_was(full: Path) -> None:
    """Tables that are made again have the same words."""
    before = keys(search(full, "архив", limit=500))
    done(full, ("rebuild", 0, ""))

    assert sorted(keys(search(full, "архив", limit=500))) == sorted(before) != []
    assert contents(full) == made_anew(full)


def test_vacuum_keeps_the_numbers_of_rows(full: Path) -> None:
    """Rows of tables whose key is more than a number keep theirs, so the index stays right."""
    with closing(sqlite3.connect(full)) as db:
        db.execute("delete from posts where rowid % 2")
        db.commit()
    Archive.read(full).close()
    before = {t.name: query(full, f'select rowid, * from "{t.name}"') for t in SEARCHED}
    done(full, ("vacuum", 0, ""))

    assert {t.name: query(full, f'select rowid, * from "{t.name}"') for t in SEARCHED} == before
    assert contents(full) == made_anew(full)


def killed_in(path: Path, work: Callable[[Archive], None]) -> None:
    """Let another process do it, and be killed."""
    child = os.fork()
    if not child:
        try:
            with Archive.open(path, WHOSE) as archive:
                work(archive)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize("followed", [False, True], ids=["rows", "rows and words"])
def test_a_kill_in_the_middle_of_a_page_leaves_it_right(tmp_path: Path, followed: bool) -> None:
    """A page that was not saved is not in the index, neither before nor after its words were."""
    path = tmp_path / "archive.db"
    path.write_bytes(empty())
    done(path, ("own", 1, "кот"))

    def work(archive: Archive) -> None:
        with archive.transaction() as db:
            rows = [POSTS.row({"id": n, "owner_id": 1, "text": "пёс"}) for n in range(1, 90)]
            store(db, rows, checkpoints.now(db))
            if followed:
                index.catch_up(db)
            os.kill(os.getpid(), signal.SIGKILL)

    killed_in(path, work)
    Archive.read(path).close()

    assert contents(path) == made_anew(path)
    assert keys(search(path, "кот", tables=(POSTS,))) == ["posts 1_1"]
    assert search(path, "пёс") == []


def test_an_older_archive_gets_its_index(full: Path) -> None:
    """Whoever opens an archive of a program without an index makes it."""
    before = contents(full)
    without_index(full)
    Archive.read(full).close()

    assert contents(full) == before


@pytest.mark.parametrize("lost", ["index", "trigger", "fact", "column"])
def test_what_is_lost_is_made_anew(full: Path, lost: str) -> None:
    """An index, or what notes changes, is missed wherever it was lost, and all is right again."""
    before = contents(full)
    name = next(iter(triggers(NOTES)))
    with closing(sqlite3.connect(full)) as db:
        if lost == "index":
            db.execute("drop table notes_fts")
        elif lost == "trigger":
            db.execute(f'drop trigger "{name}"')
        elif lost == "fact":
            db.execute("update _archive set value = '[' where name = 'search'")
        db.commit()
    if lost == "column":
        made_older(full, next(one for one in TABLES if one.name == "notes"), ["title"])
    Archive.read(full).close()

    assert contents(full) == before


def test_what_notes_versions_otherwise_is_replaced(full: Path) -> None:
    """What an older program notes versions by gives way to today's; the index is not made anew."""
    before = contents(full)
    name, today = next(iter(shared_triggers().items()))
    with closing(sqlite3.connect(full)) as db:
        db.execute(f'drop trigger "{name}"')
        db.execute(today.replace(" BEGIN ", " BEGIN  "))
        db.execute("insert into notes_fts (rowid, title) values (77777, 'мамонт')")
        db.commit()
    Archive.open(full, WHOSE).close()

    with closing(sqlite3.connect(full)) as db:
        kept = db.execute("select rowid from notes_fts where notes_fts match 'мамонт'").fetchall()
        made_by = db.execute("select sql from sqlite_master where name = ?", (name,)).fetchall()
        db.execute(
            "insert into notes_fts (notes_fts, rowid, title) values ('delete', 77777, 'мамонт')"
        )
        db.commit()
    assert (kept, made_by) == ([(77777,)], [(today,)])
    assert contents(full) == before


def test_other_words_make_it_anew(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that makes words otherwise does not trust what an older one has made."""
    with closing(sqlite3.connect(full)) as db:
        before = index.is_current(db)
        monkeypatch.setattr("ovk_archive.archive.search.words.VERSION", 10_000)

        assert (before, index.is_current(db)) == (True, False)

    Archive.read(full).close()
    with closing(sqlite3.connect(full)) as db:
        assert index.is_current(db)


def test_without_fts5_all_else_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An SQLite that cannot search keeps an archive; one that can makes the index later."""
    path = tmp_path / "archive.db"
    with monkeypatch.context() as without:
        without.setattr("ovk_archive.archive.search.index.is_possible", lambda: False)
        with Archive.open(path, WHOSE) as archive:
            written(archive, "own", 1, "кот")
            rebuild(archive, lambda *_: None)
        assert query(path, "select text from posts") == [("кот",)]

    assert keys(search(path, "коты", tables=(POSTS,))) == ["posts 1_1"]


def test_a_text_that_is_no_text_hinders_nothing(full: Path) -> None:
    """Bytes that are no UTF-8 do not keep the index from following."""
    with closing(sqlite3.connect(full)) as db:
        db.execute("update posts set text = cast(x'ff' || text as text) where rowid = 1")
        db.execute("update notes set text = cast(x'ff22c3' as text) where rowid = 1")
        db.commit()
    with closing(sqlite3.connect(full)) as db:
        index.catch_up(db)
        db.execute("update notes set text = 'кот' where rowid = 1")
        index.catch_up(db)
        db.commit()

    assert contents(full) == made_anew(full)


@pytest.mark.parametrize("value", [5, True, 1.5])
def test_a_number_where_a_text_is_due_is_found_when_it_was_overwritten(
    value: Any, archive_path: Path
) -> None:
    """A column keeps a number as a text: so does the index, of former versions too."""
    archive_path.write_bytes(empty())
    with Archive.open(archive_path, WHOSE) as archive:
        for text in (value, "кошка", value, "ёлка"):
            written(archive, "own", 1, text)
    assert contents(archive_path) == made_anew(archive_path)


def test_searched_columns_make_versions() -> None:
    """Each searched column is of its table, and a change of it makes a version."""
    wrong = {
        (table.name, name)
        for table in SEARCHED
        if table.search
        for name in table.search.columns
        if name not in table.told
    }

    assert wrong == set()
    assert len(SEARCHED) > 15


def test_an_index_in_many_parts_is_written_anew(
    archive_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a long sync leaves in many parts is one when the archive is closed, and is found."""
    monkeypatch.setattr(index, "_WORTH_IT", 5)

    def parts() -> int:
        return len(query(archive_path, "select distinct segid from messages_fts_idx"))

    with Archive.open(archive_path, Identity("demo", 1, "http://demo")) as archive:
        for page in range(6):
            with archive.transaction() as db:
                db.executemany(
                    "insert into messages (id, peer_id, date, text) values (?, 2, ?, ?)",
                    [(n, n, f"слово{n} вечер") for n in range(page * 200, page * 200 + 200)],
                )
        assert parts() > 1
    assert parts() == 1
    assert len(search(archive_path, "вечером", limit=2000)) == 1200
