"""What an export says of itself for programs: `datapackage.json`, as Frictionless Data Package."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.archive.tables.schema import foreign_keys
from ovk_archive.export.about.facts import Facts
from ovk_archive.export.formats import registry
from ovk_archive.export.formats.spreadsheets import is_time, sheet_name
from ovk_archive.export.rows import Part, Source
from ovk_archive.export.view import Field, View


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one table.

    Attributes:
        paths: its files; none if all of it is told inside others.
        rows: how many rows of it were written, wherever they are told.
    """

    part: Part
    paths: tuple[str, ...]
    rows: int


_PROFILES = "https://datapackage.org/profiles/2.0"
#: How we write CSV.
_DIALECT = {
    "$schema": f"{_PROFILES}/tabledialect.json",
    "lineTerminator": "\r\n",
    "doubleQuote": True,
    "header": True,
}
#: Formats that are bytes, of no encoding.
_BINARY = ("parquet", "xlsx")
#: Format -> what Frictionless calls it, and its media type.
TYPES = {
    "json": ("json", "application/json"),
    "ndjson": ("ndjson", "application/x-ndjson"),
    "csv": ("csv", "text/csv"),
    "excel": ("csv", "text/csv"),
    "parquet": ("parquet", "application/vnd.apache.parquet"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ids": ("txt", "text/plain"),
}


def datapackage(
    source: Source,
    tables: Sequence[Told],
    facts: Facts,
    format_: str,
    how: tuple[str, str],
) -> Any:
    """The description of all files with rows: Data Package 2.0."""
    resources = [
        {
            **_resource(source, told, tables, format_, how),
            **piece,
            **_bytes(facts, piece["path"]),
        }
        for told in tables
        if _is_described(told, format_)
        for piece in (sheets(told) if format_ == "xlsx" else _pieces(told))
    ]
    return {**_cited(facts), "resources": resources}


def _cited(facts: Facts) -> dict[str, Any]:
    """What the whole is."""
    cited = facts.citation
    told = {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": "ovk-archive-export",
        "id": facts.id,
        "title": cited.title,
        "description": facts.as_of.sentence,
        "version": facts.version,
        "created": facts.created,
        "as_of": facts.as_of.to_json(),
        "licenses": [cited.license.to_json()] if cited.license else [],
        "contributors": [one.to_json() for one in cited.authors],
        "sources": [facts.source],
    }
    # A list may be missing, but not empty.
    return {name: value for name, value in told.items() if value != []}


def _bytes(facts: Facts, path: str) -> dict[str, Any]:
    """By which a file is known; of Parquet frictionless counts no bytes, and calls each wrong."""
    if path.endswith(".parquet"):
        return {}
    its = facts.files[path]
    return {"bytes": its["bytes"], "hash": f"sha256:{its['sha256']}"}


def _is_described(told: Told, format_: str) -> bool:
    """It has a file; frictionless refuses files of lines that have none."""
    return bool(told.paths) and (told.rows > 0 or format_ != "ndjson")


def sheets(told: Told) -> Iterator[dict[str, Any]]:
    """Each sheet of a table: its name as Data Package 2 has it, and as frictionless 5 reads it."""
    name = told.part.view.name
    for number, path in enumerate(told.paths, 1):
        sheet = sheet_name(name, number)
        dialect = {"header": True, "sheetName": sheet, "excel": {"sheet": sheet}}
        yield {"name": name if number == 1 else f"{name}-{number}", "path": path} | {
            "dialect": dialect
        }


def _pieces(told: Told) -> Iterator[dict[str, Any]]:
    """Name and path of each file: several are several resources, for Parquet cannot be joined."""
    name = told.part.view.name
    if len(told.paths) == 1:
        yield {"name": name, "path": told.paths[0]}
        return
    for path in told.paths:
        # posts/year=2024/part-0.parquet, or posts/archive=anna/year=2024/part-0.parquet
        *_, year, part = path.removesuffix(".parquet").split("/")
        yield {"name": f"{name}-{year.replace('=', '-')}-{part}", "path": path}


def _resource(
    source: Source,
    told: Told,
    tables: Sequence[Told],
    format_: str,
    how: tuple[str, str],
) -> dict[str, Any]:
    view, (encoding, delimiter) = told.part.view, how
    name, media_type = TYPES[format_]
    tabular = format_ in registry.TABULAR
    resource: dict[str, Any] = {
        **({"type": "table"} if tabular else {}),
        "title": view.table.title,
        "description": view.table.doc,
        "format": name,
        "mediatype": media_type,
    }
    if format_ not in _BINARY:
        resource["encoding"] = encoding
    if format_ in ("csv", "excel"):
        resource["dialect"] = {**_DIALECT, "delimiter": delimiter}
    if tabular:
        parts = [one.part for one in tables if _is_whole(one, format_)]
        whole = parts if _is_whole(told, format_) else []
        resource["schema"] = _schema(source, told.part, whole, format_)
    return resource


def _is_whole(told: Told, format_: str) -> bool:
    """It is one resource, so that references can lead to it."""
    return len(told.paths) == 1 and _is_described(told, format_)


def _schema(source: Source, part: Part, parts: Sequence[Part], format_: str) -> dict[str, Any]:
    view = part.view
    names = {one.name for one in view.fields}
    schema: dict[str, Any] = {
        "$schema": f"{_PROFILES}/tableschema.json",
        "fields": [_field(one, format_) for one in view.fields],
        "missingValues": [""],
    }
    if names.issuperset(view.table.key):
        schema["primaryKey"] = list(view.table.key)
    if keys := list(_foreign_keys(source, part, parts)):
        schema["foreignKeys"] = keys
    return schema


def _field(field: Field, format_: str) -> dict[str, Any]:
    type_ = type_in(field, format_)
    described = {"name": field.name, "type": type_, "description": field.doc}
    if type_ == "datetime" and format_ == "excel":
        described["format"] = "%Y-%m-%d %H:%M:%S"
    if field.unit and type_ != "datetime":
        described["unit"] = field.unit
    if field.kind:
        described["change"] = field.kind.value
    return described


def type_in(field: Field, format_: str) -> str:
    """The type of a column as a format has it."""
    if is_time(field) and format_ in ("parquet", "excel", "xlsx"):
        return "datetime"
    return "boolean" if field.is_flag and format_ == "parquet" else field.type


def _foreign_keys(source: Source, part: Part, parts: Sequence[Part]) -> Iterator[dict[str, Any]]:
    """Declared references that hold in this export: an archive may know of what it lacks."""
    others = {one.view.name: one for one in parts}
    # A transform may have left two tables without common values.
    linked = {field.name for field in part.view.fields if field.references}
    for columns, table, theirs in foreign_keys(part.view.table):
        if isinstance(columns, str) and columns not in linked:
            continue
        here, there = _several(columns), _several(theirs)
        other = others.get(table)
        if other and _has(part.view, here) and _has(other.view, there):
            if not _holds(source, part.asked, here, other.asked, there):
                continue
            reference = {"resource": table, "fields": list(there)}
            yield {"fields": list(here), "reference": reference}


def _holds(
    source: Source, view: View, here: tuple[str, ...], other: View, there: tuple[str, ...]
) -> bool:
    """No row refers to a row that is not exported; half a reference is none."""
    filled = " or ".join(f'row."{name}" is not null' for name in here)
    on = " and ".join(
        f'whole."{theirs}" = row."{ours}"' for ours, theirs in zip(here, there, strict=True)
    )
    dangling = (
        f'select 1 from (select * from "{view.name}" where {view.where}) as row where ({filled}) '
        f'and not exists (select 1 from "{other.name}" as whole where ({other.where}) and {on}) '
        "limit 1"
    )
    return source.snapshot.first(dangling, (*view.values, *other.values)) is None


def _has(view: View, names: tuple[str, ...]) -> bool:
    return {one.name for one in view.fields}.issuperset(names)


def _several(columns: str | tuple[str, ...]) -> tuple[str, ...]:
    return (columns,) if isinstance(columns, str) else tuple(columns)
