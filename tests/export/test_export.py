"""Exports: what is chosen, what reads back equal, and what is left when one does not end well.

The archives are made by hand here; `test_cli_export.py` exports that of a demo world.
"""

import csv
import io
import json
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import PROGRAM, Cli
from effort import some
from exporting import BY_NAME, ME, comment, keep, message, numbers, post, records, write
from hypothesis import given, settings
from hypothesis import strategies as st
from syncing import execute
from warm import WarmProcess

from ovk_archive.archive.archive import Archive
from ovk_archive.errors import BadInputError, StorageError
from ovk_archive.export import target_folder
from ovk_archive.export.formats import registry
from ovk_archive.export.formats.csv_file import Csv
from ovk_archive.export.formats.ndjson import Ndjson
from ovk_archive.export.selection import Selection, moment_column, owner_column
from ovk_archive.export.snapshot import snapshot
from ovk_archive.export.text_columns import FREE, OTHER
from ovk_archive.export.view import View
from ovk_archive.export.writing import Wish, export
from ovk_archive.resources import TABLES

#: Whatever SQLite can store as text, and what formats trip over.
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["", "\r", "\r\n", "\n", '"', '""', ",", "'", "\u2028", "\ufeff", "\x00", "=1+1", "NULL", "NA"]
)
DAY = 86_400


def view(name: str) -> View:
    """A table as it is exported."""
    (found,) = Selection(tables=(name,)).views()
    return found


def row(shown: View, **values: Any) -> tuple[Any, ...]:
    """A row of it."""
    return tuple(values.get(field.name) for field in shown.fields)


# What is read back


@given(texts=st.lists(st.none() | TEXTS, max_size=5))
def test_ndjson_reads_back_equal(texts: list[str | None]) -> None:
    """Any text and null comes back from NDJSON as it was, one record a line."""
    shown = view("messages")
    rows = [row(shown, id=number, text=text) for number, text in enumerate(texts)]
    out = io.StringIO(newline="")
    count = Ndjson().stream(out, shown, rows)
    lines = out.getvalue().split("\n")

    assert lines.pop() == ""
    assert [tuple(json.loads(line).values()) for line in lines] == rows
    assert count == len(rows)


@given(texts=st.lists(st.none() | TEXTS, max_size=5), excel=st.booleans())
def test_csv_reads_back_equal(texts: list[str | None], excel: bool) -> None:
    """Any text comes back from CSV as it was, null as an empty one; guards can be taken away."""
    shown = view("messages")
    out = io.StringIO(newline="")
    Csv(excel=excel).stream(out, shown, [row(shown, id=-1, text=text) for text in texts])
    found = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    plain = [text or "" for text in texts]
    signs = tuple("=+-@\t\r\n＝＋－＠﹦﹢﹣﹫")
    guarded = [f"'{text}" if excel and text[:1] in signs else text for text in plain]

    assert [one["text"] for one in found] == guarded
    assert [one["id"] for one in found] == ["-1"] * len(texts)


# pandas takes \0 for the end of a text; it is the only character that it loses.
@given(texts=st.lists(TEXTS.map(lambda text: text.replace("\x00", "")), max_size=5))
def test_csv_reads_back_equal_in_pandas(texts: list[str]) -> None:
    """Any text comes back from CSV as it was when pandas reads it."""
    shown = view("messages")
    out = io.StringIO(newline="")
    Csv().stream(out, shown, [row(shown, id=n, text=text) for n, text in enumerate(texts)])
    found = pd.read_csv(
        io.StringIO(out.getvalue(), newline=""), dtype=str, keep_default_na=False, na_filter=False
    )

    assert found["text"].tolist() == texts


