"""What the documents say is so: commands, outputs, exit codes, links, the worked example."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from contextlib import chdir, redirect_stdout
from dataclasses import fields
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest
from conftest import Cli
from fetching import fetch
from syncing import ACCOUNT, query, run
from texts import ALL, README, RUSSIAN, TOPICS, marked
from toy import DemoInstance, generate
from worlds import small_demo

from ovk_archive import errors
from ovk_archive.api.paging import anchored, numbered, positions, windows
from ovk_archive.api.paging.windows import Addressing
from ovk_archive.cli import cli as program
from ovk_archive.demo.invented.cast import ALICE, HIDING
from ovk_archive.resources import DEFAULT_SECTIONS, RESOURCES, SECTIONS
from ovk_archive.resources.vocabulary.resource import Parent, Resource
from ovk_archive.resources.vocabulary.traits import Counts, Order, Quirks, Schedule

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
COMMANDS = program.list_commands(click.Context(program))
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / ".github").rglob("*.md")),
    *sorted((ROOT / "ovk_archive" / "help").glob("*.md")),
]


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


def test_the_readme_can_be_read_at_once() -> None:
    """A newcomer reads all of README: it has 300 lines and 14 kB at most."""
    assert len(README.splitlines()) <= 300
    assert len(README.encode()) <= 14_000


def test_all_topics_are_linked() -> None:
    """README and the list of `ovk-archive help` lead to every topic, as well as the text does."""
    listed = README.partition("\n## All topics\n")
    links = [re.findall(r"\]\(ovk_archive/help/([a-z-]+)\.md\)", part) for part in listed]

    assert links[2] == list(TOPICS)
    # The tables of all commands are looked up, the facts of the API are for programmers.
    assert set(TOPICS) - set(links[0]) <= {"commands", "openvk-api"}


@pytest.mark.parametrize("name", TOPICS)
def test_topics_name_topics_that_exist(name: str) -> None:
    """A text that says `ovk-archive help NAME` names a topic, and its links lead to that one."""
    text = TOPICS[name]
    linked = re.findall(r"\[`ovk-archive help ([a-z-]+)`\]\(([a-z-]+)\.md\)", text)
    heading = text.splitlines()[0]

    assert re.fullmatch(r"# \S.{10,}", heading)
    assert set(re.findall(r"ovk-archive help ([a-z-]+)", text)) <= set(TOPICS)
    assert all(said == leads for said, leads in linked)


def test_the_russian_readme_says_the_same() -> None:
    """README leads to the Russian one, which has the same commands for the same things."""
    commands = [
        re.findall(r"(?m)^(?:> )?(?:ovk-archive|python3) .*$", text) for text in (README, RUSSIAN)
    ]
    nightly = [re.findall(r"(?m)^17 4 .*$", text) for text in (README, RUSSIAN)]

    assert "](.github/README.ru.md)" in README
    assert marked("run").strip() in commands[1]
    assert len(commands[1]) > 5
    assert set(commands[1]) <= set(commands[0])
    assert nightly[0] == nightly[1] != []


def test_every_section_is_told_of() -> None:
    """The two tables have what is read anyhow, and what is read where it is asked for."""
    part = TOPICS["what-is-saved"].partition("\n## What is read\n")[2].partition("\n## ")[0]
    always, _, asked = part.partition("--all")

    assert re.findall(r"^\| `([a-z]+)` \|", always, re.MULTILINE) == list(DEFAULT_SECTIONS)
    assert [*DEFAULT_SECTIONS, *re.findall(r"^\| `([a-z]+)` \|", asked, re.MULTILINE)] == list(
        SECTIONS
    )


def test_queries_can_be_asked(archive_path: Path) -> None:
    """SQLite understands every query in README and the topics; most of them find something."""
    with DemoInstance(small_demo(), "B") as toy:
        run(toy, archive_path)
        fetch(toy.url, archive_path)
    queries = re.findall(r"(?ms)^```sql\n(.*?)^```$", ALL)
    answers = {sql: query(archive_path, sql) for sql in queries}
    # Nothing was edited yet, and nobody has gone.
    empty = [sql for sql, found in answers.items() if not found]

    assert len(queries) == 5
    assert [sql for sql in empty if "gone_at is not null" not in sql and "'1_42'" not in sql] == []


def test_two_archives_are_asked_at_once(cli: Cli, tmp_path: Path) -> None:
    """The query over a lake of two prints what the topic shows; other programs read it, too.

    Spark is in `test_lake_engines.py`.
    """
    (script,) = re.findall(r"(?ms)^```python\n(import duckdb\n.*?)^```$", ALL)
    (table,) = re.findall(r"(?ms)^```text\n(┌.*?)^```$", ALL)
    for seed, name in enumerate(("anna", "boris"), 1):
        with DemoInstance(generate(seed), "B") as instance:
            run(instance, tmp_path / f"{name}.db", sections=("wall",))
    for command in re.findall(r"(?m)^\$ ovk-archive (export .* --into --as \w+)$", ALL):
        done = cli.run(*command.split(), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    asked = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, encoding="utf-8", cwd=tmp_path, check=True, timeout=60,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip

    assert asked.stdout.strip() == table.strip()
    for engine in ("polars", "pandas"):
        (script,) = re.findall(rf"(?ms)^```python\n([^`]*?import {engine} as .*?)^```$", ALL)
        with chdir(tmp_path), redirect_stdout(StringIO()) as printed:
            exec(script, {})
        assert re.search(r"(?s)archive.*year.*(anna|boris)", printed.getvalue())


def test_compared_lists_are_named() -> None:
    """What two topics say is never marked as gone is what the declarations say."""
    lasting = [one for one in RESOURCES if not one.compared]
    # Facts of the account, its groups and the instance are no lists.
    facts = {"account", "statuses", "settings", "group_settings", "instance"}
    expected = {one.title for one in lasting if one.table.name not in facts}
    for text in (TOPICS["edits"], TOPICS["reliability"]):
        (said,) = re.findall(r"No row is ever marked in these lists: (.*)\.", text)
        assert set(said.split(", ")) == expected


def test_exit_codes_are_those_of_the_errors() -> None:
    """The topic has every code that an error has, 0 and 3, and no other; README has some."""
    listed, few = (
        [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)]
        for text in (TOPICS["exit-codes"], README)
    )
    classes = [one for one in vars(errors).values() if isinstance(one, type)]
    codes = {one.exit_code for one in classes if issubclass(one, errors.ArchiveError)}

    assert sorted(codes | {0, errors.EXIT_REFUSED}) == listed
    assert few
    assert set(few) < set(listed)


def test_commands_in_examples_exist() -> None:
    """Every command that a code block or a sentence names is there, with these options."""
    blocks = re.findall(r"(?ms)^(?:> )?```(?:console|sh|crontab|ini)\n(.*?)^(?:> )?```$", ALL)
    inline = [one for one in re.findall(r"`(ovk-archive [^`]+)`", ALL) if "search" not in one]
    called = re.findall(r"\bovk-archive ([a-z]+)([^\n&]*)", "\n".join([*blocks, *inline]))

    assert len(called) > 100
    assert {name for name, _ in called} <= set(COMMANDS)
    for name, rest in called:
        command = program.get_command(click.Context(program), name)
        assert command is not None
        known = {text for one in command.params for text in (*one.opts, *one.secondary_opts)}
        assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= known | {"--help"}, (name, rest)


def test_commands_that_will_come_are_not_there_yet() -> None:
    """What the topic calls missing is missing."""
    limits = TOPICS["what-is-saved"].partition("\n## What this version does not do yet\n")[2]
    missing = set(re.findall(r"command `ovk-archive ([a-z]+)`", limits))

    assert limits
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


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package to which CONTRIBUTING's resource is added, as it says."""
    package = tmp_path_factory.mktemp("checkout") / "ovk_archive"
    # With what is compiled already, which is half of the work.
    shutil.copytree(ROOT / "ovk_archive", package, ignore=shutil.ignore_patterns("static"))
    (package / "resources" / "acquaintances.py").write_text(marked("example", GUIDE))
    listing = package / "resources" / "__init__.py"
    text = listing.read_text()
    text = re.sub(r"(?m)^    attachments,$", "    acquaintances,\n    attachments,", text)
    for tuple_, entry in (("RESOURCES", "ACQUAINTANCE_LIST"), ("TABLES", "ACQUAINTANCES")):
        open_, close = f"{tuple_}: tuple[", "\n)\n"
        before, mark, after = text.partition(open_)
        text = before + mark + after.replace(close, f"\n    acquaintances.{entry},{close}", 1)
    listing.write_text(text)
    return package.parent


