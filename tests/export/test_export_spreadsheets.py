"""Exports for spreadsheets: workbooks, and CSV as Excel reads it."""

import csv
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import Cli
from effort import some
from exporting import keep, message, post, write
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ovk_archive.cli.local.export_wish import Delimiter
from ovk_archive.export.formats.csv_file import Csv
from ovk_archive.export.formats.spreadsheets import FIRST
from ovk_archive.export.formats.xlsx import LETTERS, WORKBOOK, Xlsx
from ovk_archive.export.selection import Selection
from ovk_archive.export.view import View

#: What a spreadsheet would make numbers, truths or formulas of, and what XlsxWriter trips over.
ODD = [
    "00123", "1e5", "TRUE", "12345678901234567890", "2024-11-01", "=1+1", "+1", "-1", "@x", "{=1}",
    "_x0041_", "_x000D_", "<r>a</r>", "<r><t>&lt;</t></r>", "&amp;", " a ", "\n", "\t1", "#N/A",
    "http://x/", "\u2028", "\ufeff", "\x85", "😀", "\x7f",
]  # fmt: skip
#: The last second of the year 9999.
LAST = 253_402_300_799
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(ODD)
NUMBERS = st.integers(-(10**20), 10**20) | st.integers(-5, 5)


def view(name: str) -> View:
    """A table as it is exported."""
    (found,) = Selection(tables=(name,)).views()
    return found


def row(shown: View, **values: Any) -> tuple[Any, ...]:
    """A row of it."""
    return tuple(values.get(field.name) for field in shown.fields)


def as_excel_has_it(value: Any) -> Any:
    """A cell as Excel shows it: openpyxl leaves the escapes of ECMA-376 (ST_Xstring) alone."""
    if not isinstance(value, str):
        return value
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), value)


