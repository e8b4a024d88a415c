"""What the engine does when things are odd: full disks, unreadable records, open seconds."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from asking import QUICK
from syncing import ACCOUNT, differences, missing, query, run, run_in
from toy import DemoInstance, Seen, World, generate
from truth import truth_of
from worlds import FEW_SECTIONS, a_life, few_things

from ovk_archive.api.address import parse_instance
from ovk_archive.api.budget import Budget
from ovk_archive.api.client import Client
from ovk_archive.api.wire.answers import HttpAnswer
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.resources import LOOKUPS, RESOURCES, TABLES
from ovk_archive.resources.people import PEOPLE
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.rows import Context, Row, Trim
from ovk_archive.sync.engine import Sync
from ovk_archive.sync.lookups import Lookups
from ovk_archive.sync.plan import Options
from ovk_archive.sync.report import Report

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])


@DIALECTS
def test_a_full_disk_is_one_sentence_and_loses_nothing(dialect: str, tmp_path: Path) -> None:
    """When the disk is full the run ends with 30 and says so; with room again it goes on."""
    world = a_life(40)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        with Archive.open(path, Identity("demo", ACCOUNT, instance.url)) as archive:
            pages = archive.query("pragma page_count")[0][0]
            archive.query(f"pragma max_page_count = {pages + 12}")
            full = run_in(archive, instance)
        held = query(path, "pragma integrity_check")
        report = run(instance, path)

    assert full.exit_code == 30
    assert "the disk is full; make room" in full.message
    assert held == [("ok",)]
    assert report.exit_code == 0
    assert differences(truth_of(world, dialect), path) == {}


def test_a_message_of_the_same_second_is_not_missed(tmp_path: Path) -> None:
    """A message of the last one's second, which the listing does not show, is read later."""
    world = World.empty()
    friend = world.add_user("Друг", "Друзей").id
    now = int(time.time())
    world.add_message(friend, out=False, text="раз", date=now)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect="B") as instance:
        run(instance, path, sections=("messages",))
        second = world.add_message(friend, out=False, text="два", date=now)
        run(instance, path, sections=("messages",))

    assert (second.id,) in query(path, "select id from messages")


@DIALECTS
@pytest.mark.parametrize("years", [-50, 0, 23])
def test_seconds_are_over_by_the_servers_clock(dialect: str, years: int, tmp_path: Path) -> None:
    """With this computer's clock years off, a second of the server's is not over any sooner."""
    world = World.empty()
    friend = world.add_user("Друг", "Друзей").id
    now = int(time.time()) - years * 365 * 86400
    world.add_message(friend, out=False, text="раз", date=now)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        instance.clock = lambda: now
        run(instance, path, sections=("messages",))
        world.add_message(friend, out=False, text="два", date=now)
        run(instance, path, sections=("messages",), rounds=0)
        assert query(path, "select count(*) from messages") == [(2,)]

        instance.clock = lambda: now + 7200
        run(instance, path, sections=("messages",), rounds=0)
        instance.reset_counts()
        run(instance, path, sections=("messages",), rounds=0)

    assert instance.count("messages.getHistory") == 0


def test_quiet_conversations_are_not_opened_again(tmp_path: Path) -> None:
    """Messages older than an hour can have no unseen neighbours: their dialog is left alone."""
    world = World.empty()
    friend = world.add_user("Друг", "Друзей").id
    world.add_message(friend, out=False, text="давно", date=int(time.time()) - 7200)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect="B") as instance:
        run(instance, path, sections=("messages",))
        instance.reset_counts()
        run(instance, path, sections=("messages",), rounds=0)

    assert instance.count("messages.getHistory") == 0


@DIALECTS
def test_a_short_conversation_is_one_request(dialect: str, tmp_path: Path) -> None:
    """Where a page shows the last message that the listing names, nothing more is asked for."""
    world = World.empty()
    friends = [world.add_user(f"Друг {n}", "Друзей").id for n in range(3)]
    for number in range(30):
        world.add_message(friends[number % 3], out=False, text=f"{number}", date=1000 + number)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        run(instance, path, sections=("messages",))
        first = instance.count("messages.getHistory")
        world.add_message(friends[0], out=True, text="ещё", date=2000)
        instance.reset_counts()
        run(instance, path, sections=("messages",), rounds=0)

        assert (first, instance.count("messages.getHistory")) == (3, 1)
        assert query(path, "select count(*) from messages") == [(31,)]


