"""An archive of an older program is brought up to date, and then agrees with itself."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli
from older import made_older, with_rows_by_number, with_versions_as_before
from syncing import differences, execute, faults, query, run
from toy import DemoInstance, generate
from truth import truth_of
from worlds import A_FEW, a_life

from ovk_archive.archive.archive import Archive
from ovk_archive.resources import DERIVED, SECTIONS
from ovk_archive.resources.audio import PLAYLISTS

#: Columns of each table that versions tell of, and that nothing refers to.
TOLD = [
    (table, [column.name for column in table.columns if column.name in table.told - set(table.key)])
    for table in DERIVED
    if not table.relation
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of all sections, with something in each table."""
    path = tmp_path_factory.mktemp("full") / "archive.db"
    with DemoInstance(generate(1, A_FEW), "B") as instance:
        assert run(instance, path, sections=SECTIONS).exit_code == 0
    assert all(rows_of(path).values())
    return path


@pytest.fixture
def full(made: Path, archive_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(made, archive_path))


def rows_of(path: Path) -> dict[str, list[Any]]:
    """All rows of all tables that follow from versions; columns in the order of their names."""
    found = {}
    for table in DERIVED:
        columns = sorted(row[1] for row in query(path, f"pragma table_info('{table.name}')"))
        names = ", ".join(f'"{name}"' for name in columns)
        found[table.name] = query(path, f'select {names} from "{table.name}" order by 1, 2, 3')
    return found


@pytest.mark.parametrize("start", range(4))
def test_new_columns_are_filled_from_versions(start: int, full: Path) -> None:
    """Tables that gain columns have in them what their versions have told all along."""
    before = rows_of(full)
    # Each fourth of all tables: some of them refer to each other, and others are as they were.
    for table, columns in TOLD[start::4]:
        with closing(sqlite3.connect(full)) as db:
            referring = {row[3] for row in db.execute(f"pragma foreign_key_list('{table.name}')")}
        made_older(full, table, [name for name in columns if name not in referring])

    Archive.read(full).close()

    assert rows_of(full) == before
    assert faults(full) == []


def test_indexes_reach_older_archives(full: Path) -> None:
    """An archive of a time when an index was not declared gets it when it is next written to.

    Until then it can be read, also where it cannot be written.
    """
    own = "select sql from sqlite_master where type = 'index' and sql is not null order by name"
    before = query(full, own)
    dropped = (
        "idx_likes_user_id_kind_owner_id_item_id",
        "idx__absences_missed_at_resource_record_key",
    )
    execute(full, [f'drop index "{name}"' for name in dropped])
    full.chmod(0o400)
    with Archive.read(full) as archive:
        assert archive.identity().account_id == 1
    full.chmod(0o600)
    with Archive.read(full) as archive:
        who = archive.identity()
    Archive.open(full, who).close()

    assert query(full, own) == before


def test_rows_of_older_archives_may_lie_by_their_numbers(tmp_path: Path, cli: Cli) -> None:
    """Such an archive stays as it is, and goes on like any other: sync, search, `verify`."""
    world, path = a_life(), tmp_path / "archive.db"
    with DemoInstance(world, "B") as instance:
        assert run(instance, path).exit_code == 0
        with_rows_by_number(path)
        friend = query(path, "select peer_id from messages limit 1")[0][0]
        world.add_message(friend, out=False, text="новенькое")
        assert run(instance, path, full=True).exit_code == 0

    assert differences(truth_of(world, "B"), path) == {}
    assert query(path, "select rowid - id from messages group by 1") == [(0,)]
    assert faults(path) == []
    assert cli.run("verify", path).returncode == 0
    assert "новенькое" in cli.run("search", path, "новенькая").stdout


def test_a_row_without_versions_stays(full: Path) -> None:
    """Bringing up to date drops nothing, not even what no version tells of."""
    with closing(sqlite3.connect(full)) as db:
        db.execute("insert into notes (owner_id, id, text) values (1, 999, 'kept')")
        db.commit()
    made_older(full, next(t for t in DERIVED if t.name == "notes"), ["title"])
    Archive.read(full).close()

    assert query(full, "select text, title from notes where id = 999") == [("kept", None)]
    assert query(full, "select count(*) from notes where title is null") == [(1,)]


def test_versions_that_cannot_be_read_keep_nobody_out(full: Path, cli: Cli) -> None:
    """A damaged version does not keep an archive from being opened; `verify` tells of it."""
    with closing(sqlite3.connect(full)) as db:
        db.execute("update _records set record = '{' where resource = 'notes' and id = "
                   "(select min(id) from _records where resource = 'notes')")  # fmt: skip
        db.commit()
    made_older(full, next(t for t in DERIVED if t.name == "notes"), ["title"])
    done = cli.run("verify", full)

    assert done.returncode == 3
    assert "cannot be read by this program" in done.stderr
    assert query(full, "select count(*) from notes") > [(0,)]


def test_playlists_of_older_archives_are_their_owners(full: Path) -> None:
    """Until a sync says more, each playlist is in the list of its owner."""
    with_versions_as_before(full)
    made_older(full, PLAYLISTS, ["listed_by"])
    with closing(sqlite3.connect(full)) as db:
        db.execute("delete from _sqlite_migrations where name >= 'm005'")
        db.execute("update _versions set state = json_remove(state, '$.listed_by') "
                   "where resource = 'playlists'")  # fmt: skip
        db.commit()
    Archive.read(full).close()

    assert query(full, "select count(*) from playlists where listed_by is owner_id") == [(3,)]
    assert query(full, "select count(*) from playlists where listed_by is not owner_id") == [(0,)]
    assert faults(full) == []


def test_attachments_of_older_archives_end_with_their_posts(full: Path) -> None:
    """What an older program left live under posts and comments that are gone is marked with them;
    what it let the newsfeed say of a post whose wall is held goes.
    """  # noqa: D205
    at = "'2026-01-01T00:00:00Z'"
    with_versions_as_before(full)
    (key,) = query(full, "select min(record_key) from attachments where resource = 'posts'")[0]
    with closing(sqlite3.connect(full)) as db:
        db.execute(f"update posts set gone_at = {at} where owner_id || '_' || id = '{key}'")
        db.execute(f"update _versions set gone_at = {at} where resource = 'posts' "
                   f"and record_key = '{key}' and embedded = 0")  # fmt: skip
        db.execute("update posts set attachments = 'photo1_99' where rowid = (select min(rowid) "
                   "from posts where attachments is null and gone_at is null)")  # fmt: skip
        db.execute("delete from _sqlite_migrations where name >= 'm005'")
        db.execute("pragma user_version = 3")
        db.commit()
    Archive.read(full).close()

    gone = f"select distinct gone_at from attachments where record_key = '{key}'"
    assert query(full, gone) == [("2026-01-01T00:00:00Z",)]
    assert query(full, "select count(*) from attachments where gone_at is null") > [(0,)]
    assert query(full, "select count(*) from posts where attachments = 'photo1_99'") == [(0,)]
    assert faults(full) == []
