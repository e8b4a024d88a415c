"""What we do with every method of the API, as Markdown, for the help."""

from collections.abc import Iterator
from itertools import groupby

from ovk_archive.api.methods import METHODS, Method
from ovk_archive.resources.uses import what_we_do

_GENERATIONS = {"AB": "[A] [B]", "A": "[A]", "B": "[B]", "": "neither"}


def methods() -> str:
    """A table for each section."""
    return "\n".join(_section(name, list(own)) for name, own in groupby(METHODS, _section_of))


def _section_of(method: Method) -> str:
    return method.section


def _section(name: str, own: list[Method]) -> str:
    return "\n".join([f"**{name}**", "", *_lines(own)]) + "\n"


def _lines(own: list[Method]) -> Iterator[str]:
    yield "| method | generations | what we do |"
    yield "| --- | --- | --- |"
    for method in own:
        words = "; ".join(filter(None, (what_we_do(method), method.note)))
        yield f"| `{method.name}` | {_GENERATIONS[method.generations]} | {words} |"
