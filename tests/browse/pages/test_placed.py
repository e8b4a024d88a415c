"""What has a place in an album, a playlist or a collection; also what has left it."""

from dataclasses import replace
from pathlib import Path

import pytest
from pasts import ME, NOTICED, Past, past
from syncing import execute, query
from visitor import Visitor

GONE = f"set gone_at = '{NOTICED}'"


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """An archive with a past."""
    return past(tmp_path_factory.mktemp("placed"))


@pytest.fixture
def changed(life: Past, tmp_path: Path) -> Past:
    """A copy, to be written to."""
    copy = tmp_path / "archive.db"
    copy.write_bytes(life.path.read_bytes())
    return replace(life, path=copy)


def first(life: Past, sql: str) -> tuple[int, ...]:
    """The first row of an answer."""
    return query(life.path, sql)[0]


def some_album(life: Past) -> tuple[int, int, int, str]:
    """An album with all photos in it: its number, its first photo, its title."""
    album, title = first(life, f"select id, title from albums where owner_id = {ME} order by id")
    put = "insert or replace into album_photos (album_id, owner_id, photo_id, position)"
    all_photos = f"from photos where owner_id = {ME}"
    execute(life.path, [f"{put} select {album}, owner_id, id, 100 - id {all_photos}"])
    photos = f"from album_photos where album_id = {album} order by position, photo_id"
    owner, photo = first(life, f"select owner_id, photo_id {photos}")
    return album, owner, photo, str(title)


def test_a_photo_that_left_its_album(changed: Past) -> None:
    """It is marked in the album, and neither counted there, nor its cover, nor said to be in it."""
    album, owner, photo, title = some_album(changed)
    before = len(Visitor(changed.path).page(f"album/{album}").all(".picture"))
    cover = Visitor(changed.path).json(f"photos/{owner}")["albums"]
    which = f"album_id = {album} and owner_id = {owner} and photo_id = {photo}"
    execute(changed.path, [f"update album_photos {GONE} where {which}"])
    visitor = Visitor(changed.path)
    page = visitor.page(f"album/{album}")
    (left,) = page.one(".grid").all(".is-gone")

    assert left.links[0].endswith(f"/photo/{owner}_{photo}")
    assert left.one("span.gone").words.startswith("no longer in this list")
    assert len(page.all(".picture")) == before
    assert f"{before - 1} photos" in page.one("p.quiet").words
    told = {one["id"]: one for one in visitor.json(f"photos/{ME}")["albums"]}[album]
    assert told["photos"] == before - 1
    assert told["cover"] != {one["id"]: one for one in cover}[album]["cover"]
    shown = visitor.page(f"photo/{owner}_{photo}").one("main")
    assert title not in [one.words for one in shown.all("bdi")]


def test_a_photo_without_a_record(changed: Past) -> None:
    """Of a photo that only an album names, no page is promised, and nothing is said of its file."""
    album = some_album(changed)[0]
    put = "insert into album_photos (album_id, owner_id, photo_id, position)"
    execute(changed.path, [f"{put} values ({album}, 2, 999999, 0)"])
    page = Visitor(changed.path).page(f"album/{album}")

    assert not any(link.endswith("_999999") for link in page.links)
    assert "that the archive does not have (Photo)" in page.one(".grid").words
    assert "named no file" not in page.one(".grid").words


def test_a_track_that_left_its_list(changed: Past) -> None:
    """It is marked in the playlist and in the collection, and the playlist does not count it."""
    playlist, tracks = first(
        changed, "select playlist_id, count(*) from playlist_audio group by 1 having count(*) > 1"
    )
    track = f"(select audio_id from playlist_audio where playlist_id = {playlist} limit 1)"
    mine = f"(select audio_id from audio_collection where owner_id = {ME} limit 1)"
    execute(
        changed.path,
        [
            f"update playlist_audio {GONE} where playlist_id = {playlist} and audio_id = {track}",
            f"update audio_collection {GONE} where owner_id = {ME} and audio_id = {mine}",
        ],
    )
    visitor = Visitor(changed.path)
    page = visitor.page(f"playlist/{playlist}")

    assert f" {tracks - 1} track" in page.one("p.quiet").words
    for shown in (page, visitor.page(f"audio/{ME}")):
        (left,) = shown.one(".player").all(".is-gone")
        assert left.one("span.gone").words.startswith("no longer in this list")


def test_a_post_that_shows_a_photo_no_longer(changed: Past) -> None:
    """Posts from which a photo was taken off are not said to show it; a deleted post still is."""
    showing = (
        "select a.record_key, a.owner_id, a.object_id from attachments a join posts p "
        "on a.record_key = p.owner_id || '_' || p.id "
        "where a.type = 'photo' and a.resource = 'posts' and p.gone_at is {}"
    )
    post, owner, photo = first(changed, showing.format("null"))
    deleted, its_owner, its_photo = first(changed, showing.format("not null"))
    execute(changed.path, [f"update attachments {GONE} where record_key = '{post}'"])
    visitor = Visitor(changed.path)

    assert f"/archive/-/post/{post}" not in visitor.page(f"photo/{owner}_{photo}").links
    page = visitor.page(f"photo/{its_owner}_{its_photo}")
    assert f"/archive/-/post/{deleted}" in page.links