# Each example makes an archive: so it has several texts.
@settings(max_examples=some(300, 8))
@given(texts=st.lists(TEXTS, min_size=1, max_size=12))
def test_json_reads_back_equal(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    """Any text goes through an archive and comes back from nested JSON, at its place."""
    folder = tmp_path_factory.mktemp("json")
    said = [comment(number, 1, text=text) for number, text in enumerate(texts)]
    sent = [message(number, text=text) for number, text in enumerate(texts)]
    keep(folder / "a.db", [post(1), *said, *sent])
    write(folder / "a.db", folder / "out", "json", tables=("posts", "comments", "messages"))
    (found,) = records(folder / "out" / "posts.json")

    assert [one["text"] or "" for one in found["comments"]["items"]] == texts
    assert [one["text"] or "" for one in records(folder / "out" / "messages.json")] == texts


def valid(folder: Path) -> bool:
    """Whether an export is what its data package says."""
    import frictionless

    return bool(frictionless.validate(str(folder / "datapackage.json")).valid)


def test_excel(tmp_path: Path, archive_path: Path) -> None:
    """`--excel` marks the file as UTF-8 and guards formulas, but leaves numbers alone."""
    keep(archive_path, [post(1, owner=-5, text="=cmd|' /C calc'!A0"), post(2, text="a=b")])
    write(archive_path, tmp_path / "out", "csv", excel=True, tables=("posts",))
    found = records(tmp_path / "out" / "posts.csv")

    assert (tmp_path / "out" / "posts.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert [one["text"] for one in found] == ["'=cmd|' /C calc'!A0", "a=b"]
    assert [one["owner_id"] for one in found] == ["-5", "1"]
    assert valid(tmp_path / "out")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_every_formula_is_guarded(begin: str) -> None:
    """Each character by which a spreadsheet knows a formula gets an apostrophe before it."""
    shown, out = view("messages"), io.StringIO(newline="")
    Csv(excel=True).stream(out, shown, [row(shown, id=-1, text=f"{begin}1")])
    (found,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))

    assert (found["id"], found["text"]) == ("-1", f"'{begin}1")


# What is told where


def test_no_row_is_lost_in_nesting(tmp_path: Path, archive_path: Path) -> None:
    """A record is told inside its whole; if that is not exported, in a file of its own."""
    keep(
        archive_path,
        [
            post(1),
            comment(5, 1),
            comment(6, 404),
            ("attachments", {"resource": "posts", "record_key": "1_1", "position": 0,
                             "type": "photo", "owner_id": 7, "object_id": 70}),
            ("attachments", {"resource": "comments", "record_key": "6", "position": 0,
                             "type": "audio", "object_id": 90}),
            ("photos", {"owner_id": 7, "id": 70}),
            ("conversations", {"peer_id": 2}),
            message(31, peer=2, date=9),
            message(32, peer=2, date=8),
            message(33, peer=4),
        ],
    )  # fmt: skip
    said = write(archive_path, tmp_path / "out", "json")
    (first,) = records(tmp_path / "out" / "posts.json")
    (left,) = records(tmp_path / "out" / "comments.json")
    (talk,) = records(tmp_path / "out" / "conversations.json")

    assert [one["id"] for one in first["comments"]["items"]] == [5]
    assert first["attachments"][0]["photo"]["id"] == 70
    assert left["id"] == 6
    assert [one["type"] for one in left["attachments"]] == ["audio"]
    assert [one["id"] for one in talk["messages"]] == [32, 31]
    assert numbers(tmp_path / "out" / "messages.json") == [33]
    assert not (tmp_path / "out" / "attachments.json").exists()
    counts = {name: one["rows"] for name, one in said["tables"].items() if one["rows"]}
    assert counts == {"posts": 1, "comments": 2, "attachments": 2, "photos": 1,
                      "conversations": 1, "messages": 3}  # fmt: skip


def test_ids(tmp_path: Path, archive_path: Path) -> None:
    """Format ids has the keys of things and nothing else; a relation named is refused."""
    keep(archive_path, [post(7, owner=-5, text="SECRET"), message(3, text="SECRET")])
    write(archive_path, tmp_path / "out", "ids")

    assert (tmp_path / "out" / "posts.txt").read_text() == "-5_7\n"
    assert (tmp_path / "out" / "messages.txt").read_text() == "3\n"
    assert not (tmp_path / "out" / "friends.txt").exists()
    assert "SECRET" not in "".join(file.read_text() for file in (tmp_path / "out").iterdir())
    with pytest.raises(BadInputError, match="cannot write friends"):
        write(archive_path, tmp_path / "other", "ids", tables=("friends",))


# What is chosen


def test_every_text_column_is_classified() -> None:
    """Of each column of text it is declared whether it is people's own words."""
    columns = {(table.name, c.name) for table in TABLES for c in table.columns if c.type is str}

    assert columns == FREE | OTHER
    assert not FREE & OTHER


def test_without_text(tmp_path: Path, archive_path: Path) -> None:
    """What people wrote is in no file of an export without text."""
    rows = [
        (
            table.name,
            {c.name: "SECRET" if (table.name, c.name) in FREE else
             7 if c.type is int else "x" for c in table.columns},
        )
        for table in TABLES
        if not table.relation
    ]  # fmt: skip
    keep(archive_path, rows)
    said = write(archive_path, tmp_path / "out", "csv", without_text=True)

    assert sum(one["rows"] for one in said["tables"].values()) == len(rows)
    assert "SECRET" not in "".join(file.read_text() for file in (tmp_path / "out").iterdir())
    assert any("left out" in limit for limit in said["limits"])


def test_owner(tmp_path: Path, archive_path: Path) -> None:
    """An owner's things and their parts are exported; what says no owner stays whole."""
    keep(
        archive_path,
        [
            post(1),
            post(2, owner=-5),
            comment(8, 1),
            comment(9, 2, owner=-5),
            ("topics", {"group_id": 5, "id": 3}),
            ("topics", {"group_id": 6, "id": 4}),
            ("polls", {"id": 1, "owner_id": 1}),
            ("poll_answers", {"id": 11, "poll_id": 1}),
            ("users", {"id": 12}),
            *(
                ("attachments", {"resource": kind, "record_key": key, "position": 0})
                for kind, key in (("posts", "1_1"), ("posts", "-5_2"), ("comments", "9"))
            ),
        ],
    )
    said = write(archive_path, tmp_path / "out", "csv", owners=(-5,))["tables"]

    assert numbers(tmp_path / "out" / "posts.csv") == [2]
    assert numbers(tmp_path / "out" / "comments.csv") == [9]
    assert numbers(tmp_path / "out" / "topics.csv") == [3]
    assert said["attachments"] == {"rows": 2, "narrowed_by": ["owner"]}
    assert said["poll_answers"]["rows"] == 0
    assert said["users"] == {"rows": 1, "narrowed_by": []}


def test_peer_and_days(tmp_path: Path, archive_path: Path) -> None:
    """One conversation, from one moment until before another."""
    keep(
        archive_path,
        [
            *(message(number, date=number * DAY) for number in range(5)),
            message(9, peer=3, date=2 * DAY),
            post(1, date=9 * DAY),
        ],
    )
    said = write(
        archive_path, tmp_path / "out", "ndjson", peers=(2,), since=DAY, until=3 * DAY
    )  # fmt: skip

    assert numbers(tmp_path / "out" / "messages.ndjson") == [1, 2]
    assert said["tables"]["messages"]["narrowed_by"] == ["peer", "since", "until"]
    assert said["tables"]["posts"] == {"rows": 0, "narrowed_by": ["since", "until"]}
    assert said["tables"]["users"]["narrowed_by"] == []


def test_whose_and_when_is_declared_for_tables_that_have_it() -> None:
    """The columns by which rows are chosen exist, and every time to sort by is one of them."""
    for table in TABLES:
        owner, moment = owner_column(table), moment_column(table)
        assert owner is None or owner.lstrip("-") in table.by_name
        assert moment is not None or "date" not in table.by_name or table.name == "media"


def test_gone_rows_and_versions(tmp_path: Path, archive_path: Path) -> None:
    """What is gone, and what its parts and former contents are, is there only when asked for."""
    keep(archive_path, [post(1, text="one"), post(2, text="two"), post(1, text="edited")])
    keep(archive_path, [("attachments", {"resource": "posts", "record_key": "1_2", "position": 0})])
    execute(archive_path, ["update posts set gone_at = '2026-01-01T00:00:00Z' where id = 2"])
    write(archive_path, tmp_path / "out", "ndjson", with_versions=True)
    write(archive_path, tmp_path / "all", "ndjson", with_versions=True, with_gone=True)
    versions = [records(tmp_path / name / "_versions.ndjson") for name in ("out", "all")]

    assert numbers(tmp_path / "out" / "posts.ndjson") == [1]
    assert records(tmp_path / "out" / "attachments.ndjson") == []
    assert [json.loads(one["record"])["text"] for one in versions[0]] == ["one", "edited"]
    assert numbers(tmp_path / "all" / "posts.ndjson") == [1, 2]
    assert len(records(tmp_path / "all" / "attachments.ndjson")) == 1
    assert len(versions[1]) == 4


def test_references_that_do_not_hold_are_not_promised(tmp_path: Path, archive_path: Path) -> None:
    """A foreign key is in the package if all of its rows lead somewhere."""
    keep(archive_path, [message(1, peer=2), ("users", {"id": 1})])
    write(archive_path, tmp_path / "out", "csv", tables=("messages", "users"))
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text())
    schemas = {one["name"]: one["schema"] for one in package["resources"]}
    keys = [key["fields"] for key in schemas["messages"]["foreignKeys"]]

    assert ["from_id"] in keys
    assert ["peer_id"] not in keys
    assert valid(tmp_path / "out")


