"""Lists that cannot be read: they stop nothing, are told once, and are tried again later."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from syncing import ACCOUNT, differences, execute, missing, query, run
from toy import DemoInstance, Seen, World
from truth import truth_of
from worlds import a_life, few_things

from ovk_archive.archive.archive import Archive
from ovk_archive.checks.ledger import ledger
from ovk_archive.sync.report import Report

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
#: What most of these tests read, and the facts that it has.
READ = ("friends", "wall", "notes")
FACTS = ("friends", "posts", "comments", "notes")
PROBE = "account.getProfileInfo"


def failing(kind: str, post: int) -> Callable[[Seen], str | None]:
    """A fault of the comments of one post."""

    def fault(seen: Seen) -> str | None:
        is_it = seen.method == "wall.getComments" and seen.params["post_id"] == str(post)
        return kind if is_it else None

    return fault


def facts_of(world: World, dialect: str) -> dict[str, Any]:
    """What is true of what they read."""
    truth = truth_of(world, dialect)
    return {name: truth[name] for name in FACTS}


def refused(report: Report, name: str = "post_comments") -> list[tuple[object, bool]]:
    """What a report says of lists that could not be read: code, and whether it is news."""
    return [(one["code"], one["new"]) for one in report.lists[name].refused]


@DIALECTS
@pytest.mark.parametrize("kind", ["502", "503", "302", "html", "truncated", "cut", "cut_body"])
def test_a_list_without_an_answer_stops_nothing(dialect: str, kind: str, tmp_path: Path) -> None:
    """The run says which list it was, with exit code 3, and reads all others and all people."""
    world, path = few_things(), tmp_path / "archive.db"
    post = world.wall(ACCOUNT)[0].id
    with DemoInstance(world, dialect) as instance:
        instance.faults.schedule = failing(kind, post)
        report = run(instance, path, sections=READ)

    comments = {one.id for one in world.comments.values() if one.object_id == post}
    assert report.exit_code == 3
    assert report.caught_up
    assert refused(report) == [(None, True)]
    assert report.lists["post_comments"].refused[0]["partition"]["post_id"] == post
    assert missing(facts_of(world, dialect), path) == {"comments": comments}
    assert query(path, "pragma foreign_key_check") == []


@DIALECTS
def test_a_failing_list_is_tried_less_and_less(dialect: str, tmp_path: Path) -> None:
    """Six tries, then two by the next run, then none for a day; it is told once, and had later.

    Before these it travels with others, once.
    """
    world, path = few_things(), tmp_path / "archive.db"
    codes, asked, together = [], [], []
    with DemoInstance(world, dialect) as instance:
        fault = failing("502", world.wall(ACCOUNT)[0].id)
        instance.faults.schedule = fault
        for _ in range(4):
            instance.reset_counts()
            report = run(instance, path, sections=READ)
            codes.append(report.exit_code)
            tries = [seen.inside for seen in instance.seen if fault(seen) is not None]
            asked.append(tries.count(False))
            together.append(tries.count(True))
        instance.faults.schedule = None
        execute(path, ["update _cursors set failed_at = '2020-01-01T00:00:00Z' where tries > 0"])
        healed = run(instance, path)
        with Archive.read(path) as archive:
            book = ledger(archive)

    assert codes == [3, 0, 0, 0]
    assert asked == [6, 2, 0, 0]
    assert together == [dialect == "B", 0, 0, 0]
    assert refused(report) == [(None, False)]
    assert healed.exit_code == 0
    assert refused(healed) == []
    assert differences(truth_of(world, dialect), path) == {}
    assert book.complete
    assert query(path, "select count(*) from _cursors where tries > 0") == [(0,)]


def test_a_clock_that_was_wrong_puts_no_try_off(tmp_path: Path) -> None:
    """A failure that is noted in the future, or in 1970, is due at once."""
    world, path = few_things(), tmp_path / "archive.db"
    with DemoInstance(world, "B") as instance:
        fault = instance.faults.schedule = failing("502", world.wall(ACCOUNT)[0].id)
        for _ in range(2):
            run(instance, path, sections=("wall",))
        for at in ("1970-01-01T00:00:00Z", "2049-01-01T00:00:00Z"):
            execute(path, [f"update _cursors set failed_at = '{at}' where tries > 0"])
            instance.reset_counts()
            run(instance, path, sections=("wall",))
            assert sum(fault(seen) is not None for seen in instance.seen) == 2


@DIALECTS
def test_an_instance_that_is_away_ends_the_run(dialect: str, tmp_path: Path) -> None:
    """If the account's own probe fails too, the run ends with 20, and no list is blamed."""
    world, path = few_things(), tmp_path / "archive.db"
    with DemoInstance(world, dialect) as instance:
        instance.faults.schedule = lambda _: "502"
        report = run(instance, path)
        asked = instance.count()

    assert report.exit_code == 20
    assert asked < 200
    assert query(path, "select count(*) from _cursors") == [(0,)]


