"""`ovk-archive history`: what is told of one record."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli
from syncing import run
from toy import DemoInstance, World

PLENTY = 100_000
WALL = ("wall",)
KEYS = ["first_seen_at", "last_seen_at", "gone_at", "embedded", "values", "changed", "record"]
LONG = "Первая строка этой записи довольно длинная.\nВторая строка.\nТретья."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a post that was edited twice, deleted, and came back."""
    path = tmp_path_factory.mktemp("lived") / "archive.db"
    world = World.empty()
    post = world.add_post(1, text=LONG, date=1_600_000_000)
    world.add_post(1, text="другая")
    with DemoInstance(world, "B") as instance:
        run(instance, path, sections=WALL)
        world.edit_post(1, post.id, LONG.replace("Вторая", "Новая"))
        run(instance, path, sections=WALL)
        world.edit_post(1, post.id, "коротко")
        run(instance, path, sections=WALL)
        world.like("post", 1, post.id, 1)
        world.delete_post(1, post.id)
        for _ in range(2):
            run(instance, path, sections=WALL, rounds=PLENTY)
        world.undelete_post(1, post.id)
        run(instance, path, sections=WALL, rounds=PLENTY)
    return path


@pytest.fixture
def lived(made: Path, archive_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(made, archive_path))


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
        "  back again,",
    ]
    assert "likes" not in said.stdout
    assert "from_user_id" not in said.stdout


def test_the_story_as_json(cli: Cli, lived: Path) -> None:
    """Each version has its times, row, record, and what changed."""
    story = json.loads(cli.run("history", lived, "post", "1_1", "--json").stdout)

    assert all(list(one) == KEYS for one in story)
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
    """A row that one reading has not met is said to be not found, not gone."""
    world = World.empty()
    note = world.add_note(1)
    world.add_note(1)
    with DemoInstance(world, "B") as instance:
        run(instance, archive_path, sections=("notes",))
        world.delete_note(1, note.id)
        run(instance, archive_path, sections=("notes",), rounds=PLENTY)
    said = cli.run("history", archive_path, "note", "1_1").stdout.splitlines()

    assert said[-1].startswith("  not found 2")
    assert said[-1].endswith("UTC; a second reading has not confirmed it yet")


def retell(path: Path, number: int, record: Any) -> None:
    """Let one version of the post have another record; versions count from 0."""
    connection = sqlite3.connect(path)
    connection.execute(
        "update _records set record = ?, repeats = null where id = (select id from _versions where "
        "resource = 'posts' and record_key = '1_1' order by id limit 1 offset ?)",
        (json.dumps(record), number),
    )
    connection.commit()
    connection.close()


def test_a_key_may_begin_with_a_minus(cli: Cli, archive_path: Path) -> None:
    """The posts of groups have such keys; it is not taken for an option."""
    world = World.empty()
    group = world.add_group("Клуб")
    world.add_post(-group.id, text="от группы")
    with DemoInstance(world, "B") as instance:
        run(instance, archive_path, sections=WALL, owners=(1, -group.id))
    said = [
        cli.run("history", archive_path, "post", key, *options)
        for key in (f"-{group.id}_1", f"wall-{group.id}_1", f"-{group.id}/1")
        for options in ((), ("--json",))
    ]
    wrong = cli.run("history", archive_path, "post", "1_1", "--jsn")

    assert [one.returncode for one in said] == [0] * 6, said[0].stderr
    assert all("от группы" in one.stdout for one in said)
    assert wrong.returncode == 2


def test_what_a_terminal_could_obey_is_spelt_out(cli: Cli, lived: Path) -> None:
    """Control characters in a text reach no terminal, and any terminal can show the rest."""
    retell(lived, 0, {"id": 1, "owner_id": 1, "text": "\x1b[2Jкрасный 😀\x9b1m\ud800"})
    cli.environment["PYTHONIOENCODING"] = "koi8-r"
    said = cli.run("history", lived, "post", "1_1")

    assert said.returncode == 0, said.stderr
    assert "  text: \\x1b[2Jкрасный 😀\\x9b1m\\ud800" in said.stdout.splitlines()


def test_nothing_and_zero_are_told_apart(cli: Cli, lived: Path) -> None:
    """0 and false where nothing was, in columns and unknown fields, are a change; "" is none."""
    before = {"id": 1, "owner_id": 1, "text": "", "platform": ""}
    retell(lived, 0, before)
    retell(lived, 1, {"id": 1, "owner_id": 1, "is_pinned": 0, "novel": False})
    said = cli.run("history", lived, "post", "1_1").stdout
    changed = json.loads(cli.run("history", lived, "post", "1_1", "--json").stdout)[1]["changed"]

    assert changed == {"is_pinned": [None, 0], "novel": [None, False]}
    assert "  is_pinned: (nothing) -> 0\n  novel: (nothing) -> false\n" in said


def test_only_what_was_gone_is_back(cli: Cli, lived: Path) -> None:
    """A version that differs in nothing, after one that was not gone, is not said to be back."""
    record = {"id": 1, "owner_id": 1, "text": "один\nдва"}
    retell(lived, 0, record)
    retell(lived, 1, record)
    retell(lived, 2, {**record, "text": "один\nдва\n"})
    lines = cli.run("history", lived, "post", "1_1").stdout.splitlines()

    assert lines.count("  no difference that this program can show") == 1
    at = lines.index("    only where lines end")
    assert lines[at - 1] == "  text:"
    assert not any("back" in line for line in lines[:at])


def test_an_unreadable_version_is_one_sentence(cli: Cli, lived: Path) -> None:
    """A version that this program cannot read ends it with a sentence, not a traceback."""
    retell(lived, 1, 7)
    said = cli.run("history", lived, "post", "1_1")

    assert said.returncode == 30
    assert said.stderr.startswith("Error: A version of posts 1_1 cannot be read")
    assert said.stderr.count("\n") == 1
