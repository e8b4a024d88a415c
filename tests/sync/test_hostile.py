"""A server may send any value in any field: no sync ends by it, and the rest of a page is kept."""

import itertools
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from archives import already_synced
from spoiling import Raw, Spoil, listed, spoiling
from syncing import execute, query, run
from toy import DemoInstance
from worlds import three_of_each

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.rebuild import rebuild
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.records import UnfitError
from ovk_archive.sync.report import Report

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
#: As JSON: values that no column of their kind can keep, or that only look so.
HOSTILE = ("[]", "[1]", '{"a": 1}', str(2**63), "1e999", "null", '""', '"word"', "7", "true", "1.5")


def check(report: Report, path: Path) -> None:
    """It ended well or with things skipped, and no row lacks its key."""
    assert report.exit_code in (0, 3), report.message
    lacking = (
        f"""select '{table.name}' from "{table.name}" where """
        + " or ".join(f'"{name}" is null' for name in table.key)
        for table in TABLES
    )
    assert query(path, " union all ".join(lacking)) == []


#: Tables, and how many of their rows the lists that are spoilt may lose.
KEPT = {"posts": 1, "photos": 1, "notes": 1, "videos": 1, "messages": 2, "audio_collection": 1}


def keys(path: Path, table: str) -> set[str]:
    """The keys of a table's records that its own list showed."""
    sql = "select record_key from _versions where resource = '{}' and embedded = 0"
    return {key for (key,) in query(path, sql.format(table))}


@cache
def plain_keys(dialect: str) -> dict[str, set[str]]:
    """The keys of the same tables where nothing is spoilt."""
    with TemporaryDirectory() as folder, DemoInstance(three_of_each(), dialect) as instance:
        path = Path(folder) / "archive.db"
        run(instance, path, rounds=0)
        return {table: keys(path, table) for table in KEPT}


@DIALECTS
@pytest.mark.parametrize("turn", range(0, len(HOSTILE), 3))
def test_any_value_in_any_field_ends_no_sync(dialect: str, turn: int, tmp_path: Path) -> None:
    """Each field of the last record of each list is spoilt: the other records are all kept."""
    spoilt = itertools.cycle(HOSTILE[turn:] + HOSTILE[:turn])
    path = tmp_path / "archive.db"

    def spoil(method: str, answer: Any) -> Any:
        # Of a conversation that cannot be read nobody knows whose messages to ask for.
        records = listed(answer) if method != "messages.getconversations" else []
        if records and isinstance(records[-1], dict):
            last = records[-1]
            for name in last:
                last[name] = Raw(next(spoilt))
        return answer

    with DemoInstance(three_of_each(), dialect) as instance, spoiling(instance, spoil):
        check(run(instance, path), path)

    for table, most in KEPT.items():
        assert len(plain_keys(dialect)[table] - keys(path, table)) <= most, table
    assert query(path, "select count(*) from _versions where not json_valid(record)") == [(0,)]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_keeps_only_what_fits(table: Any) -> None:
    """Whatever a field says, a row has values of its columns' types, or there is no row."""
    for value in map(json.loads, HOSTILE):
        for spoilt in table.columns:
            given = {c.name: (1 if c.type is int else "x") for c in table.columns if c.at is None}
            record: dict[str, Any] = dict.fromkeys(table.fields, 1)
            record |= dict.fromkeys(spoilt.fields, value)
            if spoilt.at is None:
                given[spoilt.name] = value
            try:
                row = table.row(record, **given)
            except UnfitError:
                assert set(spoilt.fields) or spoilt.name in table.key
                continue
            for name, kept in row.values.items():
                kind = table.by_name[name].type
                fits = (int, float, str) if kind is str else (int,)
                assert kept is None or isinstance(kept, fits), (name, kept)
                assert not isinstance(kept, int) or -(2**63) <= kept < 2**63
                assert kept != float("inf")
            assert set(row.misfits) <= {n for n, v in row.values.items() if v is None}


@DIALECTS
def test_what_is_no_record_is_kept_and_listed(dialect: str, tmp_path: Path) -> None:
    """Records without a key, without a date, and things that are no objects: each is listed once.

    The next sync finds the same; when they come no more, they are resolved.
    """
    path, sections = tmp_path / "archive.db", ("wall", "messages")
    odd: list[Any] = [5, None, "text", [1], {"text": "without a number"}, {"id": None, "text": "x"}]

    def spoil(method: str, answer: Any) -> Any:
        if method == "wall.get" and answer["items"]:
            answer["items"] += odd
            answer["count"] += len(odd)
        if method == "messages.gethistory" and answer["items"]:
            answer["items"][0]["date"] = None
        return answer

    kept = (
        "select record from _skipped where resource = 'posts' and record is not null "
        "and resolved_at is null"
    )
    with DemoInstance(three_of_each(), dialect) as instance:
        with spoiling(instance, spoil):
            for _ in range(2):
                report = run(instance, path, sections=sections)
                found = [json.loads(record) for (record,) in query(path, kept)]
                check(report, path)
                assert sorted(map(str, found)) == sorted(map(str, odd))
        assert keys(path, "posts") == plain_keys(dialect)["posts"]
        assert query(path, "select count(*) from _skipped where resource = 'messages'")[0][0]
        run(instance, path, sections=sections, full=True)
    assert query(path, kept) == []


