"""Lakes: what lies where, what is replaced and what never, names, refusals, kills, two at once."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Cli
from exporting import keep, key_in, message, post
from syncing import execute

from ovk_archive.archive.file.claims import claim
from ovk_archive.errors import ArchiveLockedError, BadInputError, StorageError
from ovk_archive.export import target_folder
from ovk_archive.export.formats.parquet import ParquetWriter
from ovk_archive.export.lake.agreement import check_types
from ovk_archive.export.selection import Selection
from ovk_archive.export.writing import Wish, export

Y2020, Y2021 = 1_577_836_800, 1_609_459_200
TABLES = ("users", "posts", "messages")
POSTS = "posts/archive=anna"
KILLER = Path(__file__).parents[1] / "killed_lakes.py"


@pytest.fixture(scope="module")
def made_by_hand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with posts of two years, one of them without a time, a person and a message."""
    path = tmp_path_factory.mktemp("by-hand") / "archive.db"
    keep(
        path,
        [
            post(1, date=Y2020, text="one", is_pinned=1),
            post(2, date=Y2021, text="two"),
            ("posts", {"owner_id": 1, "id": 3, "date": None, "text": "three"}),
            ("users", {"id": 1, "name": "Anna"}),
            message(1, date=Y2020, text="hello"),
        ],
    )
    return path


