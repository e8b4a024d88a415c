"""No page looks through a large table from end to end."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from archives import everything
from visits import Visitor

#: Tables that may have millions of rows.
LARGE = {"posts", "messages", "photos", "comments", "_versions", "attachments", "media", "audio",
         "likes", "notifications", "users"}  # fmt: skip
#: What is asked with a limit, and ends there.
_BOUNDED = re.compile(r"count\(\*\) from \(select 1 from .* limit", re.IGNORECASE | re.DOTALL)


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """An archive, and all that its pages have asked it."""
    path = tmp_path_factory.mktemp("plans") / "anna.db"
    path.write_bytes(everything())
    visitor = Visitor(path)
    for _ in visitor.everything(4):
        pass
    for more in ("wall/1?year=2021", "wall/1?before=9", "dialog/2?before=9",
                 "dialog/2?since=2021-01-01", "search?q=кот&sort=newest",
                 "search?q=кот&from=1&since=2021-01-01"):  # fmt: skip
        visitor.html(f"/anna/-/{more}")
    # The ledger adds everything up, as `status` does.
    asked = {one for page, some in visitor.asked.items() if page != "health" for one in some}
    return path, {statement for statement in asked if statement[:1] != "-"}


def test_nothing_large_is_looked_through(visited: tuple[Path, set[str]]) -> None:
    """Every statement finds its rows by an index, or ends at its limit; but those of `health`."""
    path, statements = visited
    assert len(statements) > 100
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            if _BOUNDED.search(statement):
                continue
            plan = [row[3] for row in db.execute(f"explain query plan {statement}")]
            scanned = {name for line in plan for name in re.findall(r"^SCAN (\w+)(?! USING)", line)}
            assert not scanned & LARGE, (statement[:300], plan)


def test_no_page_counts_to_where_it_begins(visited: tuple[Path, set[str]]) -> None:
    """Pages begin behind a key, never behind a number of rows."""
    assert not [one for one in visited[1] if re.search(r"\boffset\b", one, re.IGNORECASE)]
