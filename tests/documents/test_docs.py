"""What is generated is what the code says now: metadata, command reference, data model."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ovk_archive.archive.tables.machinery import MACHINERY
from ovk_archive.archive.tables.schema import STAMPS, sql_columns
from ovk_archive.browse import datamodel, metadata
from ovk_archive.cli import cli
from ovk_archive.cli.reference import commands
from ovk_archive.cli.words.topics import topic, topics
from ovk_archive.resources import SECTIONS, TABLES

ROOT = Path(__file__).parents[2]
MACHINE_COLUMNS = {name: set(columns) for name, (columns, _, _) in MACHINERY.items()}


def described() -> dict[str, dict[str, str]]:
    """Table -> column -> description, as committed."""
    content = json.loads((ROOT / "datasette-metadata.json").read_text(encoding="utf-8"))
    tables = content["databases"]["archive"]["tables"]
    return {name: table.get("columns", {}) for name, table in tables.items()}


def test_committed_metadata_is_the_generated() -> None:
    """`python -m ovk_archive.browse.metadata` would change nothing."""
    committed = (ROOT / "datasette-metadata.json").read_text(encoding="utf-8")
    assert committed == metadata.as_text()


def test_metadata_is_written_where_it_is_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The module, run as a program, writes the file."""
    target = tmp_path / "datasette-metadata.json"
    monkeypatch.setattr(Path, "parents", {2: tmp_path})
    monkeypatch.delitem(sys.modules, "ovk_archive.browse.metadata")
    runpy.run_module("ovk_archive.browse.metadata", run_name="__main__")
    assert target.read_text(encoding="utf-8") == metadata.as_text()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_described(table: object) -> None:
    """Every column of every table has a description that says something."""
    name = table.name  # type: ignore[attr-defined]
    columns = described()[name]
    assert set(columns) == set(sql_columns(table))  # type: ignore[arg-type]
    assert all(len(text) > 3 for text in columns.values())


def test_machinery_is_described_and_hidden() -> None:
    """The machinery's tables are described as well, and out of sight."""
    content = metadata.generate()["databases"]["archive"]["tables"]
    for name, columns in MACHINE_COLUMNS.items():
        assert set(described()[name]) == columns
        assert content[name]["hidden"] is True


def test_metadata_names_existing_columns() -> None:
    """Sort orders, labels and facets are columns of their tables."""
    for table in TABLES:
        named = {table.sort, table.label, *table.facets} - {None}
        assert named <= set(table.by_name), table.name


def test_times_say_their_unit() -> None:
    """Who reads a column of times is told in which unit they are."""
    for table in TABLES:
        for column in table.columns:
            if column.unit:
                assert column.unit in described()[table.name][column.name]
    assert all("UTC" in doc for _, doc in STAMPS.values())


def asked(name: str) -> tuple[click.Command, list[tuple[str, str]]]:
    """A command, and its options with what they do, as its own help has them."""
    root = click.Context(cli, info_name="ovk-archive", **cli.context_settings)
    command = cli.get_command(root, name)
    assert command is not None
    context = click.Context(command, root, name)
    options = [one for one in command.get_params(context) if isinstance(one, click.Option)]
    return command, [one for one in (one.get_help_record(context) for one in options) if one]


def cells(text: str) -> list[list[str]]:
    """The rows of all tables, cell by cell."""
    rows = re.findall(r"(?m)^\| (.*) \|$", text)
    return [[one.replace(r"\|", "|") for one in re.split(r" (?<!\\)\| ", row)] for row in rows]


@pytest.mark.parametrize("name", cli.list_commands(click.Context(cli)))
def test_command_reference_has_every_command(name: str) -> None:
    """The reference says of each command what its own help says, to the last option."""
    text = topic("commands")
    command, options = asked(name)
    _, _, part = text.partition(
        "\n## One section\n" if name in SECTIONS else f"\n## `ovk-archive {name}"
    )
    part = part.partition("\n## ")[0]
    shared = text.partition("\n## Options that several commands share\n")[2]
    group = "sections" if name in SECTIONS else name
    told = {(one[0], one[1]) for one in cells(part) if len(one) == 2}
    told |= {(one[0], one[2]) for one in cells(shared) if {group, "all"} & set(one[1].split(", "))}
    # Each option has a row here, or is named here and has a row in the table of shared ones.
    here = {one[0] for one in cells(part)} | set(re.findall(r"`--[a-z-]+`", part))

    assert {(f"`{names}`", what) for names, what in options} <= told
    for names, _ in options:
        (long, *_) = re.findall(r"--[a-z-]+", names)
        assert {f"`{names}`", f"`{long}`"} & here or long == "--help", names
    if name not in SECTIONS:
        assert " ".join((command.help or "").split("\n\n")[0].split()) in part
    else:
        assert [f"`ovk-archive {name}`", _read_by(command)] in cells(part)


def _read_by(command: click.Command) -> str:
    return (command.help or "").partition(" into ARCHIVE.")[0].removeprefix("Read ")


def test_command_reference_tells_each_option_once() -> None:
    """What many commands share is described once, so that one can read the reference."""
    text = commands()

    assert len(text.splitlines()) < 320
    assert text.count("\n| `--lookback ") == text.count("\n| `--accept-losses` ") == 1
    assert "\b" not in text


def test_data_model_has_every_table() -> None:
    """The data model names each table, its key, and each column with what it means."""
    text = topic("data-model")
    for table in TABLES:
        assert f"| `{table.name}` | {', '.join(f'`{name}`' for name in table.key)} |" in text
    assert all(f"| `{name}` |" in text for name in MACHINERY)
    for name, columns in described().items():
        part = text.partition(f"\n### `{name}`\n")[2].partition("\n### ")[0]
        told = {one[0].strip("`"): one[2] for one in cells(part)}
        expected = {column: what for column, what in columns.items() if column not in STAMPS}
        assert expected.items() <= told.items() or name in MACHINERY, name
        assert columns.keys() - STAMPS.keys() <= told.keys(), name
    assert all(f"| `{name}` | str | {what} |" in text for name, (_, what) in STAMPS.items())
    assert datamodel.tables() in text
    assert datamodel.columns() in text


def test_generated_parts_are_current() -> None:
    """`cog -r` would change nothing in README and in the topics of the help."""
    files = ["README.md", *(f"ovk_archive/help/{name}.md" for name in topics())]
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "cog --check README.md ovk_archive/help/*.md\n" in (ROOT / ".ci" / "run").read_text()