@pytest.fixture
def archive(made_by_hand: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    path = tmp_path / "archive.db"
    path.write_bytes(made_by_hand.read_bytes())
    return path


def put(path: Path, lake: Path, name: str, **wishes: Any) -> Any:
    """Export into a lake: the manifest."""
    key = wishes.pop("key_file", None)
    selection = Selection(**{"tables": TABLES, **wishes})
    wish = Wish(selection=selection, format="parquet", archive=name, key_file=key)
    return export(path, lake, wish)


def files(lake: Path) -> dict[str, tuple[bytes, int]]:
    """Every file in a lake: its bytes, and which file of the disk it is."""
    found = (path for path in sorted(lake.rglob("*")) if path.is_file())
    return {
        path.relative_to(lake).as_posix(): (path.read_bytes(), path.stat().st_ino) for path in found
    }


def others(lake: Path, name: str) -> dict[str, tuple[bytes, int]]:
    """The files that are not an archive's."""
    return {path: file for path, file in files(lake).items() if name not in path}


def test_where_the_parts_lie(archive: Path, tmp_path: Path) -> None:
    """By table, archive and year; without a time in year 0; what has no rows, and what tells."""
    execute(archive, ["delete from messages"])
    put(archive, tmp_path / "lake", "anna")

    assert list(files(tmp_path / "lake")) == [
        "_archives/anna/CODEBOOK.md",
        "_archives/anna/MANIFEST.json",
        "_archives/anna/datapackage.json",
        "_archives/anna/messages.parquet",
        "posts/archive=anna/year=0/part-0.parquet",
        "posts/archive=anna/year=2020/part-0.parquet",
        "posts/archive=anna/year=2021/part-0.parquet",
        "users/archive=anna/part-0.parquet",
    ]


def test_rows_say_where_they_are_from(archive: Path, tmp_path: Path) -> None:
    """Pandas reads archive, instance and year beside the columns, and the empty table's columns."""
    lake = tmp_path / "lake"
    execute(archive, ["delete from messages"])
    put(archive, lake, "anna")
    posts = pd.read_parquet(lake / "posts").sort_values("id")
    empty = pd.read_parquet(lake / "_archives" / "anna" / "messages.parquet")

    assert list(posts["id"]) == [1, 2, 3]
    assert list(posts["year"]) == [2020, 2021, 0]
    assert set(posts["archive"]) == {"anna"}
    assert set(posts["instance"]) == {"example.org"}
    assert (len(empty), "text" in empty) == (0, True)


def test_the_manifest_leads_from_the_lake(archive: Path, tmp_path: Path) -> None:
    """Its paths and hashes, and the package's resources, are those of the files in the lake."""
    import frictionless

    lake = tmp_path / "lake"
    said = put(archive, lake, "anna")
    hashes = {path: sha256(content).hexdigest() for path, (content, _) in files(lake).items()}
    package = json.loads((lake / "_archives/anna/datapackage.json").read_bytes())
    report = frictionless.Package(package, basepath=str(lake)).validate()

    del hashes["_archives/anna/MANIFEST.json"]
    assert {one["path"]: one["sha256"] for one in said["files"]} == hashes
    assert report.valid, report.flatten(["type", "message"])[:5]
    assert sum(task.stats.get("rows", 0) for task in report.tasks) == 5
    assert {one["name"] for one in package["resources"]} == {
        "users", "posts-year-0-part-0", "posts-year-2020-part-0", "posts-year-2021-part-0",
        "messages",
    }  # fmt: skip


def test_only_its_own_part_is_replaced(archive: Path, tmp_path: Path) -> None:
    """What others and people have put there stays as it is; rows and tables that went are gone."""
    lake = tmp_path / "lake"
    put(archive, lake, "boris")
    put(archive, lake, "anna")
    for name in ("notes.txt", "posts/mine.txt", "events/archive=anna/part-0.parquet"):
        (lake / name).parent.mkdir(parents=True, exist_ok=True)
        (lake / name).write_text("mine")
    before = others(lake, "=anna")
    execute(archive, ["delete from messages", "delete from posts where id = 2"])
    put(archive, lake, "anna")

    assert others(lake, "anna") == {k: v for k, v in before.items() if "anna" not in k}
    assert (lake / "events/archive=anna/part-0.parquet").read_text() == "mine"
    assert sorted(pd.read_parquet(lake / "posts/archive=anna")["id"]) == [1, 3]
    assert sorted(pd.read_parquet(lake / "posts/archive=boris")["id"]) == [1, 2, 3]
    assert not (lake / "messages/archive=anna").exists()
    assert (lake / "messages/archive=boris").exists()
    assert list((lake / "_archives/.anna").iterdir()) == []


def test_a_table_that_is_not_exported_any_more_goes(archive: Path, tmp_path: Path) -> None:
    """The part is what the last export said, not a mix of several."""
    put(archive, tmp_path / "lake", "anna")
    put(archive, tmp_path / "lake", "anna", tables=("users",))

    assert [path for path in files(tmp_path / "lake") if path.endswith(".parquet")] == [
        "users/archive=anna/part-0.parquet"
    ]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("posts/archive=anna/mine.txt", "was not put there by an export as anna"),
        ("posts/archive=anna/year=2020/part-1.parquet", "was not put there by an export as anna"),
        ("_archives/anna/mine.txt", "was not put there by an export as anna"),
        ("comments/archive=anna/mine.txt", "was not put there by an export as anna"),
    ],
)
def test_what_would_be_lost_is_refused(
    archive: Path, tmp_path: Path, place: str, said: str
) -> None:
    """A foreign file in a folder that would be replaced stops the export, and nothing changes."""
    lake = tmp_path / "lake"
    put(archive, lake, "anna")
    (lake / place).parent.mkdir(parents=True, exist_ok=True)
    (lake / place).write_text("mine")
    before = files(lake)
    execute(archive, ["delete from posts where id = 2"])

    with pytest.raises(BadInputError, match=said):
        put(archive, lake, "anna")
    assert files(lake) == before


def test_what_a_desktop_leaves_is_no_obstacle(archive: Path, tmp_path: Path) -> None:
    """A folder that somebody has looked at becomes a lake, and a part is replaced all the same."""
    lake = tmp_path / "lake"
    lake.mkdir()
    (lake / ".DS_Store").write_text("icons")
    put(archive, lake, "anna")
    (lake / "posts/archive=anna/Thumbs.db").write_text("icons")
    execute(archive, ["delete from posts where id = 2"])
    put(archive, lake, "anna")

    assert sorted(pd.read_parquet(lake / "posts/archive=anna")["id"]) == [1, 3]
    assert (lake / ".DS_Store").exists()


