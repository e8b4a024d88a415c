"""A page and its cursor are saved together, or not at all; and all rows of it as if one by one."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from syncing import execute, faults, query, run
from toy import DemoInstance, generate

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.tables.store import store
from ovk_archive.archive.versions import checkpoints
from ovk_archive.resources.vocabulary.rows import Row
from ovk_archive.resources.wall import POSTS

#: Pages of a list: the numbers of posts, what each says, and how many like it.
PAGES = st.lists(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["", "а", "б"]), st.integers(0, 1))),
    max_size=4,
)
ROWS = "select id, text, likes, gone_at from posts order by id"
RECORDS = "select record_key, record, state from _records order by id"


def test_no_page_without_its_cursor(archive_path: Path) -> None:
    """Where the cursor cannot be saved, the rows of its page are not saved either."""
    refusal = "create trigger no before insert on _cursors begin select raise(abort, 'no'); end"
    with DemoInstance(generate(), "B") as toy:
        Archive.open(archive_path, Identity("demo", 1, toy.url)).close()
        execute(archive_path, [refusal])
        report = run(toy, archive_path, sections=("wall",))

    assert report.exit_code != 0
    assert query(archive_path, "select count(*) from posts") == [(0,)]


def saved(pages: list[list[Row]]) -> tuple[list[Any], list[Any]]:
    """What an archive has in which these are saved, each page in a transaction."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        with Archive.open(path, Identity("demo", 1, "http://demo")) as archive:
            for rows in pages:
                with archive.transaction() as db:
                    store(db, rows, checkpoints.now(db))
        assert faults(path) == []
        return query(path, ROWS), query(path, RECORDS)


@given(pages=PAGES, embedded=st.booleans())
def test_a_page_is_saved_as_if_row_by_row(
    pages: list[list[tuple[int, str, int]]], *, embedded: bool
) -> None:
    """New rows and known ones, in one page, some twice: what is said last of each is there."""
    made = [
        [
            POSTS.row({"owner_id": 1, "id": n, "text": text, "likes": {"count": likes}},
                      embedded=embedded)
            for n, text, likes in page
        ]
        for page in pages
    ]  # fmt: skip

    rows, records = saved(made)
    alone, alone_records = saved([[row] for page in made for row in page])

    assert rows == alone
    assert records == alone_records
    assert {n for page in pages for n, *_ in page} == {n for n, *_ in rows}
