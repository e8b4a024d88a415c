"""What is built and installed has everything that it needs at a place without the repository."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import Cli

from ovk_archive.cli.words.topics import topics

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    done = subprocess.run(
        [*build, "--wheel-dir", folder, ROOT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_topics_are_shipped(wheel: Path) -> None:
    """Every topic of the help is in the wheel, as it is here."""
    here = {path.name: path.read_bytes() for path in (ROOT / "ovk_archive" / "help").glob("*.md")}
    with zipfile.ZipFile(wheel) as content:
        names = [name for name in content.namelist() if name.startswith("ovk_archive/help/")]
        shipped = {Path(name).name: content.read(name) for name in names}

    assert shipped == here
    assert len(here) > 10


def test_what_pages_need_is_shipped(wheel: Path) -> None:
    """Templates, style sheets, scripts and languages are in the wheel, and Datasette finds them."""
    looks = ROOT / "ovk_archive" / "browse" / "looks"
    here = {path.relative_to(ROOT).as_posix() for path in looks.rglob("*.*")
            if path.suffix in (".html", ".css", ".js", ".po")}  # fmt: skip
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
        (points,) = (name for name in names if name.endswith("entry_points.txt"))
        assert b"[datasette]\novk_archive = ovk_archive.browse.plugin" in content.read(points)

    assert len(here) > 25
    assert here <= set(names)


def test_what_is_shipped_helps(wheel: Path, cli: Cli, tmp_path: Path) -> None:
    """The program out of the wheel lists its topics and shows one, wherever it stands."""
    with zipfile.ZipFile(wheel) as content:
        content.extractall(tmp_path / "site")
    cli.environment["PYTHONPATH"] = str(tmp_path / "site")
    listed = cli.run("help", cwd=tmp_path)
    shown = cli.run("help", "backups", cwd=tmp_path)

    assert (listed.returncode, listed.stderr) == (0, "")
    assert all(f"\n{name} " in f"\n{listed.stdout}" for name in topics())
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "ovk-archive snapshot archive.db /backup/archive.db" in shown.stdout
