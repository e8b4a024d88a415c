"""`ovk-archive help`: topics as plain text, in a pager at a terminal."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Cli
from terminal import at_terminal

from ovk_archive.cli import cli as program
from ovk_archive.cli.words.plain import plain
from ovk_archive.cli.words.topics import topic, topics

#: What is said to Markdown and web pages alone: comments, folded parts, the language of code,
#: and where a link leads.
FOR_PAGES = re.compile(
    r"<!--.*?-->|</?(?:details|summary)>|^```\w*|(?<=\])\((?!\w+://)[^)]+\)|^[|: -]+$",
    re.DOTALL | re.MULTILINE,
)


def test_topics_are_listed(cli: Cli) -> None:
    """Without a topic, each is named with what it is about."""
    said = cli.run("help")

    assert (said.returncode, said.stderr) == (0, "")
    assert len(topics()) > 12
    for name, about in topics().items():
        assert f"{name} {about}" in " ".join(said.stdout.split())


@pytest.mark.parametrize("name", topics())
def test_a_topic_is_plain_text_with_every_word(name: str) -> None:
    """Nothing of a topic is lost, nothing is left of Markdown, and lines are short."""
    lines = plain(topic(name))
    text = "\n".join(lines)
    words = re.findall(r"\w+", FOR_PAGES.sub("", topic(name)))
    prose = [line for line in lines if not line.startswith("    ") and " " in line[8:]]

    assert re.findall(r"\w+", text) == words
    assert re.findall(r"\]\(|<!--|^#|^```|^\||\*\*", text, re.MULTILINE) == []
    assert [line for line in prose if len(line) > 80 and "`" not in line] == []
    assert "\n\n\n" not in text


def test_a_topic_is_shown(cli: Cli) -> None:
    """A topic that is piped is there as a whole, whatever the case and the dashes of its name."""
    said = cli.run("help", "EXIT_codes")

    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines() == plain(topic("exit-codes"))


def test_tables_stand_in_columns() -> None:
    """Short cells are aligned; the last is wrapped in its column, or below if that is narrow."""
    lines = plain("| a | b |\n| --- | --- |\n| one | " + "word " * 20 + "|\n| four \\| | x |\n")
    wide = plain("| a | b | c |\n| --- | --- | --- |\n| " + "w" * 50 + " | m | last |\n")

    assert lines[0] == "a       b"
    assert lines[1].startswith("one     word word")
    assert lines[2].startswith(" " * 8 + "word")
    assert lines[3] == "four |  x"
    assert wide == ["a  b", "    c", "w" * 50 + "  m", "    last"]


def test_a_command_is_a_topic_too(cli: Cli) -> None:
    """`help snapshot` says what `snapshot --help` says; no topic hides a command."""
    said = cli.run("help", "snapshot")
    own = cli.run("snapshot", "--help")

    assert said.returncode == 0
    assert said.stdout == own.stdout
    assert set(topics()).isdisjoint(program.list_commands(None))  # type: ignore[arg-type]


@pytest.mark.parametrize(("word", "meant"), [("backup", "backups"), ("snapshto", "snapshot")])
def test_an_unknown_topic(cli: Cli, word: str, meant: str) -> None:
    """A word that is no topic is a usage error that guesses what was meant."""
    said = cli.run("help", word)

    assert (said.returncode, said.stdout) == (2, "")
    assert f"There is no topic '{word}'. Did you mean {meant}" in said.stderr


def test_a_terminal_has_its_pager(cli: Cli, tmp_path: Path) -> None:
    """At a terminal a topic goes through the pager, and the list of topics does not."""
    pager, paged = tmp_path / "pager", tmp_path / "paged"
    pager.write_text(f"#!/bin/sh\ncat > {paged}\n")
    pager.chmod(0o755)
    cli.environment["PAGER"] = str(pager)
    listed = at_terminal(cli, "help")
    before = paged.exists()
    shown = at_terminal(cli, "help", "backups")

    assert listed[0] == 0
    assert "backups" in listed[1]
    assert not before
    assert shown == (0, "")
    assert paged.read_text(encoding="utf-8").splitlines() == plain(topic("backups"))


def test_help_needs_nothing(cli: Cli, tmp_path: Path) -> None:
    """A topic is shown where there is neither SQLite nor HTTP, and no configuration."""
    code = (
        "import sys\n"
        "for name in ('sqlite3', '_sqlite3', 'sqlite_utils', 'httpx', 'datasette', 'asyncio'):\n"
        "    sys.modules[name] = None\n"
        "sys.argv = ['ovk-archive', 'help', 'trouble']\n"
        "from ovk_archive.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, encoding="utf-8", env=cli.environment, cwd=tmp_path, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == plain(topic("trouble"))
    assert list(tmp_path.iterdir()) == []
