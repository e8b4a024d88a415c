"""What is generated is what the code says now: metadata, command reference, data model."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from ovk_archive.archive.tables.machinery import MACHINERY
from ovk_archive.archive.tables.schema import STAMPS, sql_columns
from ovk_archive.browse import datamodel, metadata
from ovk_archive.cli import cli
from ovk_archive.cli.reference import commands
from ovk_archive.resources import TABLES

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


def test_command_reference_has_every_command() -> None:
    """The reference shows the help of each command, as the command itself does."""
    text = commands()
    for name in cli.commands or cli.list_commands(None):  # type: ignore[arg-type]
        assert f"### `ovk-archive {name}`" in text
    assert "--max-requests" in text
    assert "\b" not in text


def test_data_model_has_every_table() -> None:
    """The data model names each table, its key, and each column."""
    text, columns = datamodel.tables(), datamodel.columns()
    for table in TABLES:
        assert f"| `{table.name}` | {', '.join(f'`{name}`' for name in table.key)} |" in text
        assert all(f"| `{name}` |" in columns for name in table.by_name)
    assert all(f"| `{name}` |" in text for name in MACHINERY)


def test_generated_parts_of_the_readme_are_current() -> None:
    """`cog -r README.md` would change nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", "README.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