def test_a_foreign_part_of_this_name_is_refused(archive: Path, tmp_path: Path) -> None:
    """What another program has written as `archive=anna`, or a link, is not replaced."""
    lake = tmp_path / "lake"
    put(archive, lake, "boris")
    (tmp_path / "elsewhere").mkdir()
    (lake / "posts/archive=anna").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(BadInputError, match="was not put there by an export as anna"):
        put(archive, lake, "anna")
    assert (lake / "posts/archive=anna").is_symlink()


def test_what_another_program_tells_of_this_name_stays(archive: Path, tmp_path: Path) -> None:
    """Where no manifest says that it is ours, it is somebody else's."""
    lake = tmp_path / "lake"
    put(archive, lake, "boris")
    (lake / "_archives/anna").mkdir()
    (lake / "_archives/anna/mine.txt").write_text("mine")

    with pytest.raises(BadInputError, match=r"mine\.txt was not put there"):
        put(archive, lake, "anna")
    assert (lake / "_archives/anna/mine.txt").read_text() == "mine"


def test_versions_have_a_part_too(archive: Path, tmp_path: Path) -> None:
    """Former contents lie beside the tables, and go when they are not asked for any more."""
    lake = tmp_path / "lake"
    put(archive, lake, "anna", with_versions=True)
    versions = pd.read_parquet(lake / "_versions")
    put(archive, lake, "anna")

    assert set(versions["resource"]) == set(TABLES)
    assert not (lake / "_versions/archive=anna").exists()


# Which folders are lakes


def _with_a_file(path: Path) -> None:
    path.mkdir()
    (path / "photo.jpg").write_text("mine")


def _an_export(path: Path) -> None:
    path.mkdir()
    (path / "MANIFEST.json").write_text("{}")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_with_a_file, "is no lake of ovk-archive"),
        (_an_export, "is no lake of ovk-archive"),
        (lambda path: path.write_text("mine"), "is no folder"),
        (lambda path: path.symlink_to("nowhere"), "is no folder"),
    ],
)
def test_what_is_no_lake_is_refused(
    archive: Path, tmp_path: Path, make: Callable[[Path], Any], said: str
) -> None:
    """A folder of other things stays as it is."""
    make(tmp_path / "lake")
    before = files(tmp_path)

    with pytest.raises(BadInputError, match=said):
        put(archive, tmp_path / "lake", "anna")
    assert files(tmp_path) == before


def test_a_new_lake_is_private(archive: Path, tmp_path: Path) -> None:
    """A lake that does not exist is made so that only its owner reads it; an empty one is taken."""
    (tmp_path / "empty").mkdir(mode=0o755)
    put(archive, tmp_path / "new", "anna")
    put(archive, tmp_path / "empty", "anna")

    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "empty").stat().st_mode & 0o777 == 0o755
    with pytest.raises(StorageError, match="There is no directory"):
        put(archive, tmp_path / "none" / "lake", "anna")


# Names


@pytest.mark.parametrize("name", ["a", "anna", "Anna-2_b", "e5", "x" * 100])
def test_names(archive: Path, tmp_path: Path, name: str) -> None:
    """An archive can have these names, and programs read them as texts."""
    put(archive, tmp_path / "lake", name, tables=("users",))

    assert set(pd.read_parquet(tmp_path / "lake" / "users")["archive"]) == {name}


