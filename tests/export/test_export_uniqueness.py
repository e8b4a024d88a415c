"""Counts in steps, and how many rows of an export are alike (`--k`)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from archives import everything
from conftest import Cli
from exporting import keep, key_in, post
from hypothesis import given
from hypothesis import strategies as st
from syncing import execute

import ovk_archive
from ovk_archive.export.about.uniqueness import KNOWN, LENGTHS
from ovk_archive.export.pseudonyms.coarse import step, to_day, to_month
from ovk_archive.export.pseudonyms.domains import Hiding
from ovk_archive.export.pseudonyms.rules import RULES
from ovk_archive.export.selection import Selection
from ovk_archive.export.writing import Wish, export
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.columns import Kind

DAY = 86_400


@pytest.mark.parametrize(
    ("least", "most"),
    [(0, 0), (1, 2), (3, 5), (6, 10), (11, 20), (21, 50), (51, 100), (101, 200), (501, 1000),
     (2_000_001, 5_000_000)],
)  # fmt: skip
def test_steps_begin_and_end_where_they_say(least: int, most: int) -> None:
    """From the least to the most of a step all counts are the least, and the next is another."""
    assert {step(least), step((least + most) // 2), step(most)} == {least}
    assert step(most + 1) == most + 1


@given(st.integers(-(10**12), 10**12))
def test_a_step_never_says_more_than_the_count(count: int) -> None:
    """A step is at most the count and more than a third of it, and is its own step."""
    assert step(step(count)) == step(count) == -step(-count)
    assert abs(count) / 3 < abs(step(count)) <= abs(count) or count == 0


@given(st.datetimes(datetime(1, 2, 1), datetime(9999, 12, 31)))  # noqa: DTZ001 - hypothesis wants naive ones
def test_days_and_months_begin_at_midnight(moment: datetime) -> None:
    """Each time of the calendar becomes the beginning of its day, and of its month."""
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    midnight = moment.replace(hour=0, minute=0, second=0)
    time = int(moment.timestamp())

    assert to_day(time) == midnight.timestamp()
    assert to_month(time) == midnight.replace(day=1).timestamp()


def test_no_count_and_no_time_is_exact() -> None:
    """Each column with a unit, and each counter, is told in steps, to the day, or not at all."""
    flags = {"is_archived", "is_processed", "closed", "archived", "read_state", "has_tags",
             "public"}  # fmt: skip
    for table in TABLES:
        for column in table.columns:
            rule = RULES[table.name][column.name]
            counts = column.kind is Kind.VOLATILE and column.type is int
            if (column.unit or "").startswith("unix time"):
                assert rule in ("time", "drop"), (table.name, column.name)
            elif column.unit or (counts and column.name not in flags):
                assert rule not in ("keep", "time"), (table.name, column.name)


def test_what_is_known_is_exported() -> None:
    """What rows are compared by are columns of their table, and none is left out."""
    for table, columns in [*KNOWN.items(), *((name, (one,)) for name, one in LENGTHS.items())]:
        assert {RULES[table].get(column, "drop") for column in columns}.isdisjoint({"drop"}), table


def unique(path: Path, folder: Path, kind: str = "ndjson", **wishes: Any) -> Any:
    """What a manifest says of rows that are alike."""
    key = key_in(folder.parent)
    hiding = Hiding(**{"k": 3, **wishes})
    wish = Wish(selection=Selection(), format=kind, key_file=key, hiding=hiding)
    return export(path, folder, wish)["uniqueness"]


@pytest.mark.parametrize("kind", ["ndjson", "json"])
def test_rows_that_few_are_like_are_counted(kind: str, archive_path: Path, tmp_path: Path) -> None:
    """Rows of one day, counters of one step and texts of about one length are alike."""
    keep(archive_path, [
        # Three of a kind: one day, one step, one step of length.
        post(1, date=5, likes=3, text="дом"), post(2, date=DAY - 1, likes=5, text="замок"),
        post(3, date=7, likes=4, text="храм"),
        # Two, and two alone: other steps, another length, and another wall.
        post(4, date=5, likes=6, text="дом"), post(5, date=5, likes=10, text="дом"),
        post(6, date=5, likes=3, text="дом у моря"), post(1, owner=2, date=5, likes=3, text="дом"),
        # What is not exported is like nothing.
        post(7, date=5, likes=3, text="дом у реки"),
    ])  # fmt: skip
    execute(archive_path, ["update posts set gone_at = '2026-11-25T19:15:00Z' where id = 7"])
    said = unique(archive_path, tmp_path / "out", kind)

    assert said["k"] == 3
    assert said["tables"]["posts"]["by"][-1] == "length of text"
    names = ("rows", "fewer_than_3", "unique", "unique_by_time")
    assert {name: said["tables"]["posts"][name] for name in names} == {
        "rows": 7, "fewer_than_3": 4, "unique": 2, "unique_by_time": 1,
    }  # fmt: skip
    assert said["tables"]["notes"]["rows"] == 0
    assert "unique_by_time" not in said["tables"]["users"]


def test_coarser_times_leave_fewer_rows_alone(archive_path: Path, tmp_path: Path) -> None:
    """What is told less exactly is alike more often: exact times leave each row alone."""
    keep(archive_path, [post(n, date=n * DAY // 2) for n in range(20)])
    alone = [
        unique(archive_path, tmp_path / times, times=times)["tables"]["posts"]["unique"]
        for times in ("exact", "day", "month")
    ]

    assert alone == [20, 0, 0]
    month = unique(archive_path, tmp_path / "more", times="month", k=21)["tables"]["posts"]
    assert (month["rows"], month["fewer_than_21"]) == (20, 20)


def test_how_much_is_hidden_is_asked_for_with_pseudonyms(
    cli: Cli, archive_path: Path, tmp_path: Path
) -> None:
    """The command hides as much as it is asked to, and the manifest says how much that was."""
    keep(archive_path, [post(1, date=DAY + 5)])
    manifests = []
    for name, more in (("plain", ()), ("more", ("--times", "exact", "--one-domain", "--k", "2"))):
        folder = tmp_path / name
        done = cli.run("export", archive_path, folder, "--format", "ndjson", "--pseudonymise",
                       "--key", key_in(tmp_path), *more)  # fmt: skip
        assert done.returncode == 0, done.stderr
        row = json.loads((folder / "posts.ndjson").read_text(encoding="utf-8"))
        manifest = json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8"))
        manifests.append((row["date"], manifest))
    (day, plain), (exact, more_) = manifests

    assert (day, exact) == (DAY, DAY + 5)
    assert "uniqueness" not in plain
    assert plain["pseudonyms"]["times"] == "day"
    domains = plain["pseudonyms"]["domains"]
    assert domains["messages"]["tables"] == ["conversations", "messages"]
    assert {name for one in domains.values() for name in one["tables"]} == set(plain["tables"])
    assert more_["uniqueness"]["tables"]["posts"]["unique"] == 1
    assert {name: more_["pseudonyms"][name] for name in ("times", "one_domain")} == {
        "times": "exact", "one_domain": True,
    }  # fmt: skip
    (only,) = more_["pseudonyms"]["domains"].values()
    assert "what others can read names the rest" in only["readers"]
    assert set(only["tables"]) == set(plain["tables"])
    assert any("--one-domain" in one for one in plain["limits"])
    assert any(one.startswith("Everybody has one pseudonym") for one in more_["limits"])


@pytest.mark.parametrize(
    "wish", [["--times", "month"], ["--one-domain"], ["--only-people", "x"], ["--k", "5"]]
)
def test_they_go_with_pseudonyms_only(wish: list[str], cli: Cli, tmp_path: Path) -> None:
    """Without pseudonyms there is nothing that they could hide."""
    done = cli.run("export", tmp_path / "a.db", tmp_path / "out", "--format", "csv", *wish)

    assert done.returncode == 2
    assert "go with --pseudonymise" in done.stderr


def test_a_stream_has_no_manifest_for_k(cli: Cli, tmp_path: Path) -> None:
    """`--k` without a folder is refused: nobody would see what it counts."""
    done = cli.run("export", tmp_path / "a.db", "-", "--format", "csv", "--table", "posts",
                   "--pseudonymise", "--key", key_in(tmp_path), "--k", "5")  # fmt: skip

    assert done.returncode == 2
    assert "--k is for the manifest" in done.stderr


TABLES_SHOWN = ("posts", "comments", "photos", "notes", "gifts")


def figures(path: Path, folder: Path) -> dict[str, list[str]]:
    """How many rows of each table can be found, by how exactly times are told."""
    said = {
        times: unique(path, folder / times, times=times, k=5)["tables"]
        for times in ("exact", "day", "month")
    }
    return {
        table: [
            str(said["day"][table]["rows"]),
            *(str(one[table]["unique_by_time"]) for one in said.values()),
            *(str(one[table]["fewer_than_5"]) for one in said.values()),
        ]
        for table in TABLES_SHOWN
    }


def test_the_figures_of_the_demo_are_true(archive_path: Path, tmp_path: Path) -> None:
    """What the topic on research and README say of rows that can be found is what is counted."""
    archive_path.write_bytes(everything())
    found = figures(archive_path, tmp_path)
    root = Path(ovk_archive.__file__).parents[1]
    topic = (root / "ovk_archive" / "help" / "research.md").read_text(encoding="utf-8")
    readme = (root / "README.md").read_text(encoding="utf-8")

    for table, cells in found.items():
        assert f"| {' | '.join([f'`{table}`', *cells])} |" in topic
    rows, _, day, month, *_ = found["posts"]
    assert f"{day} of the demo's {rows} posts are alone on their wall and day" in readme
    assert f"{month} in their month" in readme
