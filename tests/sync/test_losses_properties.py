"""What is marked as gone, as properties: many deletions at once, lies, audits, and what is told."""

import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from effort import examples, some
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from losing import LISTS, PLENTY, gone
from properties import DIALECTS, SEEDS, SLOWLY, served
from syncing import differences, query, run
from toy import DemoInstance, Seen, World
from toy.faults import LIES
from truth import truth_of
from worlds import LISTS as LENGTHS
from worlds import made

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.facts import fact
from ovk_archive.checks.ledger import Ledger, ledger
from ovk_archive.resources import RESOURCES
from ovk_archive.sync.again.audits import AUDITED
from ovk_archive.sync.report import Report

#: As many rows may vanish at once without much ado, however short the list is.
FEW = 20
#: A table -> how a world gets a row of it, and loses one.
KINDS: dict[str, tuple[Callable[[World], Any], Callable[[World, int], None]]] = {
    "posts": (lambda world: world.add_post(1), lambda world, n: world.delete_post(1, n)),
    "notes": (lambda world: world.add_note(1), lambda world, n: world.delete_note(1, n)),
    "photos": (lambda world: world.add_photo(1), lambda world, n: world.delete_photo(1, n)),
    "messages": (lambda world: world.add_message(2), lambda world, n: world.delete_message(n)),
    "videos": (lambda world: world.add_video(1), lambda world, n: world.delete_video(1, n)),
}
#: Lists of the account that every sync reads, by their methods.
READ_ALWAYS = {
    "wall.get": "posts",
    "notes.get": "notes",
    "photos.getAll": "photos",
    "photos.getAlbums": "albums",
    "audio.get": "audio_collection",
    "audio.getAlbums": "playlists",
    "video.get": "videos",
    "friends.get": "friends",
    "users.getFollowers": "followers",
    "messages.getConversations": "conversations",
}
#: Answers that contradict themselves or have no list where one is due, whatever the method.
NONSENSE = ("false", "no-items", "null")


def a_world(kind: str, rows: int) -> World:
    """A world with a list, and with one person more to write to."""
    world = World.empty()
    world.add_user("Алиса", "Иванова")
    for _ in range(rows):
        KINDS[kind][0](world)
    return world


def a_small_world(seed: int) -> World:
    """A world with a few things of every kind, and nobody that is missing from its lists."""
    return made(seed, dict.fromkeys(LENGTHS, some(6, 4)), dialogs=some(2, 1))


def lose(world: World, kind: str, rows: int, seed: int) -> list[int]:
    """Delete so many of the first list's rows; which."""
    total = max(getattr(one, "id") for one in getattr(world, kind).values())  # noqa: B009 - of several types
    numbers = random.Random(seed).sample(range(1, total + 1), rows)
    for number in numbers:
        KINDS[kind][1](world, number)
    return numbers


def withheld(report: Report) -> dict[str, int]:
    """What a run told as missing, and did not mark."""
    return {name: one.withheld for name, one in report.lists.items() if one.withheld}


def book_of(path: Path) -> Ledger:
    """What `status` says."""
    with Archive.read(path) as archive:
        return ledger(archive)


# Item 5: "more than half, and more than 20" is meant of the list


@DIALECTS
@given(
    kind=st.sampled_from(sorted(KINDS)),
    size=st.integers(45, 130),
    share=st.floats(0.17, 0.49),
    audit=st.booleans(),
    seed=SEEDS,
)
@example(kind="posts", size=304, share=60 / 304, audit=True, seed=1)
@settings(max_examples=examples(3), **SLOWLY)
def test_less_than_half_of_a_list_is_believed(
    *, dialect: str, kind: str, size: int, share: float, audit: bool, seed: int
) -> None:
    """However many of a list are missing, if most are there: two readings mark all of them."""
    count = max(FEW + 1, round(share * size))
    assume(2 * count <= size)
    world = a_world(kind, size)
    how: dict[str, Any] = {"audit": audit, "sections": _sections(kind)}
    with served(world, dialect) as (instance, path):
        run(instance, path, sections=_sections(kind))
        numbers = lose(world, kind, count, seed)
        reports = [_read_again(instance, path, **how) for _ in range(2)]
        marked = query(path, f"select id from {kind} where gone_at is not null")

    assert [withheld(report) for report in reports] == [{}, {}]
    assert {row[0] for row in marked} == set(numbers)
    assert sum(report.lists[kind].gone for report in reports) == count


def _read_again(instance: DemoInstance, path: Path, *, audit: bool, **more: Any) -> Report:
    return run(instance, path, audit=audit, rounds=20 if audit else PLENTY, **more)


