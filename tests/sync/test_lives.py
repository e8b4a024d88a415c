"""The lives that tests let happen between syncs: legal, manifold, and told truly."""

import random
from collections import Counter
from pathlib import Path

import pytest
from lives import Event, Month, contents, present
from syncing import query, run
from toy import DemoInstance, World
from worlds import LISTS, OWNERS, made

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
DAYS = 30
#: Sections whose texts are spoken of.
READ = ("wall", "messages", "photos", "notes", "audio", "video", "docs", "board")
RELATIONS = {"friends", "album_photos", "audio_collection", "playlist_audio"}
#: How the keys of tables are written whose rows belong to an owner.
KEYS = {
    **dict.fromkeys(("posts", "notes", "videos"), "owner_id || '_' || id"),
    "topics": "group_id || '_' || id",
}


def a_world(seed: int) -> World:
    """A world with a few things of every kind."""
    return made(seed, dict.fromkeys(LISTS, 8), dialogs=2)


@DIALECTS
def test_every_kind_of_event_happens(dialect: str) -> None:
    """A month runs through from any world, and many months have events of every kind."""
    happened: Counter[str] = Counter()
    for seed in range(20):
        month = Month(a_world(seed), random.Random(seed), dialect)
        for _ in range(DAYS):
            assert len(month.day()) <= 6
        happened.update(event.what for event in month.happened)

    assert set(happened) == month.kinds


@DIALECTS
def test_a_thing_is_touched_once_a_day(dialect: str) -> None:
    """No two events of a day are about one thing."""
    for seed in range(20):
        month = Month(a_world(seed), random.Random(seed), dialect)
        for _ in range(DAYS):
            things = Counter(event.thing for event in month.day())
            assert max(things.values(), default=1) == 1


@DIALECTS
def test_a_world_without_anything_lives(dialect: str) -> None:
    """A month of a nearly empty world has the events for which there is an occasion."""
    month = Month(made(1, dict.fromkeys(LISTS, 0), dialogs=0), random.Random(1), dialect)

    for _ in range(DAYS):
        month.day()

    assert month.happened


@DIALECTS
def test_contents_follow_events(dialect: str) -> None:
    """An edit changes what is held of a record, a deletion takes it away, an undeletion not."""
    for seed in range(10):
        world = a_world(seed)
        month = Month(world, random.Random(seed), dialect)
        for _ in range(DAYS):
            before = contents(world, dialect, OWNERS)
            events = month.day()
            after = contents(world, dialect, OWNERS)
            for event in events:
                what, record = event.what.split()[0], record_of(event)
                assert what != "edit" or before.get(record) != after.get(record)
                assert what != "delete" or record not in after
                # A comment comes back, and then perhaps what it was under goes.
                assert what != "undelete" or record in after or record[0] == "comments"


@DIALECTS
def test_contents_are_of_what_is_present(dialect: str) -> None:
    """What is present has contents, and nothing else has."""
    world = a_world(1)
    month = Month(world, random.Random(1), dialect)
    for _ in range(DAYS):
        month.day()

    rows = contents(world, dialect, OWNERS)

    for table, keys in present(world, dialect, OWNERS).items():
        if table not in RELATIONS:
            assert {key for one, key in rows if one == table} == keys


@DIALECTS
def test_an_archive_has_the_contents(tmp_path: Path, dialect: str) -> None:
    """The texts and the keys are those that a sync after the month finds."""
    world = a_world(2)
    month = Month(world, random.Random(2), dialect)
    for _ in range(DAYS):
        month.day()
    path = tmp_path / "archive.db"

    with DemoInstance(world, dialect) as instance:
        run(instance, path, owners=OWNERS, rounds=0, sections=READ)

    said = {name: text for name, text in contents(world, dialect, OWNERS).items()
            if name[0] != "photos"}  # fmt: skip
    found: dict[tuple[str, str], list[str]] = {}
    for table in {table for table, _ in said}:
        column = "text" if table in {"posts", "comments", "messages", "notes"} else "title"
        names = KEYS.get(table, "id")
        for key, text in query(path, f"select cast({names} as text), {column} from {table}"):
            found.setdefault((table, key), []).append(text or "")
    assert {name: found.get(name) for name in said} == {n: [text] for n, text in said.items()}


def record_of(event: Event) -> tuple[str, str]:
    """The table and the key of what an event is about."""
    kind, *key = map(str, event.thing)
    return kind if kind == "audio" else f"{kind}s", "_".join(key)
