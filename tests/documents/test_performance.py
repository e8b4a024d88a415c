"""The benchmark of the topic `performance` measures what the topic says it does."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from effort import IS_THOROUGH
from texts import TOPICS

ROOT = Path(__file__).parents[2]
TOPIC = TOPICS["performance"]
BENCHMARK = ("-m", "tests.benchmarks.peers")
HELD = ROOT / "tests" / "benchmarks" / "peers_held.py"


def run(*words: object) -> str:
    """What the benchmark prints."""
    done = subprocess.run(
        [sys.executable, *BENCHMARK, *map(str, words)],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What a run over a very small world prints, and its figures."""
    file = tmp_path_factory.mktemp("peers") / "figures.json"
    # Others take a third of the time: they come where there is some. This version is the older one.
    more = ("--old", sys.executable) if IS_THOROUGH else ("--without-others",)
    told = run("--scale", 0.002, "--rounds", 1, "--latency", 0, "--dialect", "B", *more,
               "--json", file)  # fmt: skip
    return told, json.loads(file.read_text(encoding="utf-8"))


def took(figures: dict[str, Any], who: str, stage: str) -> dict[str, Any]:
    """The figures of one job."""
    (found,) = (one for one in figures["jobs"] if (one["who"], one["stage"]) == (who, stage))
    return dict(found["took"])


def total(job: Mapping[str, Any], what: str) -> int:
    """How many records exist, are missing or are outdated, of all kinds."""
    return sum(one[what] for one in job["lacks"].values())


@pytest.mark.slow
def test_everybody_is_measured(measured: tuple[str, dict[str, Any]]) -> None:
    """Each job of everybody has its figures; the floor makes the requests that the sync made."""
    _, figures = measured
    jobs = {(one["who"], one["stage"]) for one in figures["jobs"]}
    stages = {"first", "unchanged", "audit", "changed"}

    others = {("older", stage) for stage in stages} | {("naive", s) for s in stages - {"audit"}}
    assert {one for one in jobs if one[0] != "dlt"} == {
        *((who, stage) for who in ("ovk-archive", "floor", "pages") for stage in stages),
        *(others if IS_THOROUGH else ()),
    }
    for stage in stages:
        sync, floor = took(figures, "ovk-archive", stage), took(figures, "floor", stage)
        assert sync["requests"] == floor["requests"] > 0
        assert took(figures, "pages", stage)["requests"] > floor["requests"]
        assert sync["cpu"] > 0 < floor["peak"] < sync["peak"]
        assert floor["size"] == floor["written"] == 0 < sync["size"]


@pytest.mark.slow
def test_archives_are_compared_with_the_world(measured: tuple[str, dict[str, Any]]) -> None:
    """A first sync lacks nothing, and what has changed since then is asked of the world."""
    told, figures = measured
    first, changed = (took(figures, "ovk-archive", one) for one in ("first", "changed"))

    assert set(first["lacks"]) == {"posts", "comments", "likes", "messages", "photos"}
    assert all(one["exist"] > 40 for one in first["lacks"].values())
    assert total(first, "missing") == total(first, "outdated") == 0
    assert total(changed, "exist") > total(first, "exist")
    assert total(changed, "missing") == 0
    assert "nothing missing" in told
    if IS_THOROUGH:
        naive = took(figures, "naive", "changed")
        assert total(changed, "exist") == total(naive, "exist")
        assert total(naive, "missing") == total(naive, "outdated") == 0


@pytest.mark.slow
def test_verdicts_are_told(measured: tuple[str, dict[str, Any]]) -> None:
    """Each aim is told with its figure, which is that of the jobs."""
    told, figures = measured
    sync, floor = (took(figures, who, "first")["seconds"] for who in ("ovk-archive", "floor"))
    requests = took(figures, "ovk-archive", "unchanged")["requests"]

    assert f"first sync / floor, wall: {sync / floor:.2f}; aim: at most 4, " in told
    pages = took(figures, "pages", "first")["seconds"]
    assert f"first sync / pages, wall: {sync / pages:.2f}; aim: at most 4, " in told
    assert f"requests of an unchanged sync: {requests:.2f}; aim: at most 20, " in told
    with_older = int(IS_THOROUGH)
    compared = re.findall(r"(?m), (cpu|written|size): new / older: \d+\.\d\d", told)
    judged = re.findall(r"(?m): new / older: \d+\.\d\d; aim: at most 0\.\d+, ", told)
    assert (len(compared), len(judged)) == (3 * 4 * with_older, 4 * with_older)
    assert re.search(r"(?m)^server: \d+\.\d\d ms of CPU for a request$", told)


def test_what_is_lacking_is_found(tmp_path: Path) -> None:
    """A record that is not in the archive is missing, one with another text is outdated."""
    there = {"posts": {"1_1": "a & b", "1_2": "old", "1_3": "c"}, "messages": {"7": ""}}
    truth = {
        kind: {key: crc32(text.encode()) for key, text in rows.items()}
        for kind, rows in there.items()
    }
    (tmp_path / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive, archive:
        archive.execute("create table posts (owner_id, id, text)")
        archive.execute("insert into posts values (1, 1, 'a &amp; b'), (1, 2, 'older')")
        archive.execute("create table messages (id, text)")
        archive.execute("insert into messages values (7, null), (8, 'gone')")
    task = {
        "truth": str(tmp_path / "truth.json"),
        "file": str(tmp_path / "archive.db"),
        "maker": "naive",
    }
    done = subprocess.run(
        [sys.executable, str(HELD)], input=json.dumps(task), capture_output=True, text=True,
        check=True,
    )  # fmt: skip

    assert json.loads(done.stdout) == {
        "posts": {"exist": 3, "missing": 1, "outdated": 1},
        "messages": {"exist": 1, "missing": 0, "outdated": 0},
    }


def test_the_topic_names_options_that_exist() -> None:
    """Each command of the topic runs the benchmark, with options that it has."""
    commands = re.findall(r"(?m)^python (-m \S+)(.*)$", TOPIC)
    asked = set(re.findall(r"(--[a-z][a-z-]+)", TOPIC))
    options = set(re.findall(r"--[a-z][a-z-]+", run("--help")))

    assert {module for module, _ in commands} == {" ".join(BENCHMARK)}
    assert asked <= options
    assert {"--scale", "--old", "--linear", "--json"} <= asked
