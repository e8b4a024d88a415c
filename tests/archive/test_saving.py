"""A page and its cursor are saved together, or not at all."""

from pathlib import Path

from syncing import execute, query, run
from toy import DemoInstance, generate

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity


def test_no_page_without_its_cursor(archive_path: Path) -> None:
    """Where the cursor cannot be saved, the rows of its page are not saved either."""
    refusal = "create trigger no before insert on _cursors begin select raise(abort, 'no'); end"
    with DemoInstance(generate(), "B") as toy:
        Archive.open(archive_path, Identity("demo", 1, toy.url)).close()
        execute(archive_path, [refusal])
        report = run(toy, archive_path, sections=("wall",))

    assert report.exit_code != 0
    assert query(archive_path, "select count(*) from posts") == [(0,)]
