"""Parquet: rows read back equal, with the types and the words promised, whatever they hold."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from archives import SMALL
from effort import some as so_many
from exporting import keep
from exporting import message as message_of
from hypothesis import given, settings
from hypothesis import strategies as st
from syncing import run
from toy import DemoInstance, generate

from ovk_archive.export.formats import parquet, parquet_columns, parquet_files
from ovk_archive.export.formats.parquet import ParquetWriter
from ovk_archive.export.formats.parquet_paths import year_column
from ovk_archive.export.selection import Selection
from ovk_archive.export.view import Values, View, Written
from ovk_archive.export.writing import Wish, export
from ovk_archive.resources import TABLES

EXAMPLES = settings(max_examples=so_many(300, 25))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INT64 = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["", "\x00", "a\x00b", "\r\n", "\u2028", "\ufeff", "👩‍👩‍👧", "NULL", "NaN", "x" * 70_000]
)
#: What every reader knows as a time.
MOMENTS = st.integers(parquet_columns.FIRST, parquet_columns.LAST)
STAMPS = st.datetimes(timezones=st.just(UTC)).map(
    lambda at: at.isoformat(timespec="microseconds").replace("+00:00", "Z")
)
#: 2020 and 2021, in seconds.
Y2020, Y2021 = 1_577_836_800, 1_609_459_200
SECOND = timedelta(seconds=1)


def view_of(name: str) -> View:
    """A table as it is exported."""
    (view,) = Selection(tables=(name,)).views()
    return view


MESSAGES = view_of("messages")
NAMES = [field.name for field in MESSAGES.fields]


@st.composite
def rows(draw: st.DrawFn) -> list[Values]:
    """Messages that hold whatever their columns can."""
    by_field = [st.none() | _values(field) for field in MESSAGES.fields]
    return draw(st.lists(st.tuples(*by_field), max_size=12))


def _values(field: Any) -> st.SearchStrategy[Any]:
    if field.is_moment:
        return MOMENTS
    if field.flag:
        return st.integers(0, 1)
    if field.type == "integer":
        return INT64
    return STAMPS if field.name.endswith("_at") else TEXTS


def message(number: int = 1, **values: Any) -> Values:
    """A row of messages."""
    return tuple({"id": number, **values}.get(name) for name in NAMES)


def write(
    folder: Path, given_rows: Iterable[Values], writer: ParquetWriter | None = None
) -> list[Written]:
    """Write messages: the files."""
    folder.mkdir(parents=True, exist_ok=True)
    return list((writer or ParquetWriter()).write(folder, MESSAGES, given_rows))


def typed(row: Values) -> list[Any]:
    """A row as Python knows its types."""
    return [_typed(field, value) for field, value in zip(MESSAGES.fields, row, strict=True)]


def _typed(field: Any, value: Any) -> Any:
    if value is None:
        return None
    if field.is_moment:
        return EPOCH + value * SECOND
    if field.flag:
        return bool(value)
    return datetime.fromisoformat(value) if field.name.endswith("_at") else value


def read(path: Path) -> list[list[Any]]:
    """The rows of a file, by pyarrow."""
    table = pq.ParquetFile(path).read()
    return [list(row.values()) for row in table.to_pylist()]


def files(folder: Path) -> dict[str, bytes]:
    """Every file in a folder."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def asked(sql: str) -> list[tuple[Any, ...]]:
    """What DuckDB answers."""
    import duckdb

    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


# What is read back


@EXAMPLES
@given(some=rows())
def test_rows_read_back_equal(tmp_path_factory: pytest.TempPathFactory, some: list[Values]) -> None:
    """Any text, number, time and null is what pyarrow reads back, and nothing is counted lost."""
    folder, writer = tmp_path_factory.mktemp("parquet"), ParquetWriter()

    assert write(folder, some, writer) == [Written("messages.parquet", len(some))]
    assert read(folder / "messages.parquet") == [typed(row) for row in some]
    assert not writer.lost


