"""Syncs of whole worlds: what the archive holds is what exists."""

from pathlib import Path

import pytest
from archives import already_synced, small
from syncing import ACCOUNT, differences, query, run, wrong_texts
from toy import DemoInstance, World
from truth import texts_of, truth_of
from worlds import a_life

from ovk_archive.sync.plan import ROUND

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])


@DIALECTS
def test_everything_that_exists_is_held(dialect: str, tmp_path: Path) -> None:
    """After one sync every list holds exactly what the world has, and every text as written."""
    path = tmp_path / "archive.db"
    with already_synced(dialect, path, small) as instance:
        world = instance.world

    assert differences(truth_of(world, dialect), path) == {}
    assert wrong_texts(texts_of(world, dialect), path) == {}


@DIALECTS
def test_an_unchanged_world_costs_little_and_adds_nothing(dialect: str, tmp_path: Path) -> None:
    """A second sync looks for news in at most 30 requests, and reads older rows again in 20.

    It makes no new version or change of any kind.
    """
    path = tmp_path / "archive.db"
    with already_synced(dialect, path, small) as instance:
        before = query(path, "select count(*) from _versions")
        report = run(instance, path)

    assert instance.count() <= 30 + ROUND
    assert report.exit_code == 0
    assert before == query(path, "select count(*) from _versions")
    assert {(one.new, one.changed) for one in report.lists.values()} == {(0, 0)}


@DIALECTS
def test_full_reads_everything_again_and_changes_nothing(dialect: str, tmp_path: Path) -> None:
    """`--full` over an unchanged world leaves the archive as it was."""
    world = a_life(3)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        first = run(instance, path)
        before = query(path, "select count(*) from _versions")
        second = run(instance, path, full=True)

    assert differences(truth_of(world, dialect), path) == {}
    assert before == query(path, "select count(*) from _versions")
    assert second.requests >= first.requests - 5


@DIALECTS
def test_nobody_is_unknown(dialect: str, tmp_path: Path) -> None:
    """Everybody and every group that a row refers to is there: foreign keys hold."""
    path = tmp_path / "archive.db"
    with already_synced(dialect, path, small):
        pass

    assert query(path, "pragma foreign_key_check") == []
    assert query(path, "pragma integrity_check") == [("ok",)]


@DIALECTS
def test_closed_profiles_keep_no_invented_facts(dialect: str, tmp_path: Path) -> None:
    """What [A] makes up for hidden fields is in no column and no version."""
    path = tmp_path / "archive.db"
    with already_synced(dialect, path, small):
        pass

    closed = query(path, "select id, city, music, email, rating from users where is_closed = 1 "
                         "and can_access_closed = 0")  # fmt: skip
    assert closed
    assert {row[1:] for row in closed} == {(None, None, None, None)}
    assert query(path, "select 1 from _versions where record like '%secret%'") == []


@DIALECTS
def test_other_owners_go_in_beside_the_account(dialect: str, tmp_path: Path) -> None:
    """Public walls, photos, notes and audio of others are read; messages stay the account's."""
    world = a_life(6)
    path = tmp_path / "archive.db"
    owners = (ACCOUNT, 2, -1)
    with DemoInstance(world, dialect=dialect) as instance:
        report = run(instance, path, owners=owners)

    assert report.exit_code == 0, report
    assert differences(truth_of(world, dialect, owners), path) == {}


@DIALECTS
def test_edits_make_versions_and_counters_do_not(dialect: str, tmp_path: Path) -> None:
    """An edited post has both texts in its versions; a new comment under it makes none."""
    world = a_life(7)
    path = tmp_path / "archive.db"
    post = world.wall(ACCOUNT)[0]
    with DemoInstance(world, dialect=dialect) as instance:
        run(instance, path, sections=("wall", "photos", "notes", "board"))
        world.add_comment("post", ACCOUNT, post.id)
        run(instance, path, sections=("wall",))
        unedited = query(path, _VERSIONS.format(post.id))
        world.edit_post(ACCOUNT, post.id, "исправлено: <b> & всё")
        run(instance, path, sections=("wall",))

    assert len(unedited) == 1
    assert len(query(path, _VERSIONS.format(post.id))) == 2
    assert query(path, f"select text from posts where owner_id = 1 and id = {post.id}") == [
        ("исправлено: <b> & всё",)
    ]
    truth = truth_of(world, dialect)
    assert differences({name: truth[name] for name in ("posts", "comments")}, path) == {}


_VERSIONS = "select record from _versions where resource = 'posts' and record_key = '1_{}'"


@DIALECTS
def test_comments_of_photos_in_a_groups_albums(dialect: str, tmp_path: Path) -> None:
    """A photo in a group's album belongs to its uploader; its comments are the group's to read."""
    world = World.empty()
    uploader = world.add_user("Илья", "Чужой").id
    group = world.add_group("Фотоклуб").id
    album = world.add_album(-group)
    photo = world.add_photo(uploader, album.id)
    comment = world.add_comment("photo", uploader, photo.id)
    path = tmp_path / "archive.db"
    with DemoInstance(world, dialect=dialect) as instance:
        run(instance, path, sections=("photos",), owners=(-group,))

    assert query(path, "select id, owner_id, photo_id from comments") == [
        (comment.id, uploader, photo.id)
    ]
