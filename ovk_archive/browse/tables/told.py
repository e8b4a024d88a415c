"""What our templates of Datasette's pages are told, and what they can ask for."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from ovk_archive.browse.looks.addresses import Addresses
from ovk_archive.browse.looks.rendering import piece
from ovk_archive.browse.looks.wording import wording
from ovk_archive.browse.showing.parts.reading import Plain
from ovk_archive.browse.tables.cells import Around, dress
from ovk_archive.browse.tables.plots import plot
from ovk_archive.browse.tables.sections import Line, grouped


class Told:
    """One page of an archive, in the language of who asks."""

    def __init__(self, database: Any, table: str | None, language: str) -> None:
        self._database = database
        self._around = Around(Addresses(database.name), wording(language), table or "")

    async def dress(self, rows: Iterable[Any] | None, facets: Iterable[Any] = ()) -> str:
        """Put into the cells of rows, and into facets, what people can read; in their place."""
        cells = [list(row) for row in rows or ()]
        dressed = partial(dress, self._around, cells, list(facets))
        await self._database.execute_fn(lambda connection: dressed(Plain(connection)))
        return ""

    def said(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """What is told of a table or a question, in the reader's language."""
        _ = self._around.words.translations.gettext
        told = {name: about.get(name) for name in ("title", "description")}
        return {**about, **{name: _(str(text)) for name, text in told.items() if text}}

    def way(self) -> Markup:
        """The way to the pages, and the box that searches them."""
        return self._piece("way")

    def contents(
        self,
        tables: Iterable[Mapping[str, Any]],
        views: Iterable[Mapping[str, Any]],
        queries: Iterable[Mapping[str, Any]],
    ) -> Markup:
        """All there is to see: questions, then tables by section, machinery apart."""
        words = self._around.words
        groups, machinery = grouped(words, tables, views)
        asked = [self._question(query) for query in queries]
        return self._piece("contents", groups=groups, machinery=machinery, questions=asked)

    def plot(self, question: str, columns: Sequence[str], rows: Iterable[Any]) -> Markup:
        """The answer of a question, drawn; nothing where that would say nothing."""
        drawn = plot(self._around.words, question, columns, rows)
        return self._piece("plot", plot=drawn) if drawn else Markup("")

    def _question(self, query: Mapping[str, Any]) -> Line:
        said = self.said(query)
        name = query["name"]
        return Line(name, said.get("title") or name, said.get("description") or "")

    def _piece(self, template: str, **told: Any) -> Markup:
        around = self._around
        return piece(template, around.at, around.words.language, **told)