@pytest.mark.parametrize(
    "name",
    ["", "123", "1e5", "2020-01-01", "анна", "a b", "a/b", "..", ".a", "_a", "a%20", "a\n", "NaN",
     "epoch", "Infinity", "inf", "true", "False", "null", "x" * 101],
)  # fmt: skip
def test_names_that_programs_misread(archive: Path, tmp_path: Path, name: str) -> None:
    """Names that would be numbers or days somewhere, or that no folder can have, are refused."""
    with pytest.raises(BadInputError, match="cannot be the name of an archive in a lake"):
        put(archive, tmp_path / "lake", name)
    assert not (tmp_path / "lake").exists()


def test_names_that_differ_by_capitals(archive: Path, tmp_path: Path) -> None:
    """Not all disks tell them apart, so the second one is refused."""
    put(archive, tmp_path / "lake", "anna", tables=("users",))

    with pytest.raises(BadInputError, match="An archive is called anna in this lake"):
        put(archive, tmp_path / "lake", "Anna")


# Types


def test_types_agree(archive: Path, tmp_path: Path) -> None:
    """Pseudonyms are texts where there are numbers: no program could read both; nothing changes."""
    lake, hidden = tmp_path / "lake", {"key_file": key_in(tmp_path)}
    put(archive, lake, "anna", tables=("users",))
    put(archive, lake, "boris")
    before = files(lake)

    with pytest.raises(BadInputError, match=r"Column .* of messages has the type .*archive=boris"):
        put(archive, lake, "carl", **hidden)
    with pytest.raises(BadInputError, match="another lake"):
        put(archive, lake, "anna", **hidden)
    assert files(lake) == before
    put(archive, tmp_path / "other", "anna")
    assert put(archive, tmp_path / "other", "anna", **hidden)["tables"]["posts"]["rows"] == 3


def test_types_agree_with_all(tmp_path: Path) -> None:
    """A column that the first archive lacks is compared with that of the next one."""
    columns = {"a": {"id": pa.int64()}, "b": {"id": pa.int64(), "text": pa.string()},
               "c": {"id": pa.int64(), "text": pa.int64()}}  # fmt: skip
    for name, types in columns.items():
        part = tmp_path / ("new" if name == "c" else "lake") / "posts" / f"archive={name}"
        part.mkdir(parents=True)
        pq.write_table(pa.schema(types).empty_table(), part / "part-0.parquet")
    (tmp_path / "lake/posts/archive=0").mkdir()
    (tmp_path / "lake/posts/archive=0/part-0.parquet").write_bytes(b"no Parquet")

    with pytest.raises(BadInputError, match=r"Column text of posts has the type string in .*=b"):
        check_types(tmp_path / "lake", "c", tmp_path / "new")


def test_pseudonyms_do_not_tell_the_instance(archive: Path, tmp_path: Path) -> None:
    """The column is there, and empty; the manifest does not say it, either."""
    put(archive, tmp_path / "lake", "p1", key_file=key_in(tmp_path))
    posts = pd.read_parquet(tmp_path / "lake" / "posts")

    assert posts["instance"].isna().all()
    assert not [path for path, (content, _) in files(tmp_path / "lake").items()
                if b"example.org" in content]  # fmt: skip


def test_the_key_is_not_in_the_lake(archive: Path, tmp_path: Path) -> None:
    """Who gets the lake would get the key; and nothing is left of a lake that was not made."""
    with pytest.raises(BadInputError, match="key"):
        put(archive, tmp_path / "lake", "anna", key_file=tmp_path / "lake" / "key")
    assert not (tmp_path / "lake").exists()


def test_all_parts_lie_alike(tmp_path: Path) -> None:
    """A table with times has years in each part of a lake, also where the times became texts."""
    (view,) = Selection(tables=("posts",)).views()
    told = replace(
        view, fields=tuple(replace(one, type="string") for one in view.fields if one.name == "date")
    )
    (one,) = ParquetWriter(archive="anna").write(tmp_path, told, [("2020-05",)])

    assert one.path == "posts/archive=anna/year=0/part-0.parquet"


# Who is stopped, and two at once


