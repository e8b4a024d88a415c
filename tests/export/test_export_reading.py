"""CSV and NDJSON as pandas and Polars read them, with the lines of code that the codebook has."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from exporting import keep, message, write

from ovk_archive.cli.words.topics import topic

#: What programs take for nothing, for numbers or for days.
TEXTS = ["NULL", "NA", "nan", "N/A", "None", "null", "00123", "1e5", "true", "2020-01-01"]
#: So many rows look like nothing, before Polars sees another one.
BARE = 120


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with many posts that have no text and were repeated nowhere, and then others."""
    path = tmp_path_factory.mktemp("reading") / "archive.db"
    bare = [("posts", {"owner_id": 1, "id": n}) for n in range(1, BARE + 1)]
    told = [
        ("posts", {"owner_id": 1, "id": BARE + n, "text": text, "date": 9, "signer_id": 2**60 + 1})
        for n, text in enumerate(TEXTS, 1)
    ]
    keep(path, [*bare, *told, *(message(n, text=text) for n, text in enumerate(TEXTS, 1))])
    return path


def told_line(folder: Path, call: str) -> str:
    """The line of code of a codebook that reads its files."""
    (line,) = re.findall(
        rf"`({re.escape(call)}\(.*?\))`", (folder / "CODEBOOK.md").read_text("utf-8")
    )
    return str(line)


def read(folder: Path, call: str, name: str, **packages: Any) -> Any:
    """A table, read with that line."""
    return eval(told_line(folder, call), {"path": folder / name, **packages})


@pytest.mark.parametrize("name", ["posts", "messages"])
def test_polars_reads_ndjson(archive: Path, tmp_path: Path, name: str) -> None:
    """Columns that begin with nothing have their types all the same, and each value is there."""
    import polars as pl

    write(archive, tmp_path / "out", "ndjson")
    found = read(tmp_path / "out", "polars.read_ndjson", f"{name}.ndjson", polars=pl)
    texts = [text for text in found["text"].to_list() if text is not None]

    assert texts == TEXTS
    assert found.schema["text"] == pl.String
    if name == "posts":
        assert set(found["signer_id"].to_list()) == {None, 2**60 + 1}


def test_pandas_reads_ndjson(archive: Path, tmp_path: Path) -> None:
    """Texts stay texts, also where all look like numbers."""
    write(archive, tmp_path / "out", "ndjson", tables=("messages",), peers=(2,))
    found = read(tmp_path / "out", "pandas.read_json", "messages.ndjson", pandas=pd)

    assert list(found["text"]) == TEXTS
    assert list(found["date"]) == [0] * len(TEXTS)


def test_pandas_reads_csv(archive: Path, tmp_path: Path) -> None:
    """NULL and NA are texts, what is missing is missing, and no number is rounded."""
    write(archive, tmp_path / "out", "csv")
    found = read(tmp_path / "out", "pandas.read_csv", "posts.csv", pandas=pd)
    texts = found["text"][BARE:]

    assert list(texts) == TEXTS
    assert found["text"][:BARE].isna().all()
    assert set(found["signer_id"][BARE:]) == {2**60 + 1}
    assert found["signer_id"][:BARE].isna().all()


@pytest.mark.parametrize(
    ("call", "kind"), [("polars.read_ndjson", "ndjson"), ("pandas.read_csv", "csv")]
)
def test_the_topic_says_the_same(archive: Path, tmp_path: Path, call: str, kind: str) -> None:
    """What the topic says of reading is what the codebook says."""
    write(archive, tmp_path / "out", kind, tables=("posts",))

    assert told_line(tmp_path / "out", call) in topic("research")
