"""What the documents say is so: commands, outputs, exit codes, links, the worked example."""

import asyncio
import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
from conftest import Cli
from syncing import ACCOUNT, query

from ovk_archive import errors
from ovk_archive.archive import Archive
from ovk_archive.cli import cli as program
from ovk_archive.client import Client
from ovk_archive.demo import DemoInstance, WorldSize, generate
from ovk_archive.instance import parse_instance
from ovk_archive.opening import Identity
from ovk_archive.plan import Options
from ovk_archive.report import Report
from ovk_archive.resource import Resource
from ovk_archive.resources import TABLES
from ovk_archive.sync import Sync

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = program.list_commands(click.Context(program))
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / ".github").rglob("*.md"))]


def marked(marker: str, text: str = README) -> str:
    """The code block behind a marker."""
    found = re.findall(
        rf"^<!-- {marker} -->\n```[a-z]+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    )
    assert len(found) == 1, marker
    return str(found[0])


def shown(command: str) -> list[list[str]]:
    """What README shows of a command's outputs, in order."""
    return [
        block.strip().splitlines()
        for block in re.findall(
            rf"^\$ {re.escape(command)}\n(.*?)(?=^\$ |^```$)", README, re.MULTILINE | re.DOTALL
        )
    ]


def comparable(text: str) -> list[str]:
    """Lines without ports and times, in an order of their own: lists are read side by side."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:[\d.]+Z)?", "TIME", text)
    return sorted(text.strip().splitlines())


@pytest.mark.parametrize("marker", ["run", "test"])
def test_both_commands_are_one_line(marker: str) -> None:
    """A newcomer copies one line, which makes the virtual environment itself."""
    command = marked(marker)

    assert command.count("\n") == 1
    assert command.startswith("python3 -m venv .venv && ")


def test_ci_runs_the_test_command_of_the_readme() -> None:
    """`.ci/run` reads the line out of README, where it finds exactly that line."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lines = README.splitlines()
    after = lines[lines.index("<!-- test -->") :]
    block = after[: after.index("```")]

    assert r"sed -n '/^<!-- test -->$/,/^```$/ { /^python3 /p; }' README.md" in script
    assert [marked("test").strip()] == [one for one in block if one.startswith("python3 ")]


def test_the_tour_shows_what_is_printed(cli: Cli, tmp_path: Path) -> None:
    """The demo, run twice, and its status say what README shows of them."""
    first, again = shown("ovk-archive demo")
    (status,) = shown("ovk-archive status demo/archive.db")
    once = cli.run("demo", cwd=tmp_path)
    said = cli.run("status", "demo/archive.db", cwd=tmp_path)
    twice = cli.run("demo", cwd=tmp_path)

    assert comparable("\n".join(first)) == comparable(once.stderr)
    assert comparable("\n".join(status)) == comparable(said.stdout)
    assert set(again) - {"…"} <= set(twice.stderr.splitlines())


def test_exit_codes_are_those_of_the_errors() -> None:
    """The table has every code that an error has, 0 and 3, and no other."""
    table = README.partition("\n## Exit codes\n")[2].partition("\n## ")[0]
    listed = [int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)]
    classes = [one for one in vars(errors).values() if isinstance(one, type)]
    codes = {one.exit_code for one in classes if issubclass(one, errors.ArchiveError)}

    assert sorted(codes | {0, errors.EXIT_REFUSED}) == listed


def test_commands_in_examples_exist() -> None:
    """Every command that a code block calls is there."""
    blocks = "\n".join(re.findall(r"(?ms)^```(?:console|sh|crontab)\n(.*?)^```$", README))
    called = set(re.findall(r"ovk-archive ([a-z]+)", blocks))

    assert called
    assert called <= set(COMMANDS)


def test_commands_that_will_come_are_not_there_yet() -> None:
    """What README calls missing is missing."""
    limits = README.partition("\n## Limits\n")[2].partition("\n## ")[0]
    missing = set(re.findall(r"`ovk-archive ([a-z]+)`", limits))

    assert missing
    assert missing.isdisjoint(COMMANDS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    """Every link to a file of the repository leads to one."""
    links = re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]

    assert [link for link in local if not (document.parent / link).exists()] == []


def test_changelog_speaks_of_this_version() -> None:
    """The newest entry is that of the version in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert project["version"] == re.findall(r"^## (\S+)", changelog, re.MULTILINE)[0]


@pytest.mark.parametrize("dialect", ["A", "B"])
def test_worked_example_works(
    dialect: str, archive_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The resource that CONTRIBUTING adds reads exactly the account's friends."""
    guide = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    declared: dict[str, Any] = {}
    exec(marked("example", guide), declared)
    monkeypatch.setattr("ovk_archive.schema.TABLES", (*TABLES, declared["FRIENDS"]))
    world = generate(1, WorldSize(friends=250))
    with DemoInstance(world, dialect) as toy:
        report = asyncio.run(_sync(toy, archive_path, declared["FRIEND_LIST"]))

    assert report.exit_code == 0
    friends = {(ACCOUNT, friend) for friend in world.users[ACCOUNT].friends}
    assert friends == set(query(archive_path, "select user_id, friend_id from friends"))
    assert len(friends) > 200


async def _sync(toy: DemoInstance, path: Path, resource: Resource) -> Report:
    instance = parse_instance(toy.url)
    with Archive.open(path, Identity("demo", ACCOUNT, toy.url)) as archive:
        async with Client(instance, toy.token) as client:
            options = Options(sections=(resource.section,))
            return await Sync(client, archive, ACCOUNT, options, resources=(resource,)).run()