# What is left when it does not come to an end


def letters(path: Path, count: int, text: str = "слово" * 20) -> None:
    """An archive with many messages; of one word each, which is searched for sooner than many."""
    with Archive.open(path, ME) as archive, archive.transaction() as db:
        db.execute(
            "with recursive n(i) as (select 0 union all select i + 1 from n where i < ? - 1) "
            "insert into messages (id, peer_id, from_id, date, text, first_seen_at, last_seen_at) "
            "select i, 2, 1, i, ?, '2026', '2026' from n",
            (count, text),
        )


def names(folder: Path) -> list[str]:
    """What is in a folder, archives aside."""
    return sorted(one.name for one in folder.iterdir() if "archive" not in one.name)


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_kill_leaves_the_old_export(
    kind: str, cli: Cli, tmp_path: Path, archive_path: Path
) -> None:
    """SIGKILL in the middle leaves the old export as it was; the next run tidies up."""
    letters(archive_path, 100_000, "")
    keep(archive_path, [post(1)])
    write(archive_path, tmp_path / "out", kind, tables=("posts",))
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    with cli.start("export", archive_path, tmp_path / "out", "--format", kind, "--force") as child:
        while not (parts := list(tmp_path.glob(f".out.unfinished-*/messages.{kind}"))):
            assert child.poll() is None
            time.sleep(0.001)
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=20)

    assert parts[0].exists()
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before
    write(archive_path, tmp_path / "out", "ndjson", tables=("posts",))
    assert names(tmp_path) == ["out"]
    assert not (tmp_path / "out" / f"posts.{kind}").exists()