def test_a_later_version_reads_what_this_one_could_not(tmp_path: Path) -> None:
    """`rebuild` makes rows of a kept record that it can read, and leaves the others listed."""
    path = tmp_path / "archive.db"
    with already_synced("B", path, three_of_each):
        post = {"id": 77, "owner_id": 1, "from_id": 1, "date": 5, "text": "found again"}
        rows = [(json.dumps(post), "record a"), ('{"text": "no number"}', "record b")]
        execute(
            path,
            [
                "insert into _skipped (resource, partition, place, tries, record, last_in) values "
                f"('posts', '{{\"owner_id\": 1}}', '{place}', 1, '{record}', 0)"
                for record, place in rows
            ],
        )
    with Archive.read(path) as archive:
        identity = archive.identity()
    with Archive.open(path, identity) as archive:
        rebuild(archive, lambda *_: None)

    assert query(path, "select text from posts where id = 77") == [("found again",)]
    still = query(path, "select place from _skipped where resolved_at is null")
    assert still == [("record b",)]


def test_a_misfit_is_counted_and_noted_once(tmp_path: Path) -> None:
    """A text that is a list is null in its row, whole in its version, counted, and told of."""
    path = tmp_path / "archive.db"

    def spoil(method: str, answer: Any) -> Any:
        for record in listed(answer) if method == "wall.get" else ():
            record["text"] = ["a", "list"]
        return answer

    with DemoInstance(three_of_each(), "B") as instance, spoiling(instance, spoil):
        first, second = (run(instance, path, sections=("wall",)) for _ in range(2))

    posts = query(path, "select count(*) from posts")[0][0]
    assert (first.of("posts").misfits, second.of("posts").misfits) == (posts, 0)
    assert query(path, "select distinct text from posts") == [(None,)]
    version = query(path, "select record from _versions where resource = 'posts'")[0][0]
    assert json.loads(version)["text"] == ["a", "list"]
    assert query(path, "select resource, name from _fields where misfit") == [("posts", "text")]


SPOKEN_OF = ("wall", "notes", "friends", "messages")
NONSENSE: tuple[Any, ...] = (
    *(None, False, 5, [], {"count": 5, "items": None}, {"count": 5}, {"count": 5, "items": []}),
    *({"count": 10**30, "items": []}, {"count": "abc", "items": []}),
)


def answering(methods: set[str], nonsense: Any) -> Spoil:
    """These methods answer nonsense."""
    return lambda method, answer: nonsense if method in methods else answer


@DIALECTS
@pytest.mark.parametrize("some", [NONSENSE[:3], NONSENSE[3:6], NONSENSE[6:]], ids=str)
def test_nonsense_proves_nothing(dialect: str, some: tuple[Any, ...], tmp_path: Path) -> None:
    """Lists that answer nonsense for three syncs lose no row, and each is named as refused."""
    path = tmp_path / "archive.db"
    methods = {"wall.get", "wall.getbyid", "notes.get", "friends.get", "messages.getconversations"}

    counts = "select (select count(*) from {0}), (select count(gone_at) from {0})"
    tables = ("posts", "notes", "friends", "conversations")
    with already_synced(dialect, path, three_of_each) as instance:
        before = [query(path, counts.format(table)) for table in tables]
        reports = []
        for nonsense in some:
            with spoiling(instance, answering(methods, nonsense)):
                report = run(instance, path, sections=SPOKEN_OF)
            check(report, path)
            reports.append(report)
            refused = {name for name, one in report.lists.items() if one.refused}
            # Of conversations the server counts those too of which every message is deleted.
            counted = {"conversations"} if nonsense == {"count": 5, "items": []} else set()
            assert {"posts", "notes", "friends", "conversations"} - counted <= refused, nonsense

    # What is known by then is told no more.
    assert reports[0].exit_code == 3
    assert [query(path, counts.format(table)) for table in tables] == before


def test_nonsense_on_a_first_sync_is_not_complete(tmp_path: Path) -> None:
    """A wall that answers null on the first sync is refused, not empty."""
    with (
        DemoInstance(three_of_each(), "B") as instance,
        spoiling(instance, lambda m, a: None if m == "wall.get" else a),
    ):
        report = run(instance, tmp_path / "archive.db", sections=("wall",))

    assert report.exit_code == 3
    assert "proves nothing" in report.of("posts").refused[0]["why"]
