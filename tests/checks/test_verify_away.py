"""`verify --server` says what the archive is, whether the instance is there or not."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import Cli
from syncing import execute, run
from toy import DemoInstance
from worlds import few_things

Said = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Said]:
    """What `verify --server` says of archives of an instance that is away.

    It tries for long: so all of them are looked at in the same time.
    """
    folder = tmp_path_factory.mktemp("away")
    outside = {name: one for name, one in os.environ.items() if not name.startswith("OVK_")}
    here = {"OVK_CONFIG_DIR": str(folder / "config"), "NO_PROXY": "*"}
    cli = Cli(folder, {**outside, **here})
    with DemoInstance(few_things(), "B") as instance:
        assert run(instance, folder / "whole.db").exit_code == 0
        cli.log_in(instance)
    for name in ("damaged", "json"):
        (folder / f"{name}.db").write_bytes((folder / "whole.db").read_bytes())
    execute(folder / "damaged.db", ["update posts set text = 'forged'"])
    asked = {"whole": (), "damaged": (), "json": ("--json",)}
    running = {
        name: cli.start("verify", folder / f"{name}.db", "--server", *more)
        for name, more in asked.items()
    }
    done: dict[str, Said] = {}
    for name, child in running.items():
        out, err = child.communicate(timeout=180)
        done[name] = subprocess.CompletedProcess(name, child.returncode, out, err)
    return done


def test_a_whole_archive_is_called_whole(said: dict[str, Said]) -> None:
    """The verdict on the archive comes first; that the instance is away ends it with 20."""
    lines = said["whole"].stderr.splitlines()
    assert said["whole"].returncode == 20
    assert [line for line in lines if "The database is whole." in line]
    assert lines[-1].startswith("Error: The instance could not be asked: 127.0.0.1:")
    assert "cannot be reached" in lines[-1]


def test_damage_counts_more(said: dict[str, Said]) -> None:
    """A damaged archive ends with its own exit code, instance or not."""
    assert said["damaged"].returncode == 3
    assert "The database is damaged." in said["damaged"].stderr
    assert "could not be asked" in said["damaged"].stderr


def test_json_has_both(said: dict[str, Said]) -> None:
    """The same facts as JSON: what was found here, and why nothing was asked there."""
    facts = json.loads(said["json"].stdout)
    assert (said["json"].returncode, facts["database"]) == (20, [])
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
