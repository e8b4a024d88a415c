"""The promises, as properties of generated worlds and real HTTP: every list, both dialects.

Truth is the world's: an archive is never compared with an archive alone.
"""

import random
import sqlite3
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from clocks import clock
from effort import some
from hypothesis import given, settings
from hypothesis import strategies as st
from properties import DIALECTS, SEEDS, SLOWLY, served
from syncing import differences, held, missing, query, run, wrong_texts
from toy import DemoInstance, World
from toy.faults import KINDS
from truth import texts_of, truth_of
from worlds import ALICE, ME, OWNERS, Life, worlds

from ovk_archive.api.budget import Budget
from ovk_archive.resources import RESOURCES, SECTIONS
from ovk_archive.sync.report import Report

SIZES = st.integers(11, 60)
#: The longest list of a world; it may be longer than a page of most sizes.
MOST = some(30, 15)
#: Tables that the world's truth does not tell: facts of the account and the instance, which are
#: no lists; and which groups one administers, which their settings tell.
UNTOLD = {"account", "settings", "instance", "managed_groups"}
#: Lists that are opened when a counter says so, or that let old rows in below the new ones: a sync
#: that is not full promises only what an earlier one could have found.
GATED = {"comments", "likes", "poll_votes", "newsfeed"}
#: Lists that every sync reads whole, and of which `held` tells what is present.
PRESENT = {
    "friends", "followers", "friend_requests", "memberships", "group_members", "blacklist",
    "newsfeed_banned", "topics",
}  # fmt: skip
#: Lists of which no row is ever marked as gone.
LASTING = {
    "gifts", "group_settings", "lyrics", "newsfeed", "notifications", "polls", "statuses",
}  # fmt: skip


def test_every_list_is_covered() -> None:
    """The properties speak of every list there is: a new one must be added to the world's truth."""
    tables = {resource.table.name for resource in RESOURCES}

    assert tables - UNTOLD == set(truth_of(World.empty(), "B"))
    assert set(SECTIONS) == {resource.section for resource in RESOURCES}
    assert {one.table.name for one in RESOURCES if not one.compared} - UNTOLD == LASTING


@DIALECTS
@given(
    world=worlds(most=MOST),
    size=SIZES,
    owners=st.sampled_from([(ME,), (ME, ALICE), OWNERS]),
    concurrency=st.sampled_from([4, 1]),
    grows=st.booleans(),
)
@settings(max_examples=some(16, 1), **SLOWLY)
def test_complete_frugal_idempotent(
    *,
    dialect: str,
    world: World,
    size: int,
    owners: tuple[int, ...],
    concurrency: int,
    grows: bool,
) -> None:
    """The archive holds the world, no page was asked for in vain, a second sync changes nothing.

    With several requests at once long lists are read ahead, with one they are not; pages are of one
    size, or grow.
    """
    everything: dict[str, Any] = {
        "size": size,
        "sections": SECTIONS,
        "owners": owners,
        "concurrency": concurrency,
        "grows": grows,
    }
    with served(world, dialect) as (instance, path):
        report = run(instance, path, **everything)
        _was_frugal(instance, report)
        _few_pages(instance, size)
        instance.reset_counts()
        again = run(instance, path, **everything)

        assert report.exit_code == 0, report
        assert differences(truth_of(world, dialect, owners), path, everything=True) == {}
        assert wrong_texts(texts_of(world, dialect), path) == {}
        changes = {name: (one.new, one.changed, one.gone) for name, one in again.lists.items()}
        assert set(changes.values()) == {(0, 0, 0)}, changes
        assert again.exit_code == 0, again
        assert instance.count("docs.getTypes") == 0
        assert differences(truth_of(world, dialect, owners), path, everything=True) == {}


