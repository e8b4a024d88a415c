"""What is marked as gone is gone, and all of it: the brake, the audit, the clock, other lists."""

from datetime import timedelta
from pathlib import Path

import pytest
from archives import already_synced
from clocks import clock
from older import with_versions_as_before
from syncing import ACCOUNT, differences, execute, query, run
from toy import DemoInstance, World
from truth import truth_of
from worlds import ALICE, ME

from ovk_archive.api.budget import Budget
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.tables.machinery import MACHINERY, OF_VERSIONS
from ovk_archive.checks.consistency import check_consistency

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
#: More requests than all lists take: every list is read again by every sync.
PLENTY = 100_000


def gone(path: Path, table: str) -> int:
    """How many rows of a table are marked as gone."""
    return int(query(path, f'select count(gone_at) from "{table}"')[0][0])


def a_wall(posts: int) -> World:
    """A world with one wall."""
    world = World.empty()
    for number in range(posts):
        world.add_post(ACCOUNT, text=str(number))
    return world


def things_said() -> World:
    """A world with posts, messages and notes."""
    world = two_people()
    for number in range(30):
        world.add_post(ACCOUNT, text=str(number))
    for number in range(12):
        world.add_message(2, out=bool(number % 2), text=f"раз {number}")
        world.add_note(ACCOUNT, title=str(number), source="<p>раз</p>")
    return world


def delete(world: World, posts: int) -> None:
    """Delete so many posts, from here and there."""
    numbers = [post.id for post in world.wall(ACCOUNT)]
    step = len(numbers) // posts
    for number in numbers[::step][:posts]:
        world.delete_post(ACCOUNT, number)


@DIALECTS
def test_what_is_gone_is_marked_though_it_is_much(dialect: str, tmp_path: Path) -> None:
    """60 of 304 posts are less than half of their list, whatever part of it is asked for."""
    world, path = a_wall(304), tmp_path / "archive.db"
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("wall",))
        delete(world, 60)
        reports = [run(instance, path, sections=("wall",), rounds=PLENTY) for _ in range(2)]

    assert [report.lists["posts"].withheld for report in reports] == [0, 0]
    assert gone(path, "posts") == 60


@DIALECTS
def test_more_than_half_of_a_list_is_told_once_and_not_marked(dialect: str, tmp_path: Path) -> None:
    """200 of 304 posts are hard to believe: each of them is counted once, and none is marked."""
    world, path = a_wall(304), tmp_path / "archive.db"
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("wall",))
        delete(world, 200)
        for _ in range(2):
            report = run(instance, path, sections=("wall",), rounds=PLENTY)
        not_marked = gone(path, "posts")
        run(instance, path, sections=("wall",), rounds=PLENTY, accept_losses=True)

    assert report.lists["posts"].withheld == 200
    assert not_marked == 0
    assert gone(path, "posts") == 200


@DIALECTS
def test_an_audit_does_not_go_on_with_an_older_round(dialect: str, tmp_path: Path) -> None:
    """A row that a round met before it was deleted is missed by the audit that begins later."""
    world, path = a_wall(100), tmp_path / "archive.db"
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("wall",), size=20)
        run(instance, path, sections=("wall",), size=20, rounds=4)
        under_way = query(path, "select position is not null from _rounds where resource='posts'")
        newest = world.wall(ACCOUNT)
        for post in (newest[10], newest[90]):
            world.delete_post(ACCOUNT, post.id)
        run(instance, path, sections=("wall",), size=20, audit=True)
        run(instance, path, sections=("wall",), size=20)

    assert under_way == [(1,)]
    assert gone(path, "posts") == 2


