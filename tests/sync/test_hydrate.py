"""Things that are named by number are read anew, and what is not to be had is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from archives import already_synced, small
from hydrating import hydrate, said
from syncing import execute, faults, query, run
from toy import DemoInstance, World

from ovk_archive.api.budget import Budget
from ovk_archive.archive.archive import Archive
from ovk_archive.checks.ledger import ledger
from ovk_archive.demo.server.api import METHODS as SERVED
from ovk_archive.errors import StoppedError
from ovk_archive.resources import SECTIONS
from ovk_archive.resources.by_number import BY_NUMBER
from ovk_archive.resources.vocabulary.by_number import Key
from ovk_archive.sync.wanted.asking import DELETED
from ovk_archive.sync.wanted.hydration import NO_METHOD
from ovk_archive.sync.wanted.lists import NUMBERED

Keys = dict[str, list[Key]]
KNOWN = {how.table.name for how in BY_NUMBER}


@pytest.fixture(params=["A", "B"])
def toy(request: pytest.FixtureRequest) -> Iterator[DemoInstance]:
    """A small toy instance of each dialect in turn."""
    with DemoInstance(small(), request.param) as instance:
        yield instance


def everything(path: Path) -> Keys:
    """The keys of all rows of an archive that have numbers."""
    return {
        name: query(path, f"select {', '.join(table.key)} from {name}")
        for name, table in NUMBERED.items()
    }


@pytest.mark.parametrize("dialect", ["A", "B"])
def test_what_was_synced_comes_again(dialect: str, tmp_path: Path) -> None:
    """Of all that has a number in an archive, what can be asked for comes as it is there."""
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    with already_synced(dialect, first, small, sections=SECTIONS, window=0.0) as toy:
        keys = everything(first)
        report = hydrate(toy, second, keys)

    assert {name: one.named for name, one in report.tables.items()} == {
        name: len(some) for name, some in keys.items()
    }
    assert {name for name, one in report.tables.items() if one.can_be_asked} == KNOWN
    assert [name for name in sorted(KNOWN - {"users"}) if report.tables[name].lacking] == []
    assert all(one.left == 0 for one in report.tables.values())
    # What a post shows tells less than the thing itself, but of videos.
    for name in KNOWN - {"users", "videos"}:
        assert report.tables[name].read == report.tables[name].named, name
    for name in KNOWN:
        before, after = said(first, name), said(second, name)
        assert before, name
        for key, row in before.items():
            # Lists leave out attached photos that were deleted; by number a post has them.
            shown, before_ = after[key].pop("attachments", ""), row.pop("attachments", "")
            assert set((before_ or "").split(",")) <= set((shown or "").split(",")) | {""}
            assert after[key] == row, (name, key)
    assert report.tables["comments"].lacking == {str(n): NO_METHOD for (n,) in keys["comments"]}
    assert report.exit_code == 3


def test_what_is_here_is_not_asked_for(toy: DemoInstance, archive_path: Path) -> None:
    """A second run asks for nothing; with `again` it asks for all, and keeps a new version."""
    keys: Keys = {"posts": [(1, 1), (1, 2)], "photos": [(1, 1)], "notes": [(1, 1)], "users": [(2,)]}
    first = hydrate(toy, archive_path, keys)
    asked = first.requests
    toy.world.edit_post(1, 2, "otherwise")
    second = hydrate(toy, archive_path, keys)
    third = hydrate(toy, archive_path, keys, again=True)

    assert [first.exit_code, second.exit_code, third.exit_code] == [0, 0, 0]
    assert (second.requests, second.tables["posts"].here) == (0, 2)
    assert third.requests == asked
    assert (third.tables["posts"].read, third.tables["posts"].changed) == (2, 1)
    texts = query(
        archive_path,
        "select json_extract(record, '$.text') from _versions where resource = 'posts' "
        "and record_key = '1_2' order by id",
    )
    assert len(texts) == 2
    assert texts[1] == ("otherwise",)


def without_some(world: World) -> Keys:
    """Delete the second of each kind; what names the first three."""
    world.delete_post(1, 2)
    world.delete_note(1, 2)
    world.delete_photo(1, 2)
    world.delete_audio(2)
    world.delete_topic(1, 2)
    pairs: list[Key] = [(1, 1), (1, 2), (1, 3)]
    numbers: list[Key] = [(1,), (2,), (3,)]
    return {
        "users": [(2,), (999,)],
        "groups": [(1,), (999,)],
        "posts": pairs,
        "notes": pairs,
        "photos": pairs,
        "audio": numbers,
        "topics": [(1, 1), (1, 2)],
        "polls": [(1,), (999,)],
        "lyrics": [(999_999,)],
        "statuses": [(2,), (999,)],
        "group_settings": [(999,)],
        "messages": [(1,), (999_999,)],
        "videos": [(1, 1), (1, 999)],
    }


def test_what_was_deleted_is_told(toy: DemoInstance, archive_path: Path) -> None:
    """What is no more is named, and nothing else; all the rest is had, and nothing is marked."""
    keys = without_some(toy.world)
    report = hydrate(toy, archive_path, keys)
    lacking = {name: sorted(one.lacking) for name, one in report.tables.items()}

    assert lacking == {
        "users": ["999"], "groups": ["999"], "posts": ["1_2"], "notes": ["1_2"],
        "photos": ["1_2"], "audio": ["2"], "topics": ["1_2"], "polls": ["999"],
        "lyrics": ["999999"], "statuses": ["999"], "group_settings": ["999"],
        "messages": ["999999"], "videos": ["1_999"],
    }  # fmt: skip
    assert all(one.left == 0 for one in report.tables.values())
    assert report.tables["users"].lacking["999"] == DELETED
    assert report.tables["groups"].lacking["999"] == DELETED
    assert "deleted, or closed" in report.tables["posts"].lacking["1_2"]
    assert (report.exit_code, report.message) == (3, "")
    for name in KNOWN:
        assert query(archive_path, f"select 1 from {name} where gone_at is not null") == []


def test_what_was_not_had_waits_for_another_day(toy: DemoInstance, archive_path: Path) -> None:
    """It is asked for again the next day, not in the next run; and then it is noted as had."""
    keys = without_some(toy.world)
    first = hydrate(toy, archive_path, keys)
    again = hydrate(toy, archive_path, keys)
    toy.world.undelete_note(1, 2)
    execute(archive_path, ["update _skipped set last_at = datetime(last_at, '-1 day')"])
    later = hydrate(toy, archive_path, {"notes": keys["notes"]})

    assert again.requests == 0
    assert {n: one.lacking for n, one in again.tables.items()} == {
        n: one.lacking for n, one in first.tables.items()
    }
    assert again.exit_code == 3
    assert (later.tables["notes"].read, later.exit_code) == (1, 0)
    assert query(archive_path, "select place from _skipped where resolved_at is not null") == [
        ("1_2",)
    ]


def test_one_that_is_gone_costs_few_requests(archive_path: Path) -> None:
    """Where one that is gone costs all, the others are asked for in halves."""
    world = small()
    photos = [(1, one.id) for one in world.photos_of(1)]
    world.delete_photo(*photos[3])
    with DemoInstance(world, "A") as toy:
        report = hydrate(toy, archive_path, {"photos": photos})

    assert report.tables["photos"].read == len(photos) - 1
    assert list(report.tables["photos"].lacking) == [f"1_{photos[3][1]}"]
    assert 3 <= report.requests <= 2 * len(photos).bit_length() + 1


def test_a_photo_without_sizes_comes_without_them(archive_path: Path) -> None:
    """What crashes the server because of its sizes is asked for without them."""
    world = small()
    (first, second, *_) = [(1, one.id) for one in world.photos_of(1)]
    with DemoInstance(world, "B") as toy:
        toy.faults.schedule = lambda seen: (
            "500"
            if seen.params.get("photo_sizes") == "1"
            and f"{first[0]}_{first[1]}" in seen.params.get("photos", "").split(",")
            else None
        )
        report = hydrate(toy, archive_path, {"photos": [first, second]})

    assert (report.tables["photos"].read, report.exit_code) == (2, 0)
    assert said(archive_path, "photos")[f"1_{first[1]}"]["url"] is None
    assert said(archive_path, "photos")[f"1_{second[1]}"]["url"] is not None


def test_what_crashes_the_server_is_told(toy: DemoInstance, archive_path: Path) -> None:
    """One record that crashes the server is noted, and its neighbours are had."""
    toy.faults.poison.add(("posts", (1, 3)))
    report = hydrate(toy, archive_path, {"posts": [(1, number) for number in range(1, 8)]})

    assert list(report.tables["posts"].lacking) == ["1_3"]
    assert (report.tables["posts"].read, report.exit_code) == (6, 3)


def test_a_method_that_always_crashes_is_given_up(toy: DemoInstance, archive_path: Path) -> None:
    """If everything of a table crashes, the tables behind it are read all the same."""
    toy.faults.schedule = lambda seen: "500" if seen.method.lower() == "notes.getbyid" else None
    notes = [(1, number) for number in range(1, 40)]
    report = hydrate(toy, archive_path, {"notes": notes, "polls": [(1,)], "messages": [(1,)]})

    assert report.tables["notes"].refused
    assert report.tables["notes"].left > 0
    assert (report.tables["polls"].read, report.tables["messages"].read) == (1, 1)
    assert (report.exit_code, report.message) == (3, "")


def test_what_the_instance_does_not_know_is_left(
    toy: DemoInstance, archive_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a method is unknown, its things are left after one request, and that is no success."""
    monkeypatch.delitem(SERVED, "audio.getById")
    tracks: list[Key] = [(number,) for number in range(1, 12)]
    report = hydrate(toy, archive_path, {"audio": tracks})

    tally = report.tables["audio"]
    assert (tally.left, tally.lacking, report.exit_code) == (11, {}, 3)
    assert "Unknown method" in (tally.refused or "")
    assert toy.count("audio.getById") <= 1
    assert query(archive_path, "select 1 from _skipped") == []


