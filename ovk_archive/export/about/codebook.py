"""What an export says of itself for people: `CODEBOOK.md`, with every table and column."""

from collections.abc import Iterator, Sequence

from ovk_archive.export.about.facts import Facts
from ovk_archive.export.about.package import Told, type_in
from ovk_archive.export.formats.json_nesting import inner_of
from ovk_archive.export.view import Field
from ovk_archive.resources.vocabulary.columns import Kind

_KINDS = {
    None: "noted by the archive",
    Kind.PLAIN: "content",
    Kind.ADDRESS: "content",
    Kind.VOLATILE: "counter or status",
    Kind.VIEWER: "depends on who asks",
}
_INTRODUCTION = """\
# Codebook

Every table of this export, and what its columns mean.
`MANIFEST.json` says where the data comes from, what is lacking, and which hash each file has;
`datapackage.json` says the same as this file to programs (Data Package 2.0), and
`ro-crate-metadata.json` says to archives of research what the whole is (RO-Crate 1.2).

What a change of a column means:
*content* is what somebody wrote or set, and its former states are kept in the archive;
a *counter or status* is as it was when last read;
what *depends on who asks* is as the archive's account saw it;
the rest is *noted by the archive* itself.

Unix times are seconds since 1970-01-01 00:00 UTC; other moments are ISO 8601 in UTC.
Owners and authors are positive for people and negative for groups; ids in columns that speak only
of groups are positive.
"""


def codebook(tables: Sequence[Told], facts: Facts, limits: Sequence[str], format_: str) -> str:
    """The whole text."""
    return "\n".join([_INTRODUCTION, *_cited(facts), *_limits(limits), *_tables(tables, format_)])


def _cited(facts: Facts) -> Iterator[str]:
    """What is cited, and as of when it holds."""
    cited = facts.citation
    authors = ", ".join(one.name for one in cited.authors)
    yield f"## {'. '.join(filter(None, (authors, cited.title)))}\n"
    yield f"{facts.as_of.sentence}"
    yield f"Version {facts.version}, {facts.id}."
    if cited.license:
        yield f"Licence: {cited.license.name or cited.license.url}."
    yield ""


def _limits(limits: Sequence[str]) -> Iterator[str]:
    if limits:
        yield "## What this export cannot say\n"
        yield from (f"* {limit}" for limit in limits)
        yield ""


def _tables(tables: Sequence[Told], format_: str) -> Iterator[str]:
    names = {told.part.view.name for told in tables}
    for told in tables:
        view = told.part.view
        where = ", ".join(f"`{path}`" for path in told.paths) or "told inside other records"
        yield f"## {view.name}\n"
        yield f"{view.table.title}. {view.table.doc}\n"
        yield f"{where}; {told.rows} rows; key: {', '.join(view.table.key)}."
        if view.narrowed:
            yield f"Narrowed by: {', '.join(view.narrowed)}."
        yield "\n| column | type | unit | class | refers to | meaning |"
        yield "| --- | --- | --- | --- | --- | --- |"
        inside = _inside(view.name, names) if format_ == "json" else {}
        for field in view.fields:
            yield _line(field, inside.pop(field.name, "") or type_in(field, format_))
        for name, records in inside.items():
            yield f"| {name} | {records} | | | | What belongs to it |"
        yield ""


def _inside(table: str, names: set[str]) -> dict[str, str]:
    """What records of a table tell beside or instead of their columns: name -> what that is."""
    told = (one for one in inner_of(table) if one.table in names)
    return {one.name: f"{'record' if one.single else 'records'} of {one.table}" for one in told}


def _line(field: Field, type_: str) -> str:
    cells = (
        field.name,
        type_,
        "" if type_ == "datetime" else field.unit or "",
        _KINDS[field.kind],
        field.references or "",
        field.doc.replace("|", "\\|"),
    )
    return f"| {' | '.join(cells)} |"
