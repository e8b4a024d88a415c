"""`verify`: what contradicts itself in an archive is found, and what the server has by now."""

import hashlib
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from archives import SMALL, already_synced, everything, small
from conftest import Cli
from looking import compared, odd
from syncing import query, run
from toy import DemoInstance, generate
from truth import truth_of

from ovk_archive.api.budget import Budget
from ovk_archive.archive.archive import Archive
from ovk_archive.checks.consistency import Consistency, check_consistency
from ovk_archive.checks.sampling import Comparison, Sampled, choose
from ovk_archive.resources.messages import MESSAGES
from ovk_archive.resources.people import USERS
from ovk_archive.resources.wall import POSTS

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])


@pytest.fixture
def full(archive_path: Path) -> Path:
    """An archive of all that the toy has."""
    archive_path.write_bytes(everything(SMALL))
    return archive_path


@pytest.fixture
def toy() -> Iterator[DemoInstance]:
    """A toy instance with some of everything."""
    with DemoInstance(generate(size=SMALL), "B") as instance:
        yield instance


@pytest.fixture(params=["A", "B"])
def any_toy(request: pytest.FixtureRequest) -> Iterator[DemoInstance]:
    """One of each dialect in turn."""
    with DemoInstance(generate(size=SMALL), request.param) as instance:
        yield instance


@pytest.fixture
def read_toy(archive_path: Path) -> Iterator[DemoInstance]:
    """One of which there is an archive."""
    with already_synced("B", archive_path, small) as instance:
        yield instance


def change(path: Path, *statements: str, bound: tuple[Any, ...] = ()) -> None:
    """Change an archive behind its back."""
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            assert db.execute(statement, bound).rowcount > 0, statement
        db.commit()


def checked(path: Path) -> Consistency:
    """How far an archive agrees with itself."""
    with Archive.read(path) as archive:
        return check_consistency(archive, lambda: None)


def unlike(path: Path) -> list[tuple[str, int, list[tuple[str, str, tuple[str, ...]]]]]:
    """The tables that do not follow from their versions; positions are as they should be."""
    found = checked(path)
    assert found.positions == []
    return [
        (one.table, one.rows, [(row.key, row.why, row.columns) for row in one.examples])
        for one in found.rows
    ]


def faults(path: Path) -> list[tuple[str, str]]:
    """The lists whose positions cannot be, and why; rows are as they should be."""
    found = checked(path)
    assert found.rows == []
    return [(one.resource, one.why) for one in found.positions]


def position_of(path: Path, resource: str = "posts") -> dict[str, Any]:
    """Where a list stands."""
    found = query(path, f"select position from _cursors where resource = '{resource}'")
    position: dict[str, Any] = json.loads(found[0][0])
    return position


def place(path: Path, position: object, resource: str = "posts") -> None:
    """Let all lists of a resource stand there."""
    saved = position if isinstance(position, str) else json.dumps(position)
    change(path, f"update _cursors set position = ? where resource = '{resource}'", bound=(saved,))


# Rows and their versions


def test_a_clean_archive_is_whole(any_toy: DemoInstance, cli: Cli, archive_path: Path) -> None:
    """After a sync nothing contradicts anything, here or on the server, and nothing is written."""
    cli.log_in(any_toy)
    assert cli.run("sync", archive_path, "--all", "--quiet", "--no-media").returncode == 0
    before = hashlib.sha256(archive_path.read_bytes()).digest()
    any_toy.reset_counts()
    alone = cli.run("verify", archive_path)
    asked = any_toy.count()
    done = cli.run("verify", archive_path, "--server", "--json")
    told = json.loads(done.stdout)

    assert (alone.returncode, alone.stderr) == (0, "The database is whole.\n")
    assert asked == 0
    assert done.returncode == 0, done.stderr
    assert told["consistency"] == {"references": [], "positions": [], "rows": []}
    assert told["server"]["agrees"] is True
    assert len(told["server"]["counts"]) >= 10
    assert [len(one["equal"]) for one in told["server"]["samples"]] == [17, 17, 16]
    assert (any_toy.writes, any_toy.online_marks) == (0, 0)
    assert hashlib.sha256(archive_path.read_bytes()).digest() == before
    assert {one.name for one in archive_path.parent.glob("*archive*")} == {
        "archive.db",
        ".archive.db.lock",
    }


