"""What hangs on posts and comments: as their own lists say, and gone with them."""

import random
from pathlib import Path

import pytest
from effort import some
from lives import Month
from syncing import query, run
from toy import DemoInstance, World
from worlds import LISTS, OWNERS, made

from ovk_archive.archive.archive import Archive
from ovk_archive.checks.consistency import check_consistency

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
#: Table `attachments` in the words of the column of that name, for what is live.
_AS_WRITTEN = """
select * from (
  select r.attachments as written, (
    select group_concat(one) from (
      select type || owner_id || '_' || object_id as one from attachments
      where resource = '{table}' and record_key = {key} and not reposted and gone_at is null
      order by position
    )
  ) as told from {table} r where r.gone_at is null
) where ifnull(written, '') <> ifnull(told, '')
"""
#: What hangs on a thing that is gone, or does not, though the thing is there.
_LEFT_OVER = """
select a.record_key, a.position from attachments a join {table} r on {key} = a.record_key
where a.resource = '{table}' and r.gone_at is not null and a.gone_at is null
"""
#: The sections that read or show what hangs on something.
SHOWING = ("wall", "photos", "notes", "audio", "video", "docs", "polls", "board", "newsfeed")
KEYS = {"posts": "(r.owner_id || '_' || r.id)", "comments": "cast(r.id as text)"}


def disagreements(path: Path) -> list[tuple[object, ...]]:
    """Where table `attachments` is not what the column `attachments` says."""
    return [
        (table, *row)
        for table, key in KEYS.items()
        for sql in (_AS_WRITTEN, _LEFT_OVER)
        for row in query(path, sql.format(table=table, key=key))
    ]


def is_whole(path: Path) -> bool:
    """Rows follow from their versions."""
    with Archive.read(path) as archive:
        return check_consistency(archive, lambda: None).is_given


@DIALECTS
def test_deleted_photos_stay_away(dialect: str, tmp_path: Path) -> None:
    """The newsfeed goes on showing a deleted photo: a post whose wall is held has it no more."""
    world, path = World.empty(), tmp_path / "archive.db"
    photo, other = world.add_photo(1), world.add_photo(1)
    shown = [("photo", (1, photo.id)), ("photo", (1, other.id))]
    post = world.add_post(1, attachments=shown)
    live = f"select object_id from attachments where record_key = '1_{post.id}' and gone_at is null"
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("wall", "photos", "newsfeed"))
        before = query(path, live)
        world.delete_photo(1, photo.id)
        after = []
        for audit in (True, True, False, True):
            run(instance, path, sections=("wall", "photos", "newsfeed"), audit=audit)
            after.append(query(path, live))
            assert disagreements(path) == []
            assert is_whole(path)

    assert before == [(photo.id,), (other.id,)]
    assert after == [[(other.id,)]] * 4
    gone = "select gone_at is not null from photos order by id"
    assert query(path, gone) == [(1,), (0,)]


@DIALECTS
def test_a_photo_that_was_deleted_before_is_not_held(dialect: str, tmp_path: Path) -> None:
    """What the account's own wall leaves out, the newsfeed does not bring in."""
    world, path = World.empty(), tmp_path / "archive.db"
    photo = world.add_photo(1)
    world.add_post(1, attachments=[("photo", (1, photo.id))])
    world.delete_photo(1, photo.id)
    with DemoInstance(world, dialect) as instance:
        for _ in range(2):
            run(instance, path, sections=("wall", "photos", "newsfeed"))

    assert query(path, "select count(*) from newsfeed") == [(1,)]
    assert query(path, "select count(*) from photos") == [(0,)]
    assert query(path, "select count(*) from attachments") == [(0,)]


@DIALECTS
def test_attachments_go_and_come_back_with_their_post(dialect: str, tmp_path: Path) -> None:
    """Those of a deleted post are gone, and back if it is; those of a comment likewise."""
    world, path = World.empty(), tmp_path / "archive.db"
    photo = world.add_photo(1)
    hung = [("photo", (1, photo.id))]
    post, other = world.add_post(1, attachments=hung), world.add_post(1)
    said = world.add_comment("post", 1, other.id, attachments=hung)
    world.add_comment("post", 1, other.id)  # A list that vanishes whole is another matter.
    count = "select resource, gone_at is not null from attachments order by resource"
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("wall", "photos"))
        world.delete_post(1, post.id)
        world.delete_comment(said.id)
        for _ in range(2):
            run(instance, path, sections=("wall", "photos"), audit=True)
        gone, whole = query(path, count), is_whole(path)
        world.undelete_post(1, post.id)
        world.undelete_comment(said.id)
        run(instance, path, sections=("wall", "photos"), audit=True)

    assert gone == [("comments", 1), ("posts", 1)]
    assert whole
    assert query(path, count) == [("comments", 0), ("posts", 0)]
    assert disagreements(path) == []
    assert is_whole(path)


@DIALECTS
@pytest.mark.parametrize("seed", range(some(3, 2)))
def test_attachments_are_what_posts_say(dialect: str, seed: int, tmp_path: Path) -> None:
    """Day by day, with the newsfeed and audits: the table and the column say the same."""
    world, path = made(seed, dict.fromkeys(LISTS, 4), dialogs=0), tmp_path / "archive.db"
    rng = random.Random(seed)
    month = Month(world, rng, dialect)
    with DemoInstance(world, dialect) as instance:
        for day in range(some(6, 3)):
            run(instance, path, sections=SHOWING, owners=OWNERS, audit=rng.random() < 0.5)
            assert disagreements(path) == [], day
            month.day()
            hung = [key for post in world.wall(1) for kind, key in post.attachments
                    if kind == "photo" and not world.photos[key].deleted]  # fmt: skip
            if hung:
                world.delete_photo(*rng.choice(hung))
    assert is_whole(path)


@DIALECTS
def test_polls_of_the_newsfeed_are_read_at_once(dialect: str, tmp_path: Path) -> None:
    """A poll or lyrics that only somebody else's post shows are read by the sync that met it."""
    world, path = World.empty(), tmp_path / "archive.db"
    friend = world.add_user("Вера", "Подруга").id
    world.befriend(1, friend)
    poll = world.add_poll(friend, "Да?", [("да", 1), ("нет", 0)])
    track = world.add_audio(friend, lyrics="Слова")
    world.add_post(friend, attachments=[("poll", poll.id), ("audio", track.id)])
    with DemoInstance(world, dialect) as instance:
        run(instance, path, sections=("friends", "audio", "polls", "newsfeed"))

    assert query(path, "select count(*) from _cursors where resource = 'polls'") == [(1,)]
    assert query(path, "select text from lyrics") == [("Слова",)]


@DIALECTS
def test_lyrics_of_tracks_on_the_wall_are_read_at_once(dialect: str, tmp_path: Path) -> None:
    """Sections are read side by side, but what opens a list of another is read before it."""
    world, path = World.empty(), tmp_path / "archive.db"
    for number in range(250):
        world.add_post(1, attachments=[("audio", world.add_audio(1, lyrics="Слова").id)] if
                       number < 3 else [])  # fmt: skip
    for audio in list(world.collection(1)):
        world.remove_audio(audio.id)
    with DemoInstance(world, dialect) as instance:
        run(instance, path)

    assert query(path, "select count(*) from lyrics") == [(3,)]
