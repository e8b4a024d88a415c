"""The data model as Markdown, generated from the declarations, for the README."""

from collections.abc import Iterator, Sequence

from ovk_archive.archive.tables.machinery import MACHINERY
from ovk_archive.browse.metadata import described
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.rows import Table


def tables() -> str:
    """One table of all tables: name, key, what is in it."""
    rows = [(f"`{t.name}`", _key(t.key), t.doc) for t in TABLES]
    rows += [(f"`{name}`", _key(key), doc) for name, (_, key, doc) in MACHINERY.items()]
    return _markdown(("table", "key", "what is in it"), rows)


def columns() -> str:
    """The columns of every table for people."""
    return "\n".join(f"### `{table.name}`\n\n{table.doc}\n\n{_columns(table)}" for table in TABLES)


def _columns(table: Table) -> str:
    rows = [
        (f"`{column.name}`", column.type.__name__, described(column)) for column in table.columns
    ]
    return _markdown(("column", "type", "meaning"), rows)


def _key(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _markdown(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return "\n".join(_lines(head, rows)) + "\n"


def _lines(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        cells = (cell.replace("|", r"\|") for cell in row)
        yield f"| {' | '.join(cells)} |"
