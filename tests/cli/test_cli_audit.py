"""`ovk-archive audit`, and the options of a sync that look for edits and deletions."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli
from syncing import query
from toy import DemoInstance, World
from worlds import small_demo


@pytest.fixture
def toy() -> Iterator[DemoInstance]:
    """A toy instance with less than the demo's."""
    with DemoInstance(small_demo(), "B") as instance:
        yield instance


def report(cli: Cli, *arguments: object) -> dict[str, Any]:
    """The report of a run that goes well."""
    said = cli.run(*arguments, "--json", "--quiet")
    assert said.returncode == 0, said.stderr
    return dict(json.loads(said.stdout))


def words(text: str) -> str:
    """A text without the places where its lines end."""
    return " ".join(text.split())


def test_an_audit_reads_everything_again(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """It finds an edit far down, tells of it, and `status` says when it was."""
    report(user, "sync", archive_path)
    comment = next(one for one in toy.world.comments.values() if not one.deleted)
    toy.world.edit_comment(comment.id, "новое")
    audit = report(user, "audit", archive_path)
    status = words(user.run("status", archive_path).stdout)

    assert audit["audit"] is True
    assert query(archive_path, f"select text from comments where id = {comment.id}") == [("новое",)]
    assert "All was last read again on 20" in status
    assert json.loads(user.run("status", archive_path, "--json").stdout)["again"]["audited_at"]


@pytest.mark.parametrize("budget", [(40, "--no-execute"), (9,)])
def test_an_audit_that_was_stopped_is_told_and_goes_on(
    user: Cli, archive_path: Path, budget: tuple[object, ...]
) -> None:
    """A budget ends it with exit code 75; `status` says that it is under way; it can be resumed."""
    report(user, "sync", archive_path)
    stopped = user.run("audit", archive_path, "--max-requests", *budget)
    status = words(user.run("status", archive_path).stdout)
    report(user, "audit", archive_path)
    later = words(user.run("status", archive_path).stdout)

    assert stopped.returncode == 75
    assert "An audit began on 20" in status
    assert "is not finished yet" in status
    assert "is not finished yet" not in later


def test_a_sync_makes_an_audit_when_one_is_due(user: Cli, archive_path: Path) -> None:
    """By default after 30 days; never if told so, or if only a part is read."""
    report(user, "sync", archive_path)
    with sqlite3.connect(archive_path) as db:
        db.execute("update _archive set value = '2020-01-01T00:00:00Z' where name = 'made_at'")
    db.close()
    never = [
        report(user, "sync", archive_path, *more)["audit"]
        for more in (("--audit-every", "0"), ("wall",), ("--owner", "2", "--no-own"))
    ]

    assert never == [False, False, False]
    assert report(user, "sync", archive_path)["audit"] is True
    assert report(user, "sync", archive_path)["audit"] is False


def test_losses_wait_for_a_word(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """Most of a list at once is told with the option that believes it, and then it is marked."""
    for _ in range(40):
        toy.world.befriend(1, toy.world.add_user("Друг", "Новый").id)
    report(user, "friends", archive_path)
    toy.world.users[1].friends.clear()
    told = [user.run("friends", archive_path) for _ in range(2)]
    report(user, "friends", archive_path, "--accept-losses")

    assert {one.returncode for one in told} == {0}
    assert all("`--accept-losses`" in one.stderr for one in told)
    assert query(archive_path, "select count(*) from friends where gone_at is null") == [(0,)]


@pytest.mark.parametrize("text", ["", "many", "7w", "-3", "10,,", "1e3", "100d200"])
def test_a_lookback_that_is_none_is_refused(text: str, cli: Cli, archive_path: Path) -> None:
    """It is rows, days with a d, or both: anything else is a usage error that says so."""
    said = cli.run("sync", archive_path, "--lookback", text)

    assert said.returncode == 2
    assert "is not rows and days such as 200, 30d or 200,30d" in said.stderr


@pytest.mark.parametrize(
    ("text", "noted"), [("200", [200, 0]), ("30d", [0, 30]), ("50,2d", [50, 2]), ("0", [0, 0])]
)
def test_a_lookback_is_noted(text: str, noted: list[int], user: Cli, archive_path: Path) -> None:
    """What was asked for is in `_runs`."""
    report(user, "notes", archive_path, "--lookback", text)

    [(arguments,)] = query(archive_path, "select arguments from _runs")
    assert json.loads(arguments)["lookback"] == noted


def test_the_ledger_is_in_the_archive(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """`_coverage` says of each list what is counted, held, gone, and which count has dead rows."""
    world: World = toy.world
    report(user, "sync", archive_path)
    gone = world.notes_of(1)[2].id
    world.delete_note(1, gone)
    audits = [report(user, "audit", archive_path) for _ in range(2)]

    rows = {
        name: facts
        for name, *facts in query(
            archive_path,
            "select resource, counted, counts_dead, held, gone, missed, spanned from _coverage "
            "where resource in ('notes', 'audio', 'conversations')",
        )
    }
    held = len(world.notes_of(1))
    tracks = world.collection(1)
    alive = [track for track in tracks if not track.deleted]
    assert audits[1]["lists"]["notes"]["gone"] == 1
    assert rows["notes"] == [held, 0, held, 1, 0, 1]
    assert rows["audio"] == [len(tracks), 1, len(alive), 0, 0, 1]
    assert rows["conversations"][1] == 1


def test_a_named_owner_keeps_no_audit_back(
    user: Cli, toy: DemoInstance, archive_path: Path
) -> None:
    """A sync with --owner makes the audit that is due: of the account, of them, of all held."""
    report(user, "wall", archive_path, "--owner", "3", "--no-own")
    with sqlite3.connect(archive_path) as db:
        db.execute("update _archive set value = '2020-01-01T00:00:00Z' where name = 'made_at'")
    db.close()
    toy.reset_counts()
    audit = report(user, "sync", archive_path, "--owner", "2")
    walls = {one.params["owner_id"] for one in toy.seen if one.method == "wall.get"}

    assert audit["audit"] is True
    assert walls == {"1", "2", "3"}
