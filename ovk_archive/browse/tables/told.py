"""What our templates of Datasette's pages are told, and what they can ask for."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from ovk_archive.browse.looks.addresses import Addresses
from ovk_archive.browse.looks.wording import wording
from ovk_archive.browse.showing.parts.reading import Plain
from ovk_archive.browse.tables.cells import Around, dress


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
