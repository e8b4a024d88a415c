"""Templates, style sheet and script agree with one another."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from ovk_archive.browse import looks

HOME = Path(looks.__file__).parent
TEMPLATES = {path.stem: path.read_text("utf-8") for path in HOME.glob("templates/*.html")}
SHEET = (HOME / "static" / "pages.css").read_text("utf-8")


def blocks(name: str) -> set[str]:
    """The blocks of a template."""
    parsed = Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).parse(TEMPLATES[name])
    return {one.name for one in parsed.find_all(nodes.Block)}


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_block_has_its_place(name: str) -> None:
    """What a template fills is somewhere in the page around it; else nobody would see it."""
    assert blocks(name) <= blocks("page")


def test_styles_are_for_what_there_is() -> None:
    """Each class that the style sheet knows is given to something in a template."""
    selectors = re.sub(r"/\*.*?\*/|\{[^{}]*\}", "", SHEET, flags=re.DOTALL)
    known = set(re.findall(r"\.([a-z][\w-]*)", selectors))
    given = " ".join(re.findall(r'class="(.*?)"[ >{]', "".join(TEMPLATES.values())))
    # How many pictures there are is a number.
    given = given.replace("of{{ [known|length, 3]|min }}", "of1 of2 of3")
    assert known - set(re.findall(r"[\w-]+", given)) == set()


def test_many_pictures_have_a_wide_page() -> None:
    """Photos and albums are wider than what is read; the style sheet says how wide."""
    assert {name for name in TEMPLATES if "wide" in blocks(name)} == {"page", "photos", "album"}
    assert re.search(r"\.wide \{ max-width: 64rem; \}", SHEET)