@EXAMPLES
@given(some=rows())
def test_rows_read_back_equal_in_pandas(
    tmp_path_factory: pytest.TempPathFactory, some: list[Values]
) -> None:
    """Pandas reads the same texts and numbers, without rounding numbers of columns with nulls."""
    folder = tmp_path_factory.mktemp("parquet")
    write(folder, some)
    found = pd.read_parquet(folder / "messages.parquet")

    assert list(found.columns) == NAMES
    for place, field in enumerate(MESSAGES.fields):
        told = [None if pd.isna(value) else value for value in found[field.name]]
        if field.is_moment or field.name.endswith("_at"):
            # Its own type of times has no words for all of them.
            assert [value is None for value in told] == [row[place] is None for row in some]
        else:
            assert told == [row[place] for row in some]


def test_pandas_knows_times(tmp_path: Path) -> None:
    """Pandas takes the times for times, with their zone and each microsecond."""
    write(tmp_path, [message(date=Y2020, first_seen_at="2026-11-25T19:15:00.123456Z")])
    found = pd.read_parquet(tmp_path / "messages.parquet")

    assert found["date"][0] == pd.Timestamp("2020-01-01", tz="UTC")
    assert found["first_seen_at"][0] == pd.Timestamp("2026-11-25T19:15:00.123456", tz="UTC")


@pytest.mark.parametrize("partition", [None, "year"])
@EXAMPLES
@given(some=rows())
def test_the_same_rows_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, partition: Any, some: list[Values]
) -> None:
    """Written twice, each file has the same name and the same bytes."""
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    write(one, some, ParquetWriter(partition))
    write(other, iter(some), ParquetWriter(partition))

    assert files(one) == files(other)


# What does not fit


@pytest.mark.parametrize("partition", [None, "year"])
@EXAMPLES
@given(dates=st.lists(INT64, min_size=1, max_size=6))
def test_a_wild_time_is_null(
    tmp_path_factory: pytest.TempPathFactory, partition: Any, dates: list[int]
) -> None:
    """Any number can stand for a time: those that are none become null, and are counted."""
    folder, writer = tmp_path_factory.mktemp("parquet"), ParquetWriter(partition)
    written = write(folder, [message(n, date=date) for n, date in enumerate(dates)], writer)
    wild = {
        n
        for n, date in enumerate(dates)
        if not parquet_columns.FIRST <= date <= parquet_columns.LAST
    }
    found = [row for one in written for row in read(folder / one.path)]
    told = {row[0]: row[NAMES.index("date")] for row in found}

    assert told == {n: None if n in wild else EPOCH + date * SECOND for n, date in enumerate(dates)}
    assert writer.lost == ({("messages", "date"): len(wild)} if wild else {})


@pytest.mark.parametrize("date", [parquet_columns.FIRST, parquet_columns.LAST])
def test_the_ends_of_time(tmp_path: Path, date: int) -> None:
    """The first and the last second that count as times are read by pyarrow, pandas and DuckDB."""
    write(tmp_path, [message(date=date)])
    path = tmp_path / "messages.parquet"
    (found,) = asked(f"select epoch(date)::bigint from '{path}'")

    assert read(path)[0][NAMES.index("date")] == EPOCH + date * SECOND
    assert found == (date,)
    assert not pd.isna(pd.read_parquet(path)["date"][0])


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("text", "a\ud83d b", "a\ufffd b"),
        ("text", "\ud83d\ude00", "😀"),
        ("text", b"a\xff", "a\ufffd"),
        ("text", 5, "5"),
        ("peer_id", "12", 12),
        ("peer_id", 3.0, 3),
        ("peer_id", True, 1),
        ("peer_id", 3.5, None),
        ("peer_id", float("nan"), None),
        ("peer_id", float("inf"), None),
        ("peer_id", "a word", None),
        ("peer_id", 2**63, None),
        ("out", 2, None),
        ("out", "1", True),
        ("out", 0.0, False),
        ("out", "yes", None),
        ("date", "yesterday", None),
        ("date", 0.5, None),
        ("gone_at", "2026-11-25T19:15:00", datetime(2026, 11, 25, 19, 15, tzinfo=UTC)),
        ("gone_at", "2026-11-25T19:15:00+03:00", datetime(2026, 11, 25, 16, 15, tzinfo=UTC)),
        ("gone_at", "", None),
        ("gone_at", "soon", None),
        ("gone_at", 5, None),
    ],
)
def test_a_value_of_another_type(tmp_path: Path, name: str, value: Any, told: Any) -> None:
    """It becomes what it stands for, or null, which is counted; its neighbours stay."""
    writer = ParquetWriter()
    good = message(2, text="b", peer_id=7, date=9, gone_at="2026-01-01T00:00:00.000001Z")
    write(tmp_path, [message(1, **{name: value}), good, message(3)], writer)
    first, second, third = read(tmp_path / "messages.parquet")

    assert first[NAMES.index(name)] == told
    assert (second, third) == (typed(good), typed(message(3)))
    assert writer.lost == ({("messages", name): 1} if told is None else {})


