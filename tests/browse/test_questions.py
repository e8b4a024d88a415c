"""Questions that come with an archive: what they tell, of whom."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from archives import everything
from syncing import execute, query

from ovk_archive.browse.questions import questions


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive of everything, to be changed."""
    path = tmp_path / "archive.db"
    path.write_bytes(everything())
    return path


def asked(path: Path, name: str) -> list[dict[str, Any]]:
    """What a question is answered."""
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(questions()[name]["sql"])]


@pytest.mark.parametrize("table", ["posts", "photos", "notes"])
def test_my_years_are_mine(table: str, path: Path) -> None:
    """What others wrote and uploaded is not counted among mine."""
    put = f"insert into {table} (owner_id, id, date) values (77, 1, 1500000000)"
    before = asked(path, "my_years")
    execute(path, [put])

    assert asked(path, "my_years") == before
    (mine,) = query(path, f"select count(*) from {table} where owner_id = 1 and date > 0")
    assert sum(row[table] for row in before) == mine[0]


def test_what_came_back_was_not_deleted(path: Path) -> None:
    """Records that were missing for a while are not among what was deleted."""
    columns = "(resource, record_key, missed_at, gone_at, back_at)"
    gone = "'2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'"
    rows = f"('notes', '1_1', {gone}, null), ('notes', '1_2', {gone}, '2026-01-03T00:00:00Z')"
    execute(path, [f"insert into _absences {columns} values {rows}"])

    assert [row["record_key"] for row in asked(path, "deleted_since")] == ["1_1"]
