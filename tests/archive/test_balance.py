"""`status` and `verify --server` name each difference of what is counted and what is held."""

import random
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import Cli
from effort import some
from lives import Month
from looking import book_of, compared, lines_of, odd
from syncing import execute, query, run
from toy import DemoInstance, World, generate
from worlds import A_FEW, LISTS, OWNERS, made

from ovk_archive.api.address import parse_instance
from ovk_archive.archive.versions import checkpoints
from ovk_archive.resources import RESOURCES, SECTIONS

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
#: Lists of the account whose rows the server counts in either dialect, deleted ones aside.
COUNTED = ("posts", "notes", "friends", "videos", "albums", "followers")
NOTES = ("notes",)
_TABLES = {resource.name: resource.table for resource in RESOURCES}


@pytest.fixture
def toy() -> Iterator[DemoInstance]:
    """A toy instance with little in it."""
    with DemoInstance(generate(1, A_FEW), "B") as instance:
        yield instance


def unexplained(path: Path) -> dict[str, tuple[int, tuple[str, ...]]]:
    """The lists that do not add up, by how much, and what is said of them."""
    lines = lines_of(path).values()
    return {line.name: (line.unexplained, line.why) for line in lines if line.unexplained}


def take_away(path: Path, table: str, where: str) -> None:
    """Let an archive never have had some rows."""
    key = "_".join(_TABLES[table].key)
    written = {"owner_id_id": "owner_id || '_' || id", "id": "cast(id as text)"}.get(
        key, " || '_' || ".join(_TABLES[table].key)
    )
    keys = f"select {written} from {table} where {where}"
    execute(path, (
        f"delete from _records where resource = '{table}' and record_key in ({keys})",
        f"delete from {table} where {where}",
    ))  # fmt: skip


@DIALECTS
@pytest.mark.parametrize("seed", range(some(3, 1)))
def test_a_healthy_archive_adds_up(dialect: str, seed: int, tmp_path: Path) -> None:
    """Day after day of edits, deletions and returns: no difference is without an explanation."""
    world, path = made(seed, dict.fromkeys(LISTS, 4), dialogs=2), tmp_path / "archive.db"
    month = Month(world, random.Random(seed), dialect)
    with DemoInstance(world, dialect) as instance:
        for day in range(some(7, 3)):
            assert run(instance, path, sections=SECTIONS, owners=OWNERS).exit_code == 0
            assert unexplained(path) == {}, day
            assert book_of(path).complete, day
            assert odd(compared(instance, path, sample=0)) == {}, day
            month.day()


def _take_one_away(path: Path, table: str) -> None:
    """Let an archive never have had the newest row of the account's list."""
    owner = _TABLES[table].key[0] if table in {"friends", "followers"} else "owner_id"
    take_away(path, table, f"rowid = (select max(rowid) from {table} where {owner} = 1)")


@DIALECTS
def test_what_lacks_is_told(dialect: str, tmp_path: Path) -> None:
    """A row that the server counts and that is not here is told by both, and then brought."""
    world, path = made(1, dict.fromkeys(LISTS, 5), dialogs=1), tmp_path / "archive.db"
    told, server, complete = {}, {}, {}
    with DemoInstance(world, dialect) as instance:
        run(instance, path)
        for table in COUNTED:
            copy = Path(shutil.copy(path, tmp_path / f"{table}.db"))
            _take_one_away(copy, table)
            told[table], complete[table] = unexplained(copy), book_of(copy).complete
            server[table] = list(odd(compared(instance, copy, sample=0)))
        for table in COUNTED:
            _take_one_away(path, table)
        assert unexplained(path).keys() == set(COUNTED)
        run(instance, path)
        after = unexplained(path)

    lack = (1, ("1 not in the archive",))
    assert told == {table: {table: lack} for table in COUNTED}
    assert complete == dict.fromkeys(COUNTED, False)
    assert server == {table: [table] for table in COUNTED}
    assert after == {}, "the next sync reads first again what does not add up"


def test_a_surplus_hides_no_lack(tmp_path: Path) -> None:
    """One list has a row too many, another of the same kind one too few: both are told."""
    world, path = World.empty(), tmp_path / "archive.db"
    world.add_user("Вера", "Подруга")
    world.befriend(1, 2)
    for owner in (1, 1, 2, 2):
        world.add_note(owner)
    with DemoInstance(world, "B") as instance:
        run(instance, path, sections=NOTES, owners=(1, 2))
    take_away(path, "notes", "owner_id = 1 and id = 1")
    execute(path, ["update _cursors set counted = 1 where resource = 'notes' and owner_id = 2"])
    line = lines_of(path)["notes"]

    assert (line.counted, line.held) == (3, 3)
    assert line.unexplained == 2
    assert set(line.why) == {
        "1 not in the archive",
        "1 in the archive that the server no longer counts",
    }
    assert not line.complete