def test_what_another_run_writes_is_left_alone(tmp_path: Path, archive_path: Path) -> None:
    """A run removes what killed ones have left, and not what a living one is writing."""
    keep(archive_path, [post(1)])
    dead = tmp_path / ".out.unfinished-dead"
    dead.mkdir()
    with target_folder.placed(tmp_path / "out", force=False) as living:
        write(archive_path, tmp_path / "out", "csv", tables=("posts",))
        assert living.is_dir()
        assert not dead.exists()
        (living / "x").write_text("the later one wins")

    assert names(tmp_path) == ["out"]


def test_where_folders_cannot_change_places(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, archive_path: Path
) -> None:
    """The old export is moved aside then, and put back if the run was killed at that moment."""
    monkeypatch.setattr(target_folder, "exchange", lambda _one, _other: False)
    keep(archive_path, [post(1)])
    write(archive_path, tmp_path / "out", "csv")
    write(archive_path, tmp_path / "out", "ndjson")
    assert names(tmp_path) == ["out"]

    (tmp_path / "out").rename(tmp_path / ".out.unfinished-abc-old")
    with pytest.raises(StorageError), target_folder.placed(tmp_path / "out", force=False):
        raise OSError(5, "the disk is broken")
    assert (tmp_path / "out" / "posts.ndjson").exists()
    assert names(tmp_path) == ["out"]


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of noise, which no format makes smaller."""
    path = tmp_path_factory.mktemp("noise") / "archive.db"
    with Archive.open(path, ME) as archive, archive.transaction() as db:
        db.execute(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1500) "
            "insert into messages (id, peer_id, text, first_seen_at, last_seen_at) "
            "select i, 2, hex(randomblob(1000)), '2026', '2026' from n"
        )
    return path


@pytest.fixture(scope="module")
def narrow() -> Iterator[WarmProcess]:
    """What commands are forked from that cannot write files of more than 500 kB."""
    limit = 500_000
    process = WarmProcess(
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )
    yield process
    process.close()


@pytest.mark.parametrize("kind", ["csv", "ndjson", "json", "parquet", "xlsx"])
def test_a_full_disk(kind: str, cli: Cli, narrow: WarmProcess, tmp_path: Path, noise: Path) -> None:
    """Where there is no room the run ends with 30 and one sentence, and leaves nothing."""
    command = ("export", str(noise), str(tmp_path / "out"), "--format", kind)
    done = narrow.run(command, cli.environment, tmp_path)

    assert done.returncode == 30, done.stderr
    assert "make room" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert names(tmp_path) == []


def test_nothing_can_be_written(cli: Cli, tmp_path: Path, archive_path: Path) -> None:
    """A folder that is not there, and one in which nothing can be made, are said to be so (30)."""
    keep(archive_path, [post(1)])
    for folder in (tmp_path / "none" / "out", Path("/proc/out")):
        done = cli.run("export", archive_path, folder, "--format", "csv")
        assert (done.returncode, len(done.stderr.splitlines())) == (30, 1)
        assert str(folder.parent) in done.stderr


def test_what_is_there_is_kept(tmp_path: Path, archive_path: Path) -> None:
    """Neither a file, nor a link, nor a folder of something else is replaced, even by force."""
    keep(archive_path, [post(1)])
    write(archive_path, tmp_path / "real", "csv")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "MANIFEST.json").write_text('{"made_by": "somebody else"}')
    for name in ("file", "link", "folder"):
        with pytest.raises(BadInputError, match="is no export"):
            write(archive_path, tmp_path / name, "csv")
    assert names(tmp_path) == ["file", "folder", "link", "real"]


# One moment, and little memory


def test_what_is_not_of_the_export_is_kept(tmp_path: Path, archive_path: Path) -> None:
    """A file that was put into an export is not lost by `--force`: it is named, and all stays."""
    keep(archive_path, [post(1)])
    write(archive_path, tmp_path / "out", "csv")
    mine = tmp_path / "out" / "sub" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"mine\.txt is not part of the export"):
        write(archive_path, tmp_path / "out", "csv")

    assert mine.read_text(encoding="utf-8") == "mine"
    assert numbers(tmp_path / "out" / "posts.csv") == [1]


def test_who_may_read_it_stays(tmp_path: Path, archive_path: Path) -> None:
    """A new export is its owner's alone; one that was opened to others stays so when replaced."""
    keep(archive_path, [post(1)])
    write(archive_path, tmp_path / "out", "csv")
    before = (tmp_path / "out").stat().st_mode & 0o777
    (tmp_path / "out").chmod(0o755)
    write(archive_path, tmp_path / "out", "csv")

    assert before == 0o700
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755