def _was_frugal(instance: DemoInstance, report: Report) -> None:
    """Every request is a page that was saved, but for the few that are known by name."""
    pages = sum(one.pages for one in report.lists.values())
    counted = instance.count("audio.getCount")
    # Whether the instance knows `out` of friends.getRequests.
    probes = instance.count("docs.getTypes")
    absent = [seen for seen in instance.seen if seen.error_code and seen.method != "docs.getTypes"]
    # [A] crashes on an empty groups.get, once more when asked again, and on two single rows: one
    # try is a failure, one is the (empty) page.
    crashes = sum(seen.status == 500 for seen in instance.seen)

    assert probes == 1
    assert {seen.error_code for seen in absent} <= {3}
    assert len({seen.method for seen in absent}) == len(absent)
    assert crashes % 4 == 0
    assert instance.count() == pages + report.failures + counted + probes + len(absent) + (
        crashes // 2
    )


#: What makes a page of a list this one.
WINDOW = {"offset", "count", "start_message_id", "topic_ids"}
#: Lists that do not tell how many rows they have, or among whose rows are dead ones: their end is
#: confirmed by stepping back, and by a last look at the top where rows may jump there.
UNCOUNTED = {
    "A": {"audio.get", "photos.get", "notifications.get", "newsfeed.get", "photos.getAll"},
    "B": {"audio.get", "photos.get", "notifications.get", "newsfeed.get"},
}
#: Where offsets count pages, windows near each other may be within the same page; and a stretch of
#: dead rows at the end is read once more, after stepping back over it twice as far each time.
PAGED = {"newsfeed.get"}