@DIALECTS
@pytest.mark.parametrize(
    "shift",
    [
        timedelta(days=-20_000),
        timedelta(days=-10),
        timedelta(hours=2),
        timedelta(days=23 * 365),
    ],
    ids=["1970", "-10 days", "+2 h", "+23 years"],
)
def test_a_clock_that_was_wrong_once_hides_nothing(
    dialect: str, shift: timedelta, tmp_path: Path
) -> None:
    """After one run with a wrong clock deletions are marked, edits win, and verify is content."""
    path, sections = tmp_path / "archive.db", ("wall", "messages", "notes")
    with already_synced(dialect, path, things_said, sections=sections) as instance:
        world = instance.world
        with clock(shift):
            world.edit_post(ACCOUNT, 7, "при неверных часах")
            run(instance, path, sections=sections, rounds=PLENTY)
        world.edit_post(ACCOUNT, 7, "снова верно")
        world.edit_post(ACCOUNT, 8, "тоже")
        world.delete_post(ACCOUNT, 9)
        world.delete_message(world.history(2)[3].id)
        world.delete_note(ACCOUNT, 4)
        for _ in range(2):
            run(instance, path, sections=sections, rounds=PLENTY)

    assert (gone(path, "posts"), gone(path, "messages"), gone(path, "notes")) == (1, 1, 1)
    texts = dict(query(path, "select id, text from posts where id in (7, 8)"))
    assert texts == {7: "снова верно", 8: "тоже"}
    with Archive.read(path) as archive:
        assert check_consistency(archive, lambda: None).is_given


@DIALECTS
def test_messages_of_a_deleted_conversation_are_asked_for(dialect: str, tmp_path: Path) -> None:
    """A conversation that is listed no more still tells that its messages were deleted."""
    world, path = two_people(), tmp_path / "archive.db"
    for number in range(9):
        for peer in (2, 3):
            world.add_message(peer, out=bool(number % 2), text=str(number))
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("messages",))
        world.delete_conversation(2)
        for day in range(6):
            # The conversation is marked before any round comes to its messages.
            with clock(timedelta(days=day)):
                run(instance, path, sections=("messages",), rounds=PLENTY if day > 2 else 0)

    assert query(path, "select peer_id from conversations where gone_at is not null") == [(2,)]
    assert query(path, "select distinct peer_id from messages where gone_at is not null") == [(2,)]
    assert gone(path, "messages") == 9


@DIALECTS
def test_a_history_is_read_to_its_end_though_its_conversation_is_gone(
    dialect: str, tmp_path: Path
) -> None:
    """A conversation that is deleted while its first reading is under way leaves nothing open."""
    world, path = two_people(), tmp_path / "archive.db"
    for number in range(9):
        for peer in (2, 3):
            world.add_message(peer, out=bool(number % 2), text=str(number))
    begun = """select 1 from _cursors where resource = 'messages' and not done
        and partition = '{"peer_id":2}'"""
    with DemoInstance(world, dialect) as instance:
        for requests in range(1, 60):
            path.unlink(missing_ok=True)
            run(instance, path, sections=("messages",), size=4, budget=Budget(requests))
            if query(path, begun):
                break
        assert query(path, begun)
        world.delete_conversation(2)
        # Syncs that were stopped before they came to its messages have marked it.
        at = "set gone_at = '2026-01-01T00:00:00Z' where"
        said = "select id from _records where resource = 'conversations' and record_key = '2'"
        execute(
            path,
            [
                f"update conversations {at} peer_id = 2",
                f"update _sightings {at} id in ({said})",
            ],
        )
        for day in range(1, 7):
            with clock(timedelta(days=day)):
                run(instance, path, sections=("messages",))

    assert query(path, "select peer_id from conversations where gone_at is not null") == [(2,)]
    assert query(path, begun) == []
    assert query(path, "select 1 from messages where peer_id = 2 and gone_at is null") == []
    assert gone(path, "messages") > 0


@DIALECTS
def test_messages_of_a_server_whose_clock_was_wrong_are_held(dialect: str, tmp_path: Path) -> None:
    """What is dated by the hour or by decades too late, or too early, is read and is not gone.

    If such a message is deleted, this is noticed as well.
    """
    world, path = two_people(), tmp_path / "archive.db"
    wrong = {**dict.fromkeys(range(10, 16), 7200), 20: 10**9, 30: -(10**9), 31: -3000, 60: 10**9}

    def write(number: int) -> None:
        date = 1_700_000_000 + 60 * number + wrong.get(number, 0)
        world.add_message(2, out=bool(number % 2), text=str(number), date=date)

    for number in range(1, 51):
        write(number)
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("messages",), size=20)
        held = {row[0] for row in query(path, "select id from messages")}
        for number in range(51, 81):
            write(number)
        run(instance, path, sections=("messages",), size=20, rounds=PLENTY)
        run(instance, path, sections=("messages",), size=20, audit=True)
        kept = query(path, "select count(*), count(gone_at) from messages")
        for number in (12, 20, 31, 75):
            world.delete_message(number)
        for _ in range(2):
            run(instance, path, sections=("messages",), size=20, audit=True)

    assert held == set(range(1, 51))
    assert kept == [(80, 0)]
    gone_ones = query(path, "select id from messages where gone_at is not null order by id")
    assert gone_ones == [(12,), (20,), (31,), (75,)]


