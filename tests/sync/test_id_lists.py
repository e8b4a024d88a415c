"""Lists of numbers: what a person may give, and what is told of the first line that is none."""

import json
from pathlib import Path
from typing import Any

import pytest

from ovk_archive.errors import BadInputError
from ovk_archive.sync.wanted.lists import read_lists


def manifest(folder: Path, **more: Any) -> None:
    """The manifest of an export with one list."""
    said = {"files": [{"path": "posts.txt"}], "options": {}, "instance": "example.org", **more}
    (folder / "MANIFEST.json").write_text(json.dumps(said))


def test_a_list_is_called_after_its_table(tmp_path: Path) -> None:
    """Lines may come from Windows, be blank, or come twice; each thing is named once, in order."""
    (tmp_path / "posts.txt").write_bytes(b"\xef\xbb\xbf-5_3\r\n\r\n1_25 \r\n-5_3\r\n")

    assert {n: [*k] for n, k in read_lists(tmp_path / "posts.txt").keys.items()} == {
        "posts": [(-5, 3), (1, 25)]
    }


def test_a_folder_has_a_list_for_each_table(tmp_path: Path) -> None:
    """All lists of a folder are read, or those of some tables; other files are none."""
    (tmp_path / "users.txt").write_text("7\n")
    (tmp_path / "notes.txt").write_text("1_2\n")
    (tmp_path / "CODEBOOK.md").write_text("words\n")

    assert set(read_lists(tmp_path).keys) == {"users", "notes"}
    assert set(read_lists(tmp_path, ("users",)).keys) == {"users"}
    assert set(read_lists(tmp_path / "users.txt", ("polls",)).keys) == {"polls"}


@pytest.mark.parametrize(
    "line",
    ["abc", "1", "1_2_3", "1_", "_2", "1_-2", "0_2", "1_0", "1 2", "1_2,1_3", "1.5_2", "١_٢",
     "--1_2", "1_9223372036854775808", "https://ovk.to/wall1_2"],
)  # fmt: skip
def test_a_line_that_is_no_number_is_told(tmp_path: Path, line: str) -> None:
    """One sentence says in which line of which list it stands, and what is written there."""
    (tmp_path / "posts.txt").write_text(f"1_1\n{line}\n", encoding="utf-8")

    with pytest.raises(BadInputError) as told:
        read_lists(tmp_path)
    assert f"{tmp_path / 'posts.txt'}, line 2: {line!r} is no number of table posts" in str(
        told.value
    )
    assert "1_25 (owner and number)" in str(told.value)


@pytest.mark.parametrize("line", ["-7", "0", "1_2", "x" * 1000])
def test_a_line_of_people_is_one_number(tmp_path: Path, line: str) -> None:
    """Of what has one number this is positive; a long line is not repeated as a whole."""
    (tmp_path / "users.txt").write_text(line)

    with pytest.raises(BadInputError, match=r"line 1: .* like 25") as told:
        read_lists(tmp_path / "users.txt")
    assert len(str(told.value)) < 250 + len(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("posts.txt", b"\xff\xfe1", "is no text"),
        ("posts.txt", b"\n \n", "names nothing"),
        ("archive.db", b"SQLite format 3\x00...", "is a database: name the list first"),
        ("mine.txt", b"1_2\n", "--table with one of users, "),
        ("likes.txt", b"1_2\n", "--table with one of users, "),
    ],
)
def test_what_is_no_list_is_told(tmp_path: Path, name: str, body: bytes, words: str) -> None:
    """What a file cannot be is one sentence."""
    (tmp_path / name).write_bytes(body)

    with pytest.raises(BadInputError, match=words):
        read_lists(tmp_path / name)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    """A missing file, an empty folder, a list that a folder lacks, several tables for one list."""
    for source, tables, words in (
        (tmp_path / "posts.txt", (), "posts.txt cannot be read: No such file"),
        (tmp_path, (), "There is no list in"),
    ):
        with pytest.raises(BadInputError, match=words):
            read_lists(source, tables)
    (tmp_path / "posts.txt").write_text("1_1\n")
    with pytest.raises(BadInputError, match=r"There is no list users\.txt in"):
        read_lists(tmp_path, ("users",))
    with pytest.raises(BadInputError, match="is one list: name one --table"):
        read_lists(tmp_path / "posts.txt", ("users", "posts"))


def test_an_export_says_whose_numbers_they_are(tmp_path: Path) -> None:
    """The manifest speaks for its folder and for each of its files, not for others beside them."""
    manifest(tmp_path)
    (tmp_path / "posts.txt").write_text("1_1\n")
    (tmp_path / "notes.txt").write_text("1_1\n")

    assert read_lists(tmp_path).instance == "example.org"
    assert read_lists(tmp_path / "posts.txt").instance == "example.org"
    assert read_lists(tmp_path / "notes.txt").instance is None


def test_pseudonyms_are_no_numbers(tmp_path: Path) -> None:
    """An export that hides people names nothing that could be asked for, though it looks so."""
    manifest(tmp_path, options={"pseudonymise": True})
    (tmp_path / "posts.txt").write_text("1_1\n")

    with pytest.raises(BadInputError, match="are pseudonyms"):
        read_lists(tmp_path)
