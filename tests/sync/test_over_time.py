"""Truth over time: a month of edits, deletions and returns, with a sync nearly each day.

Truth is the world's: what existed at each sync is written down there, and looked for here.
"""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from clocks import clock
from effort import examples, some
from hypothesis import given, settings
from lives import Month, contents, present
from properties import DIALECTS, SEEDS, SLOWLY, served
from syncing import query, run
from worlds import OWNERS, made

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.tables.replay import read
from ovk_archive.demo import World
from ovk_archive.resources import DERIVED, RESOURCES
from ovk_archive.resources.vocabulary.rows import record_key
from ovk_archive.sync.again.turns import Promise, promise
from ovk_archive.sync.plan import ROUND
from ovk_archive.sync.report import Report

#: More syncs than the twelve within which a deletion in such a world is promised to be marked, or
#: than the two where every sync reads all again.
SYNCS, FEW_SYNCS = some(30, 14), some(30, 7)
#: Days between the first two syncs: what vanishes in these is absent from all the others.
MANY_DAYS = 6
#: More requests than all lists of a small world take: every list is read again by every sync.
PLENTY = 100_000
#: What a diary speaks of.
SECTIONS = (
    *("friends", "wall", "messages", "photos", "notes", "audio", "video", "docs", "board"),
)  # fmt: skip
_TABLES = {table.name: table for table in DERIVED}
#: The column that `contents` speaks of.
_SAID = {"posts": "text", "comments": "text", "messages": "text", "notes": "text", "photos": None}


@dataclass
class Diary:
    """What was true at each sync, and since when.

    Attributes:
        versions: (table, key, content) -> at how many syncs in a row it existed, at most.
        absent: (table, key) -> for how many syncs it has been missing.
        here: (table, key) -> for how many syncs it has been there.
    """

    versions: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    absent: Counter[tuple[str, str]] = field(default_factory=Counter)
    here: Counter[tuple[str, str]] = field(default_factory=Counter)
    _stood: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _known: set[tuple[str, str]] = field(default_factory=set)

    def note(self, world: World, dialect: str) -> None:
        """Write down what is true at this sync."""
        stands = {(*key, text) for key, text in contents(world, dialect, OWNERS).items()}
        self._stood = Counter({one: self._stood[one] + 1 for one in stands})
        self.versions |= self._stood
        now = {(t, k) for t, keys in present(world, dialect, OWNERS).items() for k in keys}
        self._known |= now
        self.here = Counter({one: self.here[one] + 1 for one in now})
        self.absent = Counter({one: self.absent[one] + 1 for one in self._known - now})


def _kept(path: Path) -> set[tuple[str, str, str]]:
    """Every content in `_versions`, as `contents` names it."""
    kept = set()
    for name, key, record, state in query(
        path, "select resource, record_key, record, state from _versions where embedded = 0"
    ):
        table = _TABLES[name]
        if table.relation:
            continue
        row = read(table, json.loads(record), json.loads(state), embedded=False)
        column = _SAID.get(name, "title")
        said = "" if column is None else row.values.get(column) or ""
        kept.add((name, key, str(said)))
    # A track is the collection's, whatever list showed it.
    return kept


def _marks(path: Path) -> dict[tuple[str, str], bool]:
    """(table, key) -> whether it is marked as gone."""
    rows = (
        f"select '{name}', cast({key} as text), gone_at is not null from \"{name}\""
        for name, table in _TABLES.items()
        for key in (" || '_' || ".join(f'"{column}"' for column in table.key),)
    )
    found = query(path, " union all ".join(rows))
    return {(name, key): bool(is_gone) for name, key, is_gone in found}


def _promise(path: Path, share: int) -> Promise:
    if share == PLENTY:
        return Promise(0, 1, 2)
    with Archive.read(path) as archive:
        return promise(archive, RESOURCES, OWNERS, share)


def _trouble(report: Report, here: Container[tuple[str, str]]) -> list[tuple[str, str]]:
    """Lists that were refused, though what they hang on is there."""
    parents = {one.name: one.parent for one in RESOURCES}
    troubles = []
    for name, one in report.lists.items():
        assert not one.skipped, (name, one)
        for refused in one.refused:
            parent = parents[name]
            assert parent is not None, (name, refused)
            values = {column: refused["partition"][p] for p, column in parent.params.items()}
            key = record_key(tuple(values.get(column) for column in parent.table.key))
            if (parent.table.name, key) in here:
                troubles.append((name, key))
    return troubles


def _live(dialect: str, seed: int, share: int, times: int) -> tuple[Diary, dict[Any, Any]]:
    """A life with so many syncs, and what is wrong at its end or at some sync."""
    rng = random.Random(seed)
    counts: dict[str, int] = defaultdict(lambda: rng.randint(1, 5))
    world = made(seed, counts, dialogs=2)
    diary, wrong, most = Diary(), dict[Any, Any](), Promise(0, 1, 2)
    with served(world, dialect) as (instance, path):
        month = Month(world, rng, dialect)
        for day in range(times):
            for _ in range(MANY_DAYS if day == 1 else 1):
                month.day()
            diary.note(world, dialect)
            with clock(timedelta(days=day)):
                report = run(instance, path, owners=OWNERS, rounds=share, sections=SECTIONS)
            assert report.exit_code in (0, 3), report
            wrong |= {(day, *one): report for one in _trouble(report, diary.here)}
            now = _promise(path, share)
            most = Promise(0, max(most.edits, now.edits), max(most.losses, now.losses))
            marks = _marks(path)
            wrong |= {
                (day, "marked", key): marks.get(key)
                for key, syncs in diary.here.items()
                if syncs >= most.edits and marks.get(key) is not False
            }
            wrong |= {
                (day, "not marked", key): syncs
                for key, syncs in diary.absent.items()
                if syncs > most.losses and marks.get(key) is False
            }
        kept = _kept(path)
    stood = {one for one, syncs in diary.versions.items() if syncs >= most.edits}
    wrong |= {("lost", one): month.happened for one in stood - kept}
    return diary, wrong


@pytest.mark.slow
@DIALECTS
@given(seed=SEEDS)
@settings(max_examples=examples(3), **SLOWLY)
def test_what_every_sync_reads_again_is_all_known(dialect: str, seed: int) -> None:
    """Where each sync reads all again, every version that existed at some sync is kept.

    A deletion is marked by the second sync after it, that of a photo in an album by the third, and
    nothing is marked that exists.
    """
    _, wrong = _live(dialect, seed, PLENTY, FEW_SYNCS)

    assert wrong == {}


@pytest.mark.slow
@DIALECTS
@given(seed=SEEDS)
@settings(max_examples=examples(3), **SLOWLY)
def test_the_promised_number_of_syncs_is_kept(dialect: str, seed: int) -> None:
    """With the usual share of requests all that stood as long as is promised is known.

    Each version is kept, each deletion is marked, and what exists is not.
    """
    _, wrong = _live(dialect, seed, ROUND, SYNCS)

    assert wrong == {}
