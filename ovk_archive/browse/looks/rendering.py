"""Pages out of templates: whatever comes from an archive is escaped."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ovk_archive.browse.looks.addresses import Addresses
from ovk_archive.browse.looks.wording import Wording, languages, wording

_HERE = Path(__file__).parent
#: Characters that are nowhere to be seen: shown as what they are.
_UNSEEN = {code: f"\\x{code:02x}" for code in (*range(9), 11, 12, *range(14, 32), 127)}


@dataclass(frozen=True, slots=True)
class Frame:
    """What is around every page.

    Attributes:
        path: where this page is, without what is asked of it.
        menu: kinds that the archive has something of: name -> address.
        title: whose archive it is.
    """

    at: Addresses
    language: str
    path: str
    menu: dict[str, str]
    title: str


def render(template: str, frame: Frame, **told: Any) -> str:
    """A page as HTML."""
    words = wording(frame.language)
    page = _environment(frame.language).get_template(f"{template}.html")
    others = [wording(one) for one in languages() if one != frame.language]
    return page.render(frame=frame, at=frame.at, words=words, others=others, **told)


def piece(template: str, at: Addresses, language: str, **told: Any) -> Markup:
    """A part of a page that somebody else makes."""
    part = _environment(language).get_template(f"{template}.html")
    return Markup(part.render(at=at, words=wording(language), **told))  # noqa: S704 - escaped there


def shown(text: str) -> str:
    """A text whose control characters are shown, and obeyed by nobody."""
    return text.translate(_UNSEEN)


def brief(text: object, most: int = 300) -> str:
    """The same of a title, or how it begins: in one line, however long it is."""
    line = "" if text is None else " ".join(str(text)[: most * 2].split())
    return shown(line if len(line) <= most else f"{line[:most]}…")


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    said: Wording = wording(language)
    install = environment.install_gettext_translations  # type: ignore[attr-defined]
    install(said.translations, newstyle=True)
    environment.filters |= {"shown": shown, "brief": brief}
    return environment