@DIALECTS
@given(
    kind=st.sampled_from(sorted(KINDS)),
    size=st.integers(42, 100),
    share=st.floats(0.55, 0.9),
    audit=st.booleans(),
    seed=SEEDS,
)
@example(kind="messages", size=50, share=0.8, audit=True, seed=1)
@settings(max_examples=examples(3), **SLOWLY)
def test_most_of_a_list_waits_to_be_accepted(
    *, dialect: str, kind: str, size: int, share: float, audit: bool, seed: int
) -> None:
    """More than half, and more than 20: each run tells how many, once; none is marked till told."""
    count = max(FEW + 1, round(share * size))
    assume(size > count > size / 2)
    world = a_world(kind, size)
    how: dict[str, Any] = {"audit": audit, "sections": _sections(kind)}
    with served(world, dialect) as (instance, path):
        run(instance, path, sections=_sections(kind))
        lose(world, kind, count, seed)
        reports = [_read_again(instance, path, **how) for _ in range(3)]
        before = gone(path)
        accepted = _read_again(instance, path, accept_losses=True, **how)
        after = gone(path)

    assert [withheld(report) for report in reports] == [{kind: count}] * 3
    assert before == {}
    assert accepted.lists[kind].gone == count
    assert after == {kind: count}


@DIALECTS
@given(seed=SEEDS, size=st.integers(44, 70))
@settings(max_examples=examples(2), **SLOWLY)
def test_halves_of_two_lists_are_of_two_lists(dialect: str, seed: int, size: int) -> None:
    """A list that loses most says nothing of another that loses some."""
    world = a_world("posts", size)
    for _ in range(size):
        world.add_note(1)
        world.add_video(1)
    sections = _sections("posts", "notes", "videos")
    with served(world, dialect) as (instance, path):
        run(instance, path, sections=sections)
        lose(world, "posts", size - 10, seed)
        lose(world, "notes", FEW + 1, seed)
        reports = [_read_again(instance, path, audit=True, sections=sections) for _ in range(2)]

        assert [withheld(report) for report in reports] == [{"posts": size - 10}] * 2
        assert gone(path) == {"notes": FEW + 1}


# Item 6: an audit during a round


@DIALECTS
@given(kind=st.sampled_from(["posts", "notes", "photos"]), seed=SEEDS)
@example(kind="posts", seed=1)
@settings(max_examples=examples(3), **SLOWLY)
def test_an_audit_reads_again_what_a_round_had_read(dialect: str, kind: str, seed: int) -> None:
    """What was deleted behind a round that is under way, an audit misses, and a sync marks."""
    world = a_world(kind, 70)
    some: dict[str, Any] = {"size": 30, "sections": _sections(kind)}
    with served(world, dialect) as (instance, path):
        run(instance, path, **some)
        run(instance, path, rounds=2, **some)
        under_way = query(
            path, f"select 1 from _rounds where resource = '{kind}' and position is not null"
        )
        numbers = lose(world, kind, 12, seed)
        audit = run(instance, path, audit=True, **some)
        missed = query(path, f"select record_key from _absences where resource = '{kind}'")
        with Archive.read(path) as archive:
            audited = fact(archive, AUDITED)
        run(instance, path, **some)
        marked = query(path, f"select id from {kind} where gone_at is not null")

    assert under_way
    assert audit.audit
    assert audited is not None
    assert len(missed) == 12
    assert {row[0] for row in marked} == set(numbers)


def _sections(*tables: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.section for one in RESOURCES if one.table.name in tables))


# Item 7: nonsense proves nothing


@DIALECTS
@given(
    kind=st.sampled_from(sorted(LIES)),
    methods=st.sets(st.sampled_from(sorted(LISTS)), min_size=1, max_size=5),
    seed=SEEDS,
)
@example(kind="empty", methods={"photos.getAll"}, seed=1)
@settings(max_examples=some(5, 1), **SLOWLY)
def test_lies_of_one_day_mark_nothing(
    dialect: str, kind: str, methods: set[str], seed: int
) -> None:
    """Three runs in which lists are nonsense or empty mark nothing, nor what hangs on it."""
    world = a_small_world(seed)
    # What hangs on a list is in its section, or is read with it.
    sections = tuple(dict.fromkeys(one.section for one in RESOURCES if one.method in methods))
    how: dict[str, Any] = {"rounds": PLENTY, "sections": sections or ("wall",)}
    with served(world, dialect) as (instance, path):
        run(instance, path, **how)
        instance.faults.schedule = lambda seen: kind if seen.method in methods else None
        lied = [run(instance, path, **how) for _ in range(3)]
        marked = gone(path)
        instance.faults.schedule = None
        run(instance, path, **how)

        assert {report.exit_code for report in lied} <= {0, 3}, [one.message for one in lied]
        assert marked == {}
        assert gone(path) == {}


