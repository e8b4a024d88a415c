"""What contributors read is so: facts about the API that comments cite, rooms, the drawing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FACTS = ROOT / "ovk_archive" / "help" / "openvk-api.md"
SOURCES = sorted(
    path
    for folder, kind in (("ovk_archive", "*.py"), ("tests", "*.py"), (".github", "*.md"))
    for path in (ROOT / folder).rglob(kind)
    if path != Path(__file__)
)


def unwrapped(path: Path) -> str:
    """A file's text with each docstring and comment in one line."""
    return re.sub(r"\s*\n\s*(#:? )?", " ", path.read_text(encoding="utf-8"))


def cited(text: str) -> Iterator[str]:
    """Each section of the facts that a text cites; nothing where it cites none of them."""
    for found in re.finditer(r"openvk-api(\.md, (?P<titles>[^.,:()\"]+))?", text):
        yield from (found["titles"] or "").strip().split("; ")


def test_facts_begin_as_every_topic_does() -> None:
    """A heading, then a paragraph of one line: `help` lists the topic with it."""
    heading, about, *_ = FACTS.read_text(encoding="utf-8").split("\n\n")

    assert re.fullmatch("# .+", heading)
    assert re.fullmatch(r"[A-Z].+\.", about)


def test_sections_of_the_facts_are_numbered() -> None:
    """The sections count from 1 without a gap, and each title is there once."""
    found = re.findall(r"(?m)^## (\d+)\. (.+)$", FACTS.read_text(encoding="utf-8"))

    assert [int(number) for number, _ in found] == list(range(1, len(found) + 1))
    assert len({title for _, title in found}) == len(found) > 20


def test_cited_sections_are_there() -> None:
    """Whoever cites the facts names a section by its title, and the page has that section."""
    titles = set(re.findall(r"(?m)^## \d+\. (.+)$", FACTS.read_text(encoding="utf-8")))
    citations = {(path, one) for path in SOURCES for one in cited(unwrapped(path))}

    assert {(path, one) for path, one in citations if one not in titles} == set()
    assert len(citations) > 50


@pytest.mark.parametrize("folder", ["ovk_archive", "tests"])
def test_nothing_is_cited_by_number(folder: str) -> None:
    """Numbers of sections change when one is added, so no comment uses them."""
    numbered = {
        path: found
        for path in SOURCES
        if ROOT / folder in path.parents
        and (found := re.findall(r"\b(?:[Ff]act|[Ss]ection)s? \d+", unwrapped(path)))
    }

    assert numbered == {}