@DIALECTS
def test_several_lists_in_a_row_end_the_run(dialect: str, tmp_path: Path) -> None:
    """If only the probe is answered, the run does not try everything."""
    world, path = a_life(61), tmp_path / "archive.db"
    with DemoInstance(world, dialect) as instance:
        instance.faults.schedule = lambda seen: None if seen.method == PROBE else "502"
        report = run(instance, path)
        asked = instance.count()

    assert report.exit_code == 20
    assert "lists in a row" in report.message
    assert asked < 250


@DIALECTS
def test_a_method_that_is_never_answered_stops_nothing(dialect: str, tmp_path: Path) -> None:
    """Of many lists of one kind a few are tried; all others are read."""
    world, path = few_things(), tmp_path / "archive.db"
    for _ in range(20):
        world.add_comment("post", ACCOUNT, world.add_post(ACCOUNT).id)
    with DemoInstance(world, dialect) as instance:
        instance.faults.schedule = lambda s: "502" if s.method == "wall.getComments" else None
        report = run(instance, path, sections=READ)

    assert report.exit_code == 3
    assert set(missing(facts_of(world, dialect), path)) == {"comments"}
    assert instance.count("wall.getComments") <= 9 * 6


@DIALECTS
@pytest.mark.parametrize("method", ["users.get", "wall.getById"])
def test_what_is_asked_by_number_stops_nothing(dialect: str, method: str, tmp_path: Path) -> None:
    """Neither people nor posts that are asked for by number end a run or an audit."""
    world, path = few_things(), tmp_path / "archive.db"
    with DemoInstance(world, dialect) as instance:
        instance.faults.schedule = lambda s: "502" if s.method == method else None
        first = run(instance, path, sections=READ)
        audit = run(instance, path, sections=READ, audit=True)
        instance.faults.schedule = None
        healed = run(instance, path, sections=READ)

    assert first.exit_code == 3
    assert first.caught_up
    assert audit.audit
    assert audit.exit_code == 0
    assert healed.exit_code == 0
    assert differences(facts_of(world, dialect), path) == {}
    assert query(path, "pragma foreign_key_check") == []


@DIALECTS
def test_a_round_that_fails_is_told_once(dialect: str, tmp_path: Path) -> None:
    """Old rows that cannot be read again are told once, and keep back neither news nor audits."""
    world, path = few_things(), tmp_path / "archive.db"
    for _ in range(130):
        world.add_post(ACCOUNT)

    def fault(seen: Seen) -> str | None:
        return "502" if seen.method == "wall.get" and int(seen.params["offset"]) > 50 else None

    reports = []
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("wall",))
        instance.faults.schedule = fault
        for _ in range(4):
            world.add_post(ACCOUNT)
            reports.append(run(instance, path, sections=("wall",)))
        audit = run(instance, path, sections=("wall",), audit=True)
        with Archive.read(path) as archive:
            line = next(line for line in ledger(archive).lists if line.name == "posts")

    assert sorted(report.exit_code for report in reports) == [0, 0, 0, 3]
    assert audit.audit
    assert line.refused == 1
    assert missing({"posts": truth_of(world, dialect)["posts"]}, path) == {}


@DIALECTS
def test_a_refusal_is_told_once(dialect: str, tmp_path: Path) -> None:
    """A closed wall is no news the second time; when it was open in between, it is news again."""
    world, path = few_things(), tmp_path / "archive.db"
    codes = []
    with DemoInstance(world, dialect) as instance:
        for hidden in (True, True, True, False, True):
            world.users[2].hides = frozenset({"wall"}) if hidden else frozenset()
            report = run(instance, path, sections=("wall",), owners=(2,))
            codes.append(report.exit_code)
            assert bool(report.lists["posts"].refused) == hidden

    assert codes == [3, 0, 0, 0, 3]
