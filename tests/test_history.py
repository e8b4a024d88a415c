"""`ovk-archive history`: what is told of one record."""

import json
from pathlib import Path

import pytest
from conftest import Cli
from syncing import run

from ovk_archive.demo import DemoInstance, World

PLENTY = 100_000
LONG = "Первая строка этой записи довольно длинная.\nВторая строка.\nТретья."


@pytest.fixture
def lived(archive_path: Path) -> Path:
    """An archive of a post that was edited twice, deleted, and came back."""
    world = World.empty()
    post = world.add_post(1, text=LONG, date=1_600_000_000)
    world.add_post(1, text="другая")
    with DemoInstance(world, "B") as instance:
        run(instance, archive_path)
        world.edit_post(1, post.id, LONG.replace("Вторая", "Новая"))
        run(instance, archive_path)
        world.edit_post(1, post.id, "коротко")
        run(instance, archive_path)
        world.like("post", 1, post.id, 1)
        world.delete_post(1, post.id)
        for _ in range(2):
            run(instance, archive_path, rounds=PLENTY)
        world.undelete_post(1, post.id)
        run(instance, archive_path, rounds=PLENTY)
    return archive_path


@pytest.mark.parametrize(
    ("kind", "key"), [("post", "1_1"), ("posts", "1/1"), ("POST", "wall1_1"), ("post", " 1_1 ")]
)
def test_the_story_of_a_post(kind: str, key: str, cli: Cli, lived: Path) -> None:
    """First content, each difference line by line, the deletion, and that it came back."""
    said = cli.run("history", lived, kind, key)
    lines = said.stdout.splitlines()

    assert (said.returncode, said.stderr) == (0, "")
    assert lines[0] == "Posts 1_1"
    assert "  date: 1600000000 (2020-09-13 12:26:40 UTC)" in lines
    assert "    Вторая строка." in lines
    first, second, third = (
        lines.index("    - Вторая строка."),
        lines.index("    + Новая строка."),
        lines.index("    + коротко"),
    )
    assert first < second < third
    assert [line[:13] for line in lines[third + 1 :] if line] == [
        "  gone since ",
        "Seen from 202",
        "  back, uncha",
    ]
    assert "likes" not in said.stdout
    assert "from_user_id" not in said.stdout


def test_the_story_as_json(cli: Cli, lived: Path) -> None:
    """Each version has its times, row, record, and what changed."""
    story = json.loads(cli.run("history", lived, "post", "1_1", "--json").stdout)

    assert [list(one["changed"]) for one in story] == [[], ["text"], ["text"], []]
    assert story[2]["changed"]["text"][1] == "коротко"
    assert [bool(one["gone_at"]) for one in story] == [False, False, True, False]
    assert story[0]["record"]["text"] == LONG
    assert story[3]["values"]["likes"] == 1


def test_what_does_not_exist_is_a_usage_error(cli: Cli, lived: Path) -> None:
    """An unknown kind is answered with the kinds there are, an unknown key with how keys look."""
    kind = cli.run("history", lived, "letters", "1")
    key = cli.run("history", lived, "post", "1_77")
    nothing = cli.run("history", lived.with_name("none.db"), "post", "1_1")

    assert (kind.returncode, key.returncode, nothing.returncode) == (2, 2, 30)
    assert "'letters' is none of users, account" in kind.stderr
    assert "has no '1_77' in posts: a key looks like OWNER_ID_ID there" in key.stderr
    assert nothing.stderr.startswith("Error: There is no archive at")


def test_what_was_missed_is_told(cli: Cli, archive_path: Path) -> None:
    """A row that one reading has not met is said to be missed, not gone."""
    world = World.empty()
    note = world.add_note(1)
    world.add_note(1)
    with DemoInstance(world, "B") as instance:
        run(instance, archive_path)
        world.delete_note(1, note.id)
        run(instance, archive_path, rounds=PLENTY)
    said = cli.run("history", archive_path, "note", "1_1").stdout.splitlines()

    assert said[-1].startswith("  missed 2")
    assert said[-1].endswith("UTC; not confirmed yet")
