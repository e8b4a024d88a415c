"""Addresses of files are no content; another file is. And what no column knows makes no version."""

import asyncio
import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli
from older import with_versions_as_before
from spoiling import between, listed
from syncing import execute, query, run, run_against
from toy import DemoInstance, World
from worlds import LISTS, made

from ovk_archive.api.address import parse_instance
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.location import folder_of
from ovk_archive.archive.rebuild import rebuild
from ovk_archive.media.catalogue import Choice
from ovk_archive.media.download import Downloader
from ovk_archive.media.run import Files
from ovk_archive.media.vault import Vault
from ovk_archive.resources.vocabulary.same_file import are_other_files, blob_name
from ovk_archive.sync.report import FileReport

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
ONE, TWO = "a" * 128, "b" * 128
PEOPLE = "select count(*) from _versions where resource = 'users' and embedded = 0"
#: People are asked for again, as after a week.
LONG_AGO = "update users set last_seen_at = '2020-01-01T00:00:00Z'"


@pytest.mark.parametrize(
    ("one", "other", "are_other"),
    [
        (f"http://a/blob_aa/{ONE}.jpeg", f"https://b:80/blob_aa/{ONE}.jpeg", False),
        (f"http://a/blob_aa/{ONE}.jpeg", f"/openvk-datastore/{ONE}.jpeg", False),
        (f"http://a/blob_aa/{ONE}.jpeg", f"http://a/blob_aa/{ONE}_cropped/original.jpeg", False),
        (f"http://a/blob_aa/{ONE}.jpeg", f"http://a/blob_bb/{TWO}.jpeg", True),
        ("/photos/thumbnails/5_original.jpeg", f"http://a/blob_aa/{ONE}.jpeg", False),
        (f"http://a/blob_aa/{ONE}.jpeg", "http://a/photos/thumbnails/5_original.jpeg", False),
        ("/photos/thumbnails/5_original.jpeg", "http://a/photos/thumbnails/5_tiny.jpeg", False),
        ("/photos/thumbnails/5_original.jpeg", "/photos/thumbnails/6_original.jpeg", True),
        ("/gift1_5.png", "http://a/gift1_5.png", False),
        ("/gift1_5.png", "http://a/gift1_6.png", True),
        ("https://youtu.be/watch?v=1", "https://youtu.be/watch?v=2", True),
        (None, f"http://a/blob_aa/{ONE}.jpeg", False),
        (f"http://a/blob_aa/{ONE}.jpeg", None, False),
        ("http://[", "http://]", True),
    ],
)
def test_other_addresses_of_one_file(one: Any, other: Any, are_other: bool) -> None:
    """Scheme, host and rendering say nothing; the name of the blob says all."""
    assert are_other_files(one, other) == are_other


def test_renderings_have_names_of_their_own() -> None:
    """Of two renderings of one upload, the one is not taken for the other's bytes."""
    assert blob_name(f"http://a/blob_aa/{ONE}.jpeg") == f"{ONE}.jpeg"
    assert blob_name(f"/blob_aa/{ONE}_cropped/tiny.gif?x#y") == f"{ONE}_cropped/tiny.gif"
    assert blob_name("/photos/thumbnails/5_original.jpeg") is None


def pictured() -> World:
    """A world whose account has a friend with an avatar, and two photos."""
    world = World.empty()
    friend = world.add_user("Алиса", "Иванова")
    world.befriend(1, friend.id)
    friend.avatar = world.add_photo(friend.id).global_id
    world.add_photo(friend.id)
    return world


def fetch_avatars(instance: DemoInstance, path: Path) -> FileReport:
    """One run over the avatars."""

    async def files() -> FileReport:
        with Archive.read(path) as archive:
            identity = archive.identity()
        with Archive.open(path, identity) as archive:
            most = 10**6
            server = parse_instance(instance.url)
            async with Downloader(server, max_file_bytes=most) as downloader:
                choice = Choice(kinds=("avatars",), max_file_bytes=most)
                return await Files(archive, Vault(folder_of(path)), downloader, choice).run()

    return asyncio.run(files())


def ask_again(path: Path) -> None:
    """Let people be due for another look."""
    with sqlite3.connect(path) as db:
        db.execute(LONG_AGO)


