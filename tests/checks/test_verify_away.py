"""`verify --server` says what the archive is, whether the instance is there or not."""

import json
from pathlib import Path

from conftest import Cli
from syncing import execute, run
from toy import DemoInstance
from worlds import few_things


def sync_and_go(cli: Cli, path: Path) -> None:
    """Make an archive of an instance that is away afterwards."""
    with DemoInstance(few_things(), "B") as instance:
        assert run(instance, path).exit_code == 0
        cli.log_in(instance)


def test_a_whole_archive_is_called_whole(cli: Cli, archive_path: Path) -> None:
    """The verdict on the archive comes first; that the instance is away ends it with 20."""
    sync_and_go(cli, archive_path)

    said = cli.run("verify", archive_path, "--server")

    lines = said.stderr.splitlines()
    assert said.returncode == 20
    assert [line for line in lines if "The database is whole." in line]
    assert lines[-1].startswith("Error: The instance could not be asked: 127.0.0.1:")
    assert "cannot be reached" in lines[-1]


def test_damage_counts_more(cli: Cli, archive_path: Path) -> None:
    """A damaged archive ends with its own exit code, instance or not."""
    sync_and_go(cli, archive_path)
    execute(archive_path, ["update posts set text = 'forged'"])

    said = cli.run("verify", archive_path, "--server")

    assert said.returncode == 3
    assert "The database is damaged." in said.stderr
    assert "could not be asked" in said.stderr


def test_json_has_both(cli: Cli, archive_path: Path) -> None:
    """The same facts as JSON: what was found here, and why nothing was asked there."""
    sync_and_go(cli, archive_path)

    said = cli.run("verify", archive_path, "--server", "--json")

    facts = json.loads(said.stdout)
    assert (said.returncode, facts["database"]) == (20, [])
    assert facts["consistency"] is not None
    assert "cannot be reached" in facts["server"]["error"]


def test_without_a_token_the_archive_is_looked_at(cli: Cli, archive_path: Path) -> None:
    """Who is not logged in learns that last, with the exit code of a missing token."""
    with DemoInstance(few_things(), "B") as instance:
        run(instance, archive_path)

    said = cli.run("verify", archive_path, "--server")

    assert said.returncode == 11
    assert "The database is whole." in said.stderr
    assert "ovk-archive login" in said.stderr
