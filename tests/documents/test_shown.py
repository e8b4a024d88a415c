"""What the texts show of commands is what the commands say."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Cli
from texts import ALL, README, ROOT, comparable, shown, timeless
from toy import DemoInstance, generate

from ovk_archive.cli.words.topics import topic
from ovk_archive.demo.world.world import World


@pytest.fixture
def world() -> World:
    """The world of the demo."""
    return generate()


@pytest.fixture
def types(cli: Cli, world: World, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Types what the texts show, and gives back what is said, to stdout and stderr."""
    with DemoInstance(world, "B") as instance:
        cli.log_in(instance)

        def type_(command: str) -> str:
            done = cli.run(*command.split()[1:], cwd=tmp_path)
            return str(done.stdout + done.stderr)

        yield type_


#: How many calls travel in a request is a matter of who asks first.
REQUESTS = re.compile(r"\b(\d+) requests\b")
SYNC = "ovk-archive wall archive.db --no-media --quiet"


def uncounted(text: str) -> str:
    """The same, but for how many requests were made."""
    return REQUESTS.sub("N requests", text)


def test_the_tour_shows_what_is_printed(cli: Cli, tmp_path: Path) -> None:
    """The demo, run twice, its status and an export say what the texts show of them."""
    first, again = shown("ovk-archive demo")
    (status,) = shown("ovk-archive status demo/archive.db")
    once = cli.run("demo", cwd=tmp_path)
    said = cli.run("status", "demo/archive.db", cwd=tmp_path)
    twice = cli.run("demo", cwd=tmp_path)
    export = "export archive.db letters --format csv --table messages --since 2024-11-01"
    exported = cli.run(*export.split(), cwd=tmp_path / "demo")

    assert comparable(uncounted("\n".join(first))) == comparable(uncounted(once.stderr))
    assert comparable(uncounted("\n".join(status))) == comparable(uncounted(said.stdout))
    news = uncounted("\n".join(again)).splitlines()
    assert set(news) - {"…"} <= set(uncounted(twice.stderr).splitlines())
    for shown_, printed in ((first, once.stderr), (status, said.stdout), (again, twice.stderr)):
        (here,), (there,) = REQUESTS.findall("\n".join(shown_)), REQUESTS.findall(printed)
        assert abs(int(here) - int(there)) <= 15
    assert shown(f"ovk-archive {export}") == [exported.stderr.splitlines()] * 2


def test_what_older_servers_lack_is_shown(cli: Cli, tmp_path: Path) -> None:
    """A sync of such a server ends with the line that the topic shows, and with exit code 0."""
    (shown_,) = re.findall(r"(?m)^```console\n(This instance has no .*)\n```$", ALL)
    done = cli.run("demo", "--dialect", "a", cwd=tmp_path)

    assert shown_ in done.stderr.splitlines()
    assert done.returncode == 0


def test_a_budget_is_shown(types: Callable[[str], str]) -> None:
    """A sync that its budget stopped, and the next, say what is shown but for the numbers."""
    for command in ("ovk-archive sync archive.db --max-requests 10", "ovk-archive sync archive.db"):
        (expected,) = shown(command)
        said = types(command)
        # What was new before the tenth request is a matter of who answered first.
        told = [re.sub(r"\d+", "N", line) for line in expected if line[-1] != ","]
        told = [line for line in told if line != "…" and not re.match("New:|N |groups, ", line)]

        assert len(told) == 3
        assert set(told) <= set(re.sub(r"\d+", "N", said).splitlines())


def test_a_refusal_is_shown(types: Callable[[str], str]) -> None:
    """Lists that are closed are told of as the topic shows it."""
    command = "ovk-archive photos archive.db --owner 5 --no-own"
    said = types(command)

    assert timeless(said) == timeless("\n".join(shown(command)[0]))


def test_what_trouble_says_is_said() -> None:
    """The messages that the topic of trouble explains are messages of the program."""
    table = topic("trouble").partition("\n## Which systems")[0]
    told = re.findall(r"(?m)^\| `([^`…]+?)(?: …)?` \|", table)
    code = "".join(path.read_text("utf-8") for path in (ROOT / "ovk_archive").rglob("*.py"))

    assert len(told) == 2
    assert [one for one in told if one not in code] == []
    assert [one for one in told if f"*{one}" not in README] == []


def test_edits_and_deletions_are_shown(types: Callable[[str], str], world: World) -> None:
    """A post that was edited, then deleted, and what came later are told of as the topic shows."""
    history = "ovk-archive history archive.db post 1_119"
    verify = "ovk-archive verify archive.db --server --sample 1000"
    (post,) = (one for one in world.wall(1) if one.id == 119)
    types(SYNC)
    world.edit_post(1, 119, post.text.replace("аккордеоне", "баяне"))
    types(SYNC)
    world.delete_post(1, 119)
    types("ovk-archive audit archive.db --no-media --quiet")
    types(SYNC)
    world.edit_post(1, 100, "Уже другое.")
    for _ in range(29):
        world.add_post(1)

    assert timeless(types(history)) == timeless("\n".join(shown(history)[0]))
    assert [types(verify).splitlines()] == shown(verify)