@pytest.mark.parametrize("dialect", ["A", "B"])
def test_worked_example_works(cli: Cli, checkout: Path, tmp_path: Path, dialect: str) -> None:
    """What CONTRIBUTING declares is synced completely, counted, and found gone when it is gone."""
    truth: dict[str, Any] = {}
    exec(marked("truth", GUIDE), truth)
    archive, world = tmp_path / "archive.db", generate()
    world.befriend(ACCOUNT, HIDING)
    for _ in range(150):
        world.befriend(ALICE, world.add_user("Эмма", "Знакомая").id)
    lost = world.users[ALICE].friends[-1]
    shown = "select friend_id, user_id from acquaintances where gone_at is null"
    with DemoInstance(world, dialect) as toy:
        cli.log_in(toy)
        first = cli.run("acquaintances", archive, cwd=checkout)
        found = set(query(archive, shown))
        expected = truth["acquaintances"](world, dialect)
        world.unfriend(ALICE, lost)
        later = _each(
            cli, checkout, *[["acquaintances", archive]] * 2, ["status", archive, "--json"]
        )
    (line,) = [one for one in json.loads(later.stdout)["lists"] if one["name"] == "acquaintances"]

    # One friend hides his friends: that is told once.
    assert (first.returncode, later.returncode) == (3, 0), later.stderr
    assert found == expected
    assert len(expected) > 150
    assert set(query(archive, shown)) == truth["acquaintances"](world, dialect)
    assert (line["held"], line["gone"]) == (len(expected) - 1, 1)
    assert line["refused"] == len(re.findall("refused friends.get", first.stderr)) > 0