def test_progress_counts_every_row(tmp_path: Path, archive_path: Path) -> None:
    """Whoever watches is told of all rows that there are, nested or not."""
    keep(archive_path, [post(1), comment(1, 1), comment(2, 1), message(1)])
    for kind in ("csv", "json"):
        watching = Watching()
        wish = Wish(selection=Selection(), format=kind)
        export(archive_path, tmp_path / kind, wish, progress=watching)
        assert watching.told == watching.all == 4


class Watching:
    """Counts what it is told."""

    told = all = 0

    def begin(self, count: Callable[[], int]) -> None:
        """Note how many there are."""
        self.all = count()

    def rows(self, number: int) -> None:
        """Note how many were written."""
        self.told += number


def test_limits_are_told(tmp_path: Path, archive_path: Path) -> None:
    """What a format cannot say is in the manifest and in the codebook, with what became null."""
    keep(archive_path, [post(1, date=2**60)])
    for kind, sentence in (
        ("csv", "An empty cell"),
        ("ids", "Only keys"),
        ("parquet", "1 values of posts.date do not fit"),
    ):
        said = write(archive_path, tmp_path / kind, kind)
        book = (tmp_path / kind / "CODEBOOK.md").read_text(encoding="utf-8")
        assert any(sentence in limit for limit in said["limits"]), kind
        assert sentence in book