def cells(file: Any, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet, by the names in its head."""
    book = openpyxl.load_workbook(file)
    head, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(zip(head, map(as_excel_has_it, one), strict=True)) for one in rows]


def xml_text(text: str | None) -> str | None:
    """A text as a workbook can have it."""
    plain = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", plain) or None


@settings(max_examples=some(300, 12))
@given(
    rows=st.lists(
        st.tuples(st.none() | TEXTS, st.none() | NUMBERS, st.none() | st.integers(FIRST, LAST)),
        min_size=1,
        max_size=8,
    )
)
@example([(text, 10**15 - 1, FIRST) for text in ODD] + [("\r\n\x00", 10**15, LAST)])
def test_a_workbook_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str | None, int | None, int | None]]
) -> None:
    """Texts are texts, numbers are numbers as long as they are exact, unix times are UTC dates."""
    folder, shown = tmp_path_factory.mktemp("book"), view("messages")
    writer = Xlsx()
    said = [row(shown, id=1, text=text, peer_id=peer, date=date) for text, peer, date in rows]
    written = list(writer.write(folder, shown, said))
    writer.finish()
    found = cells(folder / WORKBOOK, "messages")
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001 - a cell has no zone

    assert [(one.path, one.rows) for one in written] == [(WORKBOOK, len(rows))]
    assert [one["text"] for one in found] == [xml_text(text) for text, *_ in rows]
    assert [one["peer_id"] for one in found] == [
        str(peer) if peer is not None and abs(peer) >= 10**15 else peer for _, peer, _ in rows
    ]
    assert [one["date"] for one in found] == [
        None if date is None else epoch + timedelta(seconds=date) for *_, date in rows
    ]
    assert [one.name for one in folder.iterdir()] == [WORKBOOK]


def test_cells_know_what_they_are(tmp_path: Path) -> None:
    """No cell is a formula; texts say that they are, so that an edit leaves them texts."""
    shown, writer = view("messages"), Xlsx()
    list(writer.write(tmp_path, shown, [row(shown, id=1, text=text) for text in ODD]))
    writer.finish()
    sheet = openpyxl.load_workbook(tmp_path / WORKBOOK)["messages"]
    place = [field.name for field in shown.fields].index("text") + 1
    found = [sheet.cell(number, place) for number in range(2, len(ODD) + 2)]

    assert {(cell.data_type, cell.number_format) for cell in found} == {("s", "@")}
    with zipfile.ZipFile(tmp_path / WORKBOOK) as file:
        assert b"<f>" not in file.read("xl/worksheets/sheet1.xml")


def test_stamps_are_dates(tmp_path: Path) -> None:
    """What the archive notes of times is a date too, whatever its zone, to the millisecond."""
    shown, writer = view("messages"), Xlsx()
    stamps = ["2026-11-26T15:04:07.123456Z", "2026-11-26T18:04:07+03:00", "2026-11-26", "soon"]
    list(writer.write(tmp_path, shown, [row(shown, first_seen_at=stamp) for stamp in stamps]))
    said = writer.finish()
    found = [one["first_seen_at"] for one in cells(tmp_path / WORKBOOK, "messages")]

    assert [str(one) for one in found] == [
        "2026-11-26 15:04:07.123000", "2026-11-26 15:04:07", "2026-11-26 00:00:00", "soon",
    ]  # fmt: skip
    assert [one.split(",")[0] for one in said if "no times" in one] == [
        "1 values of messages.first_seen_at are no times that a spreadsheet knows"
    ]


def test_times_that_a_spreadsheet_does_not_know(tmp_path: Path) -> None:
    """A time before March 1900 or after 9999 stays the number that it is, and is told of."""
    shown, writer = view("messages"), Xlsx()
    dates = [FIRST - 1, FIRST, LAST, LAST + 1, 10**30, -(10**30)]
    list(writer.write(tmp_path, shown, [row(shown, date=date) for date in dates]))
    said = writer.finish()
    found = [one["date"] for one in cells(tmp_path / WORKBOOK, "messages")]

    assert [found[0], *found[3:]] == [FIRST - 1, LAST + 1, str(10**30), str(-(10**30))]
    assert [str(one) for one in found[1:3]] == ["1900-03-01 00:00:00", "9999-12-31 23:59:59"]
    assert sum("4 values of messages.date are no times" in one for one in said) == 1


def test_values_of_another_kind(tmp_path: Path) -> None:
    """What SQLite holds against the column's type is a cell all the same, with all that it says."""
    shown, writer = view("messages"), Xlsx()
    odd = ["word", 0.5, 0.1 + 0.2, float("inf"), b"by\xfftes"]
    list(writer.write(tmp_path, shown, [row(shown, peer_id=one, text=one) for one in odd]))
    writer.finish()
    found = cells(tmp_path / WORKBOOK, "messages")

    assert [one["peer_id"] for one in found] == [
        "word", 0.5, "0.30000000000000004", "inf", "by\ufffdtes",
    ]  # fmt: skip
    assert [one["text"] for one in found] == ["word", "0.5", str(0.1 + 0.2), "inf", "by\ufffdtes"]


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("я" * LETTERS, "я" * LETTERS),
        ("я" * (LETTERS + 1), "я" * LETTERS),
        # An emoji has two letters, and is not parted.
        ("😀" * 20_000, "😀" * (LETTERS // 2)),
        (f"<r>{'&' * LETTERS}</r>", f"<r>{'&' * (LETTERS - 3)}"),
        # It fits, but not as XlsxWriter has to be given it.
        (f"<r>{'&' * 16_000}</r>", f"<r>{'&' * (LETTERS // 16 - 3)}"),
    ],
)
def test_long_texts_are_cut_and_listed(text: str, held: str, tmp_path: Path) -> None:
    """A cell has what it has room for; each that has not all of its text is named."""
    shown, writer = view("messages"), Xlsx()
    list(writer.write(tmp_path, shown, [row(shown, text="short"), row(shown, text=text)]))
    said = [one for one in writer.finish() if "cut" in one]
    found = [one["text"] for one in cells(tmp_path / WORKBOOK, "messages")]
    letter = openpyxl.utils.get_column_letter([one.name for one in shown.fields].index("text") + 1)

    assert found == ["short", held]
    assert [one.startswith("1 texts of messages.text are cut") for one in said] == (
        [] if held == text else [True]
    )
    assert all(one.endswith(f": messages!{letter}3.") for one in said)


def test_characters_that_no_workbook_has_are_told(tmp_path: Path) -> None:
    """U+FFFD stands for them, and it is said in which column, and how often."""
    shown, writer = view("messages"), Xlsx()
    texts = ["a\x00\x01b", "\ud800", "fine"]
    list(writer.write(tmp_path, shown, [row(shown, text=text) for text in texts]))
    said = [one for one in writer.finish() if "U+FFFD" in one]

    assert [one["text"] for one in cells(tmp_path / WORKBOOK, "messages")] == [
        "a\ufffd\ufffdb", "\ufffd", "fine",
    ]  # fmt: skip
    assert [one.partition(" have ")[0] for one in said] == ["2 texts of messages.text"]


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (3, [3]), (4, [3, 1]), (6, [3, 3])])
def test_more_rows_than_a_sheet_has(count: int, sizes: list[int], tmp_path: Path) -> None:
    """They go on in further sheets, each with a head that stays where it is."""
    shown, writer = view("notes"), Xlsx(rows=3)
    written = list(writer.write(tmp_path, shown, [row(shown, id=n) for n in range(count)]))
    writer.finish()
    book = openpyxl.load_workbook(tmp_path / WORKBOOK)
    names = ["notes", "notes (2)"][: len(sizes)]
    heads = [[cell.value for cell in sheet[1]] for sheet in book]
    found = [one["id"] for name in names for one in cells(tmp_path / WORKBOOK, name)]

    assert [one.rows for one in written] == sizes
    assert book.sheetnames == names
    assert heads == [[field.name for field in shown.fields]] * len(names)
    assert {sheet.freeze_panes for sheet in book} == {"A2"}
    assert found == list(range(count))