def test_archived_posts_are_held_by_number(tmp_path: Path) -> None:
    """Posts that their owner has put away are in no list: both say so, and the list is complete."""
    world, path = World.empty(), tmp_path / "archive.db"
    posts = [world.add_post(1) for _ in range(30)]
    for post in posts[:9]:
        world.archive_post(1, post.id)
    with DemoInstance(world, "B") as instance:
        run(instance, path, sections=("wall",))
        line, found = lines_of(path)["posts"], compared(instance, path)
        copy = tmp_path / "copy.db"
        shutil.copy(path, copy)
        take_away(copy, "posts", f"id = {posts[20].id}")
        lacking = lines_of(copy)["posts"]
        lacks = odd(compared(instance, copy, sample=0))
        world.archive_post(1, posts[12].id)
        run(instance, path, sections=("wall",))
        later = lines_of(path)["posts"]

    said = "{} in no list; the server shows them only by number"
    assert (line.counted, line.held) == (21, 30)
    assert (line.unexplained, line.why, line.complete) == (0, (said.format(9),), True)
    assert found.agrees
    assert {one.name: one.explained for one in found.counts if one.explained} == {
        "posts": (said.format(9),)
    }
    assert (lacking.unexplained, lacking.complete) == (1, False)
    assert "1 not in the archive" in lacking.why
    assert list(lacks) == ["posts"]
    assert (later.unexplained, later.why) == (0, (said.format(10),))


@DIALECTS
def test_rows_that_await_confirmation_are_named(dialect: str, tmp_path: Path) -> None:
    """What a reading missed is named, and so is what is withheld because it is too much at once."""
    world, path = World.empty(), tmp_path / "archive.db"
    notes = [world.add_note(1).id for _ in range(40)]
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=NOTES)
        world.delete_note(1, notes[3])
        run(instance, path, sections=NOTES, audit=True)
        one = lines_of(path)["notes"]
        for note in notes[10:]:
            world.delete_note(1, note)
        run(instance, path, sections=NOTES, audit=True)
        many, found = lines_of(path)["notes"], compared(instance, path, sample=0)

    assert one.why == ("1 not found any more; a second reading must confirm it",)
    assert (one.unexplained, one.complete) == (0, True)
    assert (many.counted, many.unexplained) == (9, 0)
    (said,) = many.why
    assert said.startswith(f"{many.held - 9} missing on the server, too many at once")
    assert {c.name: c.explained for c in found.counts if c.explained} == {"notes": many.why}


@DIALECTS
def test_poisoned_records_explain_a_difference(dialect: str, tmp_path: Path) -> None:
    """A record that crashes the server is counted there and not here: that is why."""
    world, path = World.empty(), tmp_path / "archive.db"
    notes = [world.add_note(1).id for _ in range(5)]
    with DemoInstance(world, dialect) as instance:
        instance.faults.poison.add(("notes", (1, notes[2])))
        run(instance, path, sections=NOTES)
    line = lines_of(path)["notes"]

    assert (line.counted, line.held, line.skipped) == (5, 4, 1)
    assert (line.unexplained, line.why) == (0, ("1 could not be read",))


def test_status_and_verify_say_it(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """Both say in words how many are lacking, and what to do; `--json` has it too."""
    user.run("sync", archive_path, "--quiet")
    before = user.run("status", archive_path)
    take_away(archive_path, "posts", f"owner_id = 1 and id = {toy.world.wall(1)[2].id}")
    told = user.run("status", archive_path)
    server = user.run("verify", archive_path, "--server", "--sample", 0)
    healed = user.run("audit", archive_path, "--quiet")
    after = user.run("status", archive_path)
    total = len(toy.world.wall(1))

    assert before.stdout.splitlines()[2].startswith("Complete as of")
    assert f"posts: {total} counted, {total - 1} held; 1 not in the archive." in told.stdout
    assert "Missing: posts (1 row does not add up)." in told.stdout
    assert f"`ovk-archive audit {archive_path}` looks for the rows that do not add up" in " ".join(
        told.stdout.split()
    )
    assert server.returncode == 3
    assert "The server counts 1 more posts than are here." in server.stderr
    assert (healed.returncode, after.stdout.splitlines()[2][:14]) == (0, "Complete as of")


def test_coverage_has_it_list_by_list(toy: DemoInstance, archive_path: Path) -> None:
    """Table `_coverage` says of each list how many rows are unexplained."""
    run(toy, archive_path, sections=("notes",))
    take_away(archive_path, "notes", "owner_id = 1 and id = 2")
    execute(archive_path, ["delete from _coverage"])
    run(toy, archive_path, sections=("wall",))
    sql = "select unexplained from _coverage where resource = 'notes'"

    assert query(archive_path, sql) == [(1,)]


@pytest.mark.parametrize("hours", [-240, 0, 2, 24 * 365 * 23])
def test_a_stamp_in_the_future_is_told(
    user: Cli, toy: DemoInstance, archive_path: Path, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a clock that was ahead both say so in one sentence, and nothing is damaged by it."""
    set_to = checkpoints.today() + timedelta(hours=hours)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "today", lambda: set_to)
        run(toy, archive_path, sections=("notes",))
    run(toy, archive_path, sections=("notes",))
    instance = parse_instance(toy.url).key
    execute(archive_path, [f"update _archive set value = '{instance}' where name = 'instance'"])
    status, verify = user.run("status", archive_path), user.run("verify", archive_path)
    said = f"This computer's clock was wrong: it once said {set_to:%Y-%m-%d %H:%M} UTC"

    assert (said in status.stdout) is (hours > 1)
    assert (said in verify.stderr) is (hours > 1)
    assert (status.returncode, verify.returncode) == (0, 0), verify.stderr
    assert "The database is whole." in verify.stderr