def test_the_codebook_describes_the_files(tmp_path: Path, archive_path: Path) -> None:
    """It tells file, rows, key, narrowing of each table, and columns as the format has them."""
    keep(archive_path, [post(1, date=5), post(2, date=5), message(1)])

    def lines(kind: str, **wishes: Any) -> list[str]:
        folder = tmp_path / f"{kind}{len(wishes)}"
        write(archive_path, folder, kind, **wishes)
        book = (folder / "CODEBOOK.md").read_text(encoding="utf-8")
        return book[book.index("\n## posts") :].split("\n## ")[1].splitlines()

    assert "`posts.csv`; 2 rows; key: owner_id, id." in lines("csv")
    assert "Narrowed by: since." in lines("csv", since=1)
    assert "Narrowed by: since." not in lines("csv")
    assert any(line.startswith("| date | datetime |") for line in lines("parquet"))
    assert any(line.startswith("| comments | records of comments |") for line in lines("json"))
    assert not any(line.startswith("| text |") for line in lines("ids"))


def test_a_sync_meanwhile_changes_nothing(tmp_path: Path, archive_path: Path) -> None:
    """While rows are written again and again, an export has all tables as of one moment."""
    keep(archive_path, [message(number, text="0") for number in range(1000)])
    stop = threading.Event()

    def change() -> None:
        turn = 0
        with Archive.open(archive_path, ME) as archive:
            while not stop.is_set():
                turn += 1
                with archive.transaction() as db:
                    db.execute("update messages set text = ?", (str(turn),))
                    db.execute("insert into users (id, name) values (?, ?)", (turn, str(turn)))

    writer = threading.Thread(target=change)
    writer.start()
    try:
        for number in range(5):
            said = write(archive_path, tmp_path / f"{number}", "ndjson")
            texts = {one["text"] for one in records(tmp_path / f"{number}" / "messages.ndjson")}
            users = records(tmp_path / f"{number}" / "users.ndjson")
            assert len(texts) == 1
            assert [str(len(users))] == list(texts) or (texts, users) == ({"0"}, [])
            assert said["tables"]["messages"]["rows"] == 1000
    finally:
        stop.set()
        writer.join()