_TABLES = ("users", "posts", "notes", "messages")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A workbook with its package, out of an archive, and its manifest."""
    folder = tmp_path_factory.mktemp("book")
    long, spoiled = post(2, text="x" * 40_000), message(1, text="a\x00", date=86_400)
    named = [("users", {"id": number, "first_name": "00123"}) for number in (1, 2)]
    keep(folder / "a.db", [post(1, text="=1+1", date=1_700_000_000), long, spoiled, *named])
    return folder, write(folder / "a.db", folder / "out", "xlsx", tables=_TABLES)


def test_a_package_with_a_workbook(book: tuple[Path, dict[str, Any]]) -> None:
    """Beside the workbook lies what lies beside each export; `frictionless` finds it to be so."""
    import frictionless

    folder, said = book
    report = frictionless.validate(str(folder / "out" / "datapackage.json"))
    package = json.loads((folder / "out" / "datapackage.json").read_text("utf-8"))
    posts = next(one for one in package["resources"] if one["name"] == "posts")
    types = {one["name"]: one["type"] for one in posts["schema"]["fields"]}

    assert sorted(one.name for one in (folder / "out").iterdir()) == [
        "CODEBOOK.md", "MANIFEST.json", "datapackage.json", "ro-crate-metadata.json", WORKBOOK,
    ]  # fmt: skip
    assert report.valid, report.flatten(["type", "message"])[:5]
    assert sum(task.stats.get("rows", 0) for task in report.tasks) == 5
    assert openpyxl.load_workbook(folder / "out" / WORKBOOK).sheetnames == list(said["tables"])
    assert [types[name] for name in ("date", "first_seen_at", "id", "text")] == [
        "datetime", "datetime", "integer", "string",
    ]  # fmt: skip
    assert {one["path"]: one.get("rows") for one in said["files"]}[WORKBOOK] == 5


def test_a_manifest_tells_what_a_workbook_lacks(book: tuple[Path, dict[str, Any]]) -> None:
    """Cut texts, lost characters and what cells cannot tell apart are in its limits."""
    said = " ".join(book[1]["limits"])

    assert "1 texts of posts.text are cut, for a cell has room for 32,767 letters: posts!" in said
    assert "1 texts of messages.text have characters that no workbook can have" in said
    assert "An empty cell is a null or an empty text." in said
    assert "Times are in UTC, rounded to a thousandth of a second." in said


def test_sheets_of_one_table_are_resources(
    tmp_path: Path, archive_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that needs several sheets has a resource for each, and all of its rows."""
    import frictionless

    monkeypatch.setattr(Xlsx, "__init__", _with_few_rows(Xlsx.__init__))
    keep(archive_path, [post(number) for number in range(1, 4)])
    said = write(archive_path, tmp_path / "out", "xlsx", tables=("posts",))
    report = frictionless.validate(str(tmp_path / "out" / "datapackage.json"))

    assert report.valid, report.flatten(["type", "message"])[:5]
    assert [(task.name, task.stats["rows"]) for task in report.tasks] == [
        ("posts", 2),
        ("posts-2", 1),
    ]
    assert said["tables"]["posts"]["rows"] == 3


def _with_few_rows(begin: Any) -> Any:
    return lambda self, **more: begin(self, rows=2, **more)