def test_an_export_that_fails_leaves_the_lake(archive: Path, tmp_path: Path) -> None:
    """A damaged archive changes nothing, and makes no lake."""
    put(archive, tmp_path / "lake", "anna")
    before = files(tmp_path / "lake")
    execute(archive, ["drop table posts", "create table posts (id)"])
    for name in ("lake", "new"):
        with pytest.raises(StorageError):
            put(archive, tmp_path / name, "anna")

    assert files(tmp_path / "lake") == before
    assert not (tmp_path / "new").exists()


def test_bytes_are_on_the_disk_before_names(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file of a part is flushed while it is still made aside: a power cut leaves no half."""
    flushed = set()
    real = os.fsync

    def noting(descriptor: int) -> None:
        flushed.add(Path(f"/proc/self/fd/{descriptor}").readlink())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    put(archive, tmp_path / "lake", "anna")
    making = tmp_path / "lake/_archives/.anna/making"

    assert {making / path for path in files(tmp_path / "lake")} <= flushed
    assert making / "plan.json" in flushed
    assert tmp_path / "lake/posts" in flushed


def test_where_folders_cannot_change_places(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On other systems the old part is moved aside first, and nothing of it is left."""
    monkeypatch.setattr(target_folder, "exchange", lambda _one, _other: False)
    put(archive, tmp_path / "lake", "anna")
    before = list(files(tmp_path / "lake"))
    execute(archive, ["update posts set text = 'other'"])
    put(archive, tmp_path / "lake", "anna")

    assert list(files(tmp_path / "lake")) == before
    assert set(pd.read_parquet(tmp_path / "lake" / "posts")["text"]) == {"other"}


def test_the_same_name_at_once(archive: Path, tmp_path: Path) -> None:
    """While one export works as anna another one as anna is refused, and one as boris is not."""
    lake = tmp_path / "lake"
    put(archive, lake, "anna")
    release = claim(lake / "_archives" / ".anna")
    try:
        with pytest.raises(ArchiveLockedError, match="as anna is under way"):
            put(archive, lake, "anna")
        put(archive, lake, "boris")
    finally:
        release()
    put(archive, lake, "anna")

    assert set(pd.read_parquet(lake / "posts")["archive"]) == {"anna", "boris"}


def test_two_names_at_once(archive: Path, tmp_path: Path, cli: Cli) -> None:
    """Two exports that begin together, into a lake that is not there yet, both succeed."""
    arguments = ("--format", "parquet", "--table", "posts", "--into", "--as")
    running = [
        cli.start("export", archive, tmp_path / "lake", *arguments, name)
        for name in ("anna", "boris")
    ]
    told = [one.communicate(timeout=60) for one in running]

    assert [one.returncode for one in running] == [0, 0], told
    posts = pd.read_parquet(tmp_path / "lake" / "posts")
    assert sorted(posts["archive"]) == ["anna"] * 3 + ["boris"] * 3


@pytest.fixture(scope="module")
def killed(
    made_by_hand: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Path], list[dict[str, Any]]]:
    """A changed archive, lakes in which its export was killed, and what it was before and after."""
    folder = tmp_path_factory.mktemp("killed")
    changed, old, new = folder / "changed.db", folder / "old", folder / "new"
    changed.write_bytes(made_by_hand.read_bytes())
    execute(changed, ["delete from messages", "delete from posts where id = 2",
                      "update users set name = 'Anya'"])  # fmt: skip
    put(made_by_hand, old, "anna")
    put(changed, new, "anna")
    subprocess.run([sys.executable, KILLER, changed, old, folder / "lakes"], check=True, timeout=99)
    return changed, sorted((folder / "lakes").iterdir()), [contents(old), contents(new)]


