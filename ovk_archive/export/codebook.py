"""What an export says of itself for people: `CODEBOOK.md`, with every table and column."""

from collections.abc import Iterator, Sequence

from ovk_archive.export.package import Told
from ovk_archive.export.view import Field
from ovk_archive.rows import Kind

_KINDS = {
    None: "noted by the archive",
    Kind.PLAIN: "content",
    Kind.VOLATILE: "counter or status",
    Kind.VIEWER: "depends on who asks",
}
_INTRODUCTION = """\
# Codebook

Every table of this export, and what its columns mean.
`MANIFEST.json` says where the data comes from, what is lacking, and which hash each file has;
`datapackage.json` says the same as this file to programs (Frictionless Data Package).

What a change of a column means:
*content* is what somebody wrote or set, and its former states are kept in the archive;
a *counter or status* is as it was when last read;
what *depends on who asks* is as the archive's account saw it;
the rest is *noted by the archive* itself.

Unix times are seconds since 1970-01-01 00:00 UTC; other moments are ISO 8601 in UTC.
Owners and authors are positive for people and negative for groups; ids in columns that speak only
of groups are positive.
"""


def codebook(tables: Sequence[Told], limits: Sequence[str]) -> str:
    """The whole text."""
    return "\n".join([_INTRODUCTION, *_limits(limits), *_tables(tables)])


def _limits(limits: Sequence[str]) -> Iterator[str]:
    if limits:
        yield "## What this export cannot say\n"
        yield from (f"* {limit}" for limit in limits)
        yield ""


def _tables(tables: Sequence[Told]) -> Iterator[str]:
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
        yield from map(_line, view.fields)
        yield ""


def _line(field: Field) -> str:
    cells = (
        field.name,
        field.type,
        field.unit or "",
        _KINDS[field.kind],
        field.references or "",
        field.doc.replace("|", "\\|"),
    )
    return f"| {' | '.join(cells)} |"
