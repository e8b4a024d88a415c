"""An archive or a folder that others of this computer may read is told of."""

import os
import shlex
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from conftest import Cli
from toy import DemoInstance
from worlds import LISTS, made

from ovk_archive.archive.file.location import folder_of
from ovk_archive.archive.file.onlookers import onlookers

WORDS = "is open to other users of this computer"


@pytest.fixture
def wide(made: Path, archive_path: Path) -> Path:
    """An archive with a folder, both as a program of old may have made them."""
    shutil.copyfile(made, archive_path)
    folder_of(archive_path).mkdir()
    archive_path.chmod(0o644)
    folder_of(archive_path).chmod(0o755)
    return archive_path


@pytest.mark.parametrize("command", ["status", "media"])
def test_wide_modes_are_told(cli: Cli, wide: Path, command: str) -> None:
    """Which path, its mode, and the command that mends it; then there is nothing to tell."""
    done = cli.run(command, wide)
    told = [line for line in done.stderr.splitlines() if WORDS in line]
    assert [line.partition(" ")[0] for line in told] == [str(wide), str(folder_of(wide))]
    assert ["(mode 644)" in told[0], "(mode 755)" in told[1]] == [True, True]
    for line in told:
        subprocess.run(shlex.split(line.split("`")[1]), check=True)
    assert WORDS not in cli.run(command, wide).stderr
    assert [stat.S_IMODE(one.stat().st_mode) for one in (wide, folder_of(wide))] == [0o600, 0o700]


def test_a_sync_tells_it_too(tmp_path: Path, cli: Cli, wide: Path) -> None:
    """It is told before anything is read, and not to who wants quiet."""
    with DemoInstance(made(1, dict.fromkeys(LISTS, 0), dialogs=0), "B") as instance:
        cli.log_in(instance)
        told = cli.run("sync", wide, "wall").stderr
        quiet = cli.run("sync", wide, "wall", "--quiet").stderr
        new = cli.run("sync", tmp_path / "new.db", "wall").stderr
    assert WORDS in told.splitlines()[0]
    assert WORDS not in quiet + new


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o602, 0o610])
def test_any_bit_counts(wide: Path, mode: int) -> None:
    """Group or others, to read, to write or to enter."""
    wide.chmod(mode)
    assert f"(mode {mode:o})" in next(onlookers(wide))


def test_a_link_is_followed(wide: Path, tmp_path: Path) -> None:
    """What counts is the file that a link leads to, and what lies beside that."""
    link = tmp_path / "link to it.db"
    link.symlink_to(wide)
    assert list(onlookers(link)) == list(onlookers(wide))


@pytest.mark.parametrize(
    ("kind", "lines"),
    [("ext4", 2), ("tmpfs", 2), ("vfat", 0), ("cifs", 0), ("fuse.gvfsd-fuse", 0), ("fuseblk", 0)],
)
def test_what_has_no_modes_is_not_told_of(
    wide: Path, tmp_path: Path, kind: str, lines: int
) -> None:
    """A file system that shows one mode for all, which nobody can change, is left alone."""
    device = wide.stat().st_dev
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 999:1 / / rw - vfat /dev/x rw\n"
        f"23 1 {os.major(device)}:{os.minor(device)} / /a\\040b rw,x shared:1 - {kind} /dev/y rw\n"
    )
    assert len(list(onlookers(wide, mounts))) == lines
    # Where no such list is to be had, modes are believed.
    assert len(list(onlookers(wide, tmp_path / "none"))) == 2