def test_an_error_of_the_rows_is_told(tmp_path: Path) -> None:
    """What ends the rows ends the export, as itself, and no file is left open."""

    def broken() -> Iterator[Values]:
        yield from (message(n) for n in range(parquet_files.GROUP + 1))
        raise RuntimeError("the archive is damaged")

    with pytest.raises(RuntimeError, match="the archive is damaged"):
        write(tmp_path, broken())


# What files say of themselves


def test_types(tmp_path: Path) -> None:
    """Numbers are int64, flags booleans, times have a zone, texts are strings, in every table."""
    for table in TABLES:
        view = view_of(table.name)
        (one,) = ParquetWriter().write(tmp_path, view, [])
        schema = pq.read_schema(tmp_path / one.path)
        for field in view.fields:
            # Parquet has no times in seconds.
            number = pa.bool_() if field.flag else pa.int64()
            moment = pa.timestamp("ms", "UTC") if field.is_moment else number
            text = pa.timestamp("us", "UTC") if field.name.endswith("_at") else pa.string()
            assert schema.field(field.name).type == (moment if field.type == "integer" else text)


def test_flags(tmp_path: Path) -> None:
    """What is a yes or a no is a boolean in the file, in the package, the codebook and pandas."""
    path, folder = tmp_path / "archive.db", tmp_path / "out"
    sent = ("messages", {"id": 1, "peer_id": 2, "from_id": 1, "date": 0, "out": 1})
    keep(path, [sent, ("messages", {**sent[1], "id": 2, "out": 0}), message_of(3)])
    export(path, folder, Wish(selection=Selection(tables=("messages",)), format="parquet"))
    package = json.loads((folder / "datapackage.json").read_bytes())
    types = {one["name"]: one["type"] for one in package["resources"][0]["schema"]["fields"]}
    flags = pd.read_parquet(folder / "messages.parquet")["out"]

    assert {name for name, type_ in types.items() if type_ == "boolean"} == {"out", "important"}
    assert "| out | boolean |" in (folder / "CODEBOOK.md").read_text(encoding="utf-8")
    assert str(flags.dtype) == "boolean"
    assert (flags[0], flags[1], flags[2] is pd.NA) == (True, False, True)
    assert asked(f"select id from '{folder}/messages.parquet' where out") == [(1,)]


def test_which_columns_are_flags() -> None:
    """Numbers that are 1 or 0 are flags; codes that have other values, too, are none."""
    flags = {table.name: {one.name for one in view_of(table.name).fields if one.flag}
             for table in TABLES}  # fmt: skip

    assert flags["posts"] == {
        "is_pinned", "is_explicit", "is_archived", "user_likes", "can_edit", "can_delete",
        "can_pin",
    }  # fmt: skip
    assert flags["notes"] == {"can_comment"}
    assert flags["group_settings"] == {"photos", "video", "audio", "docs", "topics"}
    for name, column in (
        ("attachments", "reposted"), ("poll_answers", "public"), ("photos", "has_tags"),
        ("notifications", "archived"), ("users", "online"), ("polls", "closed"),
    ):  # fmt: skip
        assert column in flags[name]
    assert sum(map(len, flags.values())) == 55