@DIALECTS
def test_a_late_message_is_not_missed_by_rounds_in_parts(dialect: str, tmp_path: Path) -> None:
    """A page shows nothing of later times: a message that is dated years ahead is never missed."""
    world, path = two_people(), tmp_path / "archive.db"
    for number in range(1, 61):
        ahead = 10**9 if number in {5, 25} else 0
        world.add_message(2, text=str(number), date=1_700_000_000 + 60 * number + ahead)
    with DemoInstance(world, dialect) as instance:
        run(instance, path, size=20, sections=("messages",))
        for _ in range(6):
            # So few requests that a round takes several runs.
            run(instance, path, size=20, sections=("messages",), rounds=2)

    assert query(path, "select count(*), count(gone_at) from messages") == [(60, 0)]
    assert query(path, "select * from _absences where resource = 'messages'") == []


def two_people() -> World:
    """A world in which the account knows two people, 2 and 3."""
    world = World.empty()
    while len(world.users) < 3:
        world.add_user("Имя", f"{len(world.users)}")
    return world


@DIALECTS
def test_an_audit_without_owners_reads_all_owners(dialect: str, tmp_path: Path) -> None:
    """What somebody else's wall has lost is marked by audits of the whole archive."""
    world, path = two_people(), tmp_path / "archive.db"
    for number in range(30):
        world.add_post(ME, text=f"я {number}")
        world.add_post(ALICE, text=f"она {number}")
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("wall",), owners=(ME, ALICE))
        world.delete_post(ALICE, 5)
        world.edit_post(ALICE, 6, "иначе")
        for _ in range(2):
            run(instance, path, sections=("wall",), audit=True)

    assert query(path, "select id from posts where gone_at is not null") == [(5,)]
    assert query(path, f"select text from posts where owner_id={ALICE} and id=6") == [("иначе",)]


def test_the_first_sync_has_what_its_owner_put_away(tmp_path: Path) -> None:
    """Archived posts are in no list of [B]: the first sync asks for them by number."""
    world, path = a_wall(120), tmp_path / "archive.db"
    for number in (3, 50, 119, 120):
        world.archive_post(ACCOUNT, number)
    with DemoInstance(world, "B") as instance:
        report = run(instance, path, sections=("wall",), rounds=0)

    assert report.exit_code == 0
    assert differences({"posts": truth_of(world, "B")["posts"]}, path) == {}
    assert query(path, "select count(*) from posts") == [(120,)]


@DIALECTS
def test_a_photo_that_two_lists_miss_is_marked_by_the_second_reading(
    dialect: str, tmp_path: Path
) -> None:
    """Where both its list and its album miss a photo, two readings are enough."""
    world, path = World.empty(), tmp_path / "archive.db"
    album = world.add_album(ACCOUNT)
    for _ in range(12):
        world.add_photo(ACCOUNT, album.id)
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("photos",), window=0.01)
        world.delete_photo(ACCOUNT, 4)
        for _ in range(2):
            run(instance, path, sections=("photos",), rounds=PLENTY, window=0.01)

    assert query(path, "select id from photos where gone_at is not null") == [(4,)]


def test_reports_name_the_list_that_withholds(tmp_path: Path) -> None:
    """The report says of which list so much is missing."""
    world, path = a_wall(60), tmp_path / "archive.db"
    with DemoInstance(world, "B") as instance:
        run(instance, path, sections=("wall",))
        delete(world, 50)
        report = run(instance, path, sections=("wall",), rounds=PLENTY)

    assert report.lists["posts"].withholding == {f'{{"owner_id":{ACCOUNT}}}': 50}


