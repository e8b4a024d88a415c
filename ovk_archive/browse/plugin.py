"""Our plugin for Datasette: pages of an archive, and tables that are easier to read.

It shows itself for archives only; other databases in the same Datasette are left alone.
"""

from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from datasette import NotFound, hookimpl
from datasette.utils import tilde_decode
from markupsafe import Markup
from starlette.responses import FileResponse

from ovk_archive.archive.search.query import parse
from ovk_archive.browse import metadata
from ovk_archive.browse.looks import STATIC_FILES
from ovk_archive.browse.looks.addresses import Addresses
from ovk_archive.browse.ours import is_ours
from ovk_archive.browse.pages.answers import COOKIE, Asked, answered
from ovk_archive.browse.pages.places import has_page
from ovk_archive.browse.questions import questions
from ovk_archive.browse.showing.parts.reading import Plain
from ovk_archive.browse.tables.cells import page_link
from ovk_archive.browse.tables.counting import Words
from ovk_archive.browse.tables.overriding import add_templates
from ovk_archive.browse.tables.told import Told
from ovk_archive.resources import TABLES

_MOMENTS = {
    (table.name, column.name)
    for table in TABLES
    for column in table.columns
    if column.unit and column.unit.startswith("unix time")
}
#: Table -> the columns of its key, where its records have pages of their own.
_KEYS = {table.name: table.key for table in TABLES if has_page(table.name)}
#: Where style sheets and scripts are served.
_STATIC = "/-/ovk-archive"
_TYPES = {".css": "text/css", ".js": "text/javascript"}
#: The first second of year 10000: what is later cannot be written as a date.
_END_OF_TIME = 253402300800


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(  # noqa: PLR0917 - these are Datasette's names
    row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any
) -> Markup | None:
    """Unix seconds as a date, UTC; behind the key of a record a link to its page."""
    if table is None or not is_ours(datasette, database):
        return None
    if (table, column) in _MOMENTS:
        return _moment(value)
    if table in _KEYS and column == _KEYS[table][-1]:
        return _with_page(Addresses(database), table, row, value)
    return None


def _moment(value: Any) -> Markup | None:
    if not isinstance(value, int) or not 0 < value < _END_OF_TIME:
        return None
    words = datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return Markup('<time title="{0} (unix seconds; shown as UTC)">{1}</time>').format(value, words)


def _with_page(at: Addresses, table: str, row: Any, value: Any) -> Markup | None:
    try:
        key = "_".join(str(_stored(row[name])) for name in _KEYS[table])
    except (KeyError, IndexError):
        # Not all columns are shown.
        return None
    return Markup("{}{}").format(value, page_link(at, table, key))


def _stored(value: Any) -> Any:
    """What is stored, where Datasette has put a name beside it."""
    return value["value"] if isinstance(value, dict) else value


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    """Our templates around Datasette's."""
    add_templates(env, datasette)


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(
    database: str | None, table: str | None, request: Any, datasette: Any
) -> dict[str, Any]:
    """What our templates ask: `ovk`; for pages of other databases there is none."""
    if database is None or request is None or not is_ours(datasette, database):
        return {}
    asked = _asked_for(request, database, "")
    return {"ovk": Told(datasette.databases[database], table, asked.language)}


@hookimpl  # type: ignore[untyped-decorator]
def extra_css_urls(database: str | None, datasette: Any) -> list[str]:
    """Our style sheet for tables, beside Datasette's own."""
    return [f"{_STATIC}/archive.css"] if is_ours(datasette, database) else []


@hookimpl  # type: ignore[untyped-decorator]
def get_metadata(datasette: Any) -> dict[str, Any]:
    """What tables and columns mean."""
    ours = [name for name in datasette.databases if is_ours(datasette, name)]
    return {"databases": {name: _described(name) for name in ours}}


@cache
def _described(database: str) -> dict[str, Any]:
    found: dict[str, Any] = metadata.shipped(database)["databases"][database]
    return found


@hookimpl  # type: ignore[untyped-decorator]
def canned_queries(datasette: Any, database: str) -> dict[str, dict[str, Any]]:
    """What people ask of an archive."""
    return questions() if is_ours(datasette, database) else {}


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: Any, database: str, datasette: Any) -> None:
    """What is typed into a table's search box is read as `ovk-archive search` reads it.

    Datasette's own `escape_fts`, which is replaced, puts each word into quotation marks: so it
    would find words in one form only.
    """
    if is_ours(datasette, database):
        conn.create_function("escape_fts", 1, _asked, deterministic=True)
        conn.create_aggregate("ovk_words", 1, Words)


def _asked(typed: Any) -> str:
    """What FTS5 is asked; without a word, a phrase of none, which is nowhere."""
    return parse(str(typed)).match or '""'


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
    if not is_ours(datasette, name):
        raise NotFound(f"There is no archive {name}")
    database = datasette.databases[name]
    asked = _asked_for(request, name, tilde_decode(request.url_vars["path"]))
    answer = await database.execute_fn(partial(_answered, Path(database.path), asked))
    await answer(scope, receive, send)


def _asked_for(request: Any, database: str, path: str) -> Asked:
    return Asked(
        database=database,
        path=path,
        query={key: request.args[key] for key in request.args},
        accepts=request.headers.get("accept-language", ""),
        cookie=request.cookies.get(COOKIE, ""),
        scope=request.scope,
    )


def _answered(archive: Path, asked: Asked, connection: Any) -> Any:
    return answered(Plain(connection), archive, asked)