def test_the_ledger_is_of_the_same_moment(archive_path: Path) -> None:
    """What is asked of the archive beside its rows is seen at the same moment."""
    keep(archive_path, [post(1)])
    with snapshot(archive_path) as moment:
        keep(archive_path, [post(2)])
        assert moment.archive.query("select count(*) from posts") == [(1,)]
        assert list(moment.stream("select id from posts")) == [(1,)]


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Archives of one conversation, a short one and a long one."""
    paths = []
    for count in (60, 25_000):
        paths.append(tmp_path_factory.mktemp("talks") / "archive.db")
        letters(paths[-1], count, "x" * 1000)
        keep(paths[-1], [("conversations", {"peer_id": 2})])
    return paths


def test_memory_is_flat(cli: Cli, tmp_path: Path, talks: list[Path]) -> None:
    """One conversation of 25 MB takes hardly more memory than one of 60 KB."""
    short, long = (_peaks(cli, path, tmp_path / path.parent.name) for path in talks)

    for kind, peak in long.items():
        assert peak - short[kind] < 15_000_000, (kind, short, long)


def _peaks(cli: Cli, path: Path, folder: Path) -> dict[str, int]:
    """The most memory that exports took, one after another in one process."""
    folder.mkdir()
    code = (
        "import json, pathlib, resource, sys\n"
        "from ovk_archive.cli import main\n"
        "def peak():\n"
        # Linux counts into `ru_maxrss` what the process was before it became this program.
        "    said = pathlib.Path('/proc/self/status')\n"
        "    if said.exists():\n"
        "        return int(said.read_text().partition('VmHWM:')[2].split()[0])\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "peaks = {}\n"
        "for kind in ('csv', 'ndjson', 'json'):\n"
        f"    sys.argv = ['ovk-archive', 'export', {str(path)!r}, {str(folder)!r} + '/' + kind, "
        "'--format', kind, '-q']\n"
        "    try:\n        main()\n"
        "    except SystemExit as end:\n        assert not end.code\n"
        "    peaks[kind] = peak()\n"
        "print(json.dumps(peaks))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**cli.environment, "PYTHONWARNINGS": "default"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    unit = 1 if sys.platform == "darwin" else 1024
    return {kind: peak * unit for kind, peak in json.loads(done.stdout).items()}


# The command


@pytest.mark.parametrize(
    "whom", ["-5", "club5", "Chess_Club", "@chess_club", "https://example.org/chess_club?w=1"]
)
def test_whom_a_name_means(whom: str, cli: Cli, archive_path: Path) -> None:
    """Owners are named as for `sync`: by id, name or page; the archive knows who that is."""
    keep(
        archive_path,
        [("groups", {"id": 5, "screen_name": "chess_club"}), post(7), post(8, owner=-5)],
    )
    said = cli.run(
        "export", archive_path, "-", "--format", "ndjson", "--table", "posts", "--owner", whom
    )

    assert said.returncode == 0, said.stderr
    assert [json.loads(line)["id"] for line in said.stdout.splitlines()] == [8]


@pytest.mark.parametrize(
    ("whom", "sentence"),
    [
        ("nobody", "Nobody whom the archive knows is called nobody"),
        ("twice", "Several people or groups are called twice"),
        ("0", "begin with 1"),
        ("две собаки", "An owner is an id"),
        ("https://elsewhere.org/id1", "not on example.org"),
    ],
)
def test_whom_nobody_knows(
    whom: str, sentence: str, cli: Cli, tmp_path: Path, archive_path: Path
) -> None:
    """Who cannot be found is said to be so, and nothing is written."""
    named = {"screen_name": "twice"}
    keep(archive_path, [("users", {"id": 3, **named}), ("groups", {"id": 3, **named})])
    said = cli.run("export", archive_path, tmp_path / "out", "--format", "csv", "--peer", whom)

    assert said.returncode == 2
    assert sentence in said.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("here", [".", "../out", "../out/", "../out/../out/."])
def test_the_folder_where_one_is(here: str, cli: Cli, tmp_path: Path, archive_path: Path) -> None:
    """An export can be replaced from inside it, however its folder is named."""
    keep(archive_path, [post(1)])
    write(archive_path, tmp_path / "out", "csv")
    keep(archive_path, [post(2)])
    said = cli.run("export", archive_path, here, "--format", "csv", "--force", cwd=tmp_path / "out")

    assert said.returncode == 0, said.stderr
    assert numbers(tmp_path / "out" / "posts.csv") == [1, 2]
    assert sorted(path.name for path in tmp_path.glob("*out*")) == ["out"]


def test_one_day_is_a_whole_day(cli: Cli, archive_path: Path) -> None:
    """`--since` and `--until` of one day have it from its first to its last second, in UTC."""
    begin = 19_000 * DAY  # 2022-01-08
    times = (begin - 1, begin, begin + DAY - 1, begin + DAY)
    keep(archive_path, [message(number, date=date) for number, date in enumerate(times)])
    done = cli.run(
        "export", archive_path, "-", "--table", "messages", "--format", "ndjson",
        "--since", "2022-01-08", "--until", "2022-01-08",
    )  # fmt: skip

    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1, 2]
    assert done.stderr == ""


def test_a_reader_that_leaves(cli: Cli, archive_path: Path) -> None:
    """Whoever reads the stream may close it: no word is said of that."""
    letters(archive_path, 20_000)
    with cli.start(
        "export", archive_path, "-", "--table", "messages", "--format", "csv"
    ) as child:  # fmt: skip
        assert child.stdout
        assert child.stderr
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == ""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--since", "2024-02-02", "--until", "2024-01-01"], "swap them"),
        (["--excel"], "--excel is for --format csv"),
        (["--partition", "year"], "--partition is for --format parquet"),
        (["--pseudonymise"], "--key FILE go together"),
        (["--new-key"], "--new-key goes with --key FILE"),
        (["--pseudonymise", "--key", "kye"], "There is no key kye"),
        (["--without-text", "--with-versions"], "leave out --with-versions"),
        (["--pseudonymise", "--key", "k", "--with-media"], "show who people are"),
        (["--table", "messages", "--since", "2024-02-30"], "is not a date such as"),
        (["--table", "letters"], "there are users, account, groups"),
    ],
)
def test_wishes_that_cannot_be(
    wrong: list[str], said: str, cli: Cli, tmp_path: Path, archive_path: Path
) -> None:
    """What cannot be meant is refused with one sentence, and nothing is made."""
    keep(archive_path, [post(1)])
    done = cli.run("export", archive_path, tmp_path / "out", "--format", "ndjson", *wrong)

    assert done.returncode == 2
    assert said in done.stderr
    assert names(tmp_path) == []


@pytest.mark.parametrize("wrong", [[], ["--table", "posts", "--with-versions"]])
def test_what_does_not_go_to_stdout(wrong: list[str], cli: Cli, archive_path: Path) -> None:
    """To stdout goes one table alone."""
    keep(archive_path, [post(1)])
    done = cli.run("export", archive_path, "-", "--format", "csv", *wrong)

    assert (done.returncode, done.stdout) == (2, "")
    assert "stdout" in done.stderr


@pytest.mark.parametrize(("package", "form"), [("pyarrow", "parquet"), ("xlsxwriter", "xlsx")])
def test_a_format_without_its_extra(
    package: str, form: str, cli: Cli, tmp_path: Path, archive_path: Path
) -> None:
    """Where the package is not installed that a format needs, it is said how to install it."""
    keep(archive_path, [post(1)])
    code = (
        f"import sys\nsys.modules[{package!r}] = None\n"
        f"sys.argv = ['x', 'export', {str(archive_path)!r}, {str(tmp_path / 'out')!r}, "
        f"'--format', {form!r}]\n"
        "from ovk_archive.cli import main\nmain()\n"
    )
    environment = {**cli.environment, "PYTHONWARNINGS": "default"}
    done = subprocess.run(
        [PROGRAM[0], "-c", code], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert f"pip install 'ovk-archive[{form}]'" in done.stderr
    assert names(tmp_path) == []


def test_formats_hold_what_they_should() -> None:
    """Every table has a place in every format but that of ids."""
    held = {name: sum(registry.holds(name, table) for table in TABLES) for name in registry.NAMES}

    assert {held[name] for name in ("json", "ndjson", "csv", "parquet", "xlsx")} == {len(TABLES)}
    assert 10 < held["ids"] < len(TABLES)
    assert registry.holds("ids", BY_NAME["posts"])