@DIALECTS
def test_a_short_list_that_vanishes_whole_is_believed_on_another_day(
    dialect: str, tmp_path: Path
) -> None:
    """Five notes that are gone at once are marked by a reading on the next day, not before."""
    world, path = World.empty(), tmp_path / "archive.db"
    for number in range(5):
        world.add_note(ACCOUNT, title=str(number), source="<p>раз</p>")
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("notes",))
        for note in world.notes_of(ACCOUNT):
            world.delete_note(ACCOUNT, note.id)
        for _ in range(3):
            run(instance, path, sections=("notes",), rounds=PLENTY)
        same_day = gone(path, "notes")
        with clock(timedelta(hours=24)):
            run(instance, path, sections=("notes",), rounds=PLENTY)

    assert same_day == 0
    assert gone(path, "notes") == 5


@DIALECTS
def test_an_archive_that_knew_times_only_goes_on(dialect: str, tmp_path: Path) -> None:
    """An archive that knew times only goes on where it stood, and loses what is lost."""
    world, path = a_wall(60), tmp_path / "archive.db"
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("wall",), size=20)
        world.edit_post(ACCOUNT, 7, "иначе")
        run(instance, path, sections=("wall",), size=20, rounds=PLENTY)
        run(instance, path, sections=("wall",), size=20, rounds=2)
        with_versions_as_before(path)
        execute(path, older())
        world.delete_post(ACCOUNT, 9)
        with Archive.read(path) as archive:
            before = check_consistency(archive, lambda: None)
        for _ in range(2):
            run(instance, path, sections=("wall",), size=20, rounds=PLENTY)

    assert before.is_given
    assert query(path, "select id from posts where gone_at is not null") == [(9,)]
    assert query(path, "select text from posts where id = 7") == [("иначе",)]
    with Archive.read(path) as archive:
        assert check_consistency(archive, lambda: None).is_given


def older() -> list[str]:
    """What takes the numbers of checkpoints out of an archive."""
    gained = {
        name: [c for c in columns if c.endswith("_in") or c in _GAINED.get(name, ())]
        for name, (columns, _, _) in MACHINERY.items()
        if name not in OF_VERSIONS
    }
    return [
        *(f'alter table "{t}" drop column "{c}"' for t, columns in gained.items() for c in columns),
        "drop table _fields",
        "delete from _archive where name = 'checkpoints'",
        "delete from _sqlite_migrations where name > 'm004'",
        "pragma user_version = 3",
    ]


#: What schema 4 has brought beside the numbers.
_GAINED = {
    "_versions": ("rest",),
    "_cursors": ("tries", "failed_at"),
    "_skipped": ("row", "record"),
    "_absences": ("hidden",),
}


@DIALECTS
def test_what_an_album_shows_again_is_there(dialect: str, tmp_path: Path) -> None:
    """Photos that both lists missed once are there again when their album shows them."""
    world, path = World.empty(), tmp_path / "archive.db"
    album = world.add_album(ACCOUNT)
    for _ in range(6):
        world.add_photo(ACCOUNT, album.id)
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("photos",), window=0.01)
        instance.faults.schedule = lambda seen: (
            "empty" if seen.method in ("photos.getAll", "photos.get") else None
        )
        run(instance, path, sections=("photos",), rounds=PLENTY, window=0.01)
        missed = query(path, f"{OPEN} and resource = 'photos'")
        # As of photos that [B] shows in their album only.
        instance.faults.schedule = lambda seen: "empty" if seen.method == "photos.getAll" else None
        world.add_comment("photo", ACCOUNT, 3, text="и снова")
        for _ in range(2):
            run(instance, path, sections=("photos",), rounds=PLENTY, window=0.01)

    assert missed == [(6,)]
    assert query(path, OPEN) == [(0,)]
    assert query(path, "select text from comments") == [("и снова",)]


#: How many rows were missed, and wait for another reading.
OPEN = (
    "select count(*) from _absences where gone_at is null and back_at is null and hidden is not 1"
)