def test_words(tmp_path: Path) -> None:
    """The descriptions of table and columns are in the file, for any reader."""
    write(tmp_path, [])
    path = tmp_path / "messages.parquet"
    found = asked(f"select key, value from parquet_kv_metadata('{path}')")
    words = {key.decode(): value.decode() for key, value in found}
    field = pq.read_schema(path).field("date")

    assert words["description"] == MESSAGES.table.doc
    assert json.loads(words["columns"]) == {one.name: one.doc for one in MESSAGES.fields}
    assert field.metadata[b"description"].decode() == "When it was sent"
    assert field.metadata[b"unit"].decode() == "unix time (seconds)"


def test_columns_are_compressed(tmp_path: Path) -> None:
    """Each column is zstd, and texts that repeat are kept once a row group."""
    write(tmp_path, [message(n, text="да" * (n % 2)) for n in range(100)])
    group = pq.ParquetFile(tmp_path / "messages.parquet").metadata.row_group(0)
    columns = [group.column(place) for place in range(group.num_columns)]

    assert {column.compression for column in columns} == {"ZSTD"}
    assert "RLE_DICTIONARY" in columns[NAMES.index("text")].encodings


def test_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are written in groups of one size, and earlier where they are large."""
    monkeypatch.setattr(parquet_files, "GROUP", 40)
    monkeypatch.setattr(parquet, "BATCH", 10)
    monkeypatch.setattr(parquet_files, "HELD", 200_000)
    small = [message(n, text="x") for n in range(100)]
    large = [message(n, text="x" * 10_000) for n in range(100, 140)]
    write(tmp_path, [*small[:80], *large, *small[80:]])
    data = pq.ParquetFile(tmp_path / "messages.parquet").metadata

    sizes = [data.row_group(place).num_rows for place in range(data.num_row_groups)]
    assert sizes == [40, 40, 20, 20, 20]


def test_a_table_without_rows(tmp_path: Path) -> None:
    """It is there with its columns, in one file; no year is made up for it."""
    for folder, writer in (("one", ParquetWriter()), ("years", ParquetWriter("year"))):
        assert write(tmp_path / folder, [], writer) == [Written("messages.parquet", 0)]
        assert list(files(tmp_path / folder)) == ["messages.parquet"]
        assert pq.read_schema(tmp_path / folder / "messages.parquet").names == NAMES


# Years


def test_years(tmp_path: Path) -> None:
    """Each row is in the year of its date, those without one in year 0; DuckDB knows the years."""
    dates = [Y2020, Y2021 - 1, Y2021, None, -1, 0]
    written = write(
        tmp_path, [message(n, date=date) for n, date in enumerate(dates)], ParquetWriter("year")
    )
    found = asked(
        f"select id, year from read_parquet('{tmp_path}/messages/**/*.parquet', "
        "hive_partitioning=true) order by id"
    )

    assert {one.path: one.rows for one in written} == {
        f"messages/year={year}/part-0.parquet": rows
        for year, rows in (("1969", 1), ("1970", 1), ("2020", 2), ("2021", 1), ("0", 1))
    }
    assert [year for _, year in found] == [2020, 2020, 2021, 0, 1969, 1970]


@pytest.mark.parametrize("dates", [[None], [None, 0], [0]])
def test_years_are_numbers(tmp_path: Path, dates: list[int | None]) -> None:
    """Rows without a time leave `year` a number for DuckDB, Polars, pandas and pyarrow."""
    import polars as pl

    some = [message(n, date=date) for n, date in enumerate(dates)]
    write(tmp_path, some, ParquetWriter("year"))
    folder = tmp_path / "messages"
    told = asked(f"select distinct typeof(year) from read_parquet('{folder}/*/*.parquet')")
    by_pandas = pd.read_parquet(folder)["year"]
    years = [0 if date is None else 1970 for date in dates]

    assert told == [("BIGINT",)]
    assert pl.read_parquet(folder).schema["year"] == pl.Int64
    assert sorted(map(int, by_pandas)) == years
    assert ds.dataset(folder, partitioning="hive").schema.field("year").type == pa.int32()


def test_which_tables_have_years() -> None:
    """Parted are tables whose rows have a time to sort by; the others are one file."""
    by = {table.name: year_column(view_of(table.name)) for table in TABLES}

    assert {name: by[name] for name in ("posts", "topics", "albums", "users", "conversations")} == {
        "posts": "date", "topics": "updated", "albums": "created", "users": None,
        "conversations": None,
    }  # fmt: skip
    # Then the partition would have the name of a column.
    assert not any(field.name == "year" for table in TABLES for field in view_of(table.name).fields)


def test_years_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More years than can be open or held at once: no row is lost, each year keeps its order."""
    monkeypatch.setattr(parquet_files, "OPEN", 3)
    monkeypatch.setattr(parquet, "BATCH", 20)
    monkeypatch.setattr(parquet_files, "HELD", 60_000)
    some = [message(n, date=n * 7919 % 40 * 31_557_600 + 86_400 * 30) for n in range(500)]
    written = write(tmp_path, some, ParquetWriter("year"))
    numbers: dict[str, list[int]] = {}
    for one in sorted(written, key=lambda one: (len(one.path), one.path)):
        found = [row[0] for row in read(tmp_path / one.path)]
        assert len(found) == one.rows
        numbers.setdefault(one.path.split("/")[1], []).extend(found)

    assert len(numbers) == 40
    assert len(written) > 40
    assert {one.path for one in written} == set(files(tmp_path))
    assert all(found == sorted(found) for found in numbers.values())
    assert sorted(n for found in numbers.values() for n in found) == list(range(500))