def test_the_same_workbook_each_time(book: tuple[Path, dict[str, Any]]) -> None:
    """The same archive gives the same bytes, though a workbook has a date of its own."""
    folder, _ = book
    write(folder / "a.db", folder / "again", "xlsx", tables=_TABLES)

    assert (folder / "again" / WORKBOOK).read_bytes() == (folder / "out" / WORKBOOK).read_bytes()
    made = openpyxl.load_workbook(folder / "out" / WORKBOOK).properties.created
    assert made.replace(tzinfo=UTC) == datetime(1980, 1, 1, tzinfo=UTC)


# CSV


def for_excel(shown: View, *rows: tuple[Any, ...], **more: Any) -> tuple[list[dict[str, str]], Any]:
    """Rows as `--excel` writes them, read back, and what wrote them."""
    out, writer = io.StringIO(newline=""), Csv(excel=True, **more)
    writer.stream(out, shown, rows)
    text = io.StringIO(out.getvalue(), newline="")
    return list(csv.DictReader(text, delimiter=writer.delimiter)), writer


@pytest.mark.parametrize("begin", ["\n", *"＝＋－＠﹦﹢﹣﹫"])
def test_more_beginnings_are_guarded(begin: str) -> None:
    """What a spreadsheet skips before a formula, or takes for its sign, is guarded as well."""
    shown = view("messages")
    (found,), _ = for_excel(shown, row(shown, id=-1, text=f"{begin}1"))

    assert (found["id"], found["text"]) == ("-1", f"'{begin}1")


def test_dates_for_excel() -> None:
    """Times are ISO dates in UTC, as Excel knows them in every language; what is none is told."""
    shown = view("messages")
    rows = (
        row(shown, id=1_700_000_000, date=1_700_000_000, first_seen_at="2026-11-26T15:04:07.9Z"),
        row(shown, id=2, date=10**12, first_seen_at="=1"),
        row(shown, id=3),
    )
    found, writer = for_excel(shown, *rows)

    assert [(one["id"], one["date"], one["first_seen_at"]) for one in found] == [
        ("1700000000", "2023-11-14 22:13:20", "2026-11-26 15:04:07"),
        ("2", "1000000000000", "'=1"),
        ("3", "", ""),
    ]
    assert [one.split()[:3] for one in writer.finish() if "no times" in one] == [
        ["1", "values", "of"],
        ["1", "values", "of"],
    ]


@pytest.mark.parametrize(("given", "between"), [("semicolon", ";"), ("\t", "\t")])
def test_another_delimiter(
    given: str, between: str, cli: Cli, tmp_path: Path, archive_path: Path
) -> None:
    """`--delimiter` is between cells, also on stdout, and the data package says it."""
    import frictionless

    keep(archive_path, [post(1, text="a,b;c\td", date=1_700_000_000)])
    wish = ("--format", "csv", "--excel", "--delimiter", given, "--table", "posts")
    done = cli.run("export", archive_path, tmp_path / "out", *wish)
    piped = cli.run("export", archive_path, "-", *wish)
    text = (tmp_path / "out" / "posts.csv").read_text("utf-8-sig")
    (found,) = csv.DictReader(io.StringIO(text), delimiter=between)
    report = frictionless.validate(str(tmp_path / "out" / "datapackage.json"))

    assert done.returncode == 0, done.stderr
    assert (found["text"], found["date"]) == ("a,b;c\td", "2023-11-14 22:13:20")
    assert piped.stdout.removeprefix("\ufeff").splitlines() == text.splitlines()
    assert report.valid, report.flatten(["type", "message"])[:5]
    assert report.tasks[0].stats["rows"] == 1


def test_delimiters_that_cannot_be(cli: Cli, tmp_path: Path, archive_path: Path) -> None:
    """Another sign, or another format, is refused before anything is made."""
    keep(archive_path, [post(1)])
    out = tmp_path / "out"
    names = [Delimiter().convert(one, None, None) for one in ("comma", "tab", ",", ";")]
    sign = cli.run("export", archive_path, out, "--format", "csv", "--delimiter", "x")
    kind = cli.run("export", archive_path, out, "--format", "xlsx", "--delimiter", ";")

    assert names == [",", "\t", ",", ";"]
    assert (sign.returncode, kind.returncode) == (2, 2)
    assert "'x' is none of comma, semicolon, tab" in sign.stderr
    assert "--delimiter is for --format csv" in kind.stderr
    assert not out.exists()
