"""Which SQLite will do: what is older is refused before anything is written."""

import re
import sqlite3
from pathlib import Path

import pytest
from conftest import Cli
from sentences import assert_one_sentence
from toy import DemoInstance

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.copies import copy
from ovk_archive.archive.file.needs import OLDEST, check_sqlite
from ovk_archive.archive.opening import Identity
from ovk_archive.errors import StorageError

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
#: Run by Python itself before it runs the program.
_SITE = (
    "import sqlite3\nsqlite3.sqlite_version_info = (3, 30, 1)\nsqlite3.sqlite_version = '3.30.1'\n"
)
_NO_SQLITE = (
    "import sys\n"
    "class Finder:\n"
    "    def find_spec(self, name, path=None, target=None):\n"
    "        if name == '_sqlite3':\n"
    "            raise ModuleNotFoundError(\"No module named '_sqlite3'\", name=name)\n"
    "sys.meta_path.insert(0, Finder())\n"
    # What measures coverage has begun before, and has it.
    "for name in [name for name in sys.modules if name.split('.')[0] in ('sqlite3', '_sqlite3')]:\n"
    "    del sys.modules[name]\n"
)


def change_python(cli: Cli, folder: Path, code: str) -> None:
    """Let the Python of a command be another."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(code)
    cli.environment["PYTHONPATH"] = f"{folder}:{cli.environment.get('PYTHONPATH', '')}"


def test_an_older_one_is_refused_at_once(
    user: Cli, toy: DemoInstance, archive_path: Path, tmp_path: Path
) -> None:
    """The sentence says which is needed and which is here; nothing was asked or written."""
    change_python(user, tmp_path / "site", _SITE)
    for command in ("sync", "status", "media", "browse"):
        said = user.run(command, archive_path)
        assert_one_sentence(said, 30, "needs SQLite 3.31 or newer", "(3.30.1)")
    assert toy.raw == []
    assert not list(tmp_path.glob("*archive.db*"))


def test_none_at_all(user: Cli, archive_path: Path, tmp_path: Path) -> None:
    """A Python that was built without SQLite, as pyenv builds it on a bare machine, is told of."""
    change_python(user, tmp_path / "site", _NO_SQLITE)
    assert_one_sentence(user.run("sync", archive_path), 30, "Python", "without SQLite")
    assert_one_sentence(user.run("status", archive_path), 30, "Python", "without SQLite")
    assert user.run("--help").returncode == 0


def test_no_library_call_goes_past_it(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Archives are neither opened, read nor copied with it."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 30, 1))
    new = tmp_path / "archive.db"
    for call in (
        lambda: Archive.open(new, Identity("toy", 1, "http://toy")),
        lambda: Archive.read(made),
        lambda: copy(made, new),
    ):
        with pytest.raises(StorageError, match=r"3\.31"):
            call()
    assert not list(tmp_path.iterdir())


def test_one_without_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON is a part of SQLite that older ones can be built without."""

    class WithoutJson:
        def execute(self, _: str) -> None:
            raise sqlite3.OperationalError("no such function: json_array")

        def close(self) -> None:
            pass

    monkeypatch.setattr(sqlite3, "connect", lambda _: WithoutJson())
    with pytest.raises(StorageError, match="without JSON"):
        check_sqlite()


def test_the_readme_says_which() -> None:
    """README names the version that the program asks for."""
    assert f"SQLite {'.'.join(map(str, OLDEST))} or later" in README


def test_nothing_newer_is_said_in_sql() -> None:
    """Words that SQLite learnt later are in none of our modules."""
    later = re.compile(r"\biif\(|\bunixepoch\(|->>|\bstring_agg\(|\bjsonb_|\breturning (id|\*)")
    for module in sorted((Path(__file__).parents[2] / "ovk_archive").rglob("*.py")):
        assert not later.search(module.read_text(encoding="utf-8")), module