def _each(cli: Cli, folder: Path, *commands: list[Any]) -> "subprocess.CompletedProcess[str]":
    """Commands of the package that is in a folder, in one process; each has to end well."""
    script = """
import sys
from ovk_archive.cli import main
for words in eval(sys.argv[1]):
    sys.argv = ["ovk-archive", *words]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
"""
    told = repr([list(map(str, words)) for words in commands])
    return subprocess.run(
        [sys.executable, "-c", script, told],
        cwd=folder, env=cli.environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_worked_example_describes_itself(checkout: Path) -> None:
    """Commands, descriptions, data model and methods follow from its declaration alone."""
    script = """
from ovk_archive.browse import datamodel, metadata
from ovk_archive.cli import methodtable, reference
print(reference.commands(), datamodel.tables(), datamodel.columns(), methodtable.methods())
print(metadata.as_text())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=checkout, capture_output=True, text=True, check=False
    )
    text, _, described = done.stdout.partition("\n{\n")
    tables = json.loads("{" + described)["databases"]["archive"]["tables"]

    assert done.returncode == 0, done.stderr
    assert "| `ovk-archive acquaintances` | friends of friends |" in text
    assert "members, likes, newsfeed, acquaintances." in " ".join(text.split())
    assert "| `acquaintances` | `friend_id`, `user_id` | Who is a friend of the " in text
    assert "| `friend_id` | int | The account's friend |" in text
    assert "archived in `friends` and `acquaintances`" in text
    assert tables["acquaintances"]["columns"]["user_id"] == "The friend's friend"


def test_guide_knows_the_whole_vocabulary() -> None:
    """CONTRIBUTING names every room, paginator and addressing, and what a declaration can say."""
    package = ROOT / "ovk_archive"
    rooms = {path.parent.relative_to(package).as_posix() for path in package.rglob("*/__init__.py")}
    paginators = {
        name
        for module in (positions, anchored, numbered)
        for name, one in vars(module).items()
        if hasattr(one, "begin") and name != "Paginator"
    }
    addressings = {name for name, one in vars(windows).items() if isinstance(one, Addressing)}
    said = {one.name for cls in (Resource, Parent) for one in fields(cls)}
    special = {
        f"{cls.__name__}({one.name}="
        for cls in (Counts, Order, Quirks, Schedule)
        for one in fields(cls)
    }
    text, example = GUIDE, marked("example", GUIDE)

    assert {name for name in rooms - {"."} if f"| `{name}/` |" not in text} == set()
    assert {name for name in paginators if f"`{name}(" not in text} == set()
    assert {name for name in addressings if f"`{name}`" not in text} == set()
    assert {
        name for name in said if f"`{name}`" not in text and f" {name}=" not in example
    } == set()
    assert {call for call in special if f"`{call}" not in text} == set()