def test_an_instance_that_is_away_ends_the_run(toy: DemoInstance, archive_path: Path) -> None:
    """Nothing is noted of things because the instance does not answer."""
    toy.faults.order("502", times=1000)
    report = hydrate(toy, archive_path, {"posts": [(1, 1)], "notes": [(1, 1)]})

    assert report.exit_code == 20
    assert query(archive_path, "select 1 from _skipped") == []


def test_a_budget_ends_a_run_and_the_next_goes_on(toy: DemoInstance, archive_path: Path) -> None:
    """Runs with small budgets come to the end together, and ask for nothing twice."""
    keys: Keys = {"notes": [(1, n) for n in range(1, 6)], "posts": [(1, n) for n in range(1, 61)]}
    codes = []
    for _ in range(20):
        report = hydrate(toy, archive_path, keys, budget=Budget(max_requests=2))
        codes.append(report.exit_code)
        if report.exit_code != StoppedError.exit_code:
            break

    assert codes[-1] in (0, 3)
    assert len(codes) < 20
    named = [seen.params["note_id"] for seen in toy.seen if seen.method.lower() == "notes.getbyid"]
    assert sorted(named) == sorted(set(named))
    assert len(said(archive_path, "notes")) == 5


def test_a_message_that_is_marked_stays_marked(toy: DemoInstance, archive_path: Path) -> None:
    """By number deleted messages are shown, too: that brings back none that is known to be gone."""
    number = min(toy.world.messages)
    run(toy, archive_path, sections=("messages",))
    toy.world.delete_message(number)
    for _ in range(2):
        run(toy, archive_path, sections=("messages",), full=True)
    report = hydrate(toy, archive_path, {"messages": [(number,)]}, again=True)

    assert said(archive_path, "messages")[str(number)]["gone_at"] is not None
    assert (report.tables["messages"].here, report.requests) == (1, 0)


