"""Cells of rows as people read them; programs get what is stored."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from datasette.utils import tilde_decode
from markupsafe import Markup

from ovk_archive.archive.tables.machinery import MACHINERY
from ovk_archive.browse.looks.addresses import Addresses
from ovk_archive.browse.looks.names import names
from ovk_archive.browse.looks.rendering import brief
from ovk_archive.browse.looks.wording import Wording
from ovk_archive.browse.metadata import MACHINERY_COLUMNS
from ovk_archive.browse.pages.places import has_page, place
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.tables.pictures import WITH_FILES, files
from ovk_archive.browse.tables.references import Target, called, meant
from ovk_archive.resources import TABLES, VIEWS

#: A cell as Datasette hands it to its templates: `column`, `raw`, `value`.
Cell = dict[str, Any]
#: How a column begins to be described that is 1 or 0.
_IF = ("1 if ", "1 while ")
#: Letters of a name beside a number.
_MOST = 60
_NOBODY: Target = ("", ())


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
    shown, counted = list(rows), list(facets)
    told = _about(around, shown, counted, db)
    for row, named in zip(shown, told.rows, strict=True):
        for cell in row:
            _dress_cell(around, cell, told, named)
    for facet in counted:
        for one in facet["results"]:
            _dress_value(around, facet["name"], one, told)


@dataclass(frozen=True, slots=True)
class _About:
    """What the archive says of all that stands in rows and facets.

    Attributes:
        rows: of each row, the columns that name a record.
    """

    rows: list[dict[str, Target]]
    names: dict[Target, str]
    files: dict[str, Markup]


def _about(
    around: Around, rows: list[list[Cell]], facets: list[dict[str, Any]], db: Reading
) -> _About:
    stored = [{cell["column"]: _stored(cell) for cell in row} for row in rows]
    named = [dict(meant(around.table, row)) for row in stored]
    targets = {target for row in named for target in row.values()}
    for facet in facets:
        for one in facet["results"]:
            targets |= {target for _, target in meant("", {facet["name"]: one["value"]})}
    addresses = {
        value
        for row in stored
        for column, value in row.items()
        if (around.table, column) in WITH_FILES and isinstance(value, str)
    }
    found = files(db, around.at, around.words, addresses)
    return _About(named, called(db, targets), found)


def _stored(cell: Cell) -> Any:
    """The value itself; of the link to a row, which has one key, that key."""
    value = cell["raw"]
    if cell["value_type"] != "pk":
        return value
    key = tilde_decode(value)
    return int(key) if re.fullmatch(r"-?\d{1,18}", key) else key


def _dress_cell(around: Around, cell: Cell, told: _About, named: dict[str, Target]) -> None:
    column, value = cell["column"], _stored(cell)
    if (said := _answer(around, column, value)) is not None:
        cell["value"] = said
    elif isinstance(value, str) and value in told.files:
        cell["value"] = told.files[value] + Markup(" ") + cell["value"]
    elif cell["value_type"] == "pk":
        cell["value"] += _behind_key(around, value, told.names.get(named.get(column, _NOBODY)))
    elif not isinstance(cell["value"], Markup) and named.get(column) in told.names:
        # What Datasette has given a name already keeps it.
        cell["value"] = _linked(around, named[column], told, value)


def _behind_key(around: Around, key: Any, name: str | None) -> Markup:
    """Whom a key means, and the way to the page of the record; in this cell no plugin is asked."""
    said = Markup(" <em>{}</em>").format(brief(name, _MOST)) if name else Markup("")
    if not isinstance(key, int) or not has_page(around.table):
        return said
    return said + page_link(around.at, around.table, str(key))


def _linked(around: Around, target: Target, told: _About, value: Any) -> Markup:
    """A record's name that leads to its row, and its number, as Datasette writes both."""
    table, key = target
    name = brief(told.names[target], _MOST) or _kind_of(around, table)
    return Markup('<a href="{}">{}</a>&nbsp;<em>{}</em>').format(
        around.at.row(table, key), name, value
    )


def _kind_of(around: Around, table: str) -> str:
    """What is called nothing is called what it is."""
    return str(names(around.words)["kind_name"](table, table))


def _dress_value(around: Around, column: str, one: dict[str, Any], told: _About) -> None:
    if (said := _answer(around, column, one["value"])) is not None:
        one["label"] = said
    elif one["label"] == one["value"]:
        for _, target in meant("", {column: one["value"]}):
            one["label"] = brief(told.names.get(target, ""), _MOST) or one["label"]


def page_link(at: Addresses, table: str, key: str) -> Markup:
    """The way to the page of a record."""
    return Markup(' <a href="{}" title="The page of this record">→</a>').format(
        place(at, table, key)
    )


_YES_NO = {
    *((table.name, one.name) for table in TABLES for one in table.columns if one.flag),
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