def _few_pages(instance: DemoInstance, size: int) -> None:
    """No list is read twice, and none goes on after its end."""
    world, dialect = instance.world, instance.dialect
    lists: dict[tuple[Any, ...], Counter[tuple[Any, ...]]] = {}
    for seen in instance.seen:
        if seen.status != 500:
            which = (seen.method, *sorted(p for p in seen.params.items() if p[0] not in WINDOW))
            window = tuple(sorted(p for p in seen.params.items() if p[0] in WINDOW))
            lists.setdefault(which, Counter())[window] += 1
    for which, pages in lists.items():
        repeated = pages.total() - len(pages)
        allowed = 2 if which[0] in UNCOUNTED[dialect] else 0
        if which[0] in PAGED:
            allowed = len(pages) + len(pages).bit_length()
        assert repeated <= allowed, (which, pages)
    for method, rows in _lengths(world, dialect).items():
        [pages] = [p for which, p in lists.items() if which[0] == method and _is_mine(which)]
        # An overlap of 10, an empty page that ends it, and a step back from that.
        most = -(-rows // (size - 10)) + 1 + (method in UNCOUNTED[dialect])
        assert len(pages) <= most, (method, rows, pages)


def _lengths(world: World, dialect: str) -> dict[str, int]:
    """Rows of the account's lists that are read page by page."""
    # Without a pinned post every offset but 0 is one less on [A] (help/openvk-api.md, Walls).
    shift = int(dialect == "A" and world.pinned(ME) is None)
    return {
        "wall.get": len(world.wall(ME)) + shift,
        "notes.get": len(world.notes_of(ME)),
        "photos.getAll": len(world.photos_of(ME)),
        "photos.getAlbums": len(world.albums_of(ME)),
        "users.getFollowers": len(world.users[ME].followers),
    }


def _is_mine(which: tuple[Any, ...]) -> bool:
    owners = {value for name, value in which[1:] if name in ("owner_id", "user_id")}
    return owners <= {str(ME)}


@DIALECTS
@given(world=worlds(most=MOST), size=SIZES, seed=SEEDS)
@settings(max_examples=some(15, 1), **SLOWLY)
def test_resumable(dialect: str, world: World, size: int, seed: int) -> None:
    """After any schedule of faults and any number of stops, the last sync ends with the world."""
    rng = random.Random(seed)
    rate = rng.choice([0.05, 0.2, 0.5])
    kinds = sorted(KINDS - {"500"})
    with served(world, dialect) as (instance, path):
        instance.faults.schedule = lambda _: rng.choice(kinds) if rng.random() < rate else None
        for _ in range(rng.randint(0, 6)):
            budget = Budget(max_requests=rng.randint(1, 60))
            run(instance, path, size=size, budget=budget, sections=SECTIONS)
            _consistent(path)
        instance.faults.schedule = None
        report = run(instance, path, size=size, sections=SECTIONS)

        assert report.exit_code == 0, report
        assert differences(truth_of(world, dialect), path, everything=True) == {}


def _consistent(path: Path) -> None:
    """Nothing half saved: every cursor that says it is done has its rows."""
    if path.exists():
        assert query(path, "pragma integrity_check") == [("ok",)]


@DIALECTS
@given(world=worlds(most=MOST), size=st.integers(25, 60), seed=SEEDS)
@settings(max_examples=some(16, 1), **SLOWLY)
def test_nothing_that_exists_throughout_is_missed(
    dialect: str, world: World, size: int, seed: int
) -> None:
    """While the world lives between any two requests, what exists throughout a sync is held.

    Each example walks some hundred lists, and both syncs are checked. A post that comes back while
    another vanishes cancels out in the server's count, so what comes back between two syncs is
    found by a full one; so are rows whose parents' counters tell nothing.
    """
    rng, spent = random.Random(seed), set[Any]()
    with served(world, dialect) as (instance, path):
        always = truth_of(world, dialect)
        for number in range(2):
            before = truth_of(world, dialect)
            unhide = number == 1
            instance.between = Life(world, rng, pause=0.6, unhide=unhide, spent=spent)
            report = run(instance, path, size=size, sections=SECTIONS)
            instance.between = None

            assert report.exit_code in (0, 3), report
            throughout = _both(before, after := truth_of(world, dialect))
            always = _both(always, after)
            throughout |= {name: always[name] for name in GATED}
            assert missing(throughout, path, everything=True) == {}
        _told_in_full(instance, path, size)


def _told_in_full(instance: DemoInstance, path: Path, size: int) -> None:
    """Two full syncs, a day apart, of a world that stands still hold it, and know what is gone."""
    reports = []
    for day in range(2):
        with clock(timedelta(days=day)):
            reports.append(run(instance, path, size=size, sections=SECTIONS, full=True))
    truth = truth_of(instance.world, instance.dialect)
    here = held(path)

    assert missing(truth, path, everything=True) == {}
    # On [A] the last group that is left makes the list a crash, from which no loss is concluded.
    refused = {name for report in reports for name, one in report.lists.items() if one.refused}
    unknown = refused & {"memberships", "managed_groups"}
    assert instance.dialect == "A" or not unknown
    if not any(one.withheld for report in reports for one in report.lists.values()):
        told = [name for name in PRESENT if name not in unknown]
        assert not {name: beyond for name in told if (beyond := here[name] - truth[name])}


def _both(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What existed at the start and at the end."""
    common: dict[str, Any] = {}
    for name, rows in before.items():
        if isinstance(rows, dict):
            common[name] = {k: set(v) & set(after[name].get(k, ())) for k, v in rows.items()}
        else:
            common[name] = rows & after[name]
    return common


@DIALECTS
@given(world=worlds(most=some(20, 10)), size=SIZES, number=st.integers(0, 80))
@settings(max_examples=some(8, 1), **SLOWLY)
def test_atomic(dialect: str, world: World, size: int, number: int) -> None:
    """A crash inside a checkpoint, after the rows and before the cursor, leaves neither."""
    with served(world, dialect) as (instance, path):
        crashed = _crash_in_checkpoint(instance, path, size, number)
        cursors = query(path, "select count(*) from _cursors") if path.exists() else [(0,)]
        if crashed and number == 0:
            assert cursors == [(0,)]
            assert query(path, "select count(*) from _versions") == [(0,)]
        report = run(instance, path, size=size, sections=SECTIONS)

        assert report.exit_code == 0
        assert differences(truth_of(world, dialect), path, everything=True) == {}


def _crash_in_checkpoint(instance: DemoInstance, path: Path, size: int, number: int) -> bool:
    """Run a sync over a database whose cursor table refuses the write number `number`."""
    run(instance, path, size=size, budget=Budget(max_requests=0))
    connection = sqlite3.connect(path)
    connection.executescript(
        "create trigger crash_insert before insert on _cursors when "
        f"(select count(*) from _cursors) >= {number} "
        "begin select raise(abort, 'crash in the checkpoint'); end;"
    )
    connection.close()
    report = run(instance, path, size=size, sections=SECTIONS)
    connection = sqlite3.connect(path)
    connection.execute("drop trigger crash_insert")
    connection.close()
    return report.exit_code == 30
