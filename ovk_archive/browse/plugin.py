"""What Datasette shows of an archive otherwise than other databases: dates, what is searched."""

from datetime import UTC, datetime
from typing import Any

from datasette import hookimpl
from markupsafe import Markup

from ovk_archive.archive.search.query import parse
from ovk_archive.resources import TABLES

_MOMENTS = {
    (table.name, column.name)
    for table in TABLES
    for column in table.columns
    if column.unit and column.unit.startswith("unix time")
}
#: Where the style sheet is served.
STATIC = "ovk-archive"
#: The first second of year 10000: what is later cannot be written as a date.
_END_OF_TIME = 253402300800


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(value: Any, column: str, table: str | None) -> Markup | None:
    """Unix seconds as a date, UTC; the number itself when pointed at."""
    if (table, column) not in _MOMENTS or not isinstance(value, int):
        return None
    if not 0 < value < _END_OF_TIME:
        return None
    words = datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return Markup('<time title="{0} (unix seconds; shown as UTC)">{1}</time>').format(value, words)


@hookimpl  # type: ignore[untyped-decorator]
def extra_css_urls() -> list[str]:
    """Our style sheet, beside Datasette's own."""
    return [f"/{STATIC}/archive.css"]


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: Any) -> None:
    """What is typed into a table's search box is read as `ovk-archive search` reads it.

    Datasette's own `escape_fts`, which is replaced, puts each word into quotation marks: so it
    would find words in one form only.
    """
    conn.create_function("escape_fts", 1, _asked, deterministic=True)


def _asked(typed: Any) -> str:
    """What FTS5 is asked; without a word, a phrase of none, which is nowhere."""
    return parse(str(typed)).match or '""'