# Archives


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports of two archives, each once in one file a table and once by years."""
    folder = tmp_path_factory.mktemp("exports")
    for name, seed in (("anna", 1), ("boris", 2)):
        with DemoInstance(generate(seed, SMALL), "B") as instance:
            run(instance, folder / f"{name}.db")
        for kind, partition in (("whole", None), ("years", "year")):
            (folder / kind).mkdir(exist_ok=True)
            wish = Wish(selection=Selection(), format="parquet", partition=partition)
            export(folder / f"{name}.db", folder / kind / name, wish)
    return folder


def test_one_query_reads_two_archives(exports: Path) -> None:
    """DuckDB counts the posts of both at once, by file or by year, and counts the same."""
    whole = asked(
        f"select split(filename, '/')[-2], year(date at time zone 'UTC'), count(*) from "
        f"read_parquet('{exports}/whole/*/posts.parquet', filename=true) group by 1, 2"
    )
    years = asked(
        f"select split(filename, '/')[-4], year, count(*) from "
        f"read_parquet('{exports}/years/*/posts/*/*.parquet', filename=true, "
        "hive_partitioning=true) group by 1, 2"
    )

    assert {name for name, _, _ in whole} == {"anna", "boris"}
    assert sorted(whole) == sorted(years)


@pytest.mark.parametrize("kind", ["whole", "years"])
def test_every_table_of_a_demo_is_read(exports: Path, kind: str) -> None:
    """Each table that was exported is read by DuckDB, with as many rows as its manifest says."""
    folder = exports / kind / "anna"
    manifest = json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8"))
    found = {path.relative_to(folder).parts[0] for path in folder.rglob("*.parquet")}

    assert {name.removesuffix(".parquet") for name in found} >= {"posts", "messages", "users"}
    counts = (
        f"select '{name.removesuffix('.parquet')}', count(*) from "
        f"read_parquet('{folder}/{name}{'' if name.endswith('.parquet') else '/*/*.parquet'}')"
        for name in found
    )
    for name, counted in asked(" union all ".join(counts)):
        assert counted == _told(manifest, name), name


def _told(manifest: dict[str, Any], name: str) -> int:
    return int(manifest["tables"][name]["rows"])