def test_what_a_server_answers_soon_is_learnt_once(tmp_path: Path) -> None:
    """A server that shows a page at once is asked for a large one first of all in later lists."""
    world = World.empty()
    for _ in range(40):
        friend = world.add_user("Друг", "Друзей").id
        for number in range(101):
            world.add_message(friend, out=False, text=f"{number}", date=1000 + number)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect="A") as instance:
        run(instance, path, sections=("messages",), concurrency=1)
        asked = [seen.params for seen in instance.seen if seen.method == "messages.getHistory"]

    assert query(path, "select count(*) from messages") == [(40 * 101,)]
    # Those that were begun before the first answer came are asked for more, and then for their end.
    early = sum(params["count"] == "100" for params in asked)
    assert early < 20
    assert len(asked) == 40 + 2 * early


@DIALECTS
def test_people_who_crash_the_server_are_set_apart(dialect: str, tmp_path: Path) -> None:
    """A person whose record crashes users.get is skipped, all others are known; later it is had."""
    world = a_life(41)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        instance.faults.poison = {("users", 3)}
        report = run(instance, path, sections=("friends", "wall"))
        known = {row[0] for row in query(path, "select id from users")}
        instance.faults.poison = set()
        healed = run(instance, path, sections=("friends", "wall"))

    assert report.exit_code == 3
    assert report.lists["users"].skipped == 1
    assert 3 not in known
    assert {1, 2} <= known
    assert healed.exit_code == 0
    assert query(path, "select place from _skipped where resolved_at is null") == []
    assert query(path, "pragma foreign_key_check") == []


@DIALECTS
def test_a_method_that_always_crashes_is_a_refused_list(dialect: str, tmp_path: Path) -> None:
    """If every answer of one method is an error page, that list is refused and the rest is read."""
    world = few_things()
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        instance.faults.schedule = lambda seen: (
            "500" if seen.method.lower() == "notes.get" else None
        )
        report = run(instance, path, sections=FEW_SECTIONS)

    truth = truth_of(world, dialect)
    assert report.exit_code == 3
    assert report.lists["notes"].refused
    assert set(missing(truth, path)) <= {"notes", "comments"}
    assert instance.count("notes.get") < 30


@pytest.mark.parametrize("most", [12, 20])
def test_small_budgets_get_everything_in_the_end(most: int, tmp_path: Path) -> None:
    """However small the budget of a run, the runs together get hold of everything."""
    world = a_life(43)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect="B") as instance:
        for _ in range(200):
            report = run(instance, path, budget=Budget(max_requests=most), sparing=True)
            assert report.exit_code in (0, 75)
            if not missing(truth_of(world, "B"), path):
                break

    assert missing(truth_of(world, "B"), path) == {}


def test_halves_of_surrogate_pairs_are_mended() -> None:
    """Half an emoji, which no database can store, becomes U+FFFD; whole ones stay."""
    body = rb'{"response": ["\ud83d\ude00", "\ud83d", "x\ude00y", "\\ud83d"]}'
    content = HttpAnswer("host", 200, body).json()

    assert content == {"response": ["😀", "\ufffd", "x\ufffdy", "\\ud83d"]}
    assert json.dumps(content, ensure_ascii=False).encode()


def test_every_declaration_hangs_together() -> None:
    """Names are unique, parents come first, held and opening columns exist, docs are there."""
    names = [*(one.name for one in RESOURCES), *(one.name for one in LOOKUPS)]
    assert len(names) == len(set(names))
    for index, resource in enumerate(RESOURCES):
        assert resource.table in TABLES
        assert set(resource.held) <= set(resource.table.by_name)
        if resource.parent:
            before = {one.table.name for one in RESOURCES[:index]} | {"audio", "photos"}
            before |= {"polls", "poll_answers"}  # These come attached.
            assert set(resource.parent.after) <= {one.section for one in RESOURCES[: index + 1]}
            assert resource.parent.table.name in before
            columns = {*resource.parent.params.values(), *resource.parent.stamp}
            assert columns <= set(resource.parent.table.by_name)
    for table in TABLES:
        assert table.doc
        assert all(column.doc for column in table.columns)
        assert {*table.key, *table.facets} <= set(table.by_name)
        assert table.label is None or table.label in table.by_name
        assert table.sort is None or table.sort in table.by_name


