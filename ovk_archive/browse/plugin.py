"""What Datasette shows of an archive otherwise than other databases: dates, what is searched."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from datasette import NotFound, hookimpl
from datasette.utils import tilde_decode
from markupsafe import Markup
from starlette.responses import FileResponse

from ovk_archive.archive.search.query import parse
from ovk_archive.archive.tables.schema import APPLICATION_ID
from ovk_archive.browse.looks import STATIC_FILES
from ovk_archive.browse.pages.answers import COOKIE, Asked, answered
from ovk_archive.browse.showing.parts.reading import Plain
from ovk_archive.resources import TABLES

_MOMENTS = {
    (table.name, column.name)
    for table in TABLES
    for column in table.columns
    if column.unit and column.unit.startswith("unix time")
}
#: Where style sheets and scripts are served.
_STATIC = "/-/ovk-archive"
_TYPES = {".css": "text/css", ".js": "text/javascript"}
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
    return [f"{_STATIC}/archive.css"]


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """Our pages of an archive, and what they look like."""
    return [
        (rf"{_STATIC}/(?P<name>[a-z]+\.(?:css|js))$", _static),
        (r"/(?P<database>[^/]+)/-/(?P<path>.*)$", _page),
    ]


async def _static(request: Any, scope: Any, receive: Any, send: Any) -> None:
    name = request.url_vars["name"]
    if name not in STATIC_FILES:
        raise NotFound(f"There is no {name}")
    file: Path = STATIC_FILES[name]
    headers = {"cache-control": "no-cache", "x-content-type-options": "nosniff"}
    answer = FileResponse(file, headers=headers, media_type=_TYPES[file.suffix])
    await answer(scope, receive, send)


async def _page(datasette: Any, request: Any, scope: Any, receive: Any, send: Any) -> None:
    name = tilde_decode(request.url_vars["database"])
    database = datasette.databases.get(name)
    if database is None or not await database.execute_fn(_is_archive):
        raise NotFound(f"There is no archive {name}")
    query = {key: request.args[key] for key in request.args}
    asked = Asked(
        database=name,
        path=tilde_decode(request.url_vars["path"]),
        query=query,
        accepts=request.headers.get("accept-language", ""),
        cookie=request.cookies.get(COOKIE, ""),
        scope=scope,
    )
    work = partial(_answered, Path(database.path), asked)
    answer = await database.execute_fn(work)
    await answer(scope, receive, send)


def _answered(archive: Path, asked: Asked, connection: Any) -> Any:
    return answered(Plain(connection), archive, asked)


def _is_archive(connection: Any) -> bool:
    return bool(connection.execute("pragma application_id").fetchone()[0] == APPLICATION_ID)


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
