"""What contributors read is so: facts about the API that comments cite, rooms, the drawing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ovk_archive"
GUIDE = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
FACTS = PACKAGE / "help" / "openvk-api.md"
SOURCES = sorted(
    path
    for folder, kind in (("ovk_archive", "*.py"), ("tests", "*.py"), (".github", "*.md"))
    for path in (ROOT / folder).rglob(kind)
    if path != Path(__file__)
)
CITING = [path for path in SOURCES if path.suffix == ".py"]


def unwrapped(path: Path) -> str:
    """A file's text with each docstring and comment in one line."""
    return re.sub(r"\s*\n\s*(#:? )?", " ", path.read_text(encoding="utf-8"))


def cited(text: str) -> Iterator[str]:
    """Each section of the facts that a text cites; nothing where it cites none of them.

    The bare word in quotation marks is the topic's name, and cites nothing.
    """
    for found in re.finditer(r"(?!openvk-api\")openvk-api(\.md, (?P<titles>[^.,:()\"]+))?", text):
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
    citations = {(path, one) for path in CITING for one in cited(unwrapped(path))}

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


def drawing() -> list[str]:
    """The lines of CONTRIBUTING's drawing."""
    (block,) = re.findall(r"(?ms)^```mermaid\nflowchart TD\n(.*?)^```$", GUIDE)
    return [line.strip() for line in str(block).splitlines() if line.strip()]


def modules() -> dict[str, str]:
    """Node of the drawing -> the module's path below the package; "" is no module."""
    found = (re.fullmatch(r'(\w+)[\[(]{1,2}"([^"]+)"[\])]{1,2}', line) for line in drawing())
    return {one[1]: one[2] if one[2].endswith(".py") else "" for one in found if one}


def arrows() -> list[tuple[str, str, str]]:
    """From where, in which manner and to where the drawing's arrows lead."""
    found = (re.fullmatch(r'(\w+) (-->|==>)\|"[^"]+"\| (\w+)', line) for line in drawing())
    return [(one[1], one[2], one[3]) for one in found if one]


def named_in_imports(module: str) -> set[str]:
    """Dotted names that a module imports, below the package."""
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    names = {f"{node.module}.{one.name}" for node in imports for one in node.names}
    names |= {str(node.module) for node in imports}
    return {name.removeprefix("ovk_archive.") for name in names if name.startswith("ovk_archive.")}


def imported(module: str) -> set[str]:
    """Paths of the modules that a module imports, itself or through the face of their room."""
    paths = {name.replace(".", "/") for name in named_in_imports(module)}
    faces = [f"{one}/__init__.py" for one in paths if (PACKAGE / one / "__init__.py").exists()]
    shown = {name.replace(".", "/") for face in faces for name in named_in_imports(face)}
    return {f"{one}.py" for one in paths | shown}


def test_rooms_of_the_guide_are_there() -> None:
    """The table names no room and no module that the package does not have."""
    rows = re.findall(r"(?m)^\| `([\w/]+(?:/|\.py))` \|", GUIDE)

    assert [one for one in rows if not (PACKAGE / one).exists()] == []
    assert len(rows) == len(set(rows)) > 20


def test_paths_of_the_guide_are_there() -> None:
    """Each path that the guide names is in the repository, but for the module it adds itself."""
    paths = set(re.findall(r"`((?:tests|ovk_archive|\.ci|\.github)/[\w./-]+)`", GUIDE))

    added = "ovk_archive/resources/acquaintances.py"
    assert {one for one in paths if not (ROOT / one).exists()} == {added}
    assert len(paths) > 5


def test_drawing_is_read_whole() -> None:
    """Each line of the drawing is a thing or an arrow between two things."""
    ends = {end for start, _, stop in arrows() for end in (start, stop)}

    assert len(drawing()) == len(modules()) + len(arrows())
    assert ends == set(modules())


def test_modules_of_the_drawing_are_there() -> None:
    """Each module in the drawing is in the package."""
    missing = [one for one in modules().values() if one and not (PACKAGE / one).exists()]

    assert missing == []
    assert sum(map(bool, modules().values())) > 8


@pytest.mark.parametrize(
    "arrow", [one for one in arrows() if modules()[one[0]] and modules()[one[2]]], ids=" ".join
)
def test_arrows_follow_imports(arrow: tuple[str, str, str]) -> None:
    """Who gets something back imports its giver; who hands something on imports its receiver."""
    start, manner, stop = arrow
    giver, receiver = modules()[start], modules()[stop]

    if manner == "-->":
        assert giver in imported(receiver)
    else:
        assert receiver in imported(giver)


def test_the_way_leads_from_the_instance_to_the_file() -> None:
    """Whoever follows the arrows from the instance comes to the archive's file."""
    reached = {"instance"}
    for _ in arrows():
        reached |= {stop for start, _, stop in arrows() if start in reached}

    assert "file" in reached


def test_named_modules_are_there() -> None:
    """Each module that a document or a docstring names by its file is in the repository."""
    ours = [*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    paths = {f"/{path.relative_to(ROOT).as_posix()}" for path in ours}
    named = {
        (path.name, name)
        for path in SOURCES
        if ROOT / "tests" not in path.parents
        for name in re.findall(r"(?<![\w/*{}])[\w/]*\w\.py\b", unwrapped(path))
    }
    missing = {one for one in named if not any(path.endswith(f"/{one[1]}") for path in paths)}

    # The worked example tells how to write this one.
    assert missing == {("CONTRIBUTING.md", "ovk_archive/resources/acquaintances.py")}
