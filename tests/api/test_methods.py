"""The table of methods agrees with the declarations, the recordings, the help and the toy."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from toy import DemoInstance, generate

from ovk_archive.api.methods import (
    ADDRESSING,
    ALWAYS,
    METHODS,
    NOTES,
    Effect,
    always,
    known,
    only_reads,
)
from ovk_archive.cli import cli as commands
from ovk_archive.cli.methodtable import methods as table
from ovk_archive.cli.words.topics import topic
from ovk_archive.demo.methods.writes import WRITES
from ovk_archive.demo.server.api import METHODS as SERVED
from ovk_archive.errors import ArchiveError
from ovk_archive.resources import LOOKUPS, RESOURCES
from ovk_archive.resources.by_number import BY_NUMBER
from ovk_archive.resources.uses import (
    addressing,
    counted_by,
    list_of,
    tables_of,
    what_we_do,
)

ROOT = Path(__file__).parents[2]
RECORDINGS = Path(__file__).parents[1] / "recordings"
GENERATIONS = {"2024-07": "A", "2026-08": "B"}

#: Recorded to see what a server says to a name that is none.
WRONG_NAMES = {
    *("execute.", "nope.get", "storage.get", "vkapirequesthandler.fail", "wall.__construct"),
    *("wall.generateitems", "wall.getapiphoto", "wall.nope", "wall.requireuser"),
}

#: Some value for every parameter that a reading method wants.
EVERYTHING = {
    **dict.fromkeys(("owner_id", "user_id", "group_id", "post_id", "photo_id", "note_id"), "1"),
    **dict.fromkeys(("comment_id", "item_id", "poll_id", "topic_id", "audio_id", "album_id"), "1"),
    **dict.fromkeys(("lyrics_id", "answer_ids", "user_ids", "group_ids", "message_ids"), "1"),
    **dict.fromkeys(("id", "app_id", "amount"), "1"),
    **dict.fromkeys(("posts", "photos", "audios", "docs"), "1_1_x"),
    **dict.fromkeys(("peer_id", "peer_ids"), "2"),
    "type": "post",
    "q": "а",
    "screen_name": "id1",
    "guid": "x",
    "link": "https://example.org/",
    "marketing_id": "1_a",
    "signature": "1,a",
}


def recorded() -> Iterator[tuple[str, str, Any]]:
    """Generation, method and body of every recording that names a method."""
    for path in sorted(RECORDINGS.glob("20*/*.json")):
        recording = json.loads(path.read_text(encoding="utf-8"))
        method = recording["request"].get("method")
        if method and method.lower() not in WRONG_NAMES:
            yield GENERATIONS[path.parent.name], method, recording["body"]


def declared() -> set[str]:
    """Every method that a sync calls, by the declarations."""
    asked = {one.method for one in RESOURCES} | {one.method for one in LOOKUPS}
    asked |= {one.method for one in BY_NUMBER}
    asked |= {one.sweep.method for one in RESOURCES if one.sweep}
    asked |= {one.counts.total.method for one in RESOURCES if one.counts.total}
    return asked


def run(toy: DemoInstance, method: str, *more: str) -> int | None:
    """Call a method in this process; the exit code, None for an error of ours."""
    environment = {"OVK_INSTANCE": toy.url, "OVK_TOKEN": toy.token}
    # A command that is called without its group keeps another `--help` for the rest of the process.
    arguments = ["call", method, *more]
    result = CliRunner().invoke(commands, arguments, env=environment, standalone_mode=False)
    if isinstance(result.exception, ArchiveError):
        return None
    exit_code: int = getattr(result.exception, "exit_code", result.exit_code)
    return exit_code


def test_names_are_unique_and_spelt_as_documented() -> None:
    """No method is listed twice; a section is in lower case, its methods begin so."""
    names = [method.name for method in METHODS]
    assert len({name.lower() for name in names}) == len(names)
    assert all(re.fullmatch(r"execute|[a-z]+\.[a-z][A-Za-z]+", name) for name in names)


def test_notes_and_meanings_of_offset_are_of_methods() -> None:
    """Nothing is noted of a method that is not in the table, and no declaration is overruled."""
    assert [name for name in NOTES if known(name) is None] == []
    assert [name for name in (*ADDRESSING, *ALWAYS) if known(name) is None] == []
    assert [name for name in (*ADDRESSING, *ALWAYS) if name != name.lower()] == []
    assert [name for name in ADDRESSING if list_of(name) is not None] == []


def test_everything_declared_only_reads() -> None:
    """Every method that a sync uses is declared as reading, and is archived or counts."""
    names = declared()
    assert [name for name in names if not only_reads(name)] == []
    assert [name for name in names if not (tables_of(name) or counted_by(name))] == []


def test_nothing_that_writes_is_used() -> None:
    """No method that writes, or pretends to, fills a table."""
    others = [method.name for method in METHODS if method.effect is not Effect.READ]
    assert len(others) > 50
    assert [name for name in others if tables_of(name) or counted_by(name)] == []


def test_every_call_in_the_program_only_reads() -> None:
    """A method that is named where the client is called is declared as reading."""
    files = [path for path in (ROOT / "ovk_archive").rglob("*.py") if "demo" not in path.parts]
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    called = set(re.findall(r'\.call\(\s*"([^"]+)"', source))
    assert "account.getProfileInfo" in called
    assert [name for name in called if not only_reads(name)] == []


def test_every_recorded_method_is_in_the_table() -> None:
    """What a real server was asked is known, whatever its case."""
    names = {method for _, method, _ in recorded()}
    assert len(names) > 30
    assert [name for name in names if known(name) is None] == []


def test_generations_are_those_of_the_recordings() -> None:
    """A server that answers has the method; one that says "unknown method" does not."""
    for generation, name, body in recorded():
        method = known(name)
        assert method is not None
        if isinstance(body, dict):
            has_it = body.get("error_code") != 3
            assert (generation in method.generations) == has_it, (generation, name)


def test_generations_are_those_of_the_toy() -> None:
    """The toy has no method that its generation did not have."""
    for name, served in SERVED.items():
        method = known(name)
        assert method is not None, name
        assert set(served.dialects) <= set(method.generations), name
        assert method.effect is Effect.READ, name


def test_writes_of_the_toy_write() -> None:
    """What the toy counts as a write is never taken for reading."""
    assert [name for name in WRITES if only_reads(name)] == []


@pytest.mark.parametrize("name", ["no.such", "", "wall", "execute", "wall.get.", "users"])
def test_unknown_counts_as_writing(name: str) -> None:
    """A method that is not in the table may do anything."""
    assert not only_reads(name)


def test_case_does_not_matter() -> None:
    """PHP takes a method in any case."""
    assert only_reads("WALL.GET")
    assert not only_reads("Wall.Post")
    assert always("NewsFeed.Get") == ALWAYS["newsfeed.get"]
    assert always("wall.get") == {}
    assert addressing("FRIENDS.GET") is addressing("friends.get")


def test_lists_of_one_method_are_addressed_alike() -> None:
    """Any list of a method says what `offset` and `count` mean to it."""
    for resource in RESOURCES:
        first = list_of(resource.method)
        assert first is not None
        assert first.paginator.addressing is resource.paginator.addressing, resource.name


def test_the_table_says_what_the_declarations_say() -> None:
    """What is archived is taken from the declarations, and the rest follows from the effect."""
    said = {method.name: what_we_do(method) for method in METHODS}
    assert said["wall.get"] == said["wall.getById"] == "archived in `posts`"
    assert said["audio.get"] == "archived in `audio_collection` and `playlist_audio`"
    assert said["audio.getCount"] == "counts `audio_collection`"
    assert said["groups.search"] == "`call` only"
    assert said["wall.post"] == "writes, never used"
    assert said["polls.edit"] == "stub"


def test_the_table_in_the_help_is_current() -> None:
    """The topic of methods shows every method, as the table says it now."""
    shown = topic("methods")
    assert table() in shown
    assert all(f"| `{method.name}` |" in shown for method in METHODS)


def test_call_refuses_everything_that_may_write(toy: DemoInstance) -> None:
    """No method that writes, or pretends to, is sent without --allow-write."""
    others = [method.name for method in METHODS if method.effect is not Effect.READ]
    assert {run(toy, name) for name in (*others, *WRITES)} == {2}
    assert toy.raw == []


@pytest.mark.parametrize("dialect", ["A", "B"])
def test_what_reads_leaves_no_trace(dialect: str) -> None:
    """Every method that the table calls reading is called; the toy notices no change."""
    given = [f"{name}={value}" for name, value in EVERYTHING.items()]
    names = [method.name for method in METHODS if method.effect is Effect.READ]
    with DemoInstance(generate(), dialect) as toy:
        results = {name: run(toy, name, *given) for name in names}
        # Without parameters too: a default may do what none of the values above does.
        results |= {f"{name} alone": run(toy, name) for name in names}
        assert (toy.writes, toy.online_marks) == (0, 0)
        assert {seen.method.lower() for seen in toy.seen} >= {name.lower() for name in names}
    assert set(results.values()) == {0, None}
