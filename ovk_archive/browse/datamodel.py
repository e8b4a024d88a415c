"""The data model as Markdown, generated from the declarations, for the help."""

from collections.abc import Iterator, Mapping, Sequence

from ovk_archive.archive.tables.machinery import MACHINERY
from ovk_archive.archive.tables.schema import STAMPS
from ovk_archive.browse.metadata import MACHINERY_COLUMNS, described
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.rows import Table

_COLUMN = ("column", "type", "meaning")


def tables() -> str:
    """One table of all tables: name, key, what is in it."""
    rows = [(f"`{t.name}`", _key(t.key), t.doc) for t in TABLES]
    rows += [(f"`{name}`", _key(key), doc) for name, (_, key, doc) in MACHINERY.items()]
    return markdown_table(("table", "key", "what is in it"), rows)


def columns() -> str:
    """The columns of every table: of those for people, then of the machinery's."""
    parts = [f"### `{t.name}`\n\n{t.doc}\n\n{_columns(t)}" for t in TABLES]
    parts += [
        f"### `{name}`\n\n{doc}\n\n{_of_machinery(own)}"
        for name, (own, _, doc) in MACHINERY.items()
    ]
    return "\n".join(parts)


def stamps() -> str:
    """The columns that every table for people has besides."""
    rows = [(f"`{name}`", type_.__name__, doc) for name, (type_, doc) in STAMPS.items()]
    return markdown_table(_COLUMN, rows)


def _columns(table: Table) -> str:
    rows = [
        (f"`{column.name}`", column.type.__name__, described(column)) for column in table.columns
    ]
    return markdown_table(_COLUMN, rows)


def _of_machinery(own: Mapping[str, type]) -> str:
    rows = [(f"`{name}`", type_.__name__, MACHINERY_COLUMNS[name]) for name, type_ in own.items()]
    return markdown_table(_COLUMN, rows)


def _key(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def markdown_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table as Markdown writes it."""
    return "\n".join(_lines(head, rows)) + "\n"


def _lines(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        cells = (cell.replace("|", r"\|") for cell in row)
        yield f"| {' | '.join(cells)} |"