def test_a_photo_without_sizes_is_had_without_them(tmp_path: Path) -> None:
    """A photo whose sizes crash [B] is asked for without them (help/openvk-api.md, Photos)."""
    world = a_life(44)
    path = tmp_path / "archive.db"
    photos = world.photos_of(ACCOUNT)
    broken = photos[len(photos) // 2]
    place = photos.index(broken)

    def fault(seen: Seen) -> str | None:
        if seen.method.lower() != "photos.getall" or seen.params["photo_sizes"] == "0":
            return None
        start, count = int(seen.params["offset"]), int(seen.params["count"])
        return "500" if start <= place < start + count else None

    with DemoInstance(world, dialect="B") as instance:
        instance.faults.schedule = fault
        report = run(instance, path, sections=("photos",))

    truth = truth_of(world, "B")
    photos_only = {name: truth[name] for name in ("photos", "albums", "album_photos")}
    assert report.exit_code == 0, report
    assert differences(photos_only, path) == {}


@DIALECTS
def test_a_sweep_that_was_cut_off_is_made_up_for(dialect: str, tmp_path: Path) -> None:
    """A post that hid from the walk by being pinned is found, even if the sweep fails at first."""
    world = World.empty()
    for number in range(250):
        world.add_post(ACCOUNT, text=str(number))
    hiding = world.wall(ACCOUNT)[-20].id
    path = tmp_path / "archive.db"

    def between(seen: Seen) -> None:
        # Pinned before its page comes, and back in its place when the head is looked at again.
        if seen.method.lower() == "wall.get":
            offset = int(seen.params["offset"])
            world.pin_post(ACCOUNT, hiding if offset else None)

    with DemoInstance(world, dialect=dialect) as instance:
        instance.between = between
        instance.faults.schedule = lambda seen: "502" if "ById" in seen.method else None
        cut_off = run(instance, path, sections=("wall",), size=100)
        hidden = missing({"posts": truth_of(world, dialect)["posts"]}, path)
        instance.between = None
        instance.faults.schedule = None
        report = run(instance, path, sections=("wall",), size=100)
        instance.reset_counts()
        run(instance, path, sections=("wall",), size=100, rounds=0)

    assert cut_off.exit_code == 3
    assert cut_off.lists["posts"].refused
    assert hidden == {"posts": {(ACCOUNT, hiding)}}
    assert report.exit_code == 0
    assert missing({"posts": truth_of(world, dialect)["posts"]}, path) == {}
    assert instance.count("wall.getById") == 0


def test_people_of_unknown_shape_are_listed_as_skipped(tmp_path: Path) -> None:
    """Each person whose record cannot be read is kept and listed, and the run says 3."""

    def unreadable(record: Record, context: Context) -> Iterator[Row | Trim]:
        raise KeyError(record["id"], context)
        yield

    path = tmp_path / "archive.db"
    strange = replace(PEOPLE, rows=unreadable)
    report = Report()

    async def look(demo: DemoInstance) -> None:
        async with Client(parse_instance(demo.url), demo.token) as client:
            with Archive.open(path, Identity("demo", ACCOUNT, demo.url)) as archive:
                lookups = Lookups(client, archive, report, 0)
                await lookups.run([strange])

    with DemoInstance(generate(seed=45), dialect="B") as instance:
        run(instance, path, sections=("profile",))
        with sqlite3.connect(path) as db:
            db.execute("delete from users")
        asyncio.run(look(instance))

    report.conclude(None)
    assert report.exit_code == 3
    kept = query(path, "select distinct resource, json_extract(record, '$.id') from _skipped")
    assert ("users", 1) in kept
    assert len(kept) == query(path, "select count(*) from _skipped")[0][0] > 1


def test_lists_that_were_read_are_forgotten(tmp_path: Path) -> None:
    """Of very many lists a run keeps none in memory but those with a record that crashes."""
    world = a_life()
    wanted = ("videos", f'{{"owner_id":{ACCOUNT}}}')

    async def places(instance: DemoInstance, archive: Archive) -> set[tuple[str, str]]:
        async with Client(parse_instance(instance.url), instance.token, retries=QUICK) as client:
            sync = Sync(client, archive, ACCOUNT, Options())
            assert (await sync.run()).requests > 20
            return set(sync.places.rows)

    with DemoInstance(world, "B") as instance:
        video = world.add_video(ACCOUNT, "broken").id
        instance.faults.poison = {("videos", (ACCOUNT, video))}
        with Archive.open(tmp_path / "archive.db", Identity("demo", ACCOUNT, instance.url)) as one:
            assert asyncio.run(places(instance, one)) == {wanted}