def test_hydrated_is_not_synced(toy: DemoInstance, archive_path: Path) -> None:
    """No list counts as read, and nothing is damaged; a later sync reads all, and marks nothing.

    Not even what no list shows: unlisted things, and posts that were put away.
    """
    keys: Keys = {
        "users": [(2,)],
        "posts": [(1, n) for n in range(1, 61)],
        "photos": [(key[0], key[1]) for key in toy.world.photos],
        "videos": [(key[0], key[1]) for key in toy.world.videos],
        "topics": [(key[0], key[1]) for key in toy.world.topics],
        "notes": [(1, 1)],
        "messages": [(number,) for number, one in toy.world.messages.items() if not one.deleted],
    }
    hydrate(toy, archive_path, keys)
    with Archive.read(archive_path) as archive:
        told = ledger(archive)
    wrong = faults(archive_path)
    syncs = [run(toy, archive_path, window=0.0, full=True) for _ in range(2)]
    with Archive.read(archive_path) as archive:
        then = ledger(archive)

    assert [line.name for line in told.lists if line.complete] == []
    # What a post shows, a sync reads; not what else hangs on a thing that was named.
    assert {line.name for line in told.lists if line.unfinished} == {"polls", "lyrics"}
    assert (told.complete, wrong, told.last_run) == (False, [], None)
    assert [one.exit_code for one in syncs] == [0, 0]
    assert (then.complete, faults(archive_path)) == (True, [])
    for name in ("posts", "photos", "videos", "topics", "notes", "messages"):
        assert query(archive_path, f"select * from {name} where gone_at is not null") == [], name
