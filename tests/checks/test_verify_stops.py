"""`verify` cries no wolf: wherever a run was stopped, an archive agrees with itself."""

import itertools
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from effort import IS_THOROUGH, some
from lives import Month
from syncing import faults, query, run
from toy import DemoInstance, World
from worlds import LISTS, OWNERS, made

from ovk_archive.api.budget import Budget
from ovk_archive.resources import SECTIONS

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
#: The exit code of a run whose budget is used up.
STOPPED = 75
#: Which runs are audits; by turns, where little is tried.
TURNS = [(False,), (True,)] if IS_THOROUGH else [(False, True)]


def a_world(seed: int, each: int = 3) -> World:
    """A world with a few things of every kind."""
    return made(seed, dict.fromkeys(LISTS, each), dialogs=1)


@DIALECTS
@pytest.mark.parametrize("audits", TURNS)
def test_every_stop_leaves_legal_positions(
    dialect: str, audits: tuple[bool, ...], tmp_path: Path
) -> None:
    """A sync or an audit that is stopped after each few requests contradicts nothing meanwhile."""
    path = tmp_path / "archive.db"
    with DemoInstance(a_world(1), dialect) as instance:
        for number in itertools.count():
            # More each time: that a budget suffices in the end is for other tests.
            budget, audit = Budget(6 + number * some(1, 7)), audits[number % len(audits)]
            report = run(instance, path, size=5, audit=audit, sections=SECTIONS, owners=OWNERS,
                         sparing=True, budget=budget)  # fmt: skip
            assert faults(path) == [], number
            if report.exit_code != STOPPED:
                break
    assert report.exit_code in {0, 3}


@DIALECTS
def test_an_audit_may_stop_between_any_two_requests(dialect: str, tmp_path: Path) -> None:
    """An audit with a budget of any size, after a day of events: `verify` finds no fault."""
    world, path, copy = a_world(2, some(3, 1)), tmp_path / "archive.db", tmp_path / "copy.db"
    month, seen = Month(world, random.Random(2), dialect), set[str]()
    audit: dict[str, Any] = {"sections": ("wall", "photos"), "audit": True, "concurrency": 1}
    with DemoInstance(world, dialect) as instance:
        run(instance, path, size=5, sections=audit["sections"])
        month.day()
        for requests in itertools.count(6):
            shutil.copy(path, copy)
            code = run(instance, copy, size=5, budget=Budget(requests), **audit).exit_code
            assert faults(copy) == [], requests
            seen |= {row[0] for row in query(copy, "select position from _rounds")}
            if code != STOPPED:
                break

    assert '{"next":null}' in seen, "an audit was stopped between a walk and its sweep"