def test_a_deleted_row_is_found(full: Path) -> None:
    """A row that is not here, and of which versions tell."""
    change(full, "delete from messages where id = 5")
    assert unlike(full) == [("messages", 1, [("5", "missing", ())])]


def test_a_changed_text_is_found(full: Path) -> None:
    """A row that says something else than its versions, with the column that does."""
    change(full, "update posts set text = 'never said' where owner_id = 1 and id = 5")
    assert unlike(full) == [("posts", 1, [("1_5", "changed", ("text",))])]


def test_a_changed_stamp_is_found(full: Path) -> None:
    """A row that is marked as gone, where its versions know nothing of that."""
    change(full, "update notes set gone_at = '2020-01-01T00:00:00Z' where id = 3")
    ((table, rows, (one,)),) = unlike(full)
    assert (table, rows, one[1:]) == ("notes", 1, ("changed", ("gone_at",)))


def test_an_invented_row_is_found(full: Path) -> None:
    """A row without any version, be it of a thing or only of what belongs together."""
    change(
        full,
        "delete from _records where resource = 'messages' and record_key = '5'",
        "delete from _records where resource = 'friends' and record_key = '1_2'",
    )
    assert unlike(full) == [
        ("friends", 1, [("1_2", "unknown", ())]),
        ("messages", 1, [("5", "unknown", ())]),
    ]


def test_a_deleted_version_is_found(read_toy: DemoInstance, archive_path: Path) -> None:
    """Where the newest of two versions is missing, the row is not as the other says."""
    read_toy.world.edit_post(1, read_toy.world.wall(1)[0].id, "edited")
    run(read_toy, archive_path, sections=("wall",))
    change(archive_path, "delete from _records where id = (select max(id) from _records "
           "where resource = 'posts')")  # fmt: skip
    ((table, rows, (one,)),) = unlike(archive_path)

    assert (table, rows, one[1]) == ("posts", 1, "changed")
    assert "text" in one[2]


def test_a_version_that_cannot_be_read_is_found(full: Path) -> None:
    """A version that is no JSON is told of, and other tables are compared all the same."""
    change(
        full,
        "update _records set record = '{' where resource = 'messages' and record_key = '5'",
        "delete from notes where id = 3",
    )
    found = checked(full)

    assert {one.table for one in found.rows} == {"messages", "notes"}
    assert "messages 5 cannot be read" in str(found.rows)


def test_many_differences_are_counted(full: Path) -> None:
    """Of many rows some are named, and all are counted."""
    change(full, "update messages set text = 'x'")
    ((table, rows, examples),) = unlike(full)

    assert (table, len(examples)) == ("messages", 3)
    assert query(full, "select count(*) from messages") == [(rows,)]


def test_media_is_not_compared(full: Path) -> None:
    """What became of files follows from no version."""
    change(full, "insert into media (url, state) values ('http://x/', 'pending')")
    assert unlike(full) == []


