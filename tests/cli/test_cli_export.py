"""`ovk-archive export` of the demo: each format, the data package, pseudonyms, refusals."""

import csv
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli
from exporting import write
from syncing import execute, query, run
from toy import DemoInstance, World
from worlds import small_demo

FORMATS = ("json", "ndjson", "csv", "parquet", "ids")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """The archive of a world with all that the demo has, and that world."""
    path, world = tmp_path_factory.mktemp("demo") / "archive.db", small_demo()
    with DemoInstance(world, "B") as instance:
        run(instance, path)
    return path, world


def exported(cli: Cli, archive: Path, folder: Path, kind: str, *more: object) -> dict[str, Any]:
    """Export, and the manifest of it."""
    said = cli.run("export", archive, folder, "--format", kind, "--quiet", *more)
    assert said.returncode in (0, 3), said.stderr
    return dict(json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8")))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of an export."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_archive_gives_the_same_bytes(
    kind: str, cli: Cli, demo: tuple[Path, World], tmp_path: Path
) -> None:
    """Twice exported, every file is the same; the manifest has the hash of each of the data."""
    manifest = exported(cli, demo[0], tmp_path / "one", kind)
    exported(cli, demo[0], tmp_path / "two", kind)
    one = contents(tmp_path / "one")

    assert one == contents(tmp_path / "two")
    described = {"datapackage.json", "ro-crate-metadata.json", "CODEBOOK.md", "MANIFEST.json"}
    assert described < one.keys()
    hashes = {file["path"]: file["sha256"] for file in manifest["files"]}
    assert len(hashes) > 10
    assert {path: hashlib.sha256(one[path]).hexdigest() for path in hashes} == hashes


def test_rows_read_back_equal(cli: Cli, demo: tuple[Path, World], tmp_path: Path) -> None:
    """CSV, NDJSON and Parquet have the posts of the archive, every text as it was written."""
    import duckdb

    path = demo[0]
    for kind in ("csv", "ndjson", "parquet"):
        exported(cli, path, tmp_path / kind, kind)
    rows = query(path, "select owner_id, id, text from posts order by owner_id, id")
    with (tmp_path / "csv" / "posts.csv").open(encoding="utf-8", newline="") as file:
        by_csv = [(int(r["owner_id"]), int(r["id"]), r["text"]) for r in csv.DictReader(file)]
    lines = (tmp_path / "ndjson" / "posts.ndjson").read_text(encoding="utf-8").split("\n")
    records = [json.loads(line) for line in lines if line]
    by_parquet = (
        duckdb.connect()
        .execute(f"select owner_id, id, text from '{tmp_path}/parquet/posts.parquet' order by 1, 2")
        .fetchall()
    )

    assert len(rows) > 30
    assert by_csv == [(owner, number, text or "") for owner, number, text in rows]
    assert [(r["owner_id"], r["id"], r["text"]) for r in records] == rows
    assert by_parquet == rows


def test_comments_are_in_their_posts(cli: Cli, demo: tuple[Path, World], tmp_path: Path) -> None:
    """The nested form has every comment of every post, within it."""
    path, _ = demo
    exported(cli, path, tmp_path / "json", "json")
    posts = json.loads((tmp_path / "json" / "posts.json").read_text(encoding="utf-8"))
    nested = {
        (post["owner_id"], post["id"], comment["id"])
        for post in posts
        for comment in post["comments"]["items"]
    }

    held = query(path, "select owner_id, post_id, id from comments where post_id is not null")
    assert nested == set(held)


#: What people write, and what that refers to; all of it has a time.
WRITTEN = ("users", "groups", "posts", "comments", "conversations", "messages", "topics", "polls")


@pytest.mark.parametrize(
    ("kind", "wishes"),
    [
        ("csv", {}),
        ("ndjson", {}),
        ("parquet", {}),
        # What these change they change for whatever has texts, or times.
        ("csv", {"excel": True, "tables": WRITTEN}),
        ("parquet", {"partition": "year", "tables": WRITTEN}),
    ],
)
def test_the_data_package_is_valid(
    kind: str, wishes: dict[str, Any], demo: tuple[Path, World], tmp_path: Path
) -> None:
    """`frictionless` finds nothing wrong, types, keys and references hold, and it sees all rows.

    For each reference it reads a table anew, which takes long where a row is a line of JSON or of
    Parquet: so the references of these are followed by DuckDB.
    """
    import frictionless

    folder = tmp_path / "out"
    manifest = write(demo[0], folder, kind, **wishes)
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    if kind != "csv":
        references = {
            one["name"]: one["schema"].pop("foreignKeys", []) for one in package["resources"]
        }
        assert sum(map(len, references.values())) >= 5
        assert broken(folder, package, references) == []
    (folder / "alone.json").write_text(json.dumps(package), encoding="utf-8")
    report = frictionless.validate(str(folder / "alone.json"))
    seen = sum(task.stats.get("rows", 0) for task in report.tasks)

    assert report.valid, report.flatten(["type", "message"])[:5]
    assert report.stats["tasks"] >= len(wishes.get("tables", range(21)))
    assert seen == sum(one["rows"] for one in manifest["tables"].values())


def broken(folder: Path, package: dict[str, Any], references: dict[str, Any]) -> list[Any]:
    """The references of a package that lead nowhere, in some row."""
    import duckdb

    files = {one["name"]: f"'{folder / one['path']}'" for one in package["resources"]}
    found = []
    with duckdb.connect() as db:
        for name, keys in references.items():
            for key in keys:
                pairs = zip(key["fields"], key["reference"]["fields"], strict=True)
                ons = [f'a."{here}"::text = b."{there}"::text' for here, there in pairs]
                given = " or ".join(f'a."{here}" is not null' for here in key["fields"])
                there = files[key["reference"]["resource"] or name]
                sql = (
                    f"from {files[name]} a anti join {there} b on {' and '.join(ons)} where {given}"
                )
                found += [(name, key, row) for row in db.execute(f"{sql} limit 1").fetchall()]
    return found


def test_two_archives_are_read_at_once(demo: tuple[Path, World], tmp_path: Path) -> None:
    """DuckDB reads the posts of two exports with one query."""
    import duckdb

    for name in ("anna", "boris"):
        write(demo[0], tmp_path / name, "parquet", tables=("posts",))
    found = (
        duckdb.connect()
        .execute(
            "select filename, count(*) from "
            f"read_parquet('{tmp_path}/*/posts.parquet', filename=true) group by 1"
        )
        .fetchall()
    )

    [(posts,)] = query(demo[0], "select count(*) from posts")
    assert [count for _, count in found] == [posts, posts]


@pytest.mark.parametrize("kind", ["ndjson", "csv"])
def test_nobody_is_named_in_pseudonyms(
    kind: str, cli: Cli, demo: tuple[Path, World], tmp_path: Path
) -> None:
    """No name, address or link of the world's people and groups is in any byte of the export."""
    path, world = demo
    folder = tmp_path / "hidden"
    key = ("--key", tmp_path / "key", "--new-key")
    manifest = exported(cli, path, folder, kind, "--pseudonymise", *key)
    text = "\n".join(
        content.decode("utf-8").casefold()
        for name, content in contents(folder).items()
        if not name.endswith((".md", "package.json", "metadata.json"))
    )
    secrets = {word for user in world.users.values() for word in (user.last_name, user.screen_name)}
    secrets |= {word for group in world.groups.values() for word in (group.name, group.screen_name)}
    known = {str(word).casefold() for word in secrets if word and len(word) > 3}

    assert len(known) > 15
    assert {word for word in known if re.search(rf"\b{re.escape(word)}\b", text)} == set()
    assert "http" not in text
    assert "instance" not in manifest
    assert "account_id" not in manifest
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_what_is_gone_is_left_out(cli: Cli, demo: tuple[Path, World], tmp_path: Path) -> None:
    """Rows that are gone are exported only when they are asked for."""
    path = tmp_path / "archive.db"
    path.write_bytes(demo[0].read_bytes())
    execute(path, ["update notes set gone_at = '2026-01-01T00:00:00Z' where id < 4"])
    without = exported(cli, path, tmp_path / "without", "csv", "--table", "notes")
    with_them = exported(cli, path, tmp_path / "with", "csv", "--table", "notes", "--with-gone")

    assert with_them["tables"]["notes"]["rows"] - without["tables"]["notes"]["rows"] == 3


def test_a_stream_for_pipes(cli: Cli, demo: tuple[Path, World]) -> None:
    """`-` writes one table to stdout and nothing else."""
    said = cli.run("export", demo[0], "-", "--format", "ndjson", "--table", "notes")
    count = query(demo[0], "select count(*) from notes")[0][0]

    assert said.returncode == 0
    assert [json.loads(line)["id"] for line in said.stdout.splitlines()] == list(
        dict.fromkeys(json.loads(line)["id"] for line in said.stdout.splitlines())
    )
    assert len(said.stdout.splitlines()) == count


def test_refusals_write_nothing(cli: Cli, demo: tuple[Path, World], tmp_path: Path) -> None:
    """An unknown table, a bad date, a folder that is there, no archive: a sentence each."""
    there = tmp_path / "there"
    there.mkdir()
    (there / "mine.txt").write_text("mine", encoding="utf-8")
    new = tmp_path / "new"
    said = [
        cli.run("export", demo[0], new, "--format", "csv", "--table", "letters"),
        cli.run("export", demo[0], new, "--format", "csv", "--since", "yesterday"),
        cli.run("export", demo[0], new, "--format", "xml"),
        cli.run("export", demo[0], there, "--format", "csv", "--force"),
        cli.run("export", tmp_path / "none.db", new, "--format", "csv"),
        *(cli.run("export", demo[0], new, "--format", kind, "--table", "media", "--pseudonymise",
                  "--key", tmp_path / "key") for kind in ("json", "csv")),
    ]  # fmt: skip

    assert [one.returncode for one in said] == [2, 2, 2, 2, 30, 2, 2]
    assert all("Traceback" not in one.stderr for one in said)
    assert not new.exists()
    assert contents(there) == {"mine.txt": b"mine"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has a full device")
def test_a_full_stdout(cli: Cli, demo: tuple[Path, World]) -> None:
    """Where what reads the stream has no room, a sentence says so."""
    command = ("export", demo[0], "-", "--format", "ndjson", "--table", "posts")
    with Path("/dev/full").open("wb") as full:
        child = cli.start(*command, stdout=full)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 30
    assert "Nothing more can be written to stdout" in said
    assert "Traceback" not in said


def test_what_json_prints(cli: Cli, demo: tuple[Path, World], tmp_path: Path) -> None:
    """`--json` prints the manifest, in which the days are as they were given."""
    out, days = tmp_path / "out", ("--since", "2024-01-02", "--until", "2024-01-03")
    said = cli.run("export", demo[0], out, "--format", "csv", "--json", *days)
    manifest = json.loads((out / "MANIFEST.json").read_text(encoding="utf-8"))

    assert json.loads(said.stdout) == manifest
    assert [manifest["options"][name] for name in ("since", "until")] == [days[1], days[3]]


def test_force_replaces_an_export(cli: Cli, demo: tuple[Path, World], tmp_path: Path) -> None:
    """Without `--force` an export stays; with it the new one is there, and nothing of the old."""
    folder = tmp_path / "out"
    exported(cli, demo[0], folder, "csv", "--table", "notes")
    refused = cli.run("export", demo[0], folder, "--format", "ndjson")
    before = contents(folder)
    exported(cli, demo[0], folder, "ndjson", "--table", "notes", "--force")

    assert refused.returncode == 2
    assert "notes.csv" in before
    assert "notes.csv" not in contents(folder)
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
