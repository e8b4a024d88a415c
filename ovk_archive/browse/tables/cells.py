"""Cells of rows as people read them; programs get what is stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ovk_archive.archive.tables.machinery import MACHINERY
from ovk_archive.browse.looks.addresses import Addresses
from ovk_archive.browse.looks.wording import Wording
from ovk_archive.browse.metadata import MACHINERY_COLUMNS
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.resources import TABLES, VIEWS
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import Column

#: A cell as Datasette hands it to its templates: `column`, `raw`, `value`.
Cell = dict[str, Any]
#: How a column begins to be described that is 1 or 0.
_IF = ("1 if ", "1 while ")


@dataclass(frozen=True, slots=True)
class Around:
    """Of which table the rows are, and for whom they are shown."""

    at: Addresses
    words: Wording
    table: str


def dress(
    around: Around, rows: Iterable[list[Cell]], facets: Iterable[dict[str, Any]], db: Reading
) -> None:
    """Write into cells, and into the values of facets, what people can read."""
    del db
    for row in rows:
        for cell in row:
            if (said := _answer(around, cell["column"], cell["raw"])) is not None:
                cell["value"] = said
    for facet in facets:
        for one in facet["results"]:
            if (said := _answer(around, facet["name"], one["value"])) is not None:
                one["label"] = said


def _is_yes_no(column: Column) -> bool:
    is_flag = column.read in (values.flag, values.negated) or column.doc.startswith(_IF)
    return column.type is int and is_flag


_YES_NO = {
    *((table.name, one.name) for table in TABLES for one in table.columns if _is_yes_no(one)),
    *((view.name, "reposted") for view in VIEWS),
    *((name, one) for name, (columns, _, _) in MACHINERY.items()
      for one in columns if MACHINERY_COLUMNS[one].startswith(_IF)),
}  # fmt: skip


def _answer(around: Around, column: str, value: Any) -> str | None:
    """Yes or no, where that is what 1 and 0 mean."""
    if (around.table, column) not in _YES_NO or not isinstance(value, int) or value not in (0, 1):
        return None
    _ = around.words.translations.gettext
    return _("yes") if value else _("no")