def test_no_row_is_kept_anywhere(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file is left in the system's temporary directory, nor beside the archive."""
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    monkeypatch.setenv("SQLITE_TMPDIR", str(elsewhere))
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    assert checked(full).is_given
    assert list(elsewhere.iterdir()) == []
    assert [one.name for one in full.parent.glob("*archive*")] == ["archive.db"]


def test_a_read_only_archive_is_checked(full: Path) -> None:
    """A copy that nobody may write is compared as well."""
    change(full, "delete from messages where id = 5")
    full.chmod(0o400)
    assert [one.table for one in checked(full).rows] == ["messages"]


def test_references_are_no_damage(full: Path) -> None:
    """Who is referred to and not here is counted by table; the server may have nobody either."""
    change(full, "delete from users where id = 2", "delete from _records where resource = 'users' "
           "and record_key = '2'")  # fmt: skip
    found = checked(full)
    rows = {(one.table, one.refers_to): one.rows for one in found.references}
    wrote = query(full, "select count(*) from posts where owner_user_id = 2 or from_user_id = 2")

    assert found.is_given
    assert {refers_to for _, refers_to in rows} == {"users"}
    assert rows["friends", "users"] == 1
    assert rows["posts", "users"] >= wrote[0][0] > 0


# Positions


@pytest.mark.parametrize("saved", ["", "nothing", "[]", "7", '{"below": [{}], "done": true}'])
def test_a_garbled_position_is_found(saved: str, full: Path) -> None:
    """A position that is no position: its list is named."""
    place(full, saved)
    assert {name for name, _ in faults(full)} == {"posts"}


@pytest.mark.parametrize("read", [-1, "many", None, True])
def test_rows_read_are_a_number(read: object, full: Path) -> None:
    """A position that does not say how many rows were read."""
    place(full, {**position_of(full), "read": read})
    assert set(faults(full)) == {("posts", "it does not say how many rows were read")}


@pytest.mark.parametrize("partition", ["{", "[]", "1"])
def test_a_garbled_partition_is_found(partition: str, full: Path) -> None:
    """A list whose parameters cannot be read is told of, whichever kind it is."""
    change(
        full,
        "update _cursors set partition = ? where resource in ('posts', 'notes')",
        bound=(partition,),
    )
    assert {name for name, _ in faults(full)} == {"posts", "notes"}


def test_unknown_lists_are_left(full: Path) -> None:
    """What another version of the program has saved says nothing to this one."""
    change(
        full,
        "insert into _cursors (resource, partition, position) values ('stickers', '{', '{')",
        "insert into _rounds (resource, partition, position) values ('stickers', '{', '{')",
    )
    assert faults(full) == []


def test_lists_of_owners_need_nothing_that_opens_them(
    toy: DemoInstance, archive_path: Path
) -> None:
    """The board of a group that was named, and that the account does not administer."""
    assert run(toy, archive_path, owners=(1, -2), sections=("board",)).exit_code == 0
    named = "resource = 'topics' and owner_id = -2"
    assert query(archive_path, f"select count(*) from _cursors where {named}") == [(1,)]
    assert faults(archive_path) == []


def test_what_opens_a_list_may_change(full: Path) -> None:
    """Lyrics stay known when their track speaks of none any more."""
    change(full, "update audio set lyrics_id = null where lyrics_id is not null")
    assert checked(full).positions == []


def test_an_end_with_rows_below_is_found(full: Path) -> None:
    """A list that was read to its end has nothing left below."""
    stretch = {"head": ["9"], "tail": ["9"], "rows": 1}
    place(full, {**position_of(full), "below": [stretch]})
    assert set(faults(full)) == {("posts", "it is at the end, with rows below")}


def test_a_disputed_end_is_found(full: Path) -> None:
    """The column that says that a list was read to its end, and the position, say the same."""
    place(full, {**position_of(full), "done": False})
    ((name, why),) = set(faults(full))
    assert name == "posts"
    assert "whether the list was read to its end" in why


def test_a_list_that_nothing_opens_is_found(full: Path) -> None:
    """Comments of a post that was never here; those of one that is gone are as they should be."""
    cursors = "select json_extract(partition, '$.post_id') from _cursors where resource = ? "
    (post,), (other,) = query(full, f"{cursors.replace('?', repr('post_comments'))} limit 2")
    now = "'2020-01-01T00:00:00Z'"
    gone = f"resource = 'posts' and record_key = '1_{other}'"
    change(
        full,
        f"delete from posts where id = {post}",
        f"delete from _records where resource = 'posts' and record_key like '%\\_{post}' "
        "escape '\\'",
        f"update posts set gone_at = {now} where owner_id = 1 and id = {other}",
        f"update _sightings set gone_at = {now} where id in (select id from _records where {gone})",
    )
    found = checked(full)

    assert [one.resource for one in found.positions if "post_comments" in one.resource]
    assert {one.why for one in found.positions} == {"there is no row of posts that opens it"}
    assert all(f'"post_id":{other}}}' not in one.partition for one in found.positions)


@pytest.fixture(scope="module")
def walks(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An archive whose lists of posts and photos were read twice, not to the end the second time.

    The stretch at the top does not reach down to the one below.
    """
    world, path = generate(size=SMALL), tmp_path_factory.mktemp("stopped") / "archive.db"
    with DemoInstance(world, "B") as instance:
        run(instance, path, size=20, sections=("wall", "photos"))
        for _ in range(2):
            for _ in range(60):
                world.add_post(1)
                world.add_photo(1)
            for section in ("wall", "photos"):
                budget = Budget(max_requests=3)
                run(instance, path, size=20, sections=(section,), budget=budget, concurrency=1)
    return path.read_bytes()


@pytest.fixture
def stopped(walks: bytes, archive_path: Path) -> Path:
    """A copy of it."""
    archive_path.write_bytes(walks)
    return archive_path


@pytest.mark.parametrize("resource", ["posts", "photos"])
def test_a_stopped_walk_is_as_it_should_be(resource: str, stopped: Path) -> None:
    """Two stretches below a walk that was stopped contradict nothing."""
    assert len(position_of(stopped, resource)["below"]) == 2
    assert faults(stopped) == []


def _without_head(below: list[dict[str, Any]]) -> None:
    below[0]["head"] = []


def _without_tail(below: list[dict[str, Any]]) -> None:
    below[1]["tail"] = []


def _with_few_rows(below: list[dict[str, Any]]) -> None:
    below[1]["rows"] = len(below[1]["head"]) - 1


def _turned_over(below: list[dict[str, Any]]) -> None:
    below.reverse()


def _overlapping(below: list[dict[str, Any]]) -> None:
    below[0]["head"][0] = below[1]["head"][0]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (_without_head, "fewer rows than keys"),
        (_without_tail, "fewer rows than keys"),
        (_with_few_rows, "fewer rows than keys"),
        (_turned_over, "not in order"),
    ],
)
def test_a_broken_stretch_is_found(
    broken: Callable[[list[dict[str, Any]]], None], why: str, stopped: Path
) -> None:
    """Stretches of a list have rows, and fall in their numbers."""
    position = position_of(stopped, "photos")
    broken(position["below"])
    place(stopped, position, "photos")

    ((name, told),) = set(faults(stopped))
    assert name == "photos"
    assert why in told


@pytest.mark.parametrize("resource", ["posts", "photos"])
def test_a_row_may_be_in_two_stretches(resource: str, stopped: Path) -> None:
    """It has moved to the top, or the rows beside it have vanished: that is no damage."""
    position = position_of(stopped, resource)
    _overlapping(position["below"])
    place(stopped, position, resource)

    assert faults(stopped) == []


def test_a_stretch_may_have_lost_its_rows(stopped: Path) -> None:
    """A walk that found the list empty in the middle leaves a stretch without rows."""
    position = position_of(stopped, "photos")
    position["below"][1]["rows"] = 0
    place(stopped, position, "photos")

    assert faults(stopped) == []


@pytest.mark.parametrize("saved", ["{", '{"next": -3, "done": false}', '{"next": "x"}'])
def test_a_garbled_round_is_found(saved: str, full: Path) -> None:
    """The position of a round that cannot be: of a wall the next number."""
    change(full, "update _rounds set position = ? where resource = 'posts'", bound=(saved,))
    assert {name for name, _ in faults(full)} == {"posts"}


def test_a_round_under_way_is_as_it_should_be(toy: DemoInstance, archive_path: Path) -> None:
    """Rounds that stopped in the middle contradict nothing."""
    sections = ("wall", "messages", "photos")
    for number in range(40):
        for peer in list(toy.world.dialogs):
            toy.world.add_message(peer, out=True, text=f"{number}")
    run(toy, archive_path, size=20, sections=sections)
    for section in sections:
        run(toy, archive_path, size=20, rounds=1, sections=(section,))
    under_way = query(archive_path, "select resource from _rounds where position is not null")

    assert {"posts", "messages"} <= {name for (name,) in under_way}
    assert faults(archive_path) == []


def test_damage_is_told(cli: Cli, full: Path) -> None:
    """Damage ends with 3, says what contradicts what and what to do; `--json` has it too."""
    place(full, "nothing")
    change(full, "update messages set text = 'x' where id = 5", "delete from users where id = 2")
    done = cli.run("verify", full)
    quiet = cli.run("verify", full, "--quiet", "--json")
    told = json.loads(quiet.stdout)["consistency"]

    assert (done.returncode, quiet.returncode) == (3, 3)
    assert "1 rows of messages do not agree with their versions: 5 (text)." in done.stderr
    assert f"`ovk-archive rebuild {full}` makes the tables again" in done.stderr
    assert f"`ovk-archive sync {full} --full` reads these lists again" in done.stderr
    assert "rows refer to something that is not in the archive" in done.stderr
    assert done.stderr.endswith("The database is damaged.\n")
    assert {one["table"] for one in told["rows"]} == {"messages", "users"}
    assert {one["resource"] for one in told["positions"]} == {"posts"}
    assert {one["refers_to"] for one in told["references"]} == {"users"}


# The server


def sampled(comparison: Comparison, table: str) -> Sampled:
    """What was found of a table."""
    return next(one for one in comparison.samples if one.table == table)


@pytest.fixture(params=["A", "B"])
def synced_toy(request: pytest.FixtureRequest, archive_path: Path) -> Iterator[DemoInstance]:
    """An instance of each dialect in turn, of which there is an archive."""
    with already_synced(request.param, archive_path, small) as instance:
        yield instance


def test_an_edited_post_is_told(synced_toy: DemoInstance, archive_path: Path) -> None:
    """A post that was edited since differs; all others are as here."""
    post = synced_toy.world.wall(1)[40]
    synced_toy.world.edit_post(1, post.id, "edited since")
    found = compared(synced_toy, archive_path)
    posts = sampled(found, "posts")

    assert not found.agrees
    assert odd(found) == {}
    assert (posts.differ, posts.missing, posts.unsure) == ([f"1_{post.id}"], [], {})
    assert len(posts.equal) == len(truth_of(synced_toy.world, synced_toy.dialect)["posts"]) - 1


def test_a_deleted_post_is_told(synced_toy: DemoInstance, archive_path: Path) -> None:
    """A post that was deleted since is missing, and the server counts one fewer."""
    post = synced_toy.world.wall(1)[40]
    synced_toy.world.delete_post(1, post.id)
    found = compared(synced_toy, archive_path)

    assert sampled(found, "posts").missing == [f"1_{post.id}"]
    assert sampled(found, "posts").differ == []
    assert {name: one.held - (one.counted or 0) for name, one in odd(found).items()} == {"posts": 1}


def test_more_posts_are_told(synced_toy: DemoInstance, archive_path: Path) -> None:
    """Posts that were written since are more than are here."""
    for _ in range(12):
        synced_toy.world.add_post(1)
    found = compared(synced_toy, archive_path)

    assert {name: (one.counted or 0) - one.held for name, one in odd(found).items()} == {
        "posts": 12
    }
    assert not found.agrees


def test_edited_and_deleted_messages_are_told(synced_toy: DemoInstance, archive_path: Path) -> None:
    """A deleted message is missing, though it can be had by its number; an edited one differs."""
    first, second, *_ = synced_toy.world.history(2)[3:]
    synced_toy.world.delete_message(first.id)
    synced_toy.world.edit_message(second.id, "edited since")
    messages = sampled(compared(synced_toy, archive_path), "messages")

    assert messages.missing == [str(first.id)]
    assert messages.differ == [str(second.id)]
    assert messages.unsure == {}


def test_messages_of_one_second(toy: DemoInstance, archive_path: Path) -> None:
    """Where many messages share a second, in no order, those that are there are found, and only
    those that are not are missing.
    """  # noqa: D205
    world = toy.world
    texts = [world.add_message(2, date=1_700_000_000) for _ in range(30)]
    run(toy, archive_path, sections=("messages",))
    world.delete_message(texts[3].id)
    messages = sampled(compared(toy, archive_path), "messages")

    assert (messages.missing, messages.differ) == ([str(texts[3].id)], [])


def test_a_changed_profile_is_told(synced_toy: DemoInstance, archive_path: Path) -> None:
    """A person with another name differs."""
    synced_toy.world.users[2].first_name = "Иная"
    assert sampled(compared(synced_toy, archive_path), "users").differ == ["2"]


@DIALECTS
def test_a_deleted_photo_is_no_edit(dialect: str, archive_path: Path) -> None:
    """By number a post shows photos that are deleted, and lists do not: it is the same post."""
    world = generate(size=SMALL)
    photo = world.add_photo(1)
    world.add_post(1, attachments=[("photo", (1, photo.id))])
    edited = world.add_post(1)
    world.delete_photo(1, photo.id)
    with DemoInstance(world, dialect) as instance:
        run(instance, archive_path, sections=("wall", "photos"))
        before = compared(instance, archive_path)
        world.edit_post(1, edited.id, "edited since")
        after = compared(instance, archive_path)

    assert before.agrees
    assert sampled(after, "posts").differ == [f"1_{edited.id}"]


def test_dead_tracks_are_counted(synced_toy: DemoInstance, archive_path: Path) -> None:
    """The server counts deleted tracks too: that is no difference, but that there are more is."""
    before = compared(synced_toy, archive_path)
    synced_toy.world.add_audio(1)
    after = odd(compared(synced_toy, archive_path))
    audio = next(one for one in before.counts if one.name == "audio")

    assert before.agrees
    assert audio.counts_dead
    assert (audio.counted or 0) > audio.held
    assert list(after) == ["audio"]


def test_what_crashes_the_server_is_left(synced_toy: DemoInstance, archive_path: Path) -> None:
    """A record that crashes the server is not compared; those beside it are."""
    posts = synced_toy.world.wall(1)
    synced_toy.faults.poison.add(("posts", (1, posts[40].id)))
    found = compared(synced_toy, archive_path)

    assert found.agrees
    assert list(sampled(found, "posts").unsure) == [f"1_{posts[40].id}"]
    assert len(sampled(found, "posts").equal) == len(posts) - 1 > 50


def test_what_crashed_the_server_is_counted(toy: DemoInstance, archive_path: Path) -> None:
    """A record that the server counts and that a sync could not have is no difference."""
    note = toy.world.notes_of(1)[3]
    toy.faults.poison.add(("notes", (1, note.id)))
    run(toy, archive_path, sections=("notes",))
    found = compared(toy, archive_path)
    notes = next(one for one in found.counts if one.name == "notes")

    assert query(archive_path, "select count(*) from _skipped") == [(1,)]
    assert notes.counted == notes.held + 1
    assert found.agrees


def test_a_post_in_no_list_is_no_difference(read_toy: DemoInstance, archive_path: Path) -> None:
    """What a wall had and only numbers still show, such as an archived post, is not counted."""
    read_toy.world.archive_post(1, read_toy.world.wall(1)[40].id)
    told = odd(compared(read_toy, archive_path))
    run(read_toy, archive_path, audit=True, sections=("wall",))
    later = compared(read_toy, archive_path)
    posts = next(one for one in later.counts if one.name == "posts")

    assert list(told) == ["posts"]
    assert later.agrees
    assert posts.counted == posts.held - 1
    assert posts.explained == ("1 in no list; the server shows them only by number",)


def test_gone_rows_are_not_asked_for(read_toy: DemoInstance, archive_path: Path) -> None:
    """What is known to be gone, or was missed, is not looked for."""
    world = read_toy.world
    first, second = world.wall(1)[10], world.wall(1)[20]
    world.delete_post(1, first.id)
    for _ in range(2):
        run(read_toy, archive_path, audit=True, sections=("wall",))
    world.delete_post(1, second.id)
    run(read_toy, archive_path, audit=True, sections=("wall",))
    found = compared(read_toy, archive_path)

    assert query(archive_path, "select count(gone_at) from posts") == [(1,)]
    assert found.agrees
    assert sampled(found, "posts").looked_at == len(truth_of(world, "B")["posts"])


def test_missed_rows_may_be_gone(synced_toy: DemoInstance, archive_path: Path) -> None:
    """A row that was missed once, and is still held to be present, is no difference of counts."""
    note = synced_toy.world.notes_of(1)[3]
    synced_toy.world.delete_note(1, note.id)
    before = compared(synced_toy, archive_path)
    run(synced_toy, archive_path, audit=True, sections=("notes",))
    after = compared(synced_toy, archive_path)

    assert list(odd(before)) == ["notes"]
    assert query(archive_path, "select count(gone_at) from notes") == [(0,)]
    assert after.agrees


def test_a_closed_wall_is_not_asked_for(toy: DemoInstance, archive_path: Path) -> None:
    """Posts of a wall that the server shows no more are not called missing."""
    run(toy, archive_path, owners=(1, 2), sections=("wall", "friends"))
    held = query(archive_path, "select count(*) from posts where owner_id = 2")
    toy.world.users[2].closed = True
    toy.world.users[2].friends.clear()
    run(toy, archive_path, owners=(1, 2), sections=("wall", "friends"))

    assert held > [(0,)]
    assert compared(toy, archive_path).agrees


def test_the_sample_is_fair(full: Path) -> None:
    """As many of each kind; what one has too few of falls to the others; a seed repeats it."""
    with Archive.read(full) as archive:
        some = choose(archive, 30, random.Random(7))
        again = choose(archive, 30, random.Random(7))
        other = choose(archive, 30, random.Random(8))
        many = choose(archive, 60, random.Random(7))
        none = choose(archive, 0, random.Random(7))

    assert {name: len(rows) for name, rows in some.items()} == {
        POSTS.name: 10, MESSAGES.name: 10, USERS.name: 10
    }  # fmt: skip
    assert some == again
    assert some != other
    assert sum(map(len, many.values())) == 60
    assert len({one.key for one in many[MESSAGES.name]}) == len(many[MESSAGES.name]) > 20
    assert sum(map(len, none.values())) == 0


def test_few_requests_are_made(read_toy: DemoInstance, archive_path: Path) -> None:
    """One for each count, one for all posts, one for all people, one for each message."""
    read_toy.reset_counts()
    found = compared(read_toy, archive_path, sample=12)

    assert read_toy.count() == found.requests == len(found.counts) + 1 + 1 + 4


@pytest.fixture
def asking(cli: Cli, read_toy: DemoInstance, archive_path: Path) -> Cli:
    """The command line of who has made the archive: such an archive has the instance's address."""
    here = read_toy.url.removeprefix("http://")
    change(archive_path, "update _archive set value = ? where name = 'instance'", bound=(here,))
    cli.log_in(read_toy)
    return cli


def test_a_change_is_told(asking: Cli, read_toy: DemoInstance, archive_path: Path) -> None:
    """What the server has by now ends with 3, says by how much and what to do, and is no damage."""
    post = read_toy.world.wall(1)[40]
    read_toy.world.edit_post(1, post.id, "edited since")
    for _ in range(12):
        read_toy.world.add_post(1)
    done = asking.run("verify", archive_path, "--server", "--sample", "9000")
    after = asking.run("audit", archive_path, "--quiet")
    again = asking.run("verify", archive_path, "--server", "--sample", "9000")

    assert done.returncode == 3
    assert "The database is whole." in done.stderr
    assert "The server counts 12 more posts than are here." in done.stderr
    assert f"compared, 1 have been edited since: 1_{post.id}." in done.stderr
    assert f"`ovk-archive sync {archive_path}` reads what is new" in done.stderr
    assert (after.returncode, again.returncode) == (0, 0), again.stderr
    assert "The server agrees: " in again.stderr


def test_changed_people_are_told(asking: Cli, read_toy: DemoInstance, archive_path: Path) -> None:
    """Of people who have changed it is said when they are asked for again."""
    read_toy.world.users[2].first_name = "Иная"
    done = asking.run("verify", archive_path, "--server", "--sample", "9000")

    assert done.returncode == 3
    assert "people are asked for again 7 days after they were last read" in done.stderr


def test_a_seed_chooses_the_same(asking: Cli, archive_path: Path) -> None:
    """`--seed` repeats a sample; help does not speak of it."""
    first, same, other = (
        json.loads(
            asking.run(
                "verify", archive_path, "--server", "--sample", 9, "--seed", seed, "--json"
            ).stdout
        )["server"]["samples"]
        for seed in (1, 1, 2)
    )

    assert first == same
    assert first != other
    assert "--seed" not in asking.run("verify", "--help").stdout


def test_whose_archive_it_is(asking: Cli, read_toy: DemoInstance, archive_path: Path) -> None:
    """Another account's archive is refused with 33, a bad token with 11, and none with 11."""
    read_toy.revoke()
    refused = asking.run("verify", archive_path, "--server")
    read_toy.token = read_toy.tokens.issue()
    asking.log_in(read_toy)
    change(archive_path, "update _archive set value = '2' where name = 'account_id'")
    other = asking.run("verify", archive_path, "--server")
    asking.run("logout")
    without = asking.run("verify", archive_path, "--server")

    assert (refused.returncode, other.returncode, without.returncode) == (11, 33, 11)
    assert "is the archive of account 2 on 127.0.0.1" in other.stderr
    assert (refused.stdout, other.stdout) == ("", "")


def test_a_sample_is_of_the_server(cli: Cli, archive_path: Path) -> None:
    """`--sample` without `--server` is a usage error of one sentence."""
    done = cli.run("verify", archive_path, "--sample", "3")
    assert done.returncode == 2
    assert "add --server" in done.stderr


def test_the_pace_is_kept(asking: Cli, archive_path: Path) -> None:
    """What syncs have learnt of the instance's pace is heeded, and kept for the next one."""
    sent = time.time() - 17
    learnt = json.dumps({"limited": True, "times": [sent] * 5})
    change(archive_path, "insert or replace into _pace (name, state) values ('photos+board', ?)",
           bound=(learnt,))  # fmt: skip
    done = asking.run("verify", archive_path, "--server", "--sample", "3")

    assert done.returncode == 0, done.stderr
    assert time.time() > sent + 21
    ((state,),) = query(archive_path, "select state from _pace")
    kept = json.loads(state)
    assert kept["limited"] is True
    assert max(kept["times"]) > sent + 17
