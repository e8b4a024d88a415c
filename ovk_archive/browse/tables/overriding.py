"""Our templates around Datasette's own, for the pages of archives; other databases keep theirs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from datasette.utils import to_css_class
from jinja2 import BaseLoader, ChoiceLoader, Environment, TemplateNotFound

from ovk_archive.browse.ours import is_ours

_FOLDER = Path(__file__).with_name("templates")
#: Kinds of pages that have a template of ours.
_KINDS = ("database", "table", "row", "query")


class _Loader(BaseLoader):
    """Finds a template of ours under the names that Datasette looks for first (`table-x-posts`).

    Two names can look alike as a part of a file's name: the templates themselves ask again whether
    the database is an archive.
    """

    def __init__(self, datasette: Any) -> None:
        self._datasette = datasette

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """The template of a kind of page."""
        del environment
        kind, _, rest = template.removesuffix(".html").partition("-")
        if kind not in _KINDS or not self._is_of_ours(rest):
            raise TemplateNotFound(template)
        path = _FOLDER / f"{kind}.html"
        return path.read_text(encoding="utf-8"), str(path), lambda: True

    def list_templates(self) -> list[str]:
        """None that could be a page of its own."""
        return []

    def _is_of_ours(self, rest: str) -> bool:
        names = [name for name in self._datasette.databases if is_ours(self._datasette, name)]
        return any(f"{rest}-".startswith(f"{to_css_class(name)}-") for name in names)


def add_templates(environment: Any, datasette: Any) -> None:
    """Let Datasette find our templates, behind those of whoever runs it."""
    # That of a kind (`table.html`) is the next one it looks for.
    environment.loader = ChoiceLoader([environment.loader, _Loader(datasette)])