@DIALECTS
def test_a_thumbnail_that_was_made_changes_nothing(
    dialect: str, cli: Cli, archive_path: Path
) -> None:
    """After `media` looked at it, the avatar has another address: no version, no second fetch."""
    with DemoInstance(pictured(), dialect) as instance:
        run(instance, archive_path)
        before = query(archive_path, PEOPLE)
        first = fetch_avatars(instance, archive_path)
        (thumbnail,) = query(archive_path, "select photo_url from users where id = 2")[0]
        ask_again(archive_path)
        run(instance, archive_path, full=True)
        (blob,) = query(archive_path, "select photo_url from users where id = 2")[0]
        again = fetch_avatars(instance, archive_path)

    assert "/photos/thumbnails/" in thumbnail
    assert "_cropped" in blob
    assert query(archive_path, PEOPLE) == before
    assert (first.stored, again.requests) == (1, 0)
    stored = query(archive_path, "select sha256, path from media where state = 'stored'")
    assert len(stored) == 2
    assert len(set(stored)) == 1
    assert cli.run("verify", archive_path).returncode == 0


@DIALECTS
def test_a_new_avatar_makes_a_version(dialect: str, archive_path: Path) -> None:
    """From blob to blob, whether or not a thumbnail was named between: one version."""
    world = pictured()
    first, second = (photo.global_id for photo in reversed(world.photos_of(2)))
    with DemoInstance(world, dialect) as instance:
        world.make_thumbnail(first, "original")
        run(instance, archive_path)
        before = query(archive_path, PEOPLE)[0][0]
        world.users[2].avatar = second
        run(instance, archive_path, full=True)
        # Of a thumbnail nobody knows whether it is the same picture.
        named = query(archive_path, PEOPLE)[0][0]
        world.make_thumbnail(second, "original")
        run(instance, archive_path, full=True)
        changed = query(archive_path, PEOPLE)[0][0]
        run(instance, archive_path, full=True)

    assert (named, changed) == (before, before + 1)
    assert query(archive_path, PEOPLE)[0][0] == changed
    rows = query(archive_path, "select * from users order by id")
    with Archive.read(archive_path) as archive:
        identity = archive.identity()
    with Archive.open(archive_path, identity) as archive:
        rebuild(archive, lambda *_: None)
    assert query(archive_path, "select * from users order by id") == rows


def restless(numbers: Iterator[int]) -> Any:
    """Each record of each answer has a field that nobody knows, and that changes every time."""

    def spoil(_: str, answer: Any) -> Any:
        for record in listed(answer):
            if isinstance(record, dict):
                record["restless"] = next(numbers)
        return answer

    return spoil


@DIALECTS
def test_unknown_fields_alone_make_no_version(dialect: str, archive_path: Path) -> None:
    """Such a field is noted once per table; the newest record is kept, and rows follow from it."""
    count = "select count(*) from _versions"
    with (
        DemoInstance(made(3, dict.fromkeys(LISTS, 3), dialogs=1), dialect) as instance,
        between(instance, restless(itertools.count())) as server,
    ):
        run_against(server.instance.url, instance.token, archive_path)
        before = query(archive_path, count)
        noted = query(archive_path, "select * from _fields order by 1, 2")
        second = run_against(server.instance.url, instance.token, archive_path)

    seen = "select max(json_extract(record, '$.restless')) from _versions where resource = 'posts'"
    posts = query(archive_path, "select count(*) from posts")[0][0]
    assert query(archive_path, count) == before
    assert sum(one.changed for one in second.lists.values()) == 0
    assert ("posts", "restless") in {row[:2] for row in noted}
    assert query(archive_path, "select * from _fields order by 1, 2") == noted
    assert query(archive_path, seen)[0][0] > posts


def test_an_older_archive_makes_no_false_versions(cli: Cli, archive_path: Path) -> None:
    """Digests of the version before had unknown fields and addresses in them: they are renewed."""
    with DemoInstance(made(3, dict.fromkeys(LISTS, 3), dialogs=1), "B") as instance:
        run(instance, archive_path)
        held = "select id, content, rest from _versions order by id"
        digests = query(archive_path, held)
        with_versions_as_before(archive_path)
        execute(
            archive_path,
            [
                *(_AS_BEFORE.format(name) for name in ("users", "photos", "account", "videos")),
                "update _versions set rest = null",
                "delete from _fields",
                "delete from _sqlite_migrations where name = 'm005_digests'",
                "pragma user_version = 3",
            ],
        )
        assert query(archive_path, held) != digests
        said = cli.run("status", archive_path)
        renewed = query(archive_path, held)
        report = run(instance, archive_path, full=True)

    assert said.returncode == 0
    assert renewed == digests
    assert sum(one.changed for one in report.lists.values()) == 0


#: Another digest, and no address beside the record.
_AS_BEFORE = (
    "update _versions set content = randomblob(16), "
    "state = json_remove(state, '$.photo_url', '$.url', '$.player') where resource = '{}'"
)