@DIALECTS
@given(method=st.sampled_from(sorted(READ_ALWAYS)), seed=SEEDS)
@settings(max_examples=some(4, 1), **SLOWLY)
def test_nonsense_is_told(dialect: str, method: str, seed: int) -> None:
    """A list that is no list is told of, by each kind of run, and exit code 3; the rest is read."""
    table = READ_ALWAYS[method]
    names = {one.name for one in RESOURCES if one.table.name == table}
    with served(a_small_world(seed), dialect) as (instance, path):
        run(instance, path)
        whole, archive = book_of(path).complete, path.read_bytes()
        for kind in NONSENSE:
            path.write_bytes(archive)
            instance.faults.schedule = _lying(kind, method)
            report = run(instance, path, sections=_sections(table, "notes", "videos"))
            refused = {name for name, one in report.lists.items() if one.refused}

            assert report.exit_code == 3, (kind, report.message)
            assert names & refused, kind
            assert not book_of(path).complete, kind
    assert whole


def _lying(kind: str, method: str) -> Callable[[Seen], str | None]:
    return lambda seen: kind if seen.method == method else None


#: Lists that are counted by the server in every answer, in both dialects.
COUNTED = ("friends.get", "notes.get", "photos.getAlbums", "users.getFollowers", "wall.get")


@DIALECTS
@given(kind=st.sampled_from([*NONSENSE, "counted-empty"]), data=st.data(), seed=SEEDS)
@settings(max_examples=some(4, 1), **SLOWLY)
def test_a_first_sync_of_nonsense_is_not_complete(
    dialect: str, kind: str, data: st.DataObject, seed: int
) -> None:
    """Nor does it hinder the next, which reads the list as if nothing had been."""
    methods = COUNTED if kind == "counted-empty" else sorted(READ_ALWAYS)
    method = data.draw(st.sampled_from(methods))
    world = a_small_world(seed)
    with served(world, dialect) as (instance, path):
        instance.faults.schedule = _lying(kind, method)
        report = run(instance, path)
        rows = query(path, f"select count(*) from {READ_ALWAYS[method]}")
        is_complete = book_of(path).complete
        instance.faults.schedule = None
        assume(_has_rows(world, dialect, method))
        healed = run(instance, path)

        assert report.exit_code == 3, report.message
        assert not is_complete, rows
        assert healed.exit_code == 0
        assert book_of(path).complete
        assert differences(truth_of(world, dialect), path) == {}


def _has_rows(world: World, dialect: str, method: str) -> bool:
    """Of an empty list it is true that there is nothing in it."""
    return bool(truth_of(world, dialect)[READ_ALWAYS[method]])


# Item 8: complete is what adds up


@DIALECTS
@given(seed=SEEDS, share=st.floats(0.1, 0.45))
@settings(max_examples=examples(3), **SLOWLY)
def test_complete_adds_up(dialect: str, seed: int, share: float) -> None:
    """Whenever `status` says complete, each list holds what the server counts, but for what waits.

    What waits is said: rows that were missed once, and losses that are hard to believe.
    """
    world = made(seed, dict.fromkeys(LENGTHS, some(24, 10)), dialogs=2)
    rng = random.Random(seed)
    with served(world, dialect) as (instance, path):
        for _ in range(3):
            report = run(instance, path, rounds=rng.choice((0, 20)))
            book = book_of(path)
            assert report.exit_code == 0, report
            assert not book.complete or _unexplained(book) == {}
            for post in rng.sample(world.wall(1), int(share * len(world.wall(1)))):
                world.delete_post(1, post.id)
            world.add_post(1)


def _unexplained(book: Ledger) -> dict[str, Any]:
    """Lists that hold something else than is counted, though no row of them is missed."""
    counted = [line for line in book.lists if line.counted is not None and not line.counts_dead]
    return {
        line.name: line
        for line in counted
        if not 0 <= line.held - (line.counted or 0) <= line.missed
    }


#: The row that is lost. [A] says no number of somebody's photos, but one for each album.
LOST = defaultdict(
    lambda: "rowid = 1",
    photos="(owner_id, id) = (select owner_id, photo_id from album_photos limit 1)",
)


@DIALECTS
@given(table=st.sampled_from(["posts", "notes", "photos", "videos", "friends"]), seed=SEEDS)
@settings(max_examples=examples(3), **SLOWLY)
def test_what_is_lacking_is_not_complete(dialect: str, table: str, seed: int) -> None:
    """An archive that has lost rows says so, though every list was read to its end."""
    world = a_small_world(seed)
    with served(world, dialect) as (instance, path):
        run(instance, path)
        whole = book_of(path)
        with Archive.read(path) as archive:
            identity = archive.identity()
        with Archive.open(path, identity) as archive, archive.transaction() as db:
            lost = db.execute(f"delete from {table} where {LOST[table]}").rowcount
        assume(lost)
        book = book_of(path)

    assert whole.complete, whole.sentence
    assert not book.complete, book.sentence
