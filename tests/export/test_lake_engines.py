"""A lake of fifty archives as programs read it: DuckDB, Polars, pandas, pyarrow and Spark.

Spark is asked where pyspark is installed, and a Java that runs it: together they are half a
gigabyte, so CI has none. What pyarrow reads has the same partition rules.
"""

import gc
from collections.abc import Callable, Iterator

import pytest
from lakes import BY_NAME, SOME, Lake, make_lake, read_by

#: What tables of a lake have beside their own columns.
MORE = {"archive": "text", "instance": "text"}
YEARS = ("posts", "messages")
#: How the engines call types.
KINDS = {
    "int64": "number", "Int64": "number", "BIGINT": "number", "bigint": "number",
    "int32": "number", "int": "number",
    "bool": "flag", "boolean": "flag", "Boolean": "flag", "BOOLEAN": "flag",
    "str": "text", "string": "text", "String": "text", "VARCHAR": "text",
}  # fmt: skip

Found = tuple[dict[str, str], dict[str, tuple[int, int]], int]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The lake."""
    return make_lake(tmp_path_factory.mktemp("lake"))


def by_duckdb(table: str) -> Found:
    """What DuckDB says of a table: types, rows and a sum by archive, and texts."""
    import duckdb

    key = BY_NAME[table].key[-1]
    with duckdb.connect() as db:
        read = db.sql(
            f"from read_parquet('lake/{table}/**/*.parquet', hive_partitioning=true, "
            "union_by_name=true)"
        )
        types = dict(zip(read.columns, map(str, read.types), strict=True))
        sums = read.aggregate(f"archive, count(*), sum({key})::bigint").fetchall()
        texts = read.aggregate("count(text)").fetchall()[0][0] if "text" in types else 0
    return types, {name: (rows, total) for name, rows, total in sums}, texts


def by_polars(table: str) -> Found:
    """The same of Polars."""
    import polars as pl

    read = read_by("polars", table).collect()
    sums = read.group_by("archive").agg(pl.len(), pl.col(BY_NAME[table].key[-1]).sum()).rows()
    types = {name: str(kind) for name, kind in read.schema.items()}
    texts = read["text"].count() if "text" in types else 0
    return types, {name: (rows, total) for name, rows, total in sums}, texts


def by_pandas(table: str) -> Found:
    """The same of pandas."""
    read = read_by("pandas", table)
    types = {
        name: str(kind.categories.dtype if str(kind) == "category" else kind)
        for name, kind in read.dtypes.items()
    }
    sums = read.groupby("archive", observed=True)[BY_NAME[table].key[-1]].agg(["size", "sum"])
    texts = int(read["text"].count()) if "text" in types else 0
    return (
        types,
        {name: (int(row["size"]), int(row["sum"])) for name, row in sums.iterrows()},
        texts,
    )


def by_pyarrow(table: str) -> Found:
    """The same of pyarrow, which finds partitions by the rules that Spark has."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    data = ds.dataset(f"lake/{table}", partitioning="hive")
    schemas = [data.schema, *(file.physical_schema for file in data.get_fragments())]
    read = data.replace_schema(pa.unify_schemas(schemas)).to_table()
    key = BY_NAME[table].key[-1]
    sums = read.group_by("archive").aggregate([([], "count_all"), (key, "sum")]).to_pylist()
    texts = len(read) - read["text"].null_count if "text" in read.column_names else 0
    return (
        {one.name: str(one.type) for one in read.schema},
        {one["archive"]: (one["count_all"], one[f"{key}_sum"]) for one in sums},
        texts,
    )


def by_spark(table: str) -> Found:
    """The same of Spark."""
    pytest.importorskip("pyspark", reason="pyspark is not installed; pyarrow has read the same")
    read = read_by("pyspark", table)
    sums = read.selectExpr("archive", f"{BY_NAME[table].key[-1]} as number").groupBy("archive")
    found = sums.agg({"*": "count", "number": "sum"}).collect()
    texts = read.where("text is not null").count() if "text" in read.columns else 0
    rows = {one["archive"]: (one["count(1)"], one["sum(number)"]) for one in found}
    types = dict(read.dtypes)
    read.sparkSession.stop()
    # What it leaves open is to be found while that is no error yet.
    gc.collect()
    return types, rows, texts


SPARK = pytest.param(
    by_spark, marks=[pytest.mark.slow, pytest.mark.filterwarnings("ignore:unclosed")]
)
ENGINES = (by_duckdb, by_polars, by_pandas, by_pyarrow, SPARK)


@pytest.mark.parametrize("read", ENGINES, ids=lambda read: read.__name__.removeprefix("by_"))
def test_every_engine_reads_the_lake(
    read: Callable[[str], Found], lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Types are as declared, rows, numbers and texts as many as in the archives; nothing is lost.

    Some lack a column or a whole table, have rows without a time, or no rows at all.
    """
    monkeypatch.chdir(lake.folder.parent)
    for table in SOME:
        types, rows, texts = read(table)
        assert {name: kind_of(type_) for name, type_ in types.items()} == expected(table)
        assert rows == lake.rows(table)
        if table == "posts":
            assert texts == lake.texts()


def kind_of(type_: str) -> str:
    """A type by the name that all engines have for it."""
    return KINDS.get(
        type_, "time" if type_.lower().startswith(("timestamp", "datetime")) else type_
    )


def expected(table: str) -> dict[str, str]:
    """The columns of a table as declared, and what a lake adds."""
    kinds = dict(_declared(table)) | MORE
    stamps = {"first_seen_at": "time", "last_seen_at": "time", "gone_at": "time"}
    return kinds | stamps | ({"year": "number"} if table in YEARS else {})


def _declared(table: str) -> Iterator[tuple[str, str]]:
    for one in BY_NAME[table].columns:
        if one.type is str:
            yield one.name, "text"
        elif one.flag:
            yield one.name, "flag"
        else:
            yield one.name, "time" if (one.unit or "").startswith("unix time") else "number"


def test_the_lake_has_what_is_hard(lake: Lake) -> None:
    """The lake is worth its tests: fifty archives, some without a table, a column, a time."""
    posts = lake.rows("posts")
    paths = {str(path.relative_to(lake.folder)) for path in lake.folder.rglob("*.parquet")}

    assert len(lake.archives) == len(lake.rows("users")) == 50
    assert 0 < len(posts) < 50
    assert 0 < len(lake.rows("messages")) < len(posts)
    assert len({rows for rows, _ in posts.values()}) > 3
    assert len(lake.lacking & posts.keys()) == 5
    assert {"posts/archive=a6/year=0/part-0.parquet", "_archives/a5/messages.parquet"} <= paths


def test_all_tables_are_read_where_they_are(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two archives have been exported whole: each table has its rows, or is in no folder."""
    monkeypatch.chdir(lake.folder.parent)
    rows = {name: lake.rows(name) for name in BY_NAME if name not in SOME}
    folders = {path.name for path in lake.folder.iterdir()} - {*SOME, "_archives"}

    assert folders == {name for name, found in rows.items() if found}
    assert len(folders) > 20