def test_who_is_killed_leaves_old_or_new(
    killed: tuple[Path, list[Path], list[dict[str, Any]]],
) -> None:
    """Killed at any step, each table is the old or the new one; what tells of them comes last."""
    _, lakes, (old, new) = killed
    found = [contents(lake) for lake in lakes]

    assert len(found) > 8
    for now in found:
        assert all(table in (old.get(name, {}), new.get(name, {})) for name, table in now.items())
        assert now["_archives/anna"] == old["_archives/anna"] or now == new
    assert sum(now not in (old, new) for now in found) >= 3


def test_the_next_run_finishes_what_a_killed_one_left(
    killed: tuple[Path, list[Path], list[dict[str, Any]]], made_by_hand: Path, tmp_path: Path
) -> None:
    """All tables are old or all are new then, be that run of this archive or of another one."""
    changed, lakes, (old, new) = killed
    healed = []
    for number, lake in enumerate(lakes):
        copy = tmp_path / lake.name
        shutil.copytree(lake, copy)
        if number % 3:
            put(made_by_hand, copy, "boris", tables=("users",))
            healed.append(contents(copy))
            assert healed[-1] in (old, new)
        else:
            put(changed, copy, "anna")
            assert contents(copy) == new
        assert list((copy / "_archives/.anna").iterdir()) == []

    assert new in healed


def contents(lake: Path) -> dict[str, dict[str, bytes]]:
    """What a lake has of anna, by table."""
    parts = [*lake.glob("[a-z]*/archive=anna"), lake / "_archives" / "anna"]
    return {
        part.relative_to(lake).as_posix(): {
            path.relative_to(part).as_posix(): path.read_bytes()
            for path in sorted(part.rglob("*"))
            if path.is_file()
        }
        for part in parts
    }


def test_what_somebody_spoiled_meanwhile_is_not_made_old(
    killed: tuple[Path, list[Path], list[dict[str, Any]]], made_by_hand: Path, tmp_path: Path
) -> None:
    """Of a table that is new already, but lacks a file since, the old one does not come back."""
    _, lakes, (_, new) = killed
    lake = next(lake for lake in lakes if contents(lake).get(POSTS) == new[POSTS]
                and contents(lake) != new)  # fmt: skip
    shutil.copytree(lake, tmp_path / "lake")
    (tmp_path / "lake" / POSTS / "year=2020" / "part-0.parquet").unlink()
    put(made_by_hand, tmp_path / "lake", "boris", tables=("users",))

    assert set(contents(tmp_path / "lake")[POSTS]) == set(new[POSTS]) - {"year=2020/part-0.parquet"}


# The command line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "csv", "--into", "--as", "anna"), "--into is for --format parquet"),
        (("--format", "parquet", "--into"), "--into and --as NAME go together"),
        (("--format", "parquet", "--as", "anna"), "--into and --as NAME go together"),
        (
            ("--format", "parquet", "--into", "--as", "anna", "--with-media"),
            "--with-media does not",
        ),
        (("--format", "parquet", "--into", "--as", "anna", "--force"), "leave out --force"),
        (("--format", "parquet", "--into", "--as", "123"), "cannot be the name of an archive"),
    ],
)
def test_wishes_that_do_not_go_together(
    archive: Path, tmp_path: Path, cli: Cli, arguments: tuple[str, ...], said: str
) -> None:
    """Each is refused in a sentence, with exit code 2."""
    done = cli.run("export", archive, tmp_path / "lake", *arguments)

    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert not (tmp_path / "lake").exists()


def test_the_command_says_where_it_is(archive: Path, tmp_path: Path, cli: Cli) -> None:
    """The rows are in the lake, what is lacking is told beside the archive's own part."""
    done = cli.run("export", archive, tmp_path / "lake", "--format", "parquet", "--into", "--as",
                   "anna", "--table", "posts")  # fmt: skip

    assert done.returncode == 0
    assert "3 rows of 1 table are in" in done.stdout + done.stderr
    assert "_archives/anna/MANIFEST.json" in "".join((done.stdout + done.stderr).split())
